"""Questions → answers with their sources. Knows nothing of files and formats."""

__version__ = "0.1.0"  # of the CHANGELOG
