"""Password hashes in Django's spellings: made, verified, upgraded.

One module per family; ``passwords`` has the functions that programs call. Nothing here knows a
model or a database. The names of ``PASSWORD_HASHERS`` are classes of this package.
"""

from __future__ import annotations

from manybase.contrib.auth.hashers.argon2 import Argon2PasswordHasher
from manybase.contrib.auth.hashers.base import BasePasswordHasher
from manybase.contrib.auth.hashers.md5 import MD5PasswordHasher
from manybase.contrib.auth.hashers.passwords import (
    UNUSABLE_PASSWORD_PREFIX,
    acheck_password,
    amake_password,
    check_password,
    is_password_usable,
    make_password,
    verify_password,
)
from manybase.contrib.auth.hashers.pbkdf2 import PBKDF2PasswordHasher, PBKDF2SHA1PasswordHasher
from manybase.contrib.auth.hashers.preferred import (
    get_hasher,
    get_hashers,
    get_hashers_by_algorithm,
    identify_hasher,
)
from manybase.contrib.auth.hashers.scrypt import ScryptPasswordHasher

__all__ = [
    "UNUSABLE_PASSWORD_PREFIX",
    "Argon2PasswordHasher",
    "BasePasswordHasher",
    "MD5PasswordHasher",
    "PBKDF2PasswordHasher",
    "PBKDF2SHA1PasswordHasher",
    "ScryptPasswordHasher",
    "acheck_password",
    "amake_password",
    "check_password",
    "get_hasher",
    "get_hashers",
    "get_hashers_by_algorithm",
    "identify_hasher",
    "is_password_usable",
    "make_password",
    "verify_password",
]
