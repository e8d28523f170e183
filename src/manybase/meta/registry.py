"""Which models exist, who points at whom, and which names wait for a model to be defined.

One ``Registry`` is made here as ``registry``; the metaclass registers models in it, relations
named by strings wait in it, ``apps`` is its public face. It imports no application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from manybase.errors import UnknownModel, hint_for


class Registry:
    """The models of a program by label, with the relations between them."""

    def __init__(self) -> None:
        self.models: dict[tuple[str, str], Any] = {}
        self.labels: dict[str, str] = {}  # package of an installed app -> its label
        self.generation = 0
        self.on_change: list[Callable[[], None]] = []
        self._waiting: dict[tuple[str, str], list[Callable[[Any], None]]] = {}
        self._relations: dict[Any, list[Any]] = {}

    def register(self, model: Any) -> None:
        """Add a model and call whoever waits for it."""
        key = (model._meta.app_label, model._meta.model_name)
        self.models[key] = model
        self.touch()
        for call in self._waiting.pop(key, ()):
            call(model)

    def add_relation(self, target: Any, relation: Any) -> None:
        """Note that ``relation.field`` points at ``target`` (a class)."""
        self._relations.setdefault(target._meta.concrete_model, []).append(relation)
        self.touch()

    def touch(self) -> None:
        """Say that models have changed: what was worked out from them is worked out anew."""
        self.generation += 1
        for call in self.on_change:
            call()

    def relations_to(self, model: Any) -> list[Any]:
        """All reverse relations that end at this model's concrete class."""
        return self._relations.get(model._meta.concrete_model, [])

    def get_model(self, app_label: str, name: str | None = None) -> Any:
        """Return a model by ``"app.Model"`` or by label and name, in any case.

        Raises:
            UnknownModel: No such model; the hint says which was meant.
        """
        label = app_label if name is None else f"{app_label}.{name}"
        app, _, model_name = label.partition(".")
        found = self.models.get((app, model_name.lower()))
        if found is None:
            known = [m._meta.label for m in self.models.values()]
            raise UnknownModel(f"no model '{label}' is defined", hint=hint_for(label, known))
        return found

    def when_defined(self, label: str, call: Callable[[Any], None]) -> None:
        """Call with the model ``"app.Model"`` now, or as soon as it is defined."""
        app, _, name = label.partition(".")
        key = (app, name.lower())
        if key in self.models:
            call(self.models[key])
        else:
            self._waiting.setdefault(key, []).append(call)

    def pending(self) -> list[str]:
        """Labels that relations name and no model has."""
        return [f"{app}.{name}" for app, name in self._waiting]

    def all_models(self) -> Iterable[Any]:
        """Every model in the order of definition."""
        return list(self.models.values())

    def label_for(self, module: str) -> str:
        """The app label of a model defined in this module.

        The longest installed package that holds the module gives its label; otherwise the last
        part of the module's name before ``models`` does.
        """
        packages = [p for p in self.labels if module == p or module.startswith(p + ".")]
        if packages:
            return self.labels[max(packages, key=len)]
        parts = [p for p in module.split(".") if p not in ("models", "__main__")]
        if "models" in module.split("."):
            parts = module.split(".models")[0].split(".")
        return parts[-1] if parts and parts[-1] else "main"


registry = Registry()
