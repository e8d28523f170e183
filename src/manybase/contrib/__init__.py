"""Applications that come with Manybase; each is installed by its package's name."""

from __future__ import annotations
