"""Which hashers the settings name, in their order: the first makes hashes, all verify them.

Keeps one object per class and drops them when ``PASSWORD_HASHERS`` changes.
"""

from __future__ import annotations

import functools
import importlib

from manybase.conf import settings, subscribe
from manybase.contrib.auth.hashers.base import BasePasswordHasher
from manybase.errors import ConfigurationError, FieldValueError, hint_for

_DJANGO = "django.contrib.auth.hashers."
_OWN = "manybase.contrib.auth.hashers."


@functools.cache
def get_hashers() -> tuple[BasePasswordHasher, ...]:
    """Return a hasher for each entry of ``PASSWORD_HASHERS``.

    Raises:
        ConfigurationError: An entry names no hasher.
    """
    found = tuple(_load(path) for path in settings.PASSWORD_HASHERS)
    if not found:
        raise ConfigurationError(
            "'PASSWORD_HASHERS' is empty", hint="Leave the setting out for the usual hashers."
        )
    return found


@functools.cache
def get_hashers_by_algorithm() -> dict[str, BasePasswordHasher]:
    """Return the same by the names of their algorithms."""
    return {hasher.algorithm: hasher for hasher in get_hashers()}


def _forget(name: str) -> None:
    if name == "PASSWORD_HASHERS":
        get_hashers.cache_clear()
        get_hashers_by_algorithm.cache_clear()


subscribe(_forget)


def _load(path: str) -> BasePasswordHasher:
    # The entries of a Django project's settings name the same classes.
    module, _, name = path.replace(_DJANGO, _OWN, 1).rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(
            f"'PASSWORD_HASHERS' names {path!r}, which cannot be imported",
            hint=f"Write {_OWN}ScryptPasswordHasher, or the path of a class of your own.",
        ) from error
    if not (isinstance(found, type) and issubclass(found, BasePasswordHasher)):
        raise ConfigurationError(
            f"'PASSWORD_HASHERS' names {path!r}, which is no password hasher",
            hint="Derive the class from BasePasswordHasher.",
        )
    if not found.algorithm:
        raise ConfigurationError(f"the password hasher {path!r} has no 'algorithm'")
    return found()


def get_hasher(algorithm: str = "default") -> BasePasswordHasher:
    """Return the hasher of an algorithm, or the preferred one.

    Raises:
        FieldValueError: ``PASSWORD_HASHERS`` has no hasher of this algorithm.
    """
    if algorithm == "default":
        return get_hashers()[0]
    known = get_hashers_by_algorithm()
    if algorithm not in known:
        raise FieldValueError(
            f"no hasher of 'PASSWORD_HASHERS' has the algorithm '{algorithm}'",
            hint=hint_for(algorithm, known),
        )
    return known[algorithm]


def identify_hasher(encoded: str) -> BasePasswordHasher:
    """Return the hasher that made an encoded password.

    Raises:
        FieldValueError: None of those in ``PASSWORD_HASHERS`` did.
    """
    algorithm, dollar, _ = encoded.partition("$")
    if not dollar or algorithm not in get_hashers_by_algorithm():
        # The text is not repeated: it may be a password stored in the open.
        raise FieldValueError(
            "the encoded password was made by none of the hashers in 'PASSWORD_HASHERS'",
            hint=f"They know: {', '.join(get_hashers_by_algorithm())}.",
        )
    return get_hasher(algorithm)
