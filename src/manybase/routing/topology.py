"""Which databases there are and which of them hold the same data; read from the settings.

One ``Topology`` is kept until ``DATABASES`` changes. Routing, equality, migrations and the test
kit read it; it opens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from manybase import conf
from manybase.errors import UnknownAlias, suggest
from manybase.meta.epoch import epoch


class Topology:
    """The databases of the program and the copies among them.

    Args:
        aliases: Every alias, in the order of the settings.
        replica_of: For each replica the alias of its primary.

    Example:
        >>> topology().same_set("default", "replica1")
        True
    """

    __slots__ = ("known", "aliases", "only", "replica_of")

    def __init__(self, aliases: tuple[str, ...], replica_of: Mapping[str, str]) -> None:
        self.aliases = aliases
        self.replica_of = MappingProxyType(dict(replica_of))
        self.known = frozenset(aliases)
        primaries = [alias for alias in aliases if alias not in replica_of]
        #: The one database that everything can go to, where there is only one.
        self.only: str | None = primaries[0] if len(primaries) == 1 else None

    def __contains__(self, alias: object) -> bool:
        return alias in self.known

    def primary(self, alias: str) -> str:
        """Return the alias that writes the data of this one; itself unless it is a replica."""
        seen = alias
        while seen in self.replica_of:
            seen = self.replica_of[seen]
        return seen

    def same_set(self, one: str, other: str) -> bool:
        """Whether two aliases hold the same data."""
        return one == other or self.primary(one) == self.primary(other)

    def check(self, alias: str) -> str:
        """Return the alias if it is configured.

        Raises:
            UnknownAlias: It is not; the aliases there are are listed.
        """
        if alias in self.known:
            return alias
        meant = suggest(str(alias), self.aliases)
        known = f"The databases are: {', '.join(self.aliases)}."
        raise UnknownAlias(
            f"no database has the alias '{alias}'", hint=f"{meant} {known}" if meant else known
        )


_current: Topology | None = None


def topology() -> Topology:
    """Return what the settings declare, worked out once.

    Raises:
        ConfigurationError: No database is configured, or one is configured wrongly.
    """
    global _current
    if _current is None:
        declared = conf.databases()
        copies = {alias: one.replica_of for alias, one in declared.items() if one.replica_of}
        _current = Topology(tuple(declared), copies)
    return _current


def same_set(one: str | None, other: str | None) -> bool:
    """Whether two places are one: the same alias, or copies of the same data.

    Untied (None) is the same as untied only.
    """
    if one == other:
        return True
    if one is None or other is None:
        return False
    return topology().same_set(one, other)


def _forget(name: str) -> None:
    global _current
    if name in ("DATABASES", "DEFAULT_ALIAS"):
        _current = None
        epoch.turn()


conf.subscribe(_forget)
