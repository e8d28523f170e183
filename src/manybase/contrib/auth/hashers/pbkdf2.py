"""PBKDF2 hashes over SHA-256 and SHA-1, from the standard library.

Encoded as ``pbkdf2_sha256$iterations$salt$hash``.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, ClassVar

from manybase.contrib.auth.hashers.base import BasePasswordHasher, same


class PBKDF2PasswordHasher(BasePasswordHasher):
    """Costs time only; what most existing Django databases hold."""

    algorithm: ClassVar[str] = "pbkdf2_sha256"
    digest: ClassVar[str] = "sha256"
    iterations: ClassVar[int] = 1_500_000

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        self.check_salt(salt)
        count = iterations or self.iterations
        derived = hashlib.pbkdf2_hmac(self.digest, password.encode(), salt.encode(), count)
        return f"{self.algorithm}${count}${salt}${base64.b64encode(derived).decode()}"

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, iterations, salt, digest = self.split(encoded, 4)
        return {
            "algorithm": algorithm,
            "iterations": int(iterations),
            "salt": salt,
            "hash": digest,
        }

    def verify(self, password: str, encoded: str) -> bool:
        parts = self.decode(encoded)
        return same(encoded, self.encode(password, parts["salt"], parts["iterations"]))

    def must_update(self, encoded: str) -> bool:
        parts = self.decode(encoded)
        return parts["iterations"] < self.iterations or self.salt_is_weak(parts["salt"])

    def harden_runtime(self, password: str, encoded: str) -> None:
        parts = self.decode(encoded)
        missing = self.iterations - parts["iterations"]
        if missing > 0:
            self.encode(password, parts["salt"], missing)


class PBKDF2SHA1PasswordHasher(PBKDF2PasswordHasher):
    """The same over SHA-1, for hashes that other programs have made."""

    algorithm: ClassVar[str] = "pbkdf2_sha1"
    digest: ClassVar[str] = "sha1"
