"""The base of all fields: names, options, values; knows no database and runs no query.

``fields`` has the families; the metaclass in ``models`` binds a field to its model through
``contribute_to_class``; ``query`` and ``ops`` read what is here.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, overload

from manybase.errors import ConfigurationError, FieldValueError, ValidationError
from manybase.meta.attributes import is_spelled
from manybase.meta.choices import normalise_choices
from manybase.meta.lookups import Registered
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from typing import TypedDict

    from manybase.query.attributes import Attribute

    class FieldOptions(TypedDict, total=False):
        """Options that every field takes, beside ``null``."""

        name: str | None
        primary_key: bool
        max_length: int | None
        unique: bool
        blank: bool
        db_index: bool
        default: Any
        db_default: Any
        editable: bool
        serialize: bool
        unique_for_date: str | None
        unique_for_month: str | None
        unique_for_year: str | None
        choices: Any
        help_text: str
        db_column: str | None
        db_comment: str | None
        auto_created: bool
        validators: Iterable[Callable[[Any], None]]
        error_messages: dict[str, str] | None


T = TypeVar("T")

of_class: list[Callable[[Any, Any], Any]] = []
"""What a field and a class make on a model's class; put here by ``query``."""


class NotProvided:
    """The type of the mark for "no default"."""

    def __repr__(self) -> str:
        return "NOT_PROVIDED"

    def __reduce__(self) -> str:
        return "NOT_PROVIDED"


NOT_PROVIDED = NotProvided()
_counter = 0


class Field(Registered, Generic[T]):
    """A column of a model, and the descriptor that types it.

    On an instance it gives the value, on the class the field itself. Values live in the
    instance's ``__dict__``; the descriptor is reached only when a value was deferred.
    """

    #: Types of values that a query takes as they are; anything else goes through ``prepare``.
    plain_types: ClassVar[frozenset[type]] = frozenset()
    empty_strings_allowed: ClassVar[bool] = True
    default_validators: ClassVar[Sequence[Callable[[Any], None]]] = ()
    default_error_messages: ClassVar[dict[str, str]] = {
        "invalid_choice": "Value %(value)r is not a valid choice.",
        "null": "This field cannot be null.",
        "blank": "This field cannot be blank.",
        "unique": "%(model_name)s with this %(field_label)s already exists.",
        "unique_for_date": "%(field_label)s must be unique for %(date_field_label)s"
        " %(lookup_type)s.",
    }

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # What a subclass does to values must happen: none is plain unless it says so itself.
        converts = {"get_prep_value", "to_python", "prepare"} & vars(cls).keys()
        if converts and "plain_types" not in vars(cls):
            cls.plain_types = frozenset()

    is_relation = False
    many_to_many = False
    many_to_one = False
    one_to_many = False
    one_to_one = False
    related_model: Any = None
    remote_field: Any = None
    concrete = True
    hidden = False
    generated = False
    composite = False
    key_part = False  # one of several fields that are the primary key together

    name: str
    attname: str
    column: str | None
    model: Any

    def __init__(
        self,
        verbose_name: str | None = None,
        name: str | None = None,
        primary_key: bool = False,
        max_length: int | None = None,
        unique: bool = False,
        blank: bool = False,
        null: bool = False,
        db_index: bool = False,
        default: Any = NOT_PROVIDED,
        db_default: Any = NOT_PROVIDED,
        editable: bool = True,
        serialize: bool = True,
        unique_for_date: str | None = None,
        unique_for_month: str | None = None,
        unique_for_year: str | None = None,
        choices: Any = None,
        help_text: str = "",
        db_column: str | None = None,
        db_comment: str | None = None,
        auto_created: bool = False,
        validators: Iterable[Callable[[Any], None]] = (),
        error_messages: dict[str, str] | None = None,
    ) -> None:
        global _counter
        _counter += 1
        self.creation_counter = _counter
        self.verbose_name = verbose_name
        self.name = name or ""
        self.primary_key = primary_key
        self.max_length = max_length
        self._unique = unique
        self.blank = blank
        self.null = null
        self.db_index = db_index
        self.default = default
        self.db_default = db_default
        self.editable = editable
        self.serialize = serialize
        self.unique_for_date = unique_for_date
        self.unique_for_month = unique_for_month
        self.unique_for_year = unique_for_year
        self.choices = normalise_choices(choices)
        self.help_text = help_text
        self.db_column = db_column
        self.db_comment = db_comment
        self.auto_created = auto_created
        if not isinstance(validators, Iterable):
            raise ConfigurationError(
                f"validators are a value of type '{type(validators).__name__}'",
                hint="Write validators=[function, ...].",
            )
        self.extra_validators = list(validators)
        self.error_messages = self._collect_messages(error_messages)

    @classmethod
    def _collect_messages(cls, given: dict[str, str] | None) -> dict[str, str]:
        messages: dict[str, str] = {}
        for one in reversed(cls.__mro__):
            messages.update(vars(one).get("default_error_messages", {}))
        return {**messages, **(given or {})}

    # Binding to a model

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Become the field ``name`` of a model; called by the metaclass."""
        self.set_attributes_from_name(name)
        self.model = cls
        cls._meta.add_field(self)

    def set_attributes_from_name(self, name: str) -> None:
        """Derive attname, column and verbose name from the field's name."""
        if "__" in name or name.endswith("_") or name == "pk":
            raise ConfigurationError(
                f"field name '{name}' cannot be used",
                hint="A field's name must not hold '__', end with '_' or be 'pk'.",
            )
        if not is_spelled(name) or name in ("_meta", "_origin", "_state"):
            raise ConfigurationError(
                f"field name '{name}' cannot be used",
                hint="Give it a name that attributes can have in Python, and the column's as"
                " db_column='...'.",
            )
        self.name = self.name or name
        self.attname, self.column = self.get_attname_column()
        if self.verbose_name is None:
            self.verbose_name = self.name.replace("_", " ")

    def get_attname(self) -> str:
        """The name of the instance's attribute that holds the value."""
        return self.name

    def get_attname_column(self) -> tuple[str, str | None]:
        """The attribute's name and the column's."""
        attname = self.get_attname()
        return attname, self.db_column or attname

    def clone(self) -> Self:
        """Return an unbound copy, for a model that inherits the field from an abstract one."""
        return copy.copy(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return copy.copy(self)

    def __lt__(self, other: Any) -> bool:
        return bool(self.creation_counter < other.creation_counter)

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__qualname__}: {self.name}>"

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.name}" if hasattr(self, "model") else repr(self)

    def __reduce__(self) -> Any:
        if not hasattr(self, "model"):
            return (_unpickle_free, (type(self), self.__dict__.copy()))
        return (_unpickle_bound, (self.model, self.name))

    # The descriptor

    @overload
    def __get__(self, instance: None, owner: type) -> Attribute[T]: ...
    @overload
    def __get__(self, instance: Any, owner: type) -> T: ...
    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self.on_class(owner)
        return instance._load_deferred(self)

    def on_class(self, owner: Any) -> Any:
        """What the field is as an attribute of a class: of a model's, one to make conditions of."""
        return of_class[0](self, owner) if of_class else self

    if TYPE_CHECKING:

        def __set__(self, instance: Any, value: T) -> None: ...

    # The column

    @property
    def storage(self) -> Storage:
        """How the column keeps the values."""
        raise ConfigurationError(
            f"{type(self).__name__} does not say how it is stored",
            hint="Give it a 'storage' property that returns a Storage.",
        )

    @property
    def unique(self) -> bool:
        """Whether no two rows may share a value."""
        return self._unique or (self.primary_key and not self.key_part)

    def get_internal_type(self) -> str:
        """The name of the field's family: for a class of the user's, that of the one it extends."""
        families = (c for c in type(self).__mro__ if c.__module__.startswith("manybase.fields"))
        return next(families, type(self)).__name__

    # Values

    def to_python(self, value: Any) -> Any:
        """Turn input of any spelling into the field's type.

        Raises:
            ValidationError: The value has no such meaning.
        """
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Turn a value into the plain Python value that is kept; fields of users override it."""
        return self.to_python(value)

    def prepare(self, value: Any) -> Any:
        """Return the value as a query or a save passes it on: of the field's type, or None.

        Raises:
            FieldValueError: The value cannot be one of this field.
        """
        if value is None or type(value) in self.plain_types:
            return value
        try:
            return self.get_prep_value(value)
        except (ValidationError, TypeError, ValueError, OverflowError) as error:
            raise self.wrong_value(value) from error

    def prepare_compared(self, value: Any) -> Any:
        """Return a value that the column is compared with; it need not fit into it."""
        return self.prepare(value)

    def plain_condition(self, value: str, give: Callable[[Any], str]) -> str | None:
        """The expression, of a variable, that is true where ``prepare`` returns its value.

        Written into generated functions; None where the type alone says it.

        Args:
            value: The variable's name.
            give: Makes an object known to the function and returns its name there.
        """
        return None

    def wrong_value(self, value: Any) -> FieldValueError:
        """The error for a value of a wrong type; it names the type, never the value."""
        return FieldValueError(
            f"field '{self}' takes {self.describe_values()}, not {type(value).__name__}"
            if type(value) is not str
            else f"field '{self}' takes {self.describe_values()}; the text given is none",
        )

    def describe_values(self) -> str:
        """What the field takes, for error messages: "a whole number"."""
        return f"values of {type(self).__name__}"

    def has_default(self) -> bool:
        """Whether a default is declared in Python."""
        return self.default is not NOT_PROVIDED

    def has_db_default(self) -> bool:
        """Whether the database fills the column when it is left out."""
        return self.db_default is not NOT_PROVIDED

    def get_default(self) -> Any:
        """The value of the field on a new instance."""
        if self.default is not NOT_PROVIDED:
            return self.default() if callable(self.default) else self.default
        if self.has_db_default():
            return DATABASE_DEFAULT
        if not self.empty_strings_allowed or self.null:
            return None
        return ""

    def pre_save(self, instance: Any, add: bool) -> Any:
        """Return the value to write, just before a save; may set it on the instance."""
        return getattr(instance, self.attname)

    @property
    def hooked(self) -> bool:
        """Whether ``pre_save`` may write another value than the instance holds."""
        return type(self).pre_save is not Field.pre_save

    def value_from_object(self, instance: Any) -> Any:
        """The field's value on an instance."""
        return getattr(instance, self.attname)

    def value_to_string(self, instance: Any) -> str:
        """The field's value as text, for fixtures."""
        value = self.value_from_object(instance)
        return "" if value is None else str(value)

    def save_form_data(self, instance: Any, data: Any) -> None:
        """Set the value that a form gives."""
        setattr(instance, self.name, data)

    # Validation

    @property
    def validators(self) -> list[Callable[[Any], None]]:
        """The validators of the family and those given."""
        return [*self.default_validators, *self.extra_validators]

    @property
    def flatchoices(self) -> list[tuple[Any, str]]:
        """Value and label of every choice, groups taken apart."""
        flat: list[tuple[Any, str]] = []
        for value, label in self.choices or ():
            if isinstance(label, (list, tuple)):
                flat.extend((v, str(text)) for v, text in label)
            else:
                flat.append((value, str(label)))
        return flat

    def run_validators(self, value: Any) -> None:
        """Call the validators and raise all that they find."""
        if value in EMPTY_VALUES:
            return
        found: list[ValidationError] = []
        for validate in self.validators:
            try:
                validate(value)
            except ValidationError as error:
                if error.code in self.error_messages:
                    error.message = self.error_messages[error.code]
                found.extend(error.error_list)
        if found:
            raise ValidationError(list(found))

    def validate(self, value: Any, instance: Any) -> None:
        """Check choices, null and blank."""
        if not self.editable:
            return
        if self.choices and value not in EMPTY_VALUES:
            if all(value != choice for choice, _ in self.flatchoices):
                raise self.invalid("invalid_choice", value=value)
            return
        if value is None and not self.null:
            raise self.invalid("null")
        if not self.blank and value in EMPTY_VALUES:
            raise self.invalid("blank")

    def invalid(self, code: str, **params: Any) -> ValidationError:
        """Make the ValidationError of one of the field's messages."""
        return ValidationError(self.error_messages[code], code=code, params=params)

    def clean(self, value: Any, instance: Any) -> Any:
        """Convert and check a value; return what the field would hold."""
        value = self.to_python(value)
        self.validate(value, instance)
        self.run_validators(value)
        return value


class DatabaseDefault:
    """Stands in an instance for a value that the database will fill in."""

    def __repr__(self) -> str:
        return "DATABASE_DEFAULT"

    def __reduce__(self) -> str:
        return "DATABASE_DEFAULT"


DATABASE_DEFAULT = DatabaseDefault()
EMPTY_VALUES: list[Any] = [None, "", [], (), {}]


def _unpickle_bound(model: Any, name: str) -> Any:
    return model._meta.get_field(name)


def _unpickle_free(cls: Any, state: dict[str, Any]) -> Any:
    field = cls.__new__(cls)
    field.__dict__.update(state)
    return field
