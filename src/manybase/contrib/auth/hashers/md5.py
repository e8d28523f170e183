"""Salted MD5: fast and weak, for test suites that make many users; never for real passwords.

Encoded as ``md5$salt$hash``.
"""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from manybase.contrib.auth.hashers.base import BasePasswordHasher, same


class MD5PasswordHasher(BasePasswordHasher):
    """Name it in ``PASSWORD_HASHERS`` of a test's settings, where time matters."""

    algorithm: ClassVar[str] = "md5"

    def encode(self, password: str, salt: str) -> str:
        self.check_salt(salt)
        digest = hashlib.md5((salt + password).encode(), usedforsecurity=False).hexdigest()
        return f"{self.algorithm}${salt}${digest}"

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, salt, digest = self.split(encoded, 3)
        return {"algorithm": algorithm, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        return same(encoded, self.encode(password, self.decode(encoded)["salt"]))
