"""Making and checking encoded passwords: what users and programs call.

The asynchronous twins hash in a worker thread, as a hash takes a tenth of a second of pure
arithmetic; no query runs here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from manybase.contrib.auth.hashers.base import BasePasswordHasher, random_text
from manybase.contrib.auth.hashers.preferred import get_hasher, identify_hasher
from manybase.errors import FieldValueError

UNUSABLE_PASSWORD_PREFIX = "!"
_UNUSABLE_LENGTH = 40


def make_password(
    password: str | bytes | None,
    salt: str | None = None,
    hasher: str | BasePasswordHasher = "default",
) -> str:
    """Return the encoded form of a password, to be stored.

    Args:
        password: None makes one that no password matches.
        salt: A new one when None.
        hasher: The algorithm of one of ``PASSWORD_HASHERS``, or a hasher.

    Raises:
        FieldValueError: The password is no text, or no hasher has the algorithm.

    Example:
        >>> make_password("lantern").partition("$")[0]
        'scrypt'
    """
    if password is None:
        return UNUSABLE_PASSWORD_PREFIX + random_text(_UNUSABLE_LENGTH)
    text = password.decode() if isinstance(password, bytes) else password
    if not isinstance(text, str):
        raise FieldValueError(f"a password is a text, not {type(text).__name__}")
    chosen = get_hasher(hasher) if isinstance(hasher, str) else hasher
    return chosen.encode(text, salt or chosen.salt())


async def amake_password(
    password: str | bytes | None,
    salt: str | None = None,
    hasher: str | BasePasswordHasher = "default",
) -> str:
    """Return the encoded form of a password; see ``make_password``."""
    return await asyncio.to_thread(make_password, password, salt, hasher)


def is_password_usable(encoded: str | None) -> bool:
    """Whether an encoded password may match any password at all."""
    return encoded is None or not encoded.startswith(UNUSABLE_PASSWORD_PREFIX)


def verify_password(
    password: str | None, encoded: str | None, preferred: str | BasePasswordHasher = "default"
) -> tuple[bool, bool]:
    """Say whether a password is right, and whether it should be hashed again.

    A hash that cannot match costs as much time as one that can.
    """
    wanted = get_hasher(preferred) if isinstance(preferred, str) else preferred
    made_by = _maker(encoded)
    if password is None or encoded is None or made_by is None:
        wanted.encode(password or "", wanted.salt())
        return False, False
    right = made_by.verify(password, encoded)
    changed = made_by.algorithm != wanted.algorithm
    outdated = changed or wanted.must_update(encoded)
    if not right and not changed and outdated:
        made_by.harden_runtime(password, encoded)
    return right, outdated


def _maker(encoded: str | None) -> BasePasswordHasher | None:
    if not encoded or not is_password_usable(encoded):
        return None
    try:
        return identify_hasher(encoded)
    except FieldValueError:
        # Of an algorithm that is no longer listed: it matches nothing.
        return None


def check_password(
    password: str | None,
    encoded: str | None,
    setter: Callable[[str], object] | None = None,
    preferred: str | BasePasswordHasher = "default",
) -> bool:
    """Whether a password is the one that was encoded.

    Args:
        password: What was typed in.
        encoded: What is stored.
        setter: Called with the password when it is right but its hash should be made anew.
        preferred: The hasher that is wanted today.

    Example:
        >>> check_password("lantern", make_password("lantern"))
        True
    """
    right, outdated = verify_password(password, encoded, preferred)
    if setter is not None and right and outdated and password is not None:
        setter(password)
    return right


async def acheck_password(
    password: str | None,
    encoded: str | None,
    setter: Callable[[str], Awaitable[object]] | None = None,
    preferred: str | BasePasswordHasher = "default",
) -> bool:
    """Whether a password is the one that was encoded; see ``check_password``."""
    right, outdated = await asyncio.to_thread(verify_password, password, encoded, preferred)
    if setter is not None and right and outdated and password is not None:
        await setter(password)
    return right
