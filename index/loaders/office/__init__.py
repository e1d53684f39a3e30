"""Word and PowerPoint files, and what OpenDocument shares with them."""
