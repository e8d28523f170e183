"""Database URLs: every spelling that is understood, and the error for each that is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manybase.conf import url
from manybase.errors import ConfigurationError


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("sqlite:///shop.db", "shop.db"),
        ("sqlite:////var/lib/shop.db", "/var/lib/shop.db"),
        ("sqlite3:///shop.db", "shop.db"),
        ("sqlite://", ""),
        ("sqlite:///:memory:", ":memory:"),
        ("sqlite:///a%20b.db", "a b.db"),
    ],
)
def test_a_file_is_given_by_its_path(written: str, path: str) -> None:
    found = url.parse("default", written)

    assert (found.scheme, found.database) == ("sqlite", path)


@pytest.mark.parametrize(
    ("written", "scheme", "driver"),
    [
        ("postgres://h/d", "postgresql", None),
        ("postgresql://h/d", "postgresql", None),
        ("postgresql+psycopg://h/d", "postgresql", "psycopg"),
        ("mysql://h/d", "mysql", None),
        ("mariadb://h/d", "mysql", None),
        ("MYSQL+PyMySQL://h/d", "mysql", "pymysql"),
    ],
)
def test_the_kind_has_one_spelling(written: str, scheme: str, driver: str | None) -> None:
    found = url.parse("default", written)

    assert (found.scheme, found.driver) == (scheme, driver)


def test_all_parts_of_a_server_are_read() -> None:
    found = url.parse("eu", "postgres://ann:s%40crt@db.example:5433/shop?sslmode=require&x=")

    assert found.alias == "eu"
    assert (found.username, found.password) == ("ann", "s@crt")
    assert (found.host, found.port, found.database) == ("db.example", 5433, "shop")
    assert found.options == {"sslmode": "require", "x": ""}


def test_an_ipv6_address_stands_in_brackets() -> None:
    found = url.parse("eu", "mysql://root@[::1]:3307/shop")

    assert (found.host, found.port) == ("::1", 3307)
    assert found.masked_url == "mysql://root@[::1]:3307/shop"


def test_a_replica_names_its_primary() -> None:
    found = url.parse("copy", "postgres://h/d?role=replica&of=default&sslmode=off")

    assert found.replica_of == "default"
    assert found.options == {"sslmode": "off"}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "shop.db",
            "the database 'eu' is not given by a URL\n"
            'Write "sqlite:///shop.db" or "postgresql://user@localhost:5432/shop".',
        ),
        (
            "postgers://h/d",
            "the URL of the database 'eu' begins with 'postgers', which is no known kind\n"
            "Did you mean 'postgres'?",
        ),
        (
            "oracle://h/d",
            "the URL of the database 'eu' begins with 'oracle', which is no known kind\n"
            "Known kinds are: sqlite, postgresql, mysql.",
        ),
        (
            "sqlite://shop.db",
            "the URL of the database 'eu' names a server, but this kind is a file\n"
            "Write three slashes: sqlite:///shop.db",
        ),
        (
            "mysql://h:99999/d",
            "the port in the URL of the database 'eu' is not a number from 1 to 65535\n"
            "Write / ? # @ : and % of a name or password as %2F %3F %23 %40 %3A and %25.",
        ),
        (
            "mysql://[::1/d",
            "the host in the URL of the database 'eu' has an unclosed bracket\n"
            "Write an IPv6 address as [::1].",
        ),
        (
            "mysql://h/d?role=slave&of=default",
            "'role' of the database 'eu' is 'slave'\n"
            "Write role=replica&of=ALIAS, or leave it out for a primary.",
        ),
        (
            "mysql://h/d?role=replica",
            "the database 'eu' is half declared as a replica\nWrite both: role=replica&of=ALIAS.",
        ),
    ],
)
def test_a_wrong_url_is_refused_with_the_cure(written: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        url.parse("eu", written)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "written",
    [
        "postgres://ann:sec/ret@h/d",
        "postgres://ann:12/3ret@h/d",
        "postgres://ann:12?sec=ret@h/d",
        "postgres://ann:secret@h:port/d",
        "sqlite://ann:secret@h/d",
        "nosuch://ann:secret@h/d",
        "ann:secret@h/d",
    ],
)
def test_no_error_shows_a_piece_of_the_password(written: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        url.parse("eu", written)

    text = str(caught.value)
    assert "sec" not in text
    assert "ret" not in text


def test_an_at_sign_behind_the_server_is_taken_for_a_broken_password() -> None:
    with pytest.raises(ConfigurationError) as caught:
        url.parse("eu", "postgres://ann:12/3ret@h/d")

    assert caught.value.message == "the URL of the database 'eu' has an '@' after the server's name"


@given(password=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_password_is_read_when_it_is_encoded(password: str) -> None:
    from urllib.parse import quote

    found = url.parse("eu", f"postgres://ann:{quote(password, safe='')}@h/d")

    assert found.password == password
    assert found.host == "h"


@given(secret=st.from_regex(r"[A-Z]{6,12}", fullmatch=True))
def test_secrets_are_masked_wherever_settings_are_shown(secret: str) -> None:
    found = url.parse("eu", f"postgres://ann:{secret}@h/d?sslpassword={secret}&sslmode=off")

    for text in (repr(found), str(found), found.masked_url, f"{found}", repr([found])):
        assert secret not in text
        assert "***" in text
    assert found.masked_url == "postgresql://ann:***@h/d?sslpassword=***&sslmode=off"


def test_settings_are_frozen_and_replaced() -> None:
    found = url.parse("eu", "sqlite:///shop.db")

    changed = found.replace(database="test_shop.db")

    assert (found.database, changed.database, changed.alias) == ("shop.db", "test_shop.db", "eu")
    with pytest.raises(AttributeError):
        found.database = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ("postgres://ann:secret@h/d", True),
        ("postgres://ann@h/d", False),
        ("postgres://h/d?password=x", True),
        ("sqlite:///shop.db", False),
        ("no url", False),
        ({"ENGINE": "mysql", "PASSWORD": "x"}, True),
        ({"ENGINE": "mysql", "PASSWORD": ""}, False),
        ({"URL": "mysql://a:b@h/d"}, True),
        ({"ENGINE": "mysql", "OPTIONS": {"passwd": "x"}}, True),
        (3, False),
    ],
)
def test_passwords_are_noticed_in_every_form(value: object, answer: bool) -> None:
    assert url.has_password(value) is answer
