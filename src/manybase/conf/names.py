"""Checks the names of settings: capitals, and no near miss of a known one.

Programs may have settings of their own, so an unknown name is only refused where it looks like a
slip of a known one. Called by ``conf.settings`` and ``conf.sources``.
"""

from __future__ import annotations

from manybase.conf.defaults import KNOWN
from manybase.errors import ConfigurationError

_NEAR = 0.82
"""How alike two names must be for one to be taken as a slip of the other."""


def near(name: str) -> str | None:
    """Return the known setting that this name was probably meant to be."""
    import difflib  # only where it is needed: imports must stay light

    found = difflib.get_close_matches(name.upper(), sorted(KNOWN), n=1, cutoff=_NEAR)
    return found[0] if found else None


def check(name: str, source: str) -> None:
    """Refuse a name that is not in capitals or is a slip of a known setting.

    Raises:
        ConfigurationError: It names the key, where it stands, and what was probably meant.
    """
    if name in KNOWN:
        return
    meant = near(name)
    if meant is not None:
        raise ConfigurationError(
            f"unknown setting {name!r} in {source}", hint=f"Did you mean {meant!r}?"
        )
    if name != name.upper():
        raise ConfigurationError(
            f"setting {name!r} in {source} is not in capitals", hint=f"Write {name.upper()!r}."
        )
