"""Gives the tests of this folder a real connection."""

from __future__ import annotations

from tests.dialects.lines import line

__all__ = ["line"]
