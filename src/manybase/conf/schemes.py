"""The spellings of a kind of database in URLs and in Django's ENGINE.

Pure data and one look-up, the only place outside ``dialects`` that spells the names of databases:
what a kind can do is the dialect's to say. Called by ``conf.url`` and ``conf.dictionary``.
"""

from __future__ import annotations

from manybase.errors import ConfigurationError, suggest

FILE_SCHEMES = frozenset({"sqlite"})
"""Kinds whose address is a path rather than a server."""

SCHEMES = {
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "pgsql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}

ENGINES = {
    "django.db.backends.sqlite3": "sqlite",
    "django.db.backends.postgresql": "postgresql",
    "django.db.backends.postgresql_psycopg2": "postgresql",
    "django.db.backends.mysql": "mysql",
    **SCHEMES,
}

_PROPOSED = "sqlite, postgresql, mysql"


def scheme_of(written: str, alias: str) -> tuple[str, str | None]:
    """Split ``"postgres+psycopg"`` into the kind in one spelling and the driver.

    Raises:
        ConfigurationError: No database is spelled like that.
    """
    name, _, driver = written.lower().partition("+")
    if name not in SCHEMES:
        raise ConfigurationError(
            f"the URL of the database {alias!r} begins with {written!r}, which is no known kind",
            hint=suggest(name, SCHEMES) or f"Known kinds are: {_PROPOSED}.",
        )
    return SCHEMES[name], driver or None


def engine_of(written: object, alias: str) -> str:
    """Return the kind that Django's ENGINE names.

    Raises:
        ConfigurationError: No known engine is spelled like that.
    """
    if isinstance(written, str) and written in ENGINES:
        return ENGINES[written]
    hint = suggest(written, ENGINES) if isinstance(written, str) else None
    raise ConfigurationError(
        f"'ENGINE' of the database {alias!r} is {written!r}, which is no known engine",
        hint=hint or f"Write one of: {_PROPOSED}.",
    )
