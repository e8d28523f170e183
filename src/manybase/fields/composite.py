"""CompositePrimaryKey: several fields that together are a model's primary key.

It has no column of its own; its value on an instance is the tuple of the fields' values. Queries
take the tuple apart (``query.keys``), tables get one PRIMARY KEY of all columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from manybase.errors import ConfigurationError, FieldDoesNotExist, FieldValueError
from manybase.meta.field import DATABASE_DEFAULT, Field
from manybase.meta.storage import Storage


class CompositePrimaryKey(Field[tuple[Any, ...]]):
    """The primary key of a model whose rows are told apart by several fields together.

    ``obj.pk`` is the tuple of their values, or None while one of them is missing. It can be
    compared (``pk=(1, 2)``, ``pk__in=[...]``, ``pk__lt=...``), ordered by and assigned.

    Args:
        names: The fields, two or more, in the order of the tuple; a foreign key may be one.

    Example:
        >>> class Seat(models.Model):
        ...     pk = models.CompositePrimaryKey("hall", "number")
        ...     hall = models.IntegerField()
        ...     number = models.IntegerField()
        >>> Seat.objects.get(pk=(3, 14))
    """

    concrete = False
    composite = True
    empty_strings_allowed: ClassVar[bool] = False

    def __init__(self, *names: str) -> None:
        if len(names) < 2 or not all(isinstance(name, str) for name in names):
            raise ConfigurationError(
                "CompositePrimaryKey takes the names of two or more fields",
                hint="Write pk = models.CompositePrimaryKey('first', 'second').",
            )
        if len(set(names)) != len(names):
            raise ConfigurationError("CompositePrimaryKey names a field twice")
        super().__init__(primary_key=True, editable=False, blank=True)
        self.names = names
        self.fields: tuple[Any, ...] = ()

    # Binding

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Become the key of a model.

        Raises:
            ConfigurationError: It is not called ``pk``.
        """
        if name != "pk":
            raise ConfigurationError(
                f"the CompositePrimaryKey of '{cls.__name__}' is called '{name}'",
                hint="Write pk = models.CompositePrimaryKey(...).",
            )
        self.name = self.attname = "pk"
        self.column = None
        self.verbose_name = "primary key"
        self.model = cls
        cls._meta.add_field(self, private=True)
        if not cls._meta.abstract:
            cls.pk = self

    def find_fields(self) -> None:
        """Take in the fields that are named; called when the class has all of them.

        Raises:
            ConfigurationError: A name is unknown, or its field cannot be part of a key.
        """
        meta = self.model._meta
        if meta.pk is not None and meta.pk is not self:
            raise ConfigurationError(
                f"model '{meta.label}' has a CompositePrimaryKey and also '{meta.pk.name}'",
                hint="Take primary_key=True away from the field.",
            )
        found = []
        for name in self.names:
            try:
                field = meta.get_field(name)
            except FieldDoesNotExist as error:
                raise ConfigurationError(
                    f"the CompositePrimaryKey of '{meta.label}' names '{name}', which is no field",
                    hint=error.hint,
                ) from error
            for problem in self._problems(field):
                raise ConfigurationError(
                    f"field '{field}' cannot be part of a CompositePrimaryKey: it {problem}"
                )
            found.append(field)
        self.fields = tuple(found)
        for field in found:
            field.primary_key = field.key_part = True
        meta.pk = self

    def _problems(self, field: Any) -> Iterator[str]:
        if not field.concrete or field.column is None:
            yield "has no column"
        elif field.model._meta.concrete_model is not self.model._meta.concrete_model:
            yield "is of a parent with a table of its own"
        elif field.null:
            yield "has null=True"
        elif field.generated:
            yield "is generated"
        elif getattr(field, "is_auto", False):
            yield "is numbered by the database"

    def clone(self) -> CompositePrimaryKey:
        """Return an unbound key of the same names, for a model that inherits it."""
        return type(self)(*self.names)

    # The value

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        values = tuple([getattr(instance, field.attname) for field in self.fields])
        if any(value is None or value is DATABASE_DEFAULT for value in values):
            return None
        return values

    def __set__(self, instance: Any, value: Any) -> None:
        parts = (None,) * len(self.fields) if value is None else self.parts(value)
        for field, part in zip(self.fields, parts, strict=True):
            setattr(instance, field.attname, part)

    def parts(self, value: Any) -> tuple[Any, ...]:
        """Return a key as a tuple of as many values as there are fields.

        Raises:
            FieldValueError: It is none.
        """
        if not isinstance(value, (tuple, list)) or len(value) != len(self.fields):
            raise FieldValueError(
                f"the key of '{self.model._meta.label}' is {self.describe_values()}",
                hint=f"Write pk=({', '.join(self.names)}).",
            )
        return tuple(value)

    def get_prep_value(self, value: Any) -> Any:
        if value is None:
            return None
        return tuple(
            [
                f.prepare_compared(part)
                for f, part in zip(self.fields, self.parts(value), strict=True)
            ]
        )

    def to_python(self, value: Any) -> Any:
        if value is None:
            return None
        return tuple(
            [f.to_python(part) for f, part in zip(self.fields, self.parts(value), strict=True)]
        )

    def describe_values(self) -> str:
        return f"a tuple of {', '.join(self.names)}"

    @property
    def storage(self) -> Storage:
        return Storage("tuple")

    @property
    def unique(self) -> bool:
        """Whether no two rows share a value: always."""
        return True

    def value_to_string(self, instance: Any) -> str:
        return str([field.value_to_string(instance) for field in self.fields])
