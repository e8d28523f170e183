"""The faces of a model for validation: ``full_clean`` and its parts, and the texts of errors.

What is checked stands in ``ops.validate``. ``clean()`` is the program's own; ``aclean()`` calls it
unless it is overridden too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from manybase.errors import ValidationError
from manybase.fields import related
from manybase.models import twins
from manybase.ops import validate
from manybase.ops import validate_constraints as constraining
from manybase.runtime.aio import aio
from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import sync


class Validating:
    """What a model can say of whether its values are valid."""

    __slots__ = ()

    def full_clean(
        self,
        exclude: Iterable[str] | None = None,
        validate_unique: bool = True,
        validate_constraints: bool = True,
    ) -> None:
        """Check every field, ``clean()``, what must be unique, and the constraints.

        Args:
            exclude: Names of fields to leave out.
            validate_unique: Whether the database is asked for equal values.
            validate_constraints: Whether Meta's constraints are checked.

        Raises:
            ValidationError: Everything that was found, by field name.
        """
        run_sync(validate.full_clean(sync, self, exclude, validate_unique, validate_constraints))

    async def afull_clean(
        self,
        exclude: Iterable[str] | None = None,
        validate_unique: bool = True,
        validate_constraints: bool = True,
    ) -> None:
        """Check everything, in asynchronous code; see ``full_clean``."""
        twins.refuse(self, "full_clean")
        await validate.full_clean(aio, self, exclude, validate_unique, validate_constraints)

    def clean_fields(self, exclude: Iterable[str] | None = None) -> None:
        """Convert and check the value of every field."""
        run_sync(validate.clean_fields(sync, self, exclude))

    async def aclean_fields(self, exclude: Iterable[str] | None = None) -> None:
        """Convert and check the value of every field; see ``clean_fields``."""
        twins.refuse(self, "clean_fields")
        await validate.clean_fields(aio, self, exclude)

    def clean(self) -> None:
        """Check what concerns several fields; programs override it."""

    async def aclean(self) -> None:
        """Check what concerns several fields; calls ``clean()`` unless overridden."""
        self.clean()

    def validate_unique(self, exclude: Iterable[str] | None = None) -> None:
        """Check unique fields, ``unique_together`` and ``unique_for_date`` and the like."""
        run_sync(validate.validate_unique(sync, self, exclude))

    async def avalidate_unique(self, exclude: Iterable[str] | None = None) -> None:
        """Check what must be unique; see ``validate_unique``."""
        twins.refuse(self, "validate_unique")
        await validate.validate_unique(aio, self, exclude)

    def validate_constraints(self, exclude: Iterable[str] | None = None) -> None:
        """Check the constraints of Meta."""
        run_sync(constraining.validate_constraints(sync, self, exclude))

    async def avalidate_constraints(self, exclude: Iterable[str] | None = None) -> None:
        """Check the constraints of Meta; see ``validate_constraints``."""
        twins.refuse(self, "validate_constraints")
        await constraining.validate_constraints(aio, self, exclude)

    def get_constraints(self) -> list[tuple[Any, list[Any]]]:
        """Return the constraints of the model and its parents, with the model of each."""
        cls: Any = type(self)
        found = [(cls, cls._meta.constraints)]
        parents = cls._meta.get_parent_list()
        found.extend((p, p._meta.constraints) for p in parents if p._meta.constraints)
        return found

    def unique_error_message(self, model_class: Any, unique_check: Sequence[str]) -> Any:
        """Make the error for values that another row has."""
        meta = model_class._meta
        params: dict[str, Any] = {
            "model": self,
            "model_class": model_class,
            "model_name": _capital(meta.verbose_name),
            "unique_check": tuple(unique_check),
        }
        if len(unique_check) == 1:
            field = meta.get_field(unique_check[0])
            params["field_label"] = _capital(field.verbose_name)
            return ValidationError(field.error_messages["unique"], code="unique", params=params)
        labels = [_capital(meta.get_field(name).verbose_name) for name in unique_check]
        params["field_labels"] = f"{', '.join(labels[:-1])} and {labels[-1]}"
        return ValidationError(
            "%(model_name)s with this %(field_labels)s already exists.",
            code="unique_together",
            params=params,
        )

    def date_error_message(self, lookup_type: str, field_name: str, unique_for: str) -> Any:
        """Make the error for a value that another row of the same date has."""
        meta = type(self)._meta  # type: ignore[attr-defined]  # a mixin of models only
        field = meta.get_field(field_name)
        params = {
            "model": self,
            "model_name": _capital(meta.verbose_name),
            "lookup_type": lookup_type,
            "field": field_name,
            "field_label": _capital(field.verbose_name),
            "date_field": unique_for,
            "date_field_label": _capital(meta.get_field(unique_for).verbose_name),
        }
        return ValidationError(
            field.error_messages["unique_for_date"], code="unique_for_date", params=params
        )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _row_exists(field: Any, value: Any, instance: Any) -> bool:
    return run_sync(validate.row_exists(sync, field, value, instance))


related.row_exists = _row_exists
