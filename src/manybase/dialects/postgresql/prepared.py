"""Cursors that take the short way where psycopg has prepared a statement.

psycopg counts executions, prepares, evicts and discards, and its dumpers and loaders convert the
values; its cursors do all that in some twenty Python functions for each statement. Where it has
prepared a text for these types of parameters, these send the name at once. Everything else goes to
psycopg's raw cursors. Made by ``drivers`` for the runtime; nothing here decides what is prepared.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

MOST_TEXTS = 1000
"""Texts known; when there are more, all are forgotten and come again as they are used."""

_TOO_MANY = 64  # parameters: a list of formats is kept for each number up to this
_MANY_ROWS = 100


def prepared_names(connection: Any) -> OrderedDict[Any, bytes] | None:
    """The names of a connection's prepared statements by text and types, which psycopg keeps.

    None where it prepares nothing (behind a pool of connections), or where this release of it
    keeps them elsewhere: it is no part of psycopg's documented face.
    """
    names = getattr(getattr(connection, "_prepared", None), "_names", None)
    prepares = connection.prepare_threshold is not None
    return names if prepares and isinstance(names, OrderedDict) else None


class ShortWay:
    """What both faces share: finding the prepared statement, and reading its result.

    Args:
        connection: psycopg's connection, in autocommit mode.
        names: Its prepared statements; see ``prepared_names``.
        psycopg: The module.
    """

    def __init__(self, connection: Any, names: OrderedDict[Any, bytes], psycopg: Any) -> None:
        self._connection = connection
        self._names = names
        self._texts: dict[str, bytes] = {}
        self._psycopg = psycopg
        self._generator = psycopg.generators.execute
        self._good = (psycopg.pq.ExecStatus.TUPLES_OK, psycopg.pq.ExecStatus.COMMAND_OK)
        automatic = psycopg.adapt.PyFormat.AUTO
        self._formats = [[automatic] * count for count in range(_TOO_MANY)]
        self._result: Any = None  # of the last statement, where that took the short way
        self._at = 0
        self._inner = connection.cursor()
        self._inner_ran = False
        self._begin(self._told())

    def _begin(self, session: tuple[bytes | None, ...]) -> None:
        """Read and write values by what the session says."""
        self._session = session
        self._transformer = self._psycopg.adapt.Transformer.from_context(self._inner)

    def _told(self) -> tuple[bytes | None, ...]:
        """What the server has told of the session, and psycopg converts values by."""
        status = self._connection.pgconn.parameter_status
        return (
            status(b"client_encoding"),
            status(b"DateStyle"),
            status(b"IntervalStyle"),
            status(b"TimeZone"),
        )

    def _send(self, sql: str, params: Any) -> bool:
        """Send a statement by its name; False where psycopg has to execute it."""
        if self._result is not None:
            self._let_go()
        text = self._texts.get(sql)
        if text is None or params is None or len(params) >= _TOO_MANY:
            self._inner_ran = True
            if text is None:
                self._learn(sql)
            return False
        session = self._told()
        if session != self._session:
            self._begin(session)
        transformer = self._transformer
        values = transformer.dump_sequence(params, self._formats[len(params)])
        key = (text, transformer.types)
        name = self._names.get(key)
        if name is None:
            self._inner_ran = True
            return False
        if self._inner_ran:
            self._inner_ran = False
            if self._inner.rowcount > _MANY_ROWS:  # it would keep them until it runs again
                self._inner = self._connection.cursor()
        self._names.move_to_end(key)
        self._connection.pgconn.send_query_prepared(name, values, transformer.formats)
        return True

    def _let_go(self) -> None:
        """Keep the last result no longer: it may be large."""
        self._result = None
        self._transformer.set_pgresult(None)

    def _learn(self, sql: str) -> None:
        if len(self._texts) >= MOST_TEXTS:
            self._texts.clear()
        if sql.isascii():  # others have other bytes in other encodings
            self._texts[sql] = sql.encode()

    def _take(self, results: list[Any]) -> None:
        """Keep the result of a statement that was sent.

        Raises:
            psycopg.Error: The server refused it.
        """
        result = results[-1]
        if result.status not in self._good:
            encoding = self._transformer.encoding
            raise self._psycopg.errors.error_from_result(result, encoding=encoding)
        self._result, self._at = result, 0

    def _rows(self, most: int | None = None) -> list[tuple[Any, ...]]:
        result, start = self._result, self._at
        self._at = end = result.ntuples if most is None else min(start + most, result.ntuples)
        self._transformer.set_pgresult(result)
        rows: list[tuple[Any, ...]] = self._transformer.load_rows(start, end, tuple)
        return rows

    @property
    def rowcount(self) -> int:
        """How many rows the last statement found or changed; -1 where the server does not say."""
        result = self._result
        if result is None:
            return int(self._inner.rowcount)
        if result.status == self._good[0]:
            return int(result.ntuples)
        return -1 if result.command_tuples is None else int(result.command_tuples)

    @property
    def description(self) -> Any:
        """The columns that the last statement gives, each a tuple of its name; None for none."""
        result = self._result
        if result is None:
            return self._inner.description
        if result.status != self._good[0]:
            return None
        return [(result.fname(column).decode(),) for column in range(result.nfields)]


class PreparedCursor(ShortWay):
    """A cursor of the synchronous face."""

    def another(self) -> PreparedCursor:
        """Another cursor of the connection, which knows what this one does."""
        new = object.__new__(PreparedCursor)
        new.__dict__.update(self.__dict__)
        new._inner, new._inner_ran, new._result = self._connection.cursor(), False, None
        new._begin(self._session)
        return new

    def execute(self, sql: str, params: Any = None) -> Any:
        """Execute a statement with numbered parameters."""
        connection = self._connection
        with connection.lock:
            sent = self._send(sql, params)
            if sent:
                self._take(connection.wait(self._generator(connection.pgconn)))
        if not sent:
            self._inner.execute(sql, params)
        return self

    def executemany(self, sql: str, rows: Any) -> None:
        """Execute a statement for each row of parameters."""
        self._let_go()
        self._inner.executemany(sql, rows)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that were not fetched."""
        return self._rows() if self._result is not None else self._inner.fetchall()

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        """The next rows, ``size`` at most."""
        return self._rows(size) if self._result is not None else self._inner.fetchmany(size)

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row; None after the last."""
        if self._result is None:
            row: tuple[Any, ...] | None = self._inner.fetchone()
            return row
        rows = self._rows(1)
        return rows[0] if rows else None

    def close(self) -> None:
        """Close it."""
        self._let_go()
        self._inner.close()


class AsyncPreparedCursor(ShortWay):
    """A cursor of the asynchronous face."""

    async def execute(self, sql: str, params: Any = None) -> Any:
        """Execute a statement with numbered parameters."""
        connection = self._connection
        async with connection.lock:
            sent = self._send(sql, params)
            if sent:
                self._take(await connection.wait(self._generator(connection.pgconn)))
        if not sent:
            await self._inner.execute(sql, params)
        return self

    async def executemany(self, sql: str, rows: Any) -> None:
        """Execute a statement for each row of parameters."""
        self._let_go()
        await self._inner.executemany(sql, rows)

    async def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that were not fetched."""
        return self._rows() if self._result is not None else await self._inner.fetchall()

    async def close(self) -> None:
        """Close it."""
        self._let_go()
        await self._inner.close()
