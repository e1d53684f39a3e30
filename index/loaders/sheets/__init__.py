"""Workbooks and delimited files: rows of cells."""
