"""Scrypt hashes, from the standard library: the default.

Encoded as ``scrypt$N$salt$r$p$hash``.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, ClassVar

from manybase.contrib.auth.hashers.base import BasePasswordHasher, same

KEY_LENGTH = 64


class ScryptPasswordHasher(BasePasswordHasher):
    """Costs memory as well as time; subclass it to change the work factor."""

    algorithm: ClassVar[str] = "scrypt"
    work_factor: ClassVar[int] = 2**14
    block_size: ClassVar[int] = 8
    parallelism: ClassVar[int] = 5

    def encode(
        self,
        password: str,
        salt: str,
        n: int | None = None,
        r: int | None = None,
        p: int | None = None,
    ) -> str:
        self.check_salt(salt)
        n, r, p = n or self.work_factor, r or self.block_size, p or self.parallelism
        digest = hashlib.scrypt(
            password.encode(),
            salt=salt.encode(),
            n=n,
            r=r,
            p=p,
            # What OpenSSL needs for these parameters, with some room; its own limit is 32 MB.
            maxmem=128 * r * (n + p + 2) + 1024 * 1024,
            dklen=KEY_LENGTH,
        )
        return f"{self.algorithm}${n}${salt}${r}${p}${base64.b64encode(digest).decode()}"

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, n, salt, r, p, digest = self.split(encoded, 6)
        return {
            "algorithm": algorithm,
            "work_factor": int(n),
            "salt": salt,
            "block_size": int(r),
            "parallelism": int(p),
            "hash": digest,
        }

    def verify(self, password: str, encoded: str) -> bool:
        parts = self.decode(encoded)
        again = self.encode(
            password,
            parts["salt"],
            parts["work_factor"],
            parts["block_size"],
            parts["parallelism"],
        )
        return same(encoded, again)

    def must_update(self, encoded: str) -> bool:
        parts = self.decode(encoded)
        return (
            parts["work_factor"] < self.work_factor
            or parts["block_size"] < self.block_size
            or parts["parallelism"] < self.parallelism
            or self.salt_is_weak(parts["salt"])
        )
