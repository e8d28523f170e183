"""Routers of the behaviour suite, written to Django's contract; each says one thing.

Tests put them into ``DATABASE_ROUTERS`` with ``routed()`` of ``tests.behaviour.help``.
"""

from __future__ import annotations

from typing import Any


class ReplicaRouter:
    """``other`` poses as a replica: reads from there or from the object's place, writes default."""

    def db_for_read(self, model: Any, instance: Any = None, **hints: Any) -> str:
        if instance:
            return instance._state.db or "other"
        return "other"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool:
        return obj1._state.db in ("default", "other") and obj2._state.db in ("default", "other")

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return True


class AccountRouter:
    """The accounts are written to ``other`` and read from ``default``."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "default" if model._meta.app_label == "auth" else None

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return "other" if model._meta.app_label == "auth" else None

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool | None:
        return True if "auth" in (obj1._meta.app_label, obj2._meta.app_label) else None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return db == "other" if app_label == "auth" else None


class WriterRouter:
    """Has one method only: everything is written to ``writer``."""

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "writer"


class WriteToOtherRouter:
    """Everything is written to ``other``."""

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "other"


class NoPetsRouter:
    """Pets are only on ``other``, and nothing else of theirs application is."""

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool:
        if db == "other":
            return model_name == "pet"
        return model_name != "pet"


class OnlyDefaultRouter:
    """Tables are made on ``default`` only."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"


class SilentRouter:
    """Has no method at all."""


class BrokenRouter:
    """Reads and writes stumble over an attribute that is not there."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        raise AttributeError("broken inside")

    def db_for_write(self, model: Any, **hints: Any) -> str:
        raise AttributeError("broken inside")


class ModelOnlyRouter:
    """Fails where it is not given a model class."""

    def db_for_read(self, model: Any, **hints: Any) -> None:
        assert isinstance(model, type) and hasattr(model, "_meta")

    def db_for_write(self, model: Any, **hints: Any) -> None:
        assert isinstance(model, type) and hasattr(model, "_meta")


class RouterUsed(Exception):
    """Carries what a router was asked."""

    def __init__(self, model: Any, hints: dict[str, Any]) -> None:
        super().__init__("a router was asked")
        self.model = model
        self.hints = hints


class WriteCheckRouter:
    """Raises as soon as a write route is asked for."""

    def db_for_write(self, model: Any, **hints: Any) -> str:
        raise RouterUsed(model, hints)


class NoRelationRouter:
    """Forbids every relation."""

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool:
        return False


class RecordingRouter:
    """Decides nothing and writes down what it is asked."""

    def __init__(self) -> None:
        self.reads: list[tuple[Any, dict[str, Any]]] = []
        self.writes: list[tuple[Any, dict[str, Any]]] = []
        self.relations: list[tuple[Any, Any]] = []

    def db_for_read(self, model: Any, **hints: Any) -> None:
        self.reads.append((model, hints))

    def db_for_write(self, model: Any, **hints: Any) -> None:
        self.writes.append((model, hints))

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> None:
        self.relations.append((obj1, obj2))
