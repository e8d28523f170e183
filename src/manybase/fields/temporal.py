"""Fields of dates, times, moments and spans.

Values are ``datetime.date``, ``time``, ``datetime`` and ``timedelta``; with ``USE_TZ`` a datetime
is always aware. ISO texts are understood; the databases' own spellings are the dialects' affair.
"""

from __future__ import annotations

import datetime
import enum
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

from manybase.conf import settings
from manybase.fields import timezones
from manybase.fields.scalar import Problem, ScalarField
from manybase.fields.spans import duration_text, parse_duration
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from typing import Unpack

    from typing_extensions import TypeVar

    from manybase.meta.field import FieldOptions

    Day = TypeVar("Day", default=datetime.date)
    Clock = TypeVar("Clock", default=datetime.time)
    Moment = TypeVar("Moment", default=datetime.datetime)
    Span = TypeVar("Span", default=datetime.timedelta)
    V = TypeVar("V")
else:
    from typing import TypeVar

    Day = TypeVar("Day")
    Clock = TypeVar("Clock")
    Moment = TypeVar("Moment")
    Span = TypeVar("Span")
    V = TypeVar("V")


class _Stamped(ScalarField[V]):
    """What the fields that can be set to the present have in common."""

    empty_strings_allowed: ClassVar[bool] = False
    auto_now = False
    auto_now_add = False

    def present(self) -> Any:
        """The present, as a value of the field."""
        raise NotImplementedError(type(self).__name__)

    @property
    def hooked(self) -> bool:
        return self.auto_now or self.auto_now_add

    def pre_save(self, instance: Any, add: bool) -> Any:
        if self.auto_now or (self.auto_now_add and add):
            value = self.present()
            setattr(instance, self.attname, value)
            return value
        return super().pre_save(instance, add)

    def value_to_string(self, instance: Any) -> str:
        value = self.value_from_object(instance)
        return "" if value is None else str(value.isoformat())

    def default_fits(self, default: Any) -> bool:
        kinds = (datetime.date, datetime.time)  # their conversion may ask the settings
        return isinstance(default, kinds) or super().default_fits(default)

    def option_problems(self) -> Iterator[Problem]:
        given = {
            "auto_now": self.auto_now,
            "auto_now_add": self.auto_now_add,
            "default": self.has_default(),
        }
        named = [name for name, used in given.items() if used]
        if len(named) > 1:
            yield (
                f"has {' and '.join(named)}, which exclude each other",
                f"Keep one of {', '.join(named)}.",
            )
        yield from super().option_problems()


class DateField(_Stamped[Day]):
    """A day, as ``datetime.date``.

    Args:
        auto_now: Set to the present day at every save.
        auto_now_add: Set to the present day when the row is made.

    Example:
        >>> published = models.DateField(null=True)
    """

    plain_types: ClassVar[frozenset[type]] = frozenset({datetime.date})
    default_error_messages: ClassVar[dict[str, str]] = {
        "invalid": "“%(value)s” value has an invalid date format. It must be in YYYY-MM-DD format.",
        "invalid_date": "“%(value)s” value has the correct format (YYYY-MM-DD) but it is an invalid"
        " date.",
    }

    @overload
    def __init__(
        self: DateField[datetime.date],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        auto_now: bool = False,
        auto_now_add: bool = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: DateField[datetime.date | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        auto_now: bool = False,
        auto_now_add: bool = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(
        self, *args: Any, auto_now: bool = False, auto_now_add: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **_fixed(options, auto_now or auto_now_add))
        self.auto_now = auto_now
        self.auto_now_add = auto_now_add

    @property
    def storage(self) -> Storage:
        return Storage("date")

    def describe_values(self) -> str:
        return "a date (datetime.date or 'YYYY-MM-DD')"

    def present(self) -> datetime.date:
        return timezones.today()

    def to_python(self, value: Any) -> Any:
        if value is None or type(value) is datetime.date:
            return value
        if isinstance(value, datetime.datetime):
            if settings.USE_TZ and timezones.is_aware(value):
                value = timezones.make_naive(value)
            return value.date()
        if isinstance(value, datetime.date):
            return datetime.date(value.year, value.month, value.day)
        return _parsed(self, datetime.date, value, "invalid_date")


class TimeField(_Stamped[Clock]):
    """A time of day, as a naive ``datetime.time``.

    Args:
        auto_now: Set to the present time at every save.
        auto_now_add: Set to the present time when the row is made.
    """

    default_error_messages: ClassVar[dict[str, str]] = {
        "invalid": "“%(value)s” value has an invalid format. It must be in"
        " HH:MM[:ss[.uuuuuu]] format.",
        "invalid_time": "“%(value)s” value has the correct format (HH:MM[:ss[.uuuuuu]]) but it is"
        " an invalid time.",
    }

    @overload
    def __init__(
        self: TimeField[datetime.time],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        auto_now: bool = False,
        auto_now_add: bool = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: TimeField[datetime.time | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        auto_now: bool = False,
        auto_now_add: bool = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(
        self, *args: Any, auto_now: bool = False, auto_now_add: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **_fixed(options, auto_now or auto_now_add))
        self.auto_now = auto_now
        self.auto_now_add = auto_now_add

    @property
    def storage(self) -> Storage:
        return Storage("time")

    def describe_values(self) -> str:
        return "a time without a zone (datetime.time or 'HH:MM[:ss]')"

    def present(self) -> datetime.time:
        return datetime.datetime.now(timezones.current_zone()).time()

    def to_python(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, datetime.datetime):
            return value.time()
        if not isinstance(value, datetime.time):
            value = _parsed(self, datetime.time, value, "invalid_time")
        if value.tzinfo is not None:
            raise self.invalid("invalid", value=value)
        return value


class DateTimeField(_Stamped[Moment]):
    """A moment, as ``datetime.datetime``: aware with ``USE_TZ``, else naive.

    Args:
        auto_now: Set to the present at every save.
        auto_now_add: Set to the present when the row is made.

    Example:
        >>> created = models.DateTimeField(auto_now_add=True)
    """

    default_error_messages: ClassVar[dict[str, str]] = {
        "invalid": "“%(value)s” value has an invalid format. It must be in"
        " YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format.",
        "invalid_date": "“%(value)s” value has the correct format (YYYY-MM-DD) but it is an invalid"
        " date.",
        "invalid_datetime": "“%(value)s” value has the correct format"
        " (YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]) but it is an invalid date/time.",
    }

    @overload
    def __init__(
        self: DateTimeField[datetime.datetime],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        auto_now: bool = False,
        auto_now_add: bool = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: DateTimeField[datetime.datetime | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        auto_now: bool = False,
        auto_now_add: bool = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(
        self, *args: Any, auto_now: bool = False, auto_now_add: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **_fixed(options, auto_now or auto_now_add))
        self.auto_now = auto_now
        self.auto_now_add = auto_now_add

    @property
    def storage(self) -> Storage:
        return Storage("datetime")

    def describe_values(self) -> str:
        return "a moment (datetime.datetime or 'YYYY-MM-DD HH:MM[:ss]')"

    def present(self) -> datetime.datetime:
        return timezones.now()

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, datetime.datetime):
            return value
        if isinstance(value, datetime.date):
            value = datetime.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - below
            return timezones.make_aware(value) if settings.USE_TZ else value
        return _parsed(self, datetime.datetime, value, "invalid_datetime")

    def get_prep_value(self, value: Any) -> Any:
        given = isinstance(value, datetime.datetime)
        value = super().get_prep_value(value)
        if value is None or timezones.is_aware(value) is settings.USE_TZ:
            return value
        if not settings.USE_TZ:
            return timezones.make_naive(value)
        if given:
            warnings.warn(
                f"field '{self}' received a naive datetime while USE_TZ is on; it is taken to be in"
                " the zone of TIME_ZONE",
                RuntimeWarning,
                stacklevel=3,
            )
        return timezones.make_aware(value)


class DurationField(ScalarField[Span]):
    """A span of time, as ``datetime.timedelta``."""

    plain_types: ClassVar[frozenset[type]] = frozenset({datetime.timedelta})
    empty_strings_allowed: ClassVar[bool] = False
    default_error_messages: ClassVar[dict[str, str]] = {
        "invalid": "“%(value)s” value has an invalid format. It must be in"
        " [DD] [[HH:]MM:]ss[.uuuuuu] format.",
    }

    @overload
    def __init__(
        self: DurationField[datetime.timedelta],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: DurationField[datetime.timedelta | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)

    @property
    def storage(self) -> Storage:
        return Storage("duration")

    def describe_values(self) -> str:
        return "a span of time (datetime.timedelta or '[DD] [HH:]MM:ss')"

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, datetime.timedelta):
            return value
        try:
            found = parse_duration(value) if isinstance(value, str) else None
        except OverflowError:
            found = None
        if found is None:
            raise self.invalid("invalid", value=value)
        return found

    def value_to_string(self, instance: Any) -> str:
        value = self.value_from_object(instance)
        return "" if value is None else duration_text(value)


def _fixed(options: dict[str, Any], automatic: bool) -> dict[str, Any]:
    """Return the options of a field, made uneditable where it is set automatically."""
    return {**options, "editable": False, "blank": True} if automatic else options


def _parsed(field: ScalarField[Any], kind: Any, value: Any, impossible: str) -> Any:
    """Read an ISO text; the error tells a wrong form from an impossible value."""
    if isinstance(value, enum.Enum):
        return field.to_python(value.value)
    if not isinstance(value, str):
        raise field.invalid("invalid", value=value)
    try:
        return kind.fromisoformat(value.strip())
    except ValueError as error:
        wrong_form = "isoformat" in str(error)
        raise field.invalid("invalid" if wrong_form else impossible, value=value) from None
