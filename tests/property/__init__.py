"""Random programs and random filters, compared with plain Python."""
