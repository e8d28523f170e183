"""How many statements each kind of relation and each loader takes, on every database."""
