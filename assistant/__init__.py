"""Questions → answers with their sources. Knows nothing of files and formats."""
