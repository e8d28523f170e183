"""Deleting objects with all that depends on them."""
