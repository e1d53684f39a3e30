"""What the public pages and the staff's show alike. Knows neither."""
