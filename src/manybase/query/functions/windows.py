"""Functions over windows: each row's value worked out from the rows around it.

``Window`` says which rows those are: a partition, an order, a frame. Aggregates go over windows,
and the ranking and neighbour functions that are here.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from manybase.errors import FieldError, QueryError
from manybase.meta.storage import Storage
from manybase.query.aggregates import Aggregate
from manybase.query.expressions import Expression, F, Node
from manybase.query.func import Func, plain_number
from manybase.query.functions.aggregates import order_nodes
from manybase.query.kinds import holds_aggregate

if TYPE_CHECKING:
    from manybase.query.recorder import Recorder

NUMBER = Storage("integer", size=8)
FLOAT = Storage("float")


class WindowFrameExclusion(enum.Enum):
    """Rows near the current one that a frame leaves out."""

    CURRENT_ROW = "CURRENT ROW"
    GROUP = "GROUP"
    TIES = "TIES"
    NO_OTHERS = "NO OTHERS"


class Frame(NamedTuple):
    """A frame as a part of a shape."""

    kind: str
    start: int | None
    end: int | None
    exclusion: str | None


class WindowFrame:
    """The rows of a partition that count for a row; use ``RowRange`` or ``ValueRange``.

    Args:
        start: Where it begins: below zero before the row, 0 at it, None at the first.
        end: Where it ends: above zero after the row, 0 at it, None at the last.
        exclusion: Which rows near the current one are left out.

    Raises:
        QueryError: The bounds are no whole numbers, or the end lies before the start.
    """

    kind: ClassVar[str]

    def __init__(
        self,
        start: int | None = None,
        end: int | None = None,
        exclusion: WindowFrameExclusion | None = None,
    ) -> None:
        bounds: tuple[tuple[str, Any], ...] = (("start", start), ("end", end))
        for name, bound in bounds:
            if bound is not None and (not isinstance(bound, int) or isinstance(bound, bool)):
                raise QueryError(
                    f"'{name}' of {type(self).__name__}() must be a whole number or None,"
                    f" not {type(bound).__name__}"
                )
        if start is not None and end is not None and end < start:
            raise QueryError(f"{type(self).__name__}() ends before it begins")
        if exclusion is not None and not isinstance(exclusion, WindowFrameExclusion):
            raise QueryError(
                "'exclusion' of a frame must be a WindowFrameExclusion",
                hint="Write exclusion=WindowFrameExclusion.CURRENT_ROW.",
            )
        self.start, self.end, self.exclusion = start, end, exclusion

    def key(self) -> Frame:
        """The frame as a part of a shape."""
        left_out = None if self.exclusion is None else self.exclusion.value
        return Frame(self.kind, self.start, self.end, left_out)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.start!r}, {self.end!r})"


class RowRange(WindowFrame):
    """A frame that counts rows: ``RowRange(-1, 1)`` is the row with both neighbours."""

    kind = "rows"


class ValueRange(WindowFrame):
    """A frame of rows whose ordered value is near: ``ValueRange(-10, 0)``."""

    kind = "range_"


class Window(Expression):
    """A function over the rows around each row.

    >>> Book.objects.annotate(
    ...     place=Window(Rank(), partition_by="editor", order_by=F("pages").desc())
    ... )

    Args:
        expression: An aggregate, or one of the functions of windows.
        partition_by: Rows that agree in these names or expressions belong together.
        order_by: What the rows of a partition are ordered by: names, expressions, or a list.
        frame: Which of the partition's rows count; see ``RowRange`` and ``ValueRange``.
        output_field: The field that the result is one of, where that is not clear.

    Raises:
        QueryError: The expression cannot go over a window.
    """

    def __init__(
        self,
        expression: Any,
        partition_by: Any = None,
        order_by: Any = None,
        frame: WindowFrame | None = None,
        output_field: Any = None,
    ) -> None:
        over = isinstance(expression, (Aggregate, WindowFunction))
        if not over or not getattr(expression, "in_windows", True):
            raise QueryError(
                f"{type(expression).__name__} cannot go over a window",
                hint="Window() takes aggregates such as Sum, and functions such as Rank.",
            )
        if getattr(expression, "distinct", False):
            raise QueryError("an aggregate over a window cannot be distinct")
        if frame is not None and not isinstance(frame, WindowFrame):
            raise QueryError("'frame' of Window() must be a RowRange or a ValueRange")
        self.expression = expression
        listed = partition_by if isinstance(partition_by, (list, tuple)) else [partition_by]
        self.partition_by = [_part(one) for one in listed if one is not None]
        self.order_by = order_nodes("Window", order_by)
        self.frame = frame
        self.output_field = output_field

    def node(self, recorder: Recorder) -> Node:
        if isinstance(self.expression, WindowFunction):
            inner = self.expression.window_node(recorder)
        else:
            inner = self._aggregate(recorder)
        parts = tuple(part.node(recorder) for part in self.partition_by)
        order = tuple(by.node(recorder) for by in self.order_by)
        if any(recorder.is_window(node) for node in (inner, *parts, *order)):
            raise FieldError(
                "a function of a window cannot go over another one",
                hint="Use the first queryset as a Subquery of the second.",
            )
        over = inner[4] if isinstance(self.expression, WindowFunction) else ()
        if any(holds_aggregate(node) for node in (*over, *parts, *order)):
            raise FieldError(
                "a window goes over aggregates that have names",
                hint="Write .annotate(n=Count(...)).annotate(place=Window(..., order_by='-n')).",
            )
        kept = inner[2] if self.output_field is None else self.output_field.storage
        frame = None if self.frame is None else self.frame.key()
        return ("window", kept, inner, parts, order, frame)

    def _aggregate(self, recorder: Recorder) -> Node:
        """Write an aggregate; over grouped rows it may go over an aggregate of the groups."""
        before, recorder.over_rows = recorder.over_rows, True
        try:
            node: Node = self.expression.node(recorder)
        finally:
            recorder.over_rows = before
        return node

    def __repr__(self) -> str:
        return f"Window({self.expression!r})"


def _part(given: Any) -> Expression:
    if isinstance(given, str):
        return F(given)
    if isinstance(given, Expression):
        return given
    raise QueryError(
        f"'partition_by' of Window() takes names and expressions, not {type(given).__name__}"
    )


class WindowFunction(Func):
    """The base of functions that stand in ``Window`` alone."""

    def node(self, recorder: Recorder) -> Node:
        raise QueryError(
            f"{type(self).__name__}() stands in a window",
            hint=f"Write Window({type(self).__name__}(...), order_by=...).",
        )

    def window_node(self, recorder: Recorder) -> Node:
        """Write the shape; ``Window`` asks for it."""
        return super().node(recorder)


class _Ranking(WindowFunction):
    arity = 0
    result: ClassVar[Storage | None] = NUMBER


class RowNumber(_Ranking):
    """The number of the row, from 1."""

    spelled = "row_number"


class Rank(_Ranking):
    """The place of the row; equal rows share it, and the next ones are skipped."""

    spelled = "rank"


class DenseRank(_Ranking):
    """The place of the row; equal rows share it, and none is skipped."""

    spelled = "dense_rank"


class PercentRank(_Ranking):
    """The place of the row between 0 and 1."""

    spelled = "percent_rank"
    result = FLOAT


class CumeDist(_Ranking):
    """The share of rows up to this one, above 0 up to 1."""

    spelled = "cume_dist"
    result = FLOAT


class Ntile(WindowFunction):
    """The number of the bucket, when rows are dealt into so many of equal size.

    Args:
        num_buckets: How many.
    """

    spelled = "ntile"
    arity = 1
    takes = ("integer",)
    result = NUMBER

    def __init__(self, num_buckets: int = 1, *, output_field: Any = None) -> None:
        number = plain_number("Ntile", "num_buckets", num_buckets, 1)
        super().__init__(number, output_field=output_field)


class FirstValue(WindowFunction):
    """The value in the first row of the frame."""

    spelled = "first_value"
    arity = 1


class LastValue(WindowFunction):
    """The value in the last row of the frame."""

    spelled = "last_value"
    arity = 1


class NthValue(WindowFunction):
    """The value in a row of the frame; null where there are not so many.

    Args:
        expression: A field's name or an expression.
        nth: Which row, from 1.
    """

    spelled = "nth_value"
    takes = ("any", "integer")

    def __init__(self, expression: Any, nth: int = 1, *, output_field: Any = None) -> None:
        number = plain_number("NthValue", "nth", nth, 1)
        super().__init__(expression, number, output_field=output_field)

    def result_of(self, arguments: list[Storage | None]) -> Storage | None:
        return arguments[0]


class Lag(WindowFunction):
    """The value of a row before this one.

    Args:
        expression: A field's name or an expression.
        offset: How many rows before; at least 1.
        default: The value where there is no such row; null when left out.
    """

    spelled: ClassVar[str] = "lag"
    takes = ("any", "integer", "any")

    def __init__(
        self, expression: Any, offset: int = 1, default: Any = None, *, output_field: Any = None
    ) -> None:
        number = plain_number(type(self).__name__, "offset", offset, 1)
        rest = () if default is None else (default,)
        super().__init__(expression, number, *rest, output_field=output_field)

    def result_of(self, arguments: list[Storage | None]) -> Storage | None:
        return arguments[0]


class Lead(Lag):
    """The value of a row after this one; see ``Lag``."""

    spelled = "lead"
