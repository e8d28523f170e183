"""The database that is meant where transaction functions are given none.

Asked for ``on_commit()``, ``savepoint()`` and their like only: statements always know their
database. Called by ``session`` and ``db``.
"""

from __future__ import annotations

from manybase.conf import settings
from manybase.errors import NoPlace
from manybase.routing.block import current_block
from manybase.routing.topology import topology


def bare_alias() -> str:
    """Return the alias of the ``using()`` block, else the default database, else the only one.

    Raises:
        NoPlace: There are several databases and none is the default.
    """
    found = usual_alias()
    if found is not None:
        return found
    databases = topology()
    raise NoPlace(
        "nothing says which database is meant here;"
        f" the databases are: {', '.join(databases.aliases)}",
        hint=f"Name one: using='{databases.aliases[0]}'.",
    )


def usual_alias() -> str | None:
    """Return what ``bare_alias()`` does, or None where nothing says which database."""
    named = current_block()
    if named is not None:
        return named
    databases = topology()
    default: str = settings.DEFAULT_ALIAS
    return default if default in databases else databases.only
