"""The fixtures of these tests; see ``tests.runtime.places``."""

from __future__ import annotations

from tests.runtime.places import addresses, face, place, play

__all__ = ["addresses", "face", "place", "play"]
