"""Written answers: a language model says the sentences of an answer otherwise, each checked against the passages it cites."""
