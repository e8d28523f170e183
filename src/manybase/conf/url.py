"""Reads a database URL; the errors name the alias and the part, never the password.

Pure text to data. Called by ``conf.dictionary``, which holds what a URL and Django's dictionaries
have in common.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from manybase.conf.database import DatabaseSettings, is_secret
from manybase.conf.schemes import FILE_SCHEMES, scheme_of
from manybase.errors import ConfigurationError

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][\w.+-]*)://(?P<authority>[^/?]*)(?:/(?P<path>[^?]*))?(?:\?(?P<query>.*))?",
    re.DOTALL,
)

_ENCODE = "Write / ? # @ : and % of a name or password as %2F %3F %23 %40 %3A and %25."
_EXAMPLES = '"sqlite:///shop.db" or "postgresql://user@localhost:5432/shop"'


def parse(alias: str, url: str) -> DatabaseSettings:
    """Read the URL of one database.

    Raises:
        ConfigurationError: The kind is unknown, or a part cannot be read.

    Example:
        >>> parse("eu", "postgres://ann:secret@db.example:5433/shop?sslmode=require")
        DatabaseSettings('eu', 'postgresql://ann:***@db.example:5433/shop?sslmode=require')
    """
    match = _URL.fullmatch(url.strip())
    if match is None:
        raise ConfigurationError(
            f"the database {alias!r} is not given by a URL", hint=f"Write {_EXAMPLES}."
        )
    scheme, driver = scheme_of(match["scheme"], alias)
    options: dict[str, Any] = dict(parse_qsl(match["query"] or "", keep_blank_values=True))
    role, primary = options.pop("role", None), options.pop("of", None)
    authority, path = match["authority"], unquote(match["path"] or "")
    if scheme in FILE_SCHEMES:
        _refuse_host(alias, match["scheme"], authority)
        username = password = host = ""
        port = None
    else:
        _refuse_split(alias, match["path"], match["query"] or "", options)
        username, password, host, port = _server(alias, authority)
    return DatabaseSettings(
        alias,
        scheme,
        driver,
        username,
        password,
        host,
        port,
        path,
        options,
        replica_of=_replica_of(alias, role, primary),
    )


def has_password(value: object) -> bool:
    """Whether a URL or a dictionary of settings carries a password in the open."""
    if isinstance(value, Mapping):
        return any(
            (is_secret(str(key)) and bool(inner)) or has_password(inner)
            for key, inner in value.items()
        )
    if not isinstance(value, str):
        return False
    match = _URL.fullmatch(value.strip())
    if match is None:
        return False
    account = match["authority"].rpartition("@")[0]
    options = parse_qsl(match["query"] or "")
    return bool(account.partition(":")[2]) or any(is_secret(key) and text for key, text in options)


def _server(alias: str, authority: str) -> tuple[str, str, str, int | None]:
    account, _, address = authority.rpartition("@")
    username, _, password = account.partition(":")
    if address.startswith("["):
        host, closed, rest = address[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise ConfigurationError(
                f"the host in the URL of the database {alias!r} has an unclosed bracket",
                hint="Write an IPv6 address as [::1].",
            )
        port = rest[1:]
    else:
        host, _, port = address.partition(":")
    if port and not (port.isdecimal() and 0 < int(port) < 65536):
        # The text is not repeated: after an unquoted "/" it is a piece of the password.
        raise ConfigurationError(
            f"the port in the URL of the database {alias!r} is not a number from 1 to 65535",
            hint=_ENCODE,
        )
    return unquote(username), unquote(password), unquote(host), int(port) if port else None


def _refuse_split(alias: str, path: str | None, query: str, options: Mapping[str, Any]) -> None:
    # An unquoted "/" or "?" in a password cuts the URL there; its rest must not become a name.
    if "@" in (path or "") or (path is None and "@" in query) or any("@" in key for key in options):
        raise ConfigurationError(
            f"the URL of the database {alias!r} has an '@' after the server's name", hint=_ENCODE
        )


def _refuse_host(alias: str, scheme: str, authority: str) -> None:
    if authority:
        raise ConfigurationError(
            f"the URL of the database {alias!r} names a server, but this kind is a file",
            hint=f"Write three slashes: {scheme}:///{authority.rpartition('@')[2]}",
        )


def _replica_of(alias: str, role: str | None, primary: str | None) -> str | None:
    if role not in (None, "primary", "replica"):
        raise ConfigurationError(
            f"'role' of the database {alias!r} is {role!r}",
            hint="Write role=replica&of=ALIAS, or leave it out for a primary.",
        )
    if (role == "replica") != (primary is not None):
        raise ConfigurationError(
            f"the database {alias!r} is half declared as a replica",
            hint="Write both: role=replica&of=ALIAS.",
        )
    return primary
