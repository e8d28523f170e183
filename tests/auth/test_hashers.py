"""Password hashes: Django's spellings are verified and produced, weak ones upgraded."""

from __future__ import annotations

import sys

import pytest

from manybase.conf import settings
from manybase.contrib.auth import hashers
from manybase.errors import ConfigurationError, FieldValueError, MissingDriver


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashers.ScryptPasswordHasher, "work_factor", 2**10)
    monkeypatch.setattr(hashers.PBKDF2PasswordHasher, "iterations", 1000)


def test_scrypt_is_the_default_and_its_spelling_is_djangos() -> None:
    encoded = hashers.make_password("lantern")

    algorithm, n, salt, r, p, digest = encoded.split("$")
    assert (algorithm, n, r, p) == ("scrypt", "1024", "8", "5")
    assert len(salt) == 22
    assert len(digest) == 88
    assert hashers.check_password("lantern", encoded)
    assert not hashers.check_password("Lantern", encoded)


def test_the_same_password_never_has_the_same_hash() -> None:
    assert hashers.make_password("lantern") != hashers.make_password("lantern")


# Made by Django with the password "lètmein" and the salt "seasalt".
DJANGO = (
    "scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQ"
    "G/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw=="
)


@pytest.mark.parametrize("encoded", [DJANGO])
def test_hashes_made_by_django_are_verified(encoded: str) -> None:
    assert hashers.check_password("lètmein", encoded)
    assert not hashers.check_password("letmein", encoded)


@pytest.mark.parametrize("algorithm", ["pbkdf2_sha256", "pbkdf2_sha1", "argon2", "scrypt"])
def test_every_listed_algorithm_makes_and_verifies(algorithm: str) -> None:
    encoded = hashers.make_password("lantern", hasher=algorithm)

    assert encoded.startswith(algorithm + "$")
    assert hashers.identify_hasher(encoded).algorithm == algorithm
    assert hashers.check_password("lantern", encoded, preferred=algorithm)
    assert not hashers.check_password("candle", encoded, preferred=algorithm)
    assert not hashers.get_hasher(algorithm).must_update(encoded)


def test_argon2_spells_its_parameters_as_django_does() -> None:
    encoded = hashers.make_password("lantern", hasher="argon2")

    assert encoded.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")
    summary = hashers.get_hasher("argon2").safe_summary(encoded)
    assert summary["variety"] == "argon2id"
    assert summary["salt"].endswith("*")
    assert "parameters" not in summary


def test_a_missing_argon2_names_the_pip_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "argon2.low_level", None)

    with pytest.raises(MissingDriver, match=r"argon2-cffi") as caught:
        hashers.make_password("lantern", hasher="argon2")

    assert caught.value.hint == "Type: pip install 'manybase[auth]'"


def test_an_unusable_password_matches_nothing() -> None:
    encoded = hashers.make_password(None)

    assert encoded.startswith("!")
    assert len(encoded) == 41
    assert not hashers.is_password_usable(encoded)
    assert not hashers.check_password(None, encoded)
    assert not hashers.check_password("", encoded)
    assert not hashers.check_password(encoded, encoded)


def test_an_unknown_hash_matches_nothing_and_is_not_repeated() -> None:
    assert not hashers.check_password("secret", "secret")
    with pytest.raises(FieldValueError) as caught:
        hashers.identify_hasher("secret")
    assert "secret" not in str(caught.value)


def test_a_right_password_of_another_algorithm_is_hashed_again() -> None:
    old = hashers.make_password("lantern", hasher="pbkdf2_sha256")
    again: list[str] = []

    assert hashers.check_password("lantern", old, setter=again.append)
    assert not hashers.check_password("candle", old, setter=again.append)
    assert again == ["lantern"]


def test_fewer_iterations_than_today_are_hashed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    old = hashers.make_password("lantern", hasher="pbkdf2_sha256")
    monkeypatch.setattr(hashers.PBKDF2PasswordHasher, "iterations", 2000)

    assert hashers.verify_password("lantern", old, "pbkdf2_sha256") == (True, True)


def test_a_short_salt_is_weak() -> None:
    old = hashers.make_password("lantern", salt="salt")

    assert hashers.verify_password("lantern", old) == (True, True)


async def test_the_asynchronous_twins_agree() -> None:
    encoded = await hashers.amake_password("lantern")
    old = hashers.make_password("lantern", hasher="pbkdf2_sha256")
    again: list[str] = []

    async def upgrade(password: str) -> None:
        again.append(password)

    assert await hashers.acheck_password("lantern", encoded, upgrade)
    assert await hashers.acheck_password("lantern", old, upgrade)
    assert not await hashers.acheck_password("candle", old, upgrade)
    assert again == ["lantern"]


def test_djangos_paths_in_the_settings_are_understood() -> None:
    with settings.override(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        assert hashers.make_password("lantern", salt="salt").startswith("md5$salt$")


@pytest.mark.parametrize("path", ["nowhere.Hasher", "manybase.errors.ManybaseError", "plain"])
def test_a_wrong_entry_of_the_settings_is_named(path: str) -> None:
    with (
        settings.override(PASSWORD_HASHERS=[path]),
        pytest.raises(ConfigurationError, match="PASSWORD_HASHERS"),
    ):
        hashers.make_password("lantern")


def test_an_unknown_algorithm_is_named_with_the_known_ones() -> None:
    with pytest.raises(FieldValueError, match="'scryptt'") as caught:
        hashers.make_password("lantern", hasher="scryptt")
    assert caught.value.hint == "Did you mean 'scrypt'?"


@pytest.mark.parametrize("salt", ["sea$salt"])
def test_a_salt_with_a_dollar_is_refused(salt: str) -> None:
    with pytest.raises(FieldValueError, match="salt"):
        hashers.make_password("lantern", salt=salt)
