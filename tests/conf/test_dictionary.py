"""Django's dictionaries in DATABASES, and what is said of wrong ones."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.conf import dictionary
from manybase.conf.declared import parse_all
from manybase.errors import ConfigurationError


def test_a_dictionary_of_django_is_understood() -> None:
    found = dictionary.parse(
        "eu",
        {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "shop",
            "USER": "ann",
            "PASSWORD": "secret",
            "HOST": "db.example",
            "PORT": "5433",
            "OPTIONS": {"sslmode": "require"},
            "TEST": {"NAME": "shop_test"},
            "CONN_MAX_AGE": 60,
        },
    )

    assert (found.scheme, found.database, found.username) == ("postgresql", "shop", "ann")
    assert (found.password, found.host, found.port) == ("secret", "db.example", 5433)
    assert (found.options, found.test) == ({"sslmode": "require"}, {"NAME": "shop_test"})
    assert found.extra == {"CONN_MAX_AGE": 60}
    assert repr(found) == (
        "DatabaseSettings('eu', 'postgresql://ann:***@db.example:5433/shop?sslmode=require')"
    )


@pytest.mark.parametrize(
    ("engine", "scheme"),
    [
        ("django.db.backends.sqlite3", "sqlite"),
        ("django.db.backends.mysql", "mysql"),
        ("django.db.backends.postgresql_psycopg2", "postgresql"),
        ("mariadb", "mysql"),
        ("sqlite", "sqlite"),
    ],
)
def test_engines_have_short_and_long_names(engine: str, scheme: str) -> None:
    assert dictionary.parse("x", {"ENGINE": engine, "NAME": "n"}).scheme == scheme


def test_a_url_may_stand_in_a_dictionary_with_options_and_test() -> None:
    value = {"URL": "mysql://root@h/d?a=1", "OPTIONS": {"b": 2}, "TEST": {"NAME": "t"}}

    found = dictionary.parse("x", value)

    assert (found.options, found.test["NAME"]) == ({"a": "1", "b": 2}, "t")


def test_a_mirror_is_a_replica() -> None:
    value = {"ENGINE": "mysql", "TEST": {"MIRROR": "default"}}

    assert dictionary.parse("x", value).replica_of == "default"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            {"ENGIN": "mysql"},
            "unknown key 'ENGIN' in the settings of the database 'eu'\nDid you mean 'ENGINE'?",
        ),
        (
            {"engine": "mysql"},
            "unknown key 'engine' in the settings of the database 'eu'\nDid you mean 'ENGINE'?",
        ),
        (
            {"NAME": "shop"},
            "the settings of the database 'eu' have neither 'ENGINE' nor 'URL'\n"
            'Write {"URL": "sqlite:///shop.db"} or {"ENGINE": "sqlite3", "NAME": "shop.db"}.',
        ),
        (
            {"URL": "sqlite://", "NAME": "shop"},
            "the settings of the database 'eu' have 'URL' and also 'NAME'\nKeep one of the two.",
        ),
        (
            {"ENGINE": "django.db.backends.postgres"},
            "'ENGINE' of the database 'eu' is 'django.db.backends.postgres', which is no known"
            " engine\nDid you mean 'django.db.backends.postgresql'?",
        ),
        (
            {"ENGINE": "mysql", "PORT": "many"},
            "'PORT' of the database 'eu' is 'many'\n"
            "Write a number from 1 to 65535, or leave it out for the usual port.",
        ),
        (
            {"ENGINE": "mysql", "OPTIONS": ["x"]},
            "'OPTIONS' of the database 'eu' is a value of type 'list'\n"
            'Write a dictionary: "OPTIONS": {...}.',
        ),
        (
            {"ENGINE": "mysql", "TEST": {"MIROR": "default"}},
            "unknown key 'MIROR' in 'TEST' of the database 'eu'\nDid you mean 'MIRROR'?",
        ),
        (
            {"URL": 3},
            "'URL' of the database 'eu' is a value of type 'int'\n"
            'Write a text such as "sqlite:///shop.db".',
        ),
        (
            3,
            "the database 'eu' is given by a value of type 'int'\n"
            'Write a URL, such as "sqlite:///shop.db", or a dictionary with ENGINE and NAME.',
        ),
    ],
)
def test_a_wrong_value_names_the_key_and_the_cure(value: Any, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        dictionary.parse("eu", value)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (
            ["sqlite://"],
            "'DATABASES' is a value of type 'list'\nWrite {\"default\": \"sqlite:///shop.db\"}.",
        ),
        ({"": "sqlite://"}, "'DATABASES' has the alias ''\nAn alias is a text of your choice."),
        (
            {"default": "sqlite://", "copy": "sqlite://?role=replica&of=defualt"},
            "the database 'copy' is a replica of 'defualt', which is no other database\n"
            "Did you mean 'default'?",
        ),
        (
            {"copy": "sqlite://?role=replica&of=copy"},
            "the database 'copy' is a replica of 'copy', which is no other database\n"
            "Declare the primary too.",
        ),
    ],
)
def test_databases_are_checked_against_each_other(declared: Any, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_all(declared)

    assert str(caught.value) == message
