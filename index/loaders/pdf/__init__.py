"""PDF files: what is printed on their pages, read with PDFium."""
