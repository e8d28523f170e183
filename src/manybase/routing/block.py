"""The blocks that a program is inside of: ``using(alias)``, and its open transactions.

Context variables only, so threads and tasks do not disturb each other. ``decision`` reads them;
``runtime`` pushes and pops the transactions of the program (never those of a test case).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, TypeVar, cast

from manybase.routing.topology import topology

F = TypeVar("F", bound=Callable[..., Any])

_block: ContextVar[str | None] = ContextVar("manybase_using", default=None)

#: Aliases of the transactions that the program has open, outermost first.
open_blocks: ContextVar[tuple[str, ...]] = ContextVar("manybase_open_blocks", default=())

current_block: Callable[[], str | None] = _block.get
"""The alias of the innermost ``using()`` block, or None outside of any."""


class using:
    """Send what names no database to this one, inside a ``with`` block.

    Objects keep the place that they were loaded from when they leave the block. Works as a
    decorator and with ``async with`` too.

    Args:
        alias: The database's alias.

    Raises:
        UnknownAlias: No such database; the aliases there are are listed.

    Example:
        >>> with manybase.using("eu"):
        ...     book = Book.objects.get(title="Emma")
        >>> book.save()  # on "eu"
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._tokens: list[Token[str | None]] = []
        topology().check(alias)

    def __enter__(self) -> str:
        self._tokens.append(_block.set(topology().check(self.alias)))
        return self.alias

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _block.reset(self._tokens.pop())

    async def __aenter__(self) -> str:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, trace)

    def __call__(self, function: F) -> F:
        """Run a function inside the block each time that it is called."""
        alias = self.alias
        if inspect.iscoroutinefunction(function):
            return cast(F, _around_coroutine(alias, function))
        return cast(F, _around(alias, function))


def _around(alias: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with using(alias):
            return function(*args, **kwargs)

    return wrapped


def _around_coroutine(alias: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        with using(alias):
            return await function(*args, **kwargs)

    return wrapped
