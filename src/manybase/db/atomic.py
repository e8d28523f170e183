"""``atomic()``: a block of the program whose work is kept or undone as a whole.

Reads the arguments, in Django's forms and with several databases; the same core is stepped or
awaited.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, TypeVar, cast, overload

from manybase.errors import QueryError
from manybase.runtime import sync
from manybase.runtime.aio import aio
from manybase.runtime.blocks import Block
from manybase.runtime.loops import refuse_in_loop
from manybase.runtime.stepping import run_sync

F = TypeVar("F", bound=Callable[..., Any])


class Atomic:
    """One ``atomic()``, to be entered with ``with``, ``async with`` or as a decorator.

    Args:
        aliases: The databases; none for a bare block.
        savepoint: Whether it can be rolled back alone inside another block.
        durable: Whether it must be the outermost.
        from_test: Whether a test case opens it, so that the program does not see it.
    """

    def __init__(
        self,
        aliases: tuple[str, ...] = (),
        savepoint: bool = True,
        durable: bool = False,
        from_test: bool = False,
    ) -> None:
        self.aliases = aliases
        self.savepoint = savepoint
        self.durable = durable
        self.from_test = from_test
        self._entered: list[Any] = []

    def __enter__(self) -> Block:
        block = Block(
            self.aliases,
            savepoint=self.savepoint,
            durable=self.durable,
            from_test=self.from_test,
        )
        if not sync.begin(block):
            refuse_in_loop(self.aliases[0] if self.aliases else None, "'async with atomic()'")
            run_sync(sync.Entering(block).__aenter__())
        self._entered.append(block)
        return block

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        block = self._entered.pop()
        if kind is not None or not sync.commit(block):
            run_sync(sync.Entering(block).__aexit__(kind, error, trace))

    async def __aenter__(self) -> Block:
        entering = aio.atomic(
            *self.aliases,
            savepoint=self.savepoint,
            durable=self.durable,
            from_test=self.from_test,
        )
        block: Block = await entering.__aenter__()
        self._entered.append(entering)
        return block

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._entered.pop().__aexit__(kind, error, trace)

    def _again(self) -> Atomic:
        return Atomic(self.aliases, self.savepoint, self.durable, self.from_test)

    def __call__(self, function: F) -> F:
        """Run a function inside a block of its own each time that it is called."""
        coroutine = inspect.iscoroutinefunction(function)
        return cast(F, self._around_coroutine(function) if coroutine else self._around(function))

    def _around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapped(*args: Any, **values: Any) -> Any:
            with self._again():
                return function(*args, **values)

        return wrapped

    def _around_coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def wrapped(*args: Any, **values: Any) -> Any:
            async with self._again():
                return await function(*args, **values)

        return wrapped


@overload
def atomic(function: F, /) -> F: ...


@overload
def atomic(
    using: str | Iterable[str] | None = None,
    /,
    *more: str | bool,
    savepoint: bool = True,
    durable: bool = False,
) -> Atomic: ...


@overload
def atomic(
    *, using: str | Iterable[str] | None, savepoint: bool = True, durable: bool = False
) -> Atomic: ...


def atomic(*args: Any, using: Any = None, savepoint: bool = True, durable: bool = False) -> Any:
    """Keep all that is done in a block, or none of it.

    A bare ``atomic()`` belongs to the only database, or to that of its first statement; then a
    statement on another one is refused by name. Blocks inside blocks are savepoints.

    Args:
        args: Aliases, or a list of them; Django's ``savepoint`` and ``durable`` may follow.
        using: The alias, or a list of aliases.
        savepoint: Whether the block can be rolled back alone inside another.
        durable: Whether it must be the outermost.

    Raises:
        UnknownAlias: There is no such database.
        TransactionManagementError: A durable block is not the outermost.

    Example:
        >>> with atomic("eu"):
        ...     book.save()
        >>> async with atomic("eu", "us"):
        ...     await book.asave()
        >>> @atomic
        ... def rename(book, title): ...
    """
    if not args and using is None:
        return Atomic((), savepoint, durable)
    if len(args) == 1 and callable(args[0]):
        return Atomic()(args[0])
    aliases = _aliases(using)
    flags: list[bool] = []
    for one in args:
        if isinstance(one, bool):
            flags.append(one)
        else:
            aliases += _aliases(one)
    if flags:
        savepoint, durable = (*flags, durable)[:2]
    return Atomic(tuple(dict.fromkeys(aliases)), savepoint, durable)


def _aliases(given: Any) -> list[str]:
    if given is None:
        return []
    found = [given] if isinstance(given, str) else given
    if isinstance(found, Iterable):
        names = list(found)
        if all(isinstance(name, str) for name in names):
            return names
    raise QueryError(
        f"atomic() was given {given!r}, which is no alias",
        hint="Type atomic(), atomic('eu') or atomic('eu', 'us').",
    )
