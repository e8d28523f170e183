"""Words of these tests."""

from __future__ import annotations

import pytest

leaving = pytest.raises
"""Says that an exception leaves a whole block, not one statement as ``pytest.raises`` does."""
