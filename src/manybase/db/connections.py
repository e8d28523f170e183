"""All databases of the program: ``connections`` by alias, and ``connection`` for the default one.

Opens nothing until a statement runs. Aliases are those of the settings that hold now.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manybase.db.connection import Connection
from manybase.routing.topology import topology
from manybase.runtime import sync
from manybase.runtime.aio import aio
from manybase.runtime.places import bare_alias


class Connections:
    """The databases by alias; iterating gives the aliases in the order of the settings.

    Example:
        >>> for alias in connections:
        ...     print(alias, connections[alias].vendor)
    """

    def __init__(self) -> None:
        self._faces: dict[str, Connection] = {}

    def __getitem__(self, alias: str) -> Connection:
        topology().check(alias)
        face = self._faces.get(alias)
        if face is None:
            face = self._faces.setdefault(alias, Connection(alias))
        return face

    def __iter__(self) -> Iterator[str]:
        return iter(topology().aliases)

    def __len__(self) -> int:
        return len(topology().aliases)

    def __contains__(self, alias: object) -> bool:
        return alias in topology()

    def __repr__(self) -> str:
        return f"<Connections: {', '.join(self)}>"

    def all(self, initialized_only: bool = False) -> list[Connection]:
        """Return every database, or only those that this thread is connected to."""
        known = sync.session().lines if initialized_only else topology().aliases
        return [self[alias] for alias in topology().aliases if alias in known]

    @property
    def databases(self) -> dict[str, dict[str, Any]]:
        """The settings of every database in Django's keys, with secrets masked."""
        return {alias: self[alias].settings_dict for alias in self}

    def close_all(self) -> None:
        """Close every connection of this thread."""
        for alias in list(sync.session().lines):
            sync.session().close(alias)

    async def aclose_all(self) -> None:
        """Close the connections of the running event loop that are not in use."""
        await aio.close()


connections = Connections()
"""The databases of the program."""


class DefaultConnection:
    """``connections[...]`` of the ``using()`` block or of the default database, whichever holds."""

    def __getattr__(self, name: str) -> Any:
        return getattr(connections[bare_alias()], name)

    def __repr__(self) -> str:
        return repr(connections[bare_alias()])


connection = DefaultConnection()
"""The default database."""


def close_old_connections(**unused: Any) -> None:
    """Close the connections of this thread that are not inside a transaction."""
    session = sync.session()
    for alias, line in list(session.lines.items()):
        if not line.state.active:
            session.close(alias)


def reset_queries(**unused: Any) -> None:
    """Do nothing: statements are listed by ``capture()``, not kept on the connection."""
