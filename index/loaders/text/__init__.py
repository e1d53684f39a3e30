"""Texts: Markdown, plain, mails, books."""
