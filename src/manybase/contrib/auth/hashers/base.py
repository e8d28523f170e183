"""What every family of password hashes has in common: salts, comparison, the order of the parts.

A hasher is stateless; ``preferred`` makes one of each class that the settings name.
"""

from __future__ import annotations

import hmac
import math
import secrets
import string
from typing import Any, ClassVar

from manybase.errors import FieldValueError

SALT_CHARACTERS = string.ascii_letters + string.digits
MASK_SHOWN = 6


def same(one: str, other: str) -> bool:
    """Compare two texts in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def random_text(length: int) -> str:
    """Return letters and digits that nobody can guess."""
    return "".join(secrets.choice(SALT_CHARACTERS) for _ in range(length))


def mask(text: str) -> str:
    """Show the beginning of a hash or a salt and hide the rest."""
    return text[:MASK_SHOWN] + "*" * len(text[MASK_SHOWN:])


class BasePasswordHasher:
    """One way to hash a password; subclass it and name the class in ``PASSWORD_HASHERS``.

    The encoded form begins with ``algorithm`` and holds the salt and every cost parameter, so that
    a hash stays verifiable after the class's parameters have grown.
    """

    algorithm: ClassVar[str] = ""
    salt_entropy: ClassVar[int] = 128

    def salt(self) -> str:
        """Return a new salt of at least ``salt_entropy`` bits."""
        return random_text(math.ceil(self.salt_entropy / math.log2(len(SALT_CHARACTERS))))

    def encode(self, password: str, salt: str) -> str:
        """Return the encoded hash of a password."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it encodes")

    def decode(self, encoded: str) -> dict[str, Any]:
        """Take an encoded hash apart, by the names of its parts."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it decodes")

    def verify(self, password: str, encoded: str) -> bool:
        """Whether the encoded hash is one of this password."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it verifies")

    def safe_summary(self, encoded: str) -> dict[str, Any]:
        """The parts of an encoded hash that may be shown."""
        parts = self.decode(encoded)
        return {
            name: mask(value) if name in ("salt", "hash") else value
            for name, value in parts.items()
        }

    def must_update(self, encoded: str) -> bool:
        """Whether the hash is weaker than what this class makes today."""
        return self.salt_is_weak(self.decode(encoded)["salt"])

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Spend the work that a weaker hash saved, so that time does not tell it apart."""

    def salt_is_weak(self, salt: str) -> bool:
        """Whether a salt has less entropy than ``salt_entropy`` asks for."""
        return len(salt) * math.log2(len(SALT_CHARACTERS)) < self.salt_entropy

    def check_salt(self, salt: str) -> None:
        """Refuse a salt that would break the encoded form.

        Raises:
            FieldValueError: It is empty or has a dollar sign.
        """
        if not salt or "$" in salt:
            raise FieldValueError("a salt must have characters, and none of them '$'")

    def split(self, encoded: str, count: int) -> list[str]:
        """Cut an encoded hash into its parts.

        Raises:
            FieldValueError: It is of another algorithm or has another number of parts.
        """
        parts = encoded.split("$", count - 1)
        if len(parts) != count or parts[0] != self.algorithm:
            raise FieldValueError(f"the encoded password is no '{self.algorithm}' hash")
        return parts
