"""The chain of database routers, in Django's contract; unchanged router classes work.

Asks routers and returns their answers; what holds when none has an opinion is decided in
``decision`` and ``provenance``. Routers are never asked to run anything.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

from manybase import conf
from manybase.errors import ConfigurationError
from manybase.meta.epoch import epoch
from manybase.meta.registry import registry
from manybase.routing.order import choose
from manybase.routing.topology import same_set

_MISSING: Any = object()


class ConnectionRouter:
    """A chain of routers; the first that has an opinion decides.

    Args:
        routers: Dotted paths, classes or instances; the setting ``DATABASE_ROUTERS`` when None.

    Example:
        >>> router.db_for_write(Book)
        'default'
    """

    def __init__(self, routers: Iterable[Any] | None = None) -> None:
        self._given = list(routers) if routers is not None else None
        self._routers: list[Any] | None = None
        #: Where everything without a place goes, kept by ``decision``; "" where that varies.
        self.shortcut: str | None = None

    @property
    def routers(self) -> list[Any]:
        """The routers as objects, in order; may be assigned."""
        if self._routers is None:
            given = self._given if self._given is not None else conf.settings.DATABASE_ROUTERS
            self._routers = [_instance(one) for one in given]
        return self._routers

    @routers.setter
    def routers(self, routers: Iterable[Any]) -> None:
        self._routers = [_instance(one) for one in routers]
        self.forget_shortcut()

    def forget(self) -> None:
        """Read the setting again when next asked."""
        self._routers = None
        self.forget_shortcut()

    def forget_shortcut(self) -> None:
        """Work out again where everything without a place goes."""
        self.shortcut = None
        epoch.turn()

    def answer(self, method: str, *args: Any, **hints: Any) -> Any:
        """Return the first opinion (anything but None), or None."""
        return self.ask(method, *args, **hints)[0]

    def ask(self, method: str, *args: Any, **hints: Any) -> tuple[Any, str]:
        """Return the first opinion and the class name of the router that has it.

        A router that lacks the method is passed over; an AttributeError raised inside a method
        is the router's own and comes out.
        """
        for router in self.routers:
            call = getattr(router, method, _MISSING)
            if call is not _MISSING:
                found = call(*args, **hints)
                if found is not None:
                    return found, type(router).__name__
        return None, ""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Return the alias that reads of a model go to."""
        return choose(self, "db_for_read", model, None, None, hints)[0]

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Return the alias that writes of a model go to."""
        return choose(self, "db_for_write", model, None, None, hints)[0]

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool:
        """Whether two objects may be related; without opinions, those of one place may."""
        found = self.answer("allow_relation", obj1, obj2, **hints)
        if found is None:
            return same_set(obj1._origin.alias, obj2._origin.alias)
        return bool(found)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Whether an application's tables belong on a database; yes unless a router objects."""
        found = self.answer("allow_migrate", db, app_label, **hints)
        return True if found is None else bool(found)

    def allow_migrate_model(self, db: str, model: Any) -> bool:
        """Whether a model's table belongs on a database.

        A model that is swapped for another one has none. Without a router's opinion a model with
        ``Meta.using`` belongs to that database alone.
        """
        meta = model._meta
        if meta.swapped is not None:
            return False  # the model that the settings name instead has the table
        found = self.answer(
            "allow_migrate", db, meta.app_label, model_name=meta.model_name, model=model
        )
        if found is None:
            return meta.using is None or same_set(db, meta.using)
        return bool(found)

    def get_migratable_models(
        self, app_config: Any, db: str, include_auto_created: bool = False
    ) -> list[Any]:
        """Return an application's models whose tables belong on a database.

        Args:
            app_config: The application, or its label.
            db: The alias.
            include_auto_created: Whether the tables of many-to-many links are among them.
        """
        label = app_config if isinstance(app_config, str) else app_config.label
        return [
            model
            for model in registry.all_models()
            if model._meta.app_label == label
            and (include_auto_created or not model._meta.auto_created)
            and self.allow_migrate_model(db, model)
        ]


def _instance(given: Any) -> Any:
    if not isinstance(given, str):
        return given() if isinstance(given, type) else given
    module, _, name = given.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)()
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(
            f"'DATABASE_ROUTERS' names '{given}', which cannot be imported",
            hint=f"{error}. Write the dotted path of a class.",
        ) from error


router = ConnectionRouter()
"""The routers that the settings name."""


def _forget(name: str) -> None:
    if name == "DATABASE_ROUTERS":
        router.forget()
    elif name in ("DATABASES", "DEFAULT_ALIAS"):
        router.forget_shortcut()


conf.subscribe(_forget)
