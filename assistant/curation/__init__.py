"""What the staff do of the base: changes, what they would change, publication, figures, what is missing."""
