"""Manybase measured beside hand-written code on the raw driver, and beside its peers.

``python -m benchmarks`` runs here and now; ``adapter`` takes part in the larger harness whose
tables stand in the documentation.
"""
