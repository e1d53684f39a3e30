"""How the shipped encoder was made: run by hand, with `requirements-training.txt`; the product imports nothing from here."""
