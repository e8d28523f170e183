"""A few tests that run in seconds, for the other versions of Python."""
