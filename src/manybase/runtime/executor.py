"""What the core may wait for: the protocol that both faces implement.

Coroutines in ``ops``, ``fixtures`` and ``migrations`` are given an ``Executor`` and await nothing
else. ``runtime.sync`` and ``runtime.aio`` implement it; tests may use a fake.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect
    from manybase.meta.signals import Signal
    from manybase.query.plan import Hydrate, Plan

Row = tuple[Any, ...]


class Statement(Protocol):
    """A plan as the runtime sees it: a text, and how its parameters are ordered."""

    @property
    def sql(self) -> str:
        """The text in the driver's own placeholders."""
        raise NotImplementedError

    @property
    def bind(self) -> Any:
        """A function from the values of one call to the driver's parameters.

        Typed ``Any`` because pyright takes a function that stands in a slot for a method.
        """
        raise NotImplementedError


class RawResult(NamedTuple):
    """What a statement written by the user answered.

    Args:
        columns: The names of the columns; empty where it returns no rows.
        rows: The rows as the driver gives them.
        rowcount: How many rows were changed or found; -1 where the driver does not say.
        lastrowid: The key that the database chose for an inserted row, where the driver says.
    """

    columns: tuple[str, ...]
    rows: list[Row]
    rowcount: int
    lastrowid: Any = None


class RowParts(Protocol):
    """Rows that come in lists, and may be left before their end."""

    def __aiter__(self) -> AsyncIterator[list[Row]]:
        raise NotImplementedError

    def __anext__(self) -> Awaitable[list[Row]]:
        raise NotImplementedError

    def aclose(self) -> Awaitable[None]:
        """Want no more."""
        raise NotImplementedError


class Executor(Protocol):
    """The one thing that coroutines of the core wait for."""

    face: Literal["sync", "async"]

    async def dialect(self, alias: str) -> Dialect:
        """What the database behind an alias can do; connects the first time."""
        raise NotImplementedError

    async def fetch(self, alias: str, plan: Statement, params: Any) -> list[Row]:
        """Run a plan that returns rows and return all of them."""
        raise NotImplementedError

    async def read(
        self, alias: str, plan: Plan, params: Any, hydrate: Hydrate | None = None
    ) -> list[Any]:
        """Run a plan that returns rows and return what is made of them, part by part.

        Args:
            alias: The database.
            plan: The plan.
            params: The values of the call.
            hydrate: Makes something else of each part than the plan does.
        """
        raise NotImplementedError

    async def execute(self, alias: str, plan: Statement, params: Any) -> int:
        """Run a plan that returns no rows and return how many it changed."""
        raise NotImplementedError

    async def insert(self, alias: str, plan: Statement, params: Any) -> list[Row]:
        """Run an insert; return its RETURNING rows, or one row with the last key."""
        raise NotImplementedError

    async def execute_many(self, alias: str, plan: Statement, rows: Sequence[Any]) -> int:
        """Run a plan once for each row of parameters; return how many rows it changed."""
        raise NotImplementedError

    def stream(self, alias: str, plan: Statement, params: Any, size: int = 2000) -> RowParts:
        """Run a plan and give its rows in lists of at most ``size``, in bounded memory."""
        raise NotImplementedError

    def atomic(
        self,
        *aliases: str,
        savepoint: bool = True,
        durable: bool = False,
        from_test: bool = False,
    ) -> AbstractAsyncContextManager[Any]:
        """Open one block over the given databases."""
        raise NotImplementedError

    def in_block(self, alias: str) -> bool:
        """Whether a block is open on the database: a failed statement will undo its work."""
        raise NotImplementedError

    async def raw(self, alias: str, sql: str, params: Any = ()) -> RawResult:
        """Run SQL written by the user, with the placeholders that users write."""
        raise NotImplementedError

    async def script(self, alias: str, statements: Sequence[str]) -> None:
        """Run statements without parameters one after the other."""

    async def gather(self, works: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
        """Run coroutines side by side where the face can; return their results in order."""
        raise NotImplementedError

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    async def call(self, target: Any, name: str, /, *args: Any, **values: Any) -> Any:
        """Call ``target.name()``, or await its ``a`` twin on the asynchronous face."""
        raise NotImplementedError

    async def send(self, signal: Signal, sender: Any, **values: Any) -> list[Any]:
        """Send a signal; asynchronous receivers are awaited on the asynchronous face."""
        raise NotImplementedError
