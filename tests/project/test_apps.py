"""Applications: how entries of INSTALLED_APPS are found, and what wrong ones are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from manybase.apps import AppConfig, Apps
from manybase.errors import AppRegistryNotReady, ConfigurationError, UnknownModel
from manybase.meta.registry import registry


@pytest.fixture
def apps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Apps:
    """An empty registry of applications, and an import path to write packages to."""
    monkeypatch.setattr(registry, "labels", dict(registry.labels))
    monkeypatch.syspath_prepend(tmp_path)
    return Apps()


def package(folder: Path, name: str, **modules: str) -> None:
    path = folder.joinpath(*name.split("."))
    path.mkdir(parents=True)
    (path / "__init__.py").write_text("")
    for module, text in modules.items():
        (path / f"{module}.py").write_text(text)


def test_an_application_is_a_package_with_models(apps: Apps, tmp_path: Path) -> None:
    package(tmp_path, "app_a", models="LOADED = True\n")

    apps.populate(["app_a"])

    config = apps.get_app_config("app_a")
    assert (config.name, config.label, config.verbose_name) == ("app_a", "app_a", "App A")
    assert config.models_module is not None
    assert config.models_module.LOADED
    assert config.path == str(tmp_path / "app_a")
    assert apps.is_installed("app_a")
    assert registry.label_for("app_a.models.parts") == "app_a"
    assert repr(config) == "<AppConfig: app_a>"


def test_an_application_may_have_no_models(apps: Apps, tmp_path: Path) -> None:
    package(tmp_path, "app_b")

    apps.populate(["app_b"])

    assert apps.get_app_config("app_b").models_module is None
    assert list(apps.get_app_config("app_b").get_models()) == []


def test_a_class_gives_the_label_and_runs_when_ready(apps: Apps, tmp_path: Path) -> None:
    text = (
        "from manybase.apps import AppConfig\nclass ShopConfig(AppConfig):\n"
        "    name = 'app_c'\n    label = 'store'\n"
        "    def ready(self):\n        self.was_ready = self.models_module is not None\n"
    )
    package(tmp_path, "app_c", apps=text, models="")

    apps.populate(["app_c.apps.ShopConfig"])

    config: Any = apps.get_app_config("store")
    assert config.was_ready
    assert registry.label_for("app_c.models") == "store"


def test_the_only_class_of_a_package_is_taken(apps: Apps, tmp_path: Path) -> None:
    text = (
        "from manybase.apps import AppConfig\n"
        "class ShopConfig(AppConfig):\n    name = 'app_d'\n    label = 'shop_d'\n"
    )
    package(tmp_path, "app_d", apps=text)

    apps.populate(["app_d"])

    assert [config.label for config in apps.get_app_configs()] == ["shop_d"]


def test_a_second_start_adds_what_is_new(apps: Apps, tmp_path: Path) -> None:
    package(tmp_path, "app_e")
    package(tmp_path, "app_f")

    apps.populate(["app_e"])
    first = apps.get_app_config("app_e")
    apps.populate(["app_e", "app_f"])

    assert apps.get_app_config("app_e") is first
    assert [config.label for config in apps.get_app_configs()] == ["app_e", "app_f"]


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ("no_such_app", "Write the dotted name of a package that the program can import."),
        ("json.NoConfig", "Write the dotted name of a package that the program can import."),
        ("app_g.apps.ShopConfg", "Classes there are: ShopConfig."),
    ],
)
def test_an_entry_that_cannot_be_imported_is_named(
    apps: Apps, tmp_path: Path, entry: str, hint: str
) -> None:
    text = "from manybase.apps import AppConfig\nclass ShopConfig(AppConfig): name = 'app_g'\n"
    package(tmp_path, "app_g", apps=text)

    with pytest.raises(ConfigurationError) as caught:
        apps.populate([entry])

    message = f"'INSTALLED_APPS' names '{entry}', which cannot be imported"
    assert str(caught.value) == f"{message}\n{hint}"


def test_an_import_error_inside_an_application_is_not_hidden(apps: Apps, tmp_path: Path) -> None:
    package(tmp_path, "app_h", models="import nothing_like_this\n")

    with pytest.raises(ModuleNotFoundError, match="nothing_like_this"):
        apps.populate(["app_h"])


def test_two_applications_cannot_share_a_label(apps: Apps, tmp_path: Path) -> None:
    package(tmp_path, "one.shop_i")
    package(tmp_path, "two.shop_i")

    with pytest.raises(ConfigurationError) as caught:
        apps.populate(["one.shop_i", "two.shop_i"])

    assert str(caught.value) == (
        "'INSTALLED_APPS' has two applications with the label 'shop_i':"
        " 'one.shop_i' and 'two.shop_i'\n"
        "Give one of them another label in an AppConfig of its own."
    )


def test_a_configuration_without_a_name_is_refused(apps: Apps, tmp_path: Path) -> None:
    text = "from manybase.apps import AppConfig\nclass Nameless(AppConfig): pass\n"
    package(tmp_path, "app_j", apps=text)

    with pytest.raises(ConfigurationError, match=r"'app_j\.apps\.Nameless' has no name"):
        apps.populate(["app_j.apps.Nameless"])


def test_asking_too_early_or_for_a_wrong_label(apps: Apps, tmp_path: Path) -> None:
    package(tmp_path, "app_k")

    with pytest.raises(AppRegistryNotReady) as early:
        apps.get_app_config("app_k")
    apps.populate(["app_k"])
    with pytest.raises(UnknownModel) as wrong:
        apps.get_app_config("app_kk")

    assert str(early.value) == ("the applications are not loaded yet\nCall manybase.setup() first.")
    assert str(wrong.value) == (
        "no installed application has the label 'app_kk'\nDid you mean 'app_k'?"
    )


def test_setup_loads_models_that_can_then_be_asked_for(
    program: Callable[..., Any], tmp_path: Path
) -> None:
    text = (
        "from manybase import models\n"
        "class Book(models.Model):\n    title = models.CharField(max_length=9)\n"
    )
    package(tmp_path, "app_l", models=text)
    source = """
        import manybase
        from manybase.apps import apps
        manybase.configure("sqlite://", installed_apps=["app_l"])
        manybase.setup()
        print(apps.get_model("app_l.Book") is apps.get_model("app_l", "book"))
        print([model.__name__ for model in apps.get_app_config("app_l").get_models()])
        try:
            apps.get_model("app_l.Bok")
        except LookupError as error:
            print(error)
    """

    done = program(source)

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "True",
        "['Book']",
        "no model 'app_l.Bok' is defined",
        "Did you mean 'app_l.Book'?",
    ]


def test_a_configuration_may_be_made_by_hand() -> None:
    assert AppConfig("company.shop", None).label == "shop"
