"""Pages in a browser: `serving` puts together what people see (public) and what the staff do (staff), and opens the doors."""
