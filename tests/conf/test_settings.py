"""Where settings come from, which source wins, and who hears of a change."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import manybase
from manybase import conf
from manybase.conf import Settings
from manybase.errors import ConfigurationError

HOW = (
    'Type manybase.configure("sqlite:///shop.db"), or set DATABASE_URL in the environment, or write'
    " [tool.manybase.databases] into pyproject.toml."
)


def pyproject(text: str, folder: Path | None = None) -> None:
    ((folder or Path.cwd()) / "pyproject.toml").write_text(text)


def test_every_setting_has_its_default(own_settings: Settings) -> None:
    assert own_settings.USE_TZ is True
    assert own_settings.TIME_ZONE == "UTC"
    assert own_settings.DATABASE_ROUTERS == []
    assert own_settings.AUTH_USER_MODEL == "auth.User"
    assert "Scrypt" in own_settings.PASSWORD_HASHERS[0]
    assert not own_settings.configured
    assert not own_settings.is_overridden("USE_TZ")


def test_a_default_that_is_changed_in_place_stays_as_it_was(own_settings: Settings) -> None:
    own_settings.INSTALLED_APPS.append("shop")

    assert Settings().INSTALLED_APPS == []


def test_an_optional_setting_is_absent_until_it_is_given(own_settings: Settings) -> None:
    assert getattr(own_settings, "AUTH_PROFILE_MODULE", None) is None

    own_settings.AUTH_PROFILE_MODULE = "shop.Profile"

    assert own_settings.AUTH_PROFILE_MODULE == "shop.Profile"


def test_an_unknown_setting_is_an_attribute_error_with_a_suggestion(
    own_settings: Settings,
) -> None:
    with pytest.raises(AttributeError) as caught:
        own_settings.TIMEZONE  # noqa: B018

    assert str(caught.value) == "there is no setting 'TIMEZONE'. Did you mean 'TIME_ZONE'?"


def test_nothing_configured_says_what_to_type(own_settings: Settings) -> None:
    with pytest.raises(ConfigurationError) as caught:
        conf.databases()

    assert str(caught.value) == f"no database is configured\n{HOW}"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"DATABASSES": {}},
            "unknown setting 'DATABASSES' in settings.configure()\nDid you mean 'DATABASES'?",
        ),
        (
            {"databases": {}},
            "unknown setting 'databases' in settings.configure()\nDid you mean 'DATABASES'?",
        ),
        (
            {"my_own": 1},
            "setting 'my_own' in settings.configure() is not in capitals\nWrite 'MY_OWN'.",
        ),
    ],
)
def test_a_slip_in_a_name_is_refused(
    own_settings: Settings, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        own_settings.configure(**values)

    assert str(caught.value) == message
    assert not own_settings.configured


def test_a_program_may_have_settings_of_its_own(own_settings: Settings) -> None:
    own_settings.configure(SHOP_NAME="Corner")

    assert own_settings.SHOP_NAME == "Corner"
    assert own_settings.is_overridden("SHOP_NAME")


def test_one_line_configures_one_database(own_settings: Settings) -> None:
    manybase.configure("sqlite:///shop.db")

    assert list(conf.databases()) == ["default"]
    assert conf.databases()["default"].database == "shop.db"


def test_no_alias_is_obligatory(own_settings: Settings) -> None:
    manybase.configure(databases={"eu": "sqlite:///eu.db", "us": "sqlite:///us.db"})

    assert list(conf.databases()) == ["eu", "us"]


def test_configure_takes_other_settings_in_small_letters(own_settings: Settings) -> None:
    manybase.configure("sqlite://", use_tz=False, DEFAULT_ALIAS="main")

    assert own_settings.USE_TZ is False
    assert list(conf.databases()) == ["main"]


def test_configure_as_django_does(own_settings: Settings) -> None:
    own_settings.configure(DATABASES={"default": "sqlite://"}, INSTALLED_APPS=["shop"])

    assert conf.databases()["default"].scheme == "sqlite"
    assert own_settings.INSTALLED_APPS == ["shop"]


def test_configure_refuses_to_be_told_twice_or_nothing(own_settings: Settings) -> None:
    with pytest.raises(ConfigurationError) as twice:
        manybase.configure("sqlite://", databases={})
    with pytest.raises(ConfigurationError) as nothing:
        manybase.configure()

    assert str(twice.value) == (
        "configure() was given the databases twice\n"
        'Type configure("sqlite:///shop.db") or configure(databases={"default": ...}).'
    )
    assert str(nothing.value) == f"configure() was given nothing\n{HOW}"


def test_configure_tells_aliases_from_one_database(own_settings: Settings) -> None:
    with pytest.raises(ConfigurationError) as caught:
        manybase.configure({"default": "sqlite://", "eu": "sqlite://"})

    assert caught.value.hint == 'Type configure(databases={"default": ...}).'


def test_configure_refuses_a_wrong_database_at_once(own_settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="'eu' begins with 'sqllite'"):
        manybase.configure(databases={"eu": "sqllite://"})

    assert not own_settings.configured


def test_the_environment_names_databases_by_alias(
    own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///main.db")
    monkeypatch.setenv("DATABASE_URL_EU_WEST", "sqlite:///eu.db")

    found = {alias: one.database for alias, one in conf.databases().items()}

    assert found == {"default": "main.db", "eu_west": "eu.db"}


def test_pyproject_is_found_upwards(
    own_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyproject(
        "[tool.manybase]\nuse-tz = false\ninstalled_apps = ['shop']\n"
        "[tool.manybase.databases]\neu = 'sqlite:///eu.db'\n"
        "us = {ENGINE = 'sqlite3', NAME = 'us.db'}\n"
    )
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    pyproject("[project]\nname = 'other'\n", inner)
    monkeypatch.chdir(inner)

    assert own_settings.USE_TZ is False
    assert own_settings.INSTALLED_APPS == ["shop"]
    assert [one.database for one in conf.databases().values()] == ["eu.db", "us.db"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.manybase", "is not valid TOML"),
        ("[tool]\nmanybase = 3", "'tool.manybase' in"),
        ("[tool.manybase]\ndatabases = 'sqlite://'", "is not a table\nWrite [tool.manybase.dat"),
        ("[tool.manybase]\ndatabase = 'sqlite://'", "Did you mean 'DATABASES'?"),
    ],
)
def test_a_wrong_pyproject_is_named(own_settings: Settings, text: str, message: str) -> None:
    pyproject(text)

    with pytest.raises(ConfigurationError) as caught:
        conf.databases()

    assert message in str(caught.value)
    assert "pyproject.toml" in str(caught.value)


def test_a_password_in_pyproject_is_refused_unseen(own_settings: Settings) -> None:
    pyproject("[tool.manybase.databases]\neu = 'postgres://ann:secret@h/d'\n")

    with pytest.raises(ConfigurationError) as caught:
        conf.databases()

    assert "holds the password of the database 'eu'" in str(caught.value)
    assert "set DATABASE_URL_EU in the environment" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_settings_module_is_read(
    own_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop_settings_a.py").write_text(
        "import os\nDATABASES = {'default': 'sqlite:///module.db'}\nUSE_TZ = False\nlocal = 1\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("MANYBASE_SETTINGS_MODULE", "shop_settings_a")

    assert conf.databases()["default"].database == "module.db"
    assert own_settings.USE_TZ is False
    sys.modules.pop("shop_settings_a")


def test_a_missing_settings_module_is_named(
    own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MANYBASE_SETTINGS_MODULE", "no_such.settings")

    with pytest.raises(ConfigurationError) as caught:
        conf.databases()

    assert str(caught.value) == (
        "MANYBASE_SETTINGS_MODULE names the module 'no_such.settings', which cannot be found\n"
        "Write its dotted name, and run the program where it can be imported."
    )


def test_an_import_error_inside_the_settings_module_is_not_hidden(
    own_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop_settings_b.py").write_text("import nothing_like_this\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("MANYBASE_SETTINGS_MODULE", "shop_settings_b")

    with pytest.raises(ModuleNotFoundError, match="nothing_like_this"):
        conf.databases()


def test_program_over_environment_over_module_over_pyproject(
    own_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyproject(
        "[tool.manybase]\ntime_zone = 'Europe/Oslo'\nuse_tz = false\n[tool.manybase.databases]\n"
        "a = 'sqlite:///a1'\nb = 'sqlite:///b1'\nc = 'sqlite:///c1'\n"
    )
    (tmp_path / "shop_settings_c.py").write_text(
        "DATABASES = {'b': 'sqlite:///b2', 'c': 'sqlite:///c2'}\nTIME_ZONE = 'Asia/Tokyo'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("MANYBASE_SETTINGS_MODULE", "shop_settings_c")
    monkeypatch.setenv("DATABASE_URL_C", "sqlite:///c3")

    merged = {alias: one.database for alias, one in conf.databases().items()}
    zone = own_settings.TIME_ZONE
    manybase.configure("sqlite:///d4")

    assert merged == {"a": "a1", "b": "b2", "c": "c3"}
    assert zone == "Asia/Tokyo"
    assert own_settings.USE_TZ is False
    assert {alias: one.database for alias, one in conf.databases().items()} == {"default": "d4"}


def test_changes_are_announced_by_name(own_settings: Settings) -> None:
    heard: list[str] = []
    stop = conf.subscribe(heard.append)

    own_settings.configure(DATABASES={"default": "sqlite://"}, USE_TZ=False)
    own_settings.TIME_ZONE = "Europe/Oslo"
    del own_settings.TIME_ZONE
    stop()
    own_settings.USE_TZ = True

    assert heard == ["DATABASES", "USE_TZ", "TIME_ZONE", "TIME_ZONE"]
    assert own_settings.TIME_ZONE == "UTC"


def test_an_override_ends_with_its_block(own_settings: Settings) -> None:
    own_settings.configure(USE_TZ=False)
    heard: list[str] = []
    conf.subscribe(heard.append)

    with own_settings.override(USE_TZ=True, TIME_ZONE="Asia/Tokyo"):
        inside = (own_settings.USE_TZ, own_settings.TIME_ZONE)

    assert inside == (True, "Asia/Tokyo")
    assert own_settings.USE_TZ is False
    assert not own_settings.is_overridden("TIME_ZONE")
    assert heard == ["USE_TZ", "TIME_ZONE"] * 2


def test_a_setting_that_was_not_given_cannot_be_deleted(own_settings: Settings) -> None:
    with pytest.raises(AttributeError, match="'USE_TZ' was not given by the program"):
        del own_settings.USE_TZ


def test_databases_changed_in_place_are_read_again(own_settings: Settings) -> None:
    manybase.configure(databases={"default": "sqlite:///a.db"})
    before = conf.databases()

    own_settings.DATABASES["other"] = "sqlite:///b.db"

    assert list(before) == ["default"]
    assert list(conf.databases()) == ["default", "other"]
    assert conf.databases() is conf.databases()


def test_the_settings_show_names_and_no_values(own_settings: Settings) -> None:
    manybase.configure("postgres://ann:secret@h/d")

    assert repr(own_settings) == "<Settings: DATABASES>"
    assert "USE_TZ" in dir(own_settings)


def test_reset_forgets_what_the_program_gave(
    own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    manybase.configure("sqlite:///a.db")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///b.db")

    own_settings.reset()

    assert conf.databases()["default"].database == "b.db"


def test_a_refused_override_leaves_what_was_there(own_settings: Settings) -> None:
    """A value that a listener refuses does not stay behind."""
    own_settings.configure(USE_TZ=True)

    def refuse(name: str) -> None:
        if own_settings.USE_TZ is False:
            raise ConfigurationError("no")

    conf.subscribe(refuse)
    with pytest.raises(ConfigurationError), own_settings.override(USE_TZ=False):
        pass

    assert own_settings.USE_TZ is True
