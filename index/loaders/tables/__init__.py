"""Rows of cells → records, for every format that has tables."""
