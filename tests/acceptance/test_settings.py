"""Settings as a new user gives them: wrong values are met at once, passwords are never shown."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

import manybase
from manybase import conf
from manybase.conf import Settings
from manybase.errors import ConfigurationError

SECRET = "geheim"
DECLARED: dict[str, Any] = {
    "default": f"postgres://ann:{SECRET}@localhost/shop",
    "option": f"mysql://localhost/shop?password={SECRET}&charset=utf8mb4",
    "broken": f"postgres://ann:{SECRET}@x/y@localhost/shop",
    "eu": {"ENGINE": "mysql", "NAME": "shop", "PASSWORD": SECRET, "OPTIONS": {"passwd": SECRET}},
}


def test_no_representation_of_the_settings_shows_a_password(own_settings: Settings) -> None:
    own_settings.configure(DATABASES=DECLARED)
    shown = own_settings.DATABASES
    for text in (repr(shown), str(shown), f"{shown}", f"{shown['eu']}", repr(copy.deepcopy(shown))):
        assert SECRET not in text
    assert "postgres://ann:***@localhost/shop" in repr(shown)
    assert "?password=***&charset=utf8mb4" in repr(shown)
    assert "'PASSWORD': '***'" in repr(shown)


def test_the_settings_still_hold_what_was_given(own_settings: Settings) -> None:
    own_settings.configure(DATABASES=DECLARED)
    assert own_settings.DATABASES == DECLARED
    assert own_settings.DATABASES["default"] == DECLARED["default"]
    assert own_settings.DATABASES["eu"]["PASSWORD"] == SECRET
    assert pickle.loads(pickle.dumps(own_settings.DATABASES)) == DECLARED


def test_databases_can_be_added_in_place(own_settings: Settings) -> None:
    own_settings.configure(DATABASES={"default": "sqlite://"})
    own_settings.DATABASES["eu"] = "sqlite://"
    assert list(conf.databases()) == ["default", "eu"]


WRONG = [
    ("TIME_ZONE", "Europe/Berln", "names no time zone", "Did you mean 'Europe/Berlin'?"),
    ("TIME_ZONE", "../etc/passwd", "names no time zone", "'Europe/Berlin'"),
    ("INSTALLED_APPS", "shop", "is a text, and a list is needed", "Write ['shop']."),
    ("DATABASE_ROUTERS", "shop.Router", "is a text", "Write ['shop.Router']."),
    ("USE_TZ", "yes", "is a value of type 'str'", "Write True or False."),
]


@pytest.mark.parametrize(("name", "value", "message", "hint"), WRONG, ids=str)
def test_a_wrong_value_is_met_where_it_is_given(
    own_settings: Settings, name: str, value: Any, message: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"'{name}'") as caught:
        own_settings.configure(**{name: value})
    assert message in str(caught.value)
    assert hint in str(caught.value.hint)


def test_a_wrong_value_in_a_file_is_met_at_its_first_use(own_settings: Settings) -> None:
    Path("pyproject.toml").write_text('[tool.manybase]\ntime_zone = "Mars/North"\n')
    with pytest.raises(ConfigurationError, match="'TIME_ZONE' names no time zone: 'Mars/North'"):
        _ = own_settings.TIME_ZONE


def test_a_time_zone_of_the_program_is_kept(own_settings: Settings) -> None:
    manybase.configure("sqlite://", time_zone="Europe/Berlin")
    assert own_settings.TIME_ZONE == "Europe/Berlin"
