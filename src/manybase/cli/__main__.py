"""``python -m manybase.cli``: the same as the command ``manybase``."""

from __future__ import annotations

import sys

from manybase.cli.main import main

sys.exit(main())
