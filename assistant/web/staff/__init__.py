"""The staff's pages under /equipe: drawn on the server, closed to whoever is not signed in."""
