"""Argon2 hashes, with the package argon2-cffi (the extra ``auth``).

Encoded as ``argon2$argon2id$v=19$m=102400,t=2,p=8$salt$hash``. The package is imported when a
hash is made or verified, so that the class can be named where it is not installed.
"""

from __future__ import annotations

import base64
import importlib
import importlib.util
from typing import Any, ClassVar

from manybase.contrib.auth.hashers.base import BasePasswordHasher
from manybase.errors import FieldValueError, MissingDriver


class Argon2PasswordHasher(BasePasswordHasher):
    """The strongest of the families; costs time, memory and threads."""

    algorithm: ClassVar[str] = "argon2"
    time_cost: ClassVar[int] = 2
    memory_cost: ClassVar[int] = 102_400
    parallelism: ClassVar[int] = 8

    @staticmethod
    def available() -> bool:
        """Whether the package is installed."""
        return importlib.util.find_spec("argon2") is not None

    def encode(self, password: str, salt: str) -> str:
        argon2 = self._package()
        parameters = self._parameters()
        text = argon2.low_level.hash_secret(
            password.encode(),
            salt.encode(),
            time_cost=parameters.time_cost,
            memory_cost=parameters.memory_cost,
            parallelism=parameters.parallelism,
            hash_len=parameters.hash_len,
            type=parameters.type,
        )
        return f"{self.algorithm}{text.decode('ascii')}"

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, rest = self.split(encoded, 2)
        parameters = self._package().extract_parameters("$" + rest)
        variety, *_, salt, digest = rest.split("$")
        padded = salt + "=" * (-len(salt) % 4)
        return {
            "algorithm": algorithm,
            "variety": variety,
            "version": parameters.version,
            "time_cost": parameters.time_cost,
            "memory_cost": parameters.memory_cost,
            "parallelism": parameters.parallelism,
            "salt": base64.b64decode(padded).decode("latin-1"),
            "hash": digest,
            "parameters": parameters,
        }

    def verify(self, password: str, encoded: str) -> bool:
        argon2 = self._package()
        _, rest = self.split(encoded, 2)
        try:
            return bool(argon2.PasswordHasher().verify("$" + rest, password))
        except argon2.exceptions.VerificationError:
            return False
        except argon2.exceptions.InvalidHashError as error:
            raise FieldValueError("the encoded password is no 'argon2' hash") from error

    def safe_summary(self, encoded: str) -> dict[str, Any]:
        summary = super().safe_summary(encoded)
        del summary["parameters"]
        return summary

    def must_update(self, encoded: str) -> bool:
        parts = self.decode(encoded)
        wanted = self._parameters()
        # The salt's length is judged with the salt itself, as its entropy counts.
        wanted.salt_len = parts["parameters"].salt_len
        return bool(parts["parameters"] != wanted) or self.salt_is_weak(parts["salt"])

    def _parameters(self) -> Any:
        argon2 = self._package()
        defaults = argon2.PasswordHasher()
        return argon2.Parameters(
            type=argon2.low_level.Type.ID,
            version=argon2.low_level.ARGON2_VERSION,
            salt_len=defaults.salt_len,
            hash_len=defaults.hash_len,
            time_cost=self.time_cost,
            memory_cost=self.memory_cost,
            parallelism=self.parallelism,
        )

    def _package(self) -> Any:
        try:
            importlib.import_module("argon2.low_level")
            return importlib.import_module("argon2")
        except ImportError as error:
            raise MissingDriver(
                "passwords hashed with argon2 need the package 'argon2-cffi'",
                hint="Type: pip install 'manybase[auth]'",
            ) from error
