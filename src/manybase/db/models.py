"""``manybase.db.models`` is ``manybase.models``, as Django's programs spell it."""

from __future__ import annotations

import sys

from manybase import models
from manybase.models import *  # noqa: F403  # what type checkers see; at run time it is one module

sys.modules[__name__] = models
