"""Fields of text: CharField, TextField and the kinds with a format of their own.

Values are ``str``. Nothing here knows how a database spells a text column.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

from manybase.fields.formats import (
    URLValidator,
    validate_email,
    validate_slug,
    validate_unicode_slug,
)
from manybase.fields.scalar import Problem, ScalarField
from manybase.fields.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from typing import Unpack

    from typing_extensions import TypeVar

    from manybase.meta.field import FieldOptions

    S = TypeVar("S", default=str)
else:
    from typing import TypeVar

    S = TypeVar("S")

# What is taken for text by its usual spelling, as numbers in a filter on a text column are.
_SPELLED = (int, float, decimal.Decimal, uuid.UUID, datetime.date, datetime.time)
_no_null_characters = ProhibitNullCharactersValidator()


class AnyText(ScalarField[S]):
    """What short and long text have in common."""

    plain_types: ClassVar[frozenset[type]] = frozenset({str})
    default_error_messages: ClassVar[dict[str, str]] = {"not_text": "Enter text."}

    def __init__(self, *args: Any, db_collation: str | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.db_collation = db_collation

    @property
    def storage(self) -> Storage:
        return Storage("text", size=self.max_length, collation=self.db_collation)

    def describe_values(self) -> str:
        return "text"

    def to_python(self, value: Any) -> Any:
        if value is None or type(value) is str:
            return value
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, _SPELLED) or _is_lazy_text(value):
            return str(value)
        raise self.invalid("not_text")

    @property
    def validators(self) -> list[Callable[[Any], None]]:
        found: list[Callable[[Any], None]] = [*super().validators, _no_null_characters]
        if self.max_length is not None:
            found.append(MaxLengthValidator(self.max_length))
        return found


class CharField(AnyText[S]):
    """Text of one line, as ``str``.

    Args:
        max_length: How many characters the column holds; no limit when None.
        db_collation: The name of the column's collation.

    Example:
        >>> title = models.CharField(max_length=100)
    """

    @overload
    def __init__(
        self: CharField[str],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        db_collation: str | None = None,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: CharField[str | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        db_collation: str | None = None,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)

    def option_problems(self) -> Iterator[Problem]:
        yield from super().option_problems()
        longest = max((len(str(value)) for value, _ in self.flatchoices), default=0)
        if self.max_length is not None and longest > self.max_length:
            yield (
                f"has a choice of {longest} characters and a max_length of {self.max_length}",
                f"Write max_length={longest} or more.",
            )


class TextField(AnyText[S]):
    """Text of any length, as ``str``; ``max_length`` is only checked by ``full_clean()``.

    Example:
        >>> body = models.TextField(blank=True)
    """

    @overload
    def __init__(
        self: TextField[str],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        db_collation: str | None = None,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: TextField[str | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        db_collation: str | None = None,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)

    @property
    def storage(self) -> Storage:
        return Storage("text", collation=self.db_collation)


# The kinds below hide their own constructors from the type checkers: what they pass on to
# CharField fits neither of the two forms that programs write.


class EmailField(CharField[S]):
    """A mail address, as ``str`` of up to 254 characters."""

    default_validators: ClassVar[Sequence[Callable[[Any], None]]] = (validate_email,)

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: EmailField[str],
            verbose_name: str | None = None,
            *,
            null: Literal[False] = False,
            **options: Unpack[FieldOptions],
        ) -> None: ...
        @overload
        def __init__(
            self: EmailField[str | None],
            verbose_name: str | None = None,
            *,
            null: Literal[True],
            **options: Unpack[FieldOptions],
        ) -> None: ...
        def __init__(self, *args: Any, **options: Any) -> None: ...

    else:

        def __init__(self, *args, max_length=254, **options):
            super().__init__(*args, max_length=max_length, **options)


class URLField(CharField[S]):
    """A URL, as ``str`` of up to 200 characters."""

    default_validators: ClassVar[Sequence[Callable[[Any], None]]] = (URLValidator(),)

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: URLField[str],
            verbose_name: str | None = None,
            *,
            null: Literal[False] = False,
            **options: Unpack[FieldOptions],
        ) -> None: ...
        @overload
        def __init__(
            self: URLField[str | None],
            verbose_name: str | None = None,
            *,
            null: Literal[True],
            **options: Unpack[FieldOptions],
        ) -> None: ...
        def __init__(self, *args: Any, **options: Any) -> None: ...

    else:

        def __init__(self, *args, max_length=200, **options):
            super().__init__(*args, max_length=max_length, **options)


class SlugField(CharField[S]):
    """A short word for URLs, as ``str``: letters, digits, hyphens, underscores; indexed.

    Args:
        allow_unicode: Whether letters beyond ASCII are valid.
    """

    allow_unicode: bool

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: SlugField[str],
            verbose_name: str | None = None,
            *,
            null: Literal[False] = False,
            allow_unicode: bool = False,
            **options: Unpack[FieldOptions],
        ) -> None: ...
        @overload
        def __init__(
            self: SlugField[str | None],
            verbose_name: str | None = None,
            *,
            null: Literal[True],
            allow_unicode: bool = False,
            **options: Unpack[FieldOptions],
        ) -> None: ...
        def __init__(self, *args: Any, **options: Any) -> None: ...

    else:

        def __init__(
            self,
            *args,
            max_length=50,
            db_index=True,
            allow_unicode=False,
            **options,
        ):
            super().__init__(*args, max_length=max_length, db_index=db_index, **options)
            self.allow_unicode = allow_unicode

    @property
    def validators(self) -> list[Callable[[Any], None]]:
        return [*super().validators, validate_unicode_slug if self.allow_unicode else validate_slug]


def _is_lazy_text(value: Any) -> bool:
    """Whether it is a translated text that is looked up when it is shown."""
    return hasattr(value, "__html__") or type(value).__name__ in ("__proxy__", "LazyString")
