"""The synchronous face of the runtime: plain functions, and the executor made of them.

A known statement is one look into the thread's quick cursors, ``execute`` and ``fetchall``: no
SQLAlchemy, no allocation of its own. Everything else (blocks, guards, listeners, a lost connection)
lives on the slow path in ``threads``. Called by ``models``, ``db`` and everything that steps the
core.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from manybase.query.collector import paused
from manybase.routing.topology import topology
from manybase.runtime import engines
from manybase.runtime.beyond import again
from manybase.runtime.blocks import Block
from manybase.runtime.byhand import covers
from manybase.runtime.connection import Line, result_of
from manybase.runtime.executor import RawResult, Row, Statement
from manybase.runtime.loops import refuse_in_loop
from manybase.runtime.threads import ThreadSession, local

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect
    from manybase.meta.signals import Signal
    from manybase.query.plan import Hydrate, Plan

PART = 500
"""Rows that are read at once of a long result."""

_modules = sys.modules


def session() -> ThreadSession:
    """The open connections and blocks of this thread."""
    return local.session


def dialect(alias: str) -> Dialect:
    """Return what the database behind an alias can do; connects the first time.

    Raises:
        UnknownAlias: There is no such database.
    """
    found = engines.dialects.get(alias)
    if found is not None:
        return found
    if not engines.engine(alias).known:
        refuse_in_loop(alias)
        local.session.open(alias)
    return engines.known_dialect(alias)


def fetch(alias: str, plan: Statement, params: Any) -> list[Row]:
    """Run a plan that returns rows and return all of them.

    Raises:
        DatabaseError: The database refused the statement.
        SyncOnlyOperation: An event loop runs in this thread.
    """
    cursor = local.quick.get(alias)
    loops = _modules.get("asyncio.events")
    if cursor is None or (loops is not None and loops._get_running_loop() is not None):
        line = local.session.use(alias)
        return _listed(line.fetch(plan.sql, plan.bind(params), plan, params))
    values = plan.bind(params)
    try:
        cursor.execute(plan.sql, values)
        rows = cursor.fetchall()
    except Exception as error:  # noqa: BLE001  # raised again, translated
        _run_again(alias, plan, params, error)
        rows = cursor.fetchall()
    return rows if type(rows) is list else list(rows)


def read(alias: str, plan: Plan, params: Any, hydrate: Hydrate | None = None) -> list[Any]:
    """Run a plan that returns rows and return what it makes of them.

    A long result is read and made into objects part by part, while the rows are in the processor's
    caches, where no code of the program stands between: that could run statements of its own.

    Args:
        alias: The database.
        plan: The plan.
        params: The values of the call.
        hydrate: Makes something else of each part than the plan does, without the program's code.

    Raises:
        DatabaseError: The database refused the statement.
        SyncOnlyOperation: An event loop runs in this thread.
    """
    cursor = local.quick.get(alias) if plan.in_parts else None
    loops = _modules.get("asyncio.events")
    if cursor is None or (loops is not None and loops._get_running_loop() is not None):
        return (hydrate or plan.hydrate)(fetch(alias, plan, params), alias)
    hydrate = hydrate or plan.hydrate
    values = plan.bind(params)
    try:
        cursor.execute(plan.sql, values)
        rows = cursor.fetchmany(PART)
    except Exception as error:  # noqa: BLE001  # raised again, translated
        _run_again(alias, plan, params, error)
        return hydrate(_listed(cursor.fetchall()), alias)
    except BaseException:
        _set_aside(cursor, alias)
        _close(cursor)
        raise
    if len(rows) != PART:
        return hydrate(rows, alias)
    return _in_parts(cursor, rows, alias, hydrate)


def _in_parts(cursor: Any, rows: list[Row], alias: str, hydrate: Hydrate) -> list[Any]:
    """What is made of the rows of a cursor, the first part of which was read."""
    _set_aside(cursor, alias)
    try:
        with paused(PART):
            made = hydrate(rows, alias)
            while len(rows) == PART:
                try:
                    rows = cursor.fetchmany(PART)
                except Exception as error:  # noqa: BLE001  # raised again, translated
                    _refuse(alias, error)
                made += hydrate(rows, alias)
            return made
    finally:
        _close(cursor)


def _set_aside(cursor: Any, alias: str) -> None:
    """Give the thread another cursor, so that no statement disturbs the rows of this one."""
    line = local.session.lines[alias]
    if line.cursor is cursor:
        line.cursor = line.engine.drivers.another(cursor, line.connection)
        if local.quick.get(alias) is cursor:
            local.quick[alias] = line.cursor


def _close(cursor: Any) -> None:
    # On SQLite a statement that is not read to its end keeps a lock.
    with contextlib.suppress(Exception):
        cursor.close()


def execute(alias: str, plan: Statement, params: Any) -> int:
    """Run a plan that returns no rows and return how many it changed."""
    return int(run(alias, plan, params).rowcount)


def insert(alias: str, plan: Statement, params: Any) -> list[Row]:
    """Run an insert; return its RETURNING rows, or one row with the last key."""
    cursor = run(alias, plan, params)
    if cursor.description is None:
        return [(getattr(cursor, "lastrowid", None),)]
    try:
        return _listed(cursor.fetchall())
    except Exception as error:  # noqa: BLE001  # raised again, translated
        _refuse(alias, error)


def run(alias: str, plan: Statement, params: Any, values: Any = None) -> Any:
    """Run a plan; return the driver's cursor, for the next few words about what it did.

    Args:
        alias: The database.
        plan: The plan.
        params: The values of the call.
        values: The driver's parameters, where they are known already.
    """
    cursor = local.quick.get(alias)
    loops = _modules.get("asyncio.events")
    if cursor is None or (loops is not None and loops._get_running_loop() is not None):
        line = local.session.use(alias)
        return line.run_plan(line.cursor, plan, params)
    if values is None:
        values = plan.bind(params)
    try:
        cursor.execute(plan.sql, values)
    except Exception as error:  # noqa: BLE001  # raised again, translated
        _run_again(alias, plan, params, error)
    return cursor


def _run_again(alias: str, plan: Statement, params: Any, error: Exception) -> None:
    """Run another plan of the same shape on the quick cursor, or raise what the driver raised."""
    other = again(plan, params, error)
    if other is None:
        _refuse(alias, error)
    local.quick.pop(alias, None)
    local.session.lines[alias].run(*other)


def _refuse(alias: str, error: Exception) -> NoReturn:
    local.quick.pop(alias, None)
    local.session.lines[alias].refuse(error)


def _listed(rows: Any) -> list[Row]:
    return rows if type(rows) is list else list(rows)


def begin(block: Block) -> bool:
    """Open a block by one command, where nothing is open and nobody listens; False elsewhere."""
    loops = _modules.get("asyncio.events")
    if loops is not None and loops._get_running_loop() is not None:
        return False
    aliases = block.aliases
    alias = topology().only if not aliases else aliases[0] if len(aliases) == 1 else None
    if alias is None or (cursor := local.quick.get(alias)) is None:
        return False
    return local.session.begin(block, alias, cursor)


def commit(block: Block) -> bool:
    """End a block by one command, its work kept; False where that takes more."""
    return local.session.commit(block)


def raw(alias: str, sql: str, params: Any = None) -> RawResult:
    """Run SQL written by the user, with the placeholders that users write."""
    line = local.session.use(alias)
    cursor = line.engine.drivers.raw_cursor(line.connection)
    try:
        line.run_raw(cursor, sql, params)
        return result_of(cursor)
    finally:
        cursor.close()


class Entering:
    """Opens one block on the thread's session; what ``SyncExecutor.atomic()`` returns."""

    def __init__(self, block: Block) -> None:
        self.block = block

    async def __aenter__(self) -> Block:
        refuse_in_loop(self.block.aliases[0] if self.block.aliases else None)
        await local.session.enter(self.block)
        return self.block

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        session = local.session
        await session.run(await session.leave(self.block, kind is not None))


class SyncExecutor:
    """The executor whose coroutines never suspend; ``run_sync`` steps them."""

    face: Literal["sync", "async"] = "sync"

    async def dialect(self, alias: str) -> Dialect:
        return dialect(alias)

    async def fetch(self, alias: str, plan: Statement, params: Any) -> list[Row]:
        return fetch(alias, plan, params)

    async def read(
        self, alias: str, plan: Plan, params: Any, hydrate: Hydrate | None = None
    ) -> list[Any]:
        return read(alias, plan, params, hydrate)

    async def execute(self, alias: str, plan: Statement, params: Any) -> int:
        return execute(alias, plan, params)

    async def insert(self, alias: str, plan: Statement, params: Any) -> list[Row]:
        return insert(alias, plan, params)

    async def execute_many(self, alias: str, plan: Statement, rows: Sequence[Any]) -> int:
        bound = [plan.bind(row) for row in rows]
        return local.session.use(alias).run_many(plan.sql, bound) if bound else 0

    async def stream(
        self, alias: str, plan: Statement, params: Any, size: int = 2000
    ) -> AsyncGenerator[list[Row], None]:
        line = local.session.use(alias)
        alone = line.engine.drivers.streams_alone
        own = alone and not line.state.active
        line = Line(line.engine) if own else line
        try:
            stream = line.open_stream(plan, params, size)
            if alone:
                # Other statements take the slow way while it is open: it has to make way.
                local.quick.pop(alias, None)
            try:
                while rows := await stream.part():
                    yield rows
            finally:
                if not own:
                    await stream.leave()
        finally:
            if own:
                line.discard()
            elif line.closed:
                local.quick.pop(alias, None)

    def atomic(
        self,
        *aliases: str,
        savepoint: bool = True,
        durable: bool = False,
        from_test: bool = False,
    ) -> Entering:
        return Entering(Block(aliases, savepoint=savepoint, durable=durable, from_test=from_test))

    def in_block(self, alias: str) -> bool:
        return covers(local.session, alias)

    async def raw(self, alias: str, sql: str, params: Any = None) -> RawResult:
        return raw(alias, sql, params)

    async def script(self, alias: str, statements: Sequence[str]) -> None:
        line = local.session.use(alias)
        for statement in statements:
            line.run(statement, None)

    async def gather(self, works: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
        left = list(works)
        try:
            return [await left.pop(0) for _ in works]
        finally:
            for work in left:
                work.close()

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: ASYNC251  # no loop runs on this face

    async def call(self, target: Any, name: str, /, *args: Any, **values: Any) -> Any:
        method: Callable[..., Any] = getattr(target, name)
        return method(*args, **values)

    async def send(self, signal: Signal, sender: Any, **values: Any) -> list[Any]:
        return signal.send(sender, **values)


sync = SyncExecutor()
"""The synchronous executor of the process."""
