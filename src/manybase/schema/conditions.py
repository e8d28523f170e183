"""Conditions, expressions and defaults of models as SQL text for CREATE TABLE and CREATE INDEX.

The query compiler builds them as for a query; here their parameters become literals, as the
statements that make tables take none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy.sql import visitors

from manybase.dialects.base import Dialect
from manybase.errors import ConfigurationError
from manybase.meta.storage import Storage
from manybase.query.compile.binds import Binder
from manybase.query.compile.ordering import order_terms
from manybase.query.compile.replay import Replay
from manybase.query.compile.terms import Terms
from manybase.query.compile.verbs import replay_shape
from manybase.query.expressions import Expression
from manybase.query.record import record_filter, record_order
from manybase.query.state import Recording


def render_condition(model: Any, condition: Any, dialect: Dialect) -> str:
    """Return a ``Q`` or a boolean expression over the model's own fields as SQL.

    Example:
        >>> render_condition(Book, Q(pages__gt=0), dialect_for("sqlite"))
        'pages > 0'
    """
    recording = record_filter(Recording(model), (condition,), {})
    replay, binder, _ = replay_shape(model, recording.shape, dialect)
    return _text(replay, sqlalchemy.and_(*replay.conditions), recording, binder)


def render_expression(model: Any, expression: Any, dialect: Dialect) -> str:
    """Return an expression over the model's own fields as SQL."""
    recording = record_order(Recording(model), [expression])
    replay, binder, _ = replay_shape(model, recording.shape, dialect)
    assert replay.ordering is not None
    term = Terms(replay.build).node(replay.ordering[0][1])
    return _text(replay, term.sql, recording, binder)


class Part(NamedTuple):
    """A part of an index.

    Args:
        text: What stands in CREATE INDEX: a column, or an expression in parentheses; a direction.
        storage: How its values are kept, where that is known.
        computed: Whether it is more than a column.
    """

    text: str
    storage: Storage | None
    computed: bool

    @property
    def bare(self) -> str:
        """The text without a direction."""
        return self.text.removesuffix(" ASC").removesuffix(" DESC")


def render_parts(model: Any, expressions: Sequence[Any], dialect: Dialect) -> list[Part]:
    """Return expressions with their directions, as the parts of an index."""
    recording = record_order(Recording(model), expressions)
    replay, binder, _ = replay_shape(model, recording.shape, dialect)
    parts = []
    for node in replay.ordering or ():
        inner, descending = (node[1], node[2]) if node[0] == "by" else (("col", node[1]), node[2])
        term = Terms(replay.build).node(inner)
        text = _text(replay, term.sql, recording, binder)
        computed = not text.strip('"`').isidentifier()
        text = f"({text})" if computed else text
        parts.append(Part(f"{text} DESC" if descending else text, term.storage, computed))
    return parts


def render_default(field: Any, dialect: Dialect) -> str:
    """Return a field's ``db_default`` as it stands after DEFAULT."""
    value = field.db_default
    if isinstance(value, Expression):
        recording = record_order(Recording(field.model), [value])
        replay, binder, _ = replay_shape(field.model, recording.shape, dialect)
        (term,) = order_terms(replay)
        text = _text(replay, getattr(term, "element", term), recording, binder)
        return dialect.default(text, expression=True)
    value = field.prepare(value)
    convert = dialect.writer(field.storage)
    if convert is not None and value is not None:
        value = convert.function()(value)
    return dialect.default(dialect.literal(value))


def _text(replay: Replay, clause: Any, recording: Recording, binder: Binder) -> str:
    """Compile without tables' names, each parameter replaced by its value.

    Raises:
        ConfigurationError: The clause reads another table.
    """
    if replay.build.joins or _reads_rows(clause):
        raise ConfigurationError(
            f"a constraint, an index or a generated field of '{recording.model._meta.label}' reads"
            " another table",
            hint="Speak of the model's own fields; a rule over several tables belongs in clean().",
        )

    def literal(element: Any, **_: Any) -> Any:
        if not isinstance(element, sqlalchemy.BindParameter) or element.key not in binder.sources:
            return None
        index, value, converters = binder.sources[element.key]
        if index is not None:
            value = recording.params[index]
        convert = [converter.function() for converter in converters]
        if isinstance(index, slice):
            value = [_through(convert, one) for one in dict.fromkeys(value)]
        else:
            value = _through(convert, value)
        return sqlalchemy.literal_column(binder.dialect.literal(value))

    plain: Any = visitors.replacement_traverse(clause, {}, literal)
    compiled = plain.compile(
        dialect=binder.dialect.ddl, compile_kwargs={"include_table": False, "literal_binds": True}
    )
    return " ".join(str(compiled).split("\n"))


def _through(convert: list[Callable[[Any], Any]], value: Any) -> Any:
    for step in convert:
        value = step(value)
    return value


def _reads_rows(clause: Any) -> bool:
    """Whether a query stands inside a clause."""
    return any(isinstance(part, sqlalchemy.Select) for part in visitors.iterate(clause))
