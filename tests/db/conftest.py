"""The fixtures of these tests; see ``tests.runtime.places``."""

from __future__ import annotations

from tests.runtime.places import addresses, place

__all__ = ["addresses", "place"]
