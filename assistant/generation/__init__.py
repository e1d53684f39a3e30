"""A language model behind the same stages: what it writes is shown only when the passages that it cites carry it."""
