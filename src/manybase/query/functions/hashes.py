"""Hashes of texts, as hexadecimal digits of their UTF-8 bytes."""

from __future__ import annotations

from manybase.meta.storage import Storage
from manybase.query.func import Func


class _Hash(Func):
    """A hash of one text."""

    arity = 1
    takes = ("text",)
    result = Storage("text", size=128)


class MD5(_Hash):
    """The MD5 hash."""

    spelled = "md5"


class SHA1(_Hash):
    """The SHA-1 hash; slow on databases that have none of their own."""

    spelled = "sha1"


class SHA224(_Hash):
    """The SHA-224 hash."""

    spelled = "sha224"


class SHA256(_Hash):
    """The SHA-256 hash."""

    spelled = "sha256"


class SHA384(_Hash):
    """The SHA-384 hash."""

    spelled = "sha384"


class SHA512(_Hash):
    """The SHA-512 hash."""

    spelled = "sha512"
