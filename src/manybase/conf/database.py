"""What the settings say of one database, as frozen data with the password hidden.

Knows the spelling of addresses, not the databases themselves; ``conf.url`` and
``conf.dictionary`` make it, topology and engines read it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

MASK = "***"

_SECRET_WORDS = ("password", "passwd", "secret", "token")


def is_secret(key: str) -> bool:
    """Whether the value of an option of this name must never be shown."""
    return any(word in key.lower() for word in _SECRET_WORDS)


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class DatabaseSettings:
    """The address and the options of one database.

    Args:
        alias: The name by which the program speaks of it.
        scheme: The kind of database, in one spelling ("postgresql", never "postgres").
        driver: What follows ``+`` in the URL, or None for the usual driver.
        username: The account, or "".
        password: Its password; never part of ``repr()``, ``str()`` or an error.
        host: The server, or "" where there is none or the driver's default holds.
        port: Its port, or None for the usual one.
        database: The name on the server, or the path of the file; "" and ":memory:" mean memory.
        options: What follows ``?`` in the URL, and Django's OPTIONS.
        replica_of: The alias of the primary whose data this is a copy of.
        test: Django's TEST dictionary.
        extra: Django's other keys (CONN_MAX_AGE and the like).
    """

    alias: str
    scheme: str
    driver: str | None = None
    username: str = ""
    password: str = ""
    host: str = ""
    port: int | None = None
    database: str = ""
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    replica_of: str | None = None
    test: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def masked_url(self) -> str:
        """The address as a URL in which secrets are replaced by ``***``."""
        scheme = f"{self.scheme}+{self.driver}" if self.driver else self.scheme
        query = {key: MASK if is_secret(key) else value for key, value in self.options.items()}
        tail = f"?{urlencode(query, safe='/:*,')}" if query else ""
        path = f"/{quote(self.database, safe='/:')}" if self.database else ""
        return f"{scheme}://{self._authority()}{path}{tail}"

    def _authority(self) -> str:
        account = quote(self.username, safe="")
        if self.password:
            account += f":{MASK}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port is not None else ""
        return f"{account}@{host}{port}" if account else f"{host}{port}"

    def replace(self, **changes: Any) -> DatabaseSettings:
        """Return the same settings with some values changed."""
        return dataclasses.replace(self, **changes)

    def __repr__(self) -> str:
        copy = f", replica_of={self.replica_of!r}" if self.replica_of else ""
        return f"DatabaseSettings({self.alias!r}, {self.masked_url!r}{copy})"
