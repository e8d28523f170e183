"""The asynchronous face of the runtime: the executor over native asynchronous drivers.

Light to import: the loop's part (``tasks``, ``pool``) is loaded at the first statement, so that a
synchronous program never loads ``asyncio``. No statement runs in a thread of ours. Called by the
``a`` twins of ``models`` and ``db``.
"""

from __future__ import annotations

import importlib
from collections.abc import Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Literal

from manybase.runtime import engines
from manybase.runtime.blocks import Block
from manybase.runtime.byhand import covers
from manybase.runtime.executor import RawResult, Row, RowParts, Statement
from manybase.runtime.session import Session

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect
    from manybase.meta.signals import Signal
    from manybase.query.plan import Hydrate, Plan
    from manybase.runtime.pool import TaskLine

_loaded: dict[str, Any] = {}


def _load(name: str) -> Any:
    found = _loaded.get(name)
    if found is None:
        found = _loaded[name] = importlib.import_module(name)
    return found


def _line(alias: str) -> AbstractAsyncContextManager[TaskLine]:
    borrowed: AbstractAsyncContextManager[TaskLine] = _load("manybase.runtime.tasks").using_line(
        alias
    )
    return borrowed


def session() -> Session[Any] | None:
    """The open blocks of this task; None where there are none."""
    found: Session[Any] | None = _load("manybase.runtime.tasks").current()
    return found


class AsyncExecutor:
    """The executor of the asynchronous face."""

    face: Literal["sync", "async"] = "async"

    async def dialect(self, alias: str) -> Dialect:
        found = engines.dialects.get(alias)
        if found is not None:
            return found
        if not engines.engine(alias).known:
            pools = await _load("manybase.runtime.pool").ready_pools()
            pool = await pools.pool(alias)
            await pool.release(await pool.acquire())
        return engines.known_dialect(alias)

    async def fetch(self, alias: str, plan: Statement, params: Any) -> list[Row]:
        async with _line(alias) as line:
            return await line.rows(await line.run_plan(line.cursor, plan, params))

    async def read(
        self, alias: str, plan: Plan, params: Any, hydrate: Hydrate | None = None
    ) -> list[Any]:
        return (hydrate or plan.hydrate)(await self.fetch(alias, plan, params), alias)

    async def execute(self, alias: str, plan: Statement, params: Any) -> int:
        async with _line(alias) as line:
            return int((await line.run_plan(line.cursor, plan, params)).rowcount)

    async def insert(self, alias: str, plan: Statement, params: Any) -> list[Row]:
        async with _line(alias) as line:
            cursor = await line.run_plan(line.cursor, plan, params)
            if cursor.description is None:
                return [(getattr(cursor, "lastrowid", None),)]
            return await line.rows(cursor)

    async def execute_many(self, alias: str, plan: Statement, rows: Sequence[Any]) -> int:
        bound = [plan.bind(row) for row in rows]
        if not bound:
            return 0
        async with _line(alias) as line:
            cursor = await line.run_on(line.cursor, plan.sql, bound, many=True)
            return max(int(cursor.rowcount), 0)

    def stream(self, alias: str, plan: Statement, params: Any, size: int = 2000) -> RowParts:
        rows: RowParts = _load("manybase.runtime.tasks").stream(alias, plan, params, size)
        return rows

    def atomic(
        self,
        *aliases: str,
        savepoint: bool = True,
        durable: bool = False,
        from_test: bool = False,
    ) -> AbstractAsyncContextManager[Block]:
        block = Block(aliases, savepoint=savepoint, durable=durable, from_test=from_test)
        entering: AbstractAsyncContextManager[Block] = _load("manybase.runtime.tasks").Entering(
            block
        )
        return entering

    def in_block(self, alias: str) -> bool:
        return covers(session(), alias)

    async def raw(self, alias: str, sql: str, params: Any = None) -> RawResult:
        async with _line(alias) as line:
            cursor = await line.engine.drivers.async_raw_cursor(line.connection)
            try:
                return await line.run_raw(cursor, sql, params)
            finally:
                if not line.closed:
                    await cursor.close()

    async def script(self, alias: str, statements: Sequence[str]) -> None:
        async with _line(alias) as line:
            for statement in statements:
                await line.run_on(line.cursor, statement, None)

    async def gather(self, works: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
        asyncio = _load("asyncio")
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            results: list[Any] = await asyncio.gather(*tasks)
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise
        return results

    async def sleep(self, seconds: float) -> None:
        await _load("asyncio").sleep(seconds)

    async def call(self, target: Any, name: str, /, *args: Any, **values: Any) -> Any:
        return await getattr(target, "a" + name)(*args, **values)

    async def close(self) -> None:
        """Close the connections of the running loop that are not in use."""
        await (await _load("manybase.runtime.pool").ready_pools()).close()

    async def send(self, signal: Signal, sender: Any, **values: Any) -> list[Any]:
        return await signal.asend(sender, **values)


aio = AsyncExecutor()
"""The asynchronous executor of the process."""
