"""The transforms that are built in: parts of dates and times, registered on their fields.

Imported by ``query.recorder``, so that they are there before the first name is met.
"""

from __future__ import annotations

from typing import Any, ClassVar

from manybase.fields import DateField, DateTimeField, TimeField
from manybase.meta.lookups import on_change
from manybase.meta.storage import Storage
from manybase.query.lookups import Transform
from manybase.query.path import TRANSFORMS
from manybase.query.plan import plans


class Part(Transform):
    """A number taken of a date, a time or a datetime."""

    part: ClassVar[str] = ""
    can_be_null = False
    result = Storage("integer", size=4)

    @property
    def options(self) -> Any:
        return self.spelling

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        term = arguments[0]
        return dialect.extract(cls.part, term.sql, term.storage, zone_of(dialect, term.storage))


class DatePart(Part):
    """The date of a datetime."""

    lookup_name = "date"
    result = Storage("date")

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        term = arguments[0]
        return dialect.date_of(term.sql, term.storage, zone_of(dialect, term.storage))


class TimePart(Part):
    """The time of day of a datetime."""

    lookup_name = "time"
    result = Storage("time")

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        term = arguments[0]
        return dialect.time_of(term.sql, term.storage, zone_of(dialect, term.storage))


def zone_of(dialect: Any, storage: Storage) -> str | None:
    """The zone whose clock counts: that of the database, for moments."""
    moment = storage.family == "datetime" and dialect.use_tz
    return str(dialect.tz) if moment else None


def _part(name: str) -> type[Part]:
    given = {"date": DatePart, "time": TimePart}.get(name)
    if given is not None:
        return given
    words = "".join(word.title() for word in name.split("_"))
    about = {"lookup_name": name, "part": name, "__doc__": f"The {name} of it."}
    return type(f"{words}Part", (Part,), {**about, "__module__": __name__})


PARTS = {name: _part(name) for name in sorted(frozenset().union(*TRANSFORMS.values()))}

for _cls, _family in ((DateField, "date"), (DateTimeField, "datetime"), (TimeField, "time")):
    for _name in TRANSFORMS[_family]:
        _cls.register_lookup(PARTS[_name])

on_change.append(plans.clear)
