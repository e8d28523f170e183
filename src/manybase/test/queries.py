"""The statements that a block of a test sends, kept or counted.

Observes through ``runtime.events``; transactions' own commands are not counted.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from manybase.runtime.events import Captured, Event, capture


class CaptureQueriesContext:
    """Keep the statements of a block, of one database or of all.

    Args:
        connection: An alias, or an entry of ``connections``; all databases when None.

    Example:
        >>> with CaptureQueriesContext("default") as queries:
        ...     Book.objects.count()
        >>> len(queries)
        1
    """

    def __init__(self, connection: Any = None) -> None:
        self.alias: str | None = getattr(connection, "alias", connection)
        self._found: Captured | None = None

    def __enter__(self) -> Self:
        self._block = capture(self.alias)
        self._found = self._block.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._block.__exit__(kind, error, trace)

    @property
    def captured_queries(self) -> list[Event]:
        """The statements so far."""
        return list(self._found or ())

    def __iter__(self) -> Any:
        return iter(self.captured_queries)

    def __getitem__(self, index: int) -> Event:
        return self.captured_queries[index]

    def __len__(self) -> int:
        return len(self.captured_queries)


class AssertNumQueries(CaptureQueriesContext):
    """Fail a test unless a block sends so many statements; see ``assertNumQueries``."""

    def __init__(self, test_case: Any, expected: int, connection: Any = None) -> None:
        super().__init__(connection)
        self.test_case = test_case
        self.expected = expected

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        if kind is not None or len(self) == self.expected:
            return
        lines = [f"{number}. ({event.alias}) {event.sql}" for number, event in enumerate(self, 1)]
        where = f" on '{self.alias}'" if self.alias else ""
        self.test_case.fail(
            f"{len(self)} queries executed{where}, {self.expected} expected\n"
            "Captured queries were:\n" + "\n".join(lines)
        )
