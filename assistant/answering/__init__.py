"""A question in its conversation → an answer: the stages, one module each."""
