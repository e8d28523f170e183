"""A model class without the layers above: it binds fields to real options and registers itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from manybase.fields import BigAutoField, Field, OneToOneField
from manybase.meta.on_delete import CASCADE
from manybase.meta.options import Options
from manybase.meta.registry import registry

_numbers = itertools.count()


class Bare:
    """An instance that keeps what it is given."""

    _meta: Any

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    @property
    def pk(self) -> Any:
        return self.__dict__.get(self._meta.pk.attname)


Maker = Callable[..., Any]


@pytest.fixture
def app() -> str:
    """An app label that no other test uses."""
    return f"app{next(_numbers)}"


@pytest.fixture
def make(app: str) -> Iterator[Maker]:
    """A function that makes a model: ``make("Book", title=CharField())``."""

    def maker(name: str, *, inherits: Any = None, meta: Any = None, **fields: Field[Any]) -> Any:
        model: Any = type(name, (inherits or Bare,), {})
        model._meta = Options(model, type("Meta", (), meta or {}), app)
        found = inherits._meta.local_fields if inherits and inherits._meta.abstract else []
        if inherits and inherits._meta.abstract:
            for field in [*found, *inherits._meta.local_many_to_many]:
                field.clone().contribute_to_class(model, field.name)
        elif inherits:
            link = OneToOneField(inherits, CASCADE, parent_link=True, primary_key=True)
            model._meta.parents[inherits] = link
            link.contribute_to_class(model, f"{inherits._meta.model_name}_ptr")
        for field_name, field in fields.items():
            setattr(model, field_name, field)
            field.contribute_to_class(model, field_name)
        if model._meta.pk is None and not model._meta.abstract:
            key = BigAutoField(primary_key=True, auto_created=True)
            key.contribute_to_class(model, "id")
        if not model._meta.abstract:
            registry.register(model)
        return model

    models, waiting = dict(registry.models), {k: list(v) for k, v in registry._waiting.items()}
    yield maker
    registry.models, registry._waiting = models, waiting
    registry.generation += 1
