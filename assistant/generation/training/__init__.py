"""What learns the weights of `generation/models`; nothing that answers imports it."""
