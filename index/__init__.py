"""Documents → a searchable index. Knows nothing of conversations, answers or screens."""
