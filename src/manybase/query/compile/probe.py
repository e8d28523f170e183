"""What conditions and expressions come to for given values, without a row: ``SELECT lower(?)``.

The plan behind ``ops.probe``: columns of the model become parameters of the columns' types.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from manybase.dialects.base import Dialect
from manybase.query.code import Column, hydrate_values
from manybase.query.compile.binds import Binder, Param
from manybase.query.compile.columns import Columns, converters
from manybase.query.compile.verbs import replay_shape
from manybase.query.plan import Plan


def compile_probe(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan that gives 1, 0 or None for the conditions, then the values that are named.

    Its parameters are those of the recording, then the values of the fields.
    """
    fields, recorded = shape
    replay, binder, count = replay_shape(model, recorded, dialect)
    found: list[Any] = []
    columns: list[Column] = []
    if replay.conditions:
        holds = sa.and_(*replay.conditions)
        one: Any = sa.literal_column("1")
        zero: Any = sa.literal_column("0")
        found.append(sa.case((holds, one), (sa.not_(holds), zero)))
        columns.append(Column("holds", []))
    if replay.values is not None:
        chosen = Columns(replay)
        terms = [chosen.terms.node(node) for _, node in replay.values]
        found.extend(term.sql for term in terms)
        columns.extend(Column("value", converters(dialect, term)) for term in terms)
    values = _Values(replay.build.root.table, fields, binder, count)
    select = sa.select(*[values.put_into(clause) for clause in found])
    sql, bind = binder.finish(select, count + len(fields))
    return Plan(model, sql, bind, hydrate_values(columns, "tuple", len(columns)))


class _Values:
    """Puts parameters in the places of a table's columns; inner querysets keep theirs."""

    def __init__(self, table: Any, fields: tuple[Any, ...], binder: Binder, first: int) -> None:
        self.table = table
        self.fields = {field.column: (field, first + i) for i, field in enumerate(fields)}
        self.binder = binder

    def put_into(self, clause: Any) -> Any:
        """Return the clause without columns."""
        replaced: Any = visitors.replacement_traverse(clause, {}, self._replace)
        return replaced

    def _replace(self, element: Any, **_: Any) -> Any:
        if not isinstance(element, sa.ColumnClause) or element.table is not self.table:
            return None
        field, place = self.fields[element.name]
        dialect = self.binder.dialect
        bound = self.binder.param(Param(place), dialect.writer(field.storage))
        return dialect.typed(bound, field.storage)
