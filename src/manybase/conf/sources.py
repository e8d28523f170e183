"""Reads the settings that stand outside the program.

The environment (``DATABASE_URL``, ``DATABASE_URL_<ALIAS>``), the module that
``MANYBASE_SETTINGS_MODULE`` names, and ``[tool.manybase]`` of the nearest pyproject.toml, in this
order of strength; databases are merged alias by alias. Called once by ``conf.settings``.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

from manybase.conf import names
from manybase.conf.defaults import DEFAULTS
from manybase.conf.url import has_password
from manybase.errors import ConfigurationError

MODULE_VARIABLE = "MANYBASE_SETTINGS_MODULE"
URL_VARIABLE = "DATABASE_URL"


def read(default_alias: str | None = None) -> dict[str, Any]:
    """Return all settings that the environment and files give.

    Args:
        default_alias: What ``DATABASE_URL`` is the database of, where the program has said.

    Raises:
        ConfigurationError: A file cannot be read, or a name in it is a slip.
    """
    found = from_pyproject(Path.cwd())
    databases = dict(found.get("DATABASES", {}))
    module = from_module()
    databases.update(module.get("DATABASES", {}))
    found.update(module)
    alias = default_alias or found.get("DEFAULT_ALIAS", DEFAULTS["DEFAULT_ALIAS"])
    databases.update(from_environment(alias))
    if databases:
        found["DATABASES"] = databases
    return found


def from_environment(default_alias: str) -> dict[str, str]:
    """Return the databases that ``DATABASE_URL`` and ``DATABASE_URL_<ALIAS>`` name."""
    found: dict[str, str] = {}
    for name, value in os.environ.items():
        if not value:
            continue
        if name == URL_VARIABLE:
            found[default_alias] = value
        elif name.startswith(f"{URL_VARIABLE}_"):
            found[name.removeprefix(f"{URL_VARIABLE}_").lower()] = value
    return found


def from_module() -> dict[str, Any]:
    """Return the capitals of the module that ``MANYBASE_SETTINGS_MODULE`` names."""
    path = os.environ.get(MODULE_VARIABLE)
    if not path:
        return {}
    try:
        module = importlib.import_module(path)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{path}.".startswith(f"{error.name}."):
            raise
        raise ConfigurationError(
            f"{MODULE_VARIABLE} names the module {path!r}, which cannot be found",
            hint="Write its dotted name, and run the program where it can be imported.",
        ) from error
    values = {name: value for name, value in vars(module).items() if name.isupper()}
    for name in values:
        names.check(name, f"module {path!r}")
    return values


def from_pyproject(start: Path) -> dict[str, Any]:
    """Return ``[tool.manybase]`` of the nearest pyproject.toml that has one."""
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        if path.is_file() and (table := _table(path)) is not None:
            return _settings(table, path)
    return {}


def _table(path: Path) -> dict[str, Any] | None:
    import tomllib  # only where it is needed: imports must stay light

    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"'{path}' is not valid TOML: {error}") from error
    table = document.get("tool", {}).get("manybase")
    if table is not None and not isinstance(table, dict):
        raise ConfigurationError(
            f"'tool.manybase' in '{path}' is not a table", hint="Write [tool.manybase]."
        )
    return table


def _settings(table: dict[str, Any], path: Path) -> dict[str, Any]:
    values = {key.upper().replace("-", "_"): value for key, value in table.items()}
    for name in values:
        names.check(name, f"'{path}'")
    declared = values.get("DATABASES", {})
    if not isinstance(declared, dict):
        raise ConfigurationError(
            f"'databases' in '{path}' is not a table",
            hint='Write [tool.manybase.databases] and below it: default = "sqlite:///shop.db".',
        )
    for alias, value in declared.items():
        if has_password(value):
            raise ConfigurationError(
                f"'{path}' holds the password of the database {alias!r}",
                hint=f"Take the line out and set {URL_VARIABLE}_{alias.upper()} in the"
                " environment.",
            )
    return values
