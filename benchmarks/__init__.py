"""Manybase measured beside hand-written code on the raw driver."""
