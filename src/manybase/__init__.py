"""Manybase: an ORM in which every object, query and transaction knows its database.

Holds the four names that a program starts with (``configure``, ``setup``, ``using``, ``models``)
and imports nothing heavy: SQLAlchemy, drivers and the command line load where they are first
used. Programs import it; inside the package nothing does.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from manybase import conf

if TYPE_CHECKING:
    from manybase import apps, db, models
    from manybase.apps import setup
    from manybase.query.plan import plans
    from manybase.routing.block import using

__version__ = "0.1.0"

__all__ = ["__version__", "apps", "conf", "configure", "db", "models", "plans", "setup", "using"]

_SUBMODULES = ("apps", "db", "models")
_NAMES = {
    "plans": "manybase.query.plan",
    "setup": "manybase.apps",
    "using": "manybase.routing.block",
}


def configure(
    url: str | Mapping[str, Any] | None = None,
    /,
    *,
    databases: Mapping[str, str | Mapping[str, Any]] | None = None,
    **settings: Any,
) -> None:
    """Say which databases there are; the first line of most programs.

    Args:
        url: The one database of the program, under the alias of ``DEFAULT_ALIAS``.
        databases: A mapping of aliases to URLs or to Django's dictionaries.
        **settings: Any other setting, in capitals or not (``use_tz=False``).

    Raises:
        ConfigurationError: Both or neither of ``url`` and ``databases`` are given where no other
            setting is, a name is misspelled, or a database's settings are wrong.

    Example:
        >>> import manybase
        >>> manybase.configure(databases={"default": "sqlite:///shop.db", "eu": "sqlite:///eu.db"})
    """
    conf.configure(url, databases=databases, **settings)


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return importlib.import_module(f"manybase.{name}")
    if name in _NAMES:
        value = getattr(importlib.import_module(_NAMES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'manybase' has no attribute {name!r}")
