"""One open connection and the cursor that is used on it again and again.

A line belongs to one thread (or to one task at a time); it sends what it is given and translates
what the driver raises. It decides nothing about transactions: its ``state`` does. Made by ``sync``;
``aio`` has its own with the same face.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from manybase.errors import DatabaseError, IntegrityError
from manybase.runtime import events
from manybase.runtime.beyond import again
from manybase.runtime.engines import Engine
from manybase.runtime.executor import RawResult, Row, Statement
from manybase.runtime.stepping import run_sync
from manybase.runtime.streams import Stream, Streams
from manybase.runtime.transaction import Transaction
from manybase.runtime.translate import raise_instead, translated


class Line(Streams):
    """A connection of the synchronous face, with its state.

    Args:
        engine: The database; connected to at once.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.alias = engine.alias
        self.connection: Any = engine.connect()
        self.dialect = engine.dialect
        self.cursor: Any = engine.drivers.cursor(self.connection)
        self.state = Transaction(self.dialect)
        self.closed = False
        self.streams: list[Stream] = []
        self.busy: Stream | None = None
        #: Called when the connection is closed, by whoever closes it.
        self.dropped: Callable[[], Any] | None = None

    async def send(self, command: str) -> None:
        """Send a command of the transaction."""
        self.run(command, None, transaction=True)

    def run(self, sql: str, params: Any, *, transaction: bool = False) -> Any:
        """Execute one statement on the line's cursor and return that."""
        return self.run_on(self.cursor, sql, params, transaction=transaction)

    def run_plan(self, cursor: Any, plan: Statement, params: Any) -> Any:
        """Execute a plan on a cursor of this connection."""
        return self.run_on(cursor, plan.sql, plan.bind(params), plan=plan, given=params)

    def run_on(
        self,
        cursor: Any,
        sql: str,
        params: Any,
        *,
        transaction: bool = False,
        plan: Any = None,
        given: Any = None,
    ) -> Any:
        """Execute one statement on a cursor of this connection.

        Args:
            cursor: The cursor.
            sql: The text.
            params: The driver's parameters.
            transaction: Whether it is a command of the transaction.
            plan: The plan that the statement comes from.
            given: The values that the plan made the parameters of.
        """
        if self.busy is not None:
            run_sync(self.make_way())
        if events.wanted():
            with events.Timing(self.alias, sql, params, transaction=transaction):
                self._execute(cursor, sql, params, plan, given)
        else:
            self._execute(cursor, sql, params, plan, given)
        return cursor

    def _execute(self, cursor: Any, sql: str, params: Any, plan: Any, given: Any) -> None:
        try:
            cursor.execute(sql) if params is None else cursor.execute(sql, params)
        except Exception as error:  # noqa: BLE001  # raised again, translated
            other = again(plan, given, error)
            if other is None:
                self.refuse(error)
            self._execute(cursor, *other, None, None)

    def fetch(self, sql: str, params: Any, plan: Any = None, given: Any = None) -> list[Row]:
        """Execute one statement and return its rows; see ``run_on``."""
        cursor = self.run_on(self.cursor, sql, params, plan=plan, given=given)
        try:
            rows: list[Row] = cursor.fetchall()
        except Exception as error:  # noqa: BLE001  # raised again, translated
            self.refuse(error)
        return rows

    def run_many(self, sql: str, rows: Any) -> int:
        """Execute one statement for many rows of parameters; return how many rows changed."""
        if self.busy is not None:
            run_sync(self.make_way())
        try:
            if events.wanted():
                with events.Timing(self.alias, sql, rows, many=True):
                    self.cursor.executemany(sql, rows)
            else:
                self.cursor.executemany(sql, rows)
        except Exception as error:  # noqa: BLE001  # raised again, translated
            self.refuse(error)
        return max(int(self.cursor.rowcount), 0)

    def run_raw(self, cursor: Any, sql: str, params: Any, *, many: bool = False) -> None:
        """Execute a user's SQL on a cursor for such.

        Args:
            cursor: One of the driver's raw cursors.
            sql: The text with the placeholders that users write.
            params: Its parameters; a sequence of them where ``many``.
            many: Whether it runs once for each of several rows of parameters.
        """
        if self.busy is not None:
            run_sync(self.make_way())
        written, given = self.engine.drivers.raw_sql(sql, params[0] if many else params)
        run = cursor.executemany if many else cursor.execute
        arguments = (written,) if given is None else (written, params if many else given)
        try:
            if events.wanted():
                with events.Timing(self.alias, sql, params, many=many):
                    run(*arguments)
            else:
                run(*arguments)
        except Exception as error:  # noqa: BLE001  # raised again, translated
            self.refuse(error)

    def check_references(self, tables: Sequence[str] = ()) -> None:
        """Check the foreign keys that would be checked at the commit.

        Raises:
            IntegrityError: A row refers to one that is not there.
        """
        for statement in self.dialect.check_constraints(tables):
            cursor = self.run(statement, None)
            found = cursor.fetchone() if cursor.description else None
            if found is not None:
                row = f" (row {found[1]})" if found[1] is not None else ""
                raise IntegrityError(
                    f"the table '{found[0]}' of the database '{self.alias}' has a row{row} that"
                    f" refers to one of '{found[2]}' that is not there"
                )

    def refuse(self, error: Exception) -> NoReturn:
        """Note a failed statement and raise what the driver raised, translated."""
        found = translated(error, self.dialect, self.alias)
        if isinstance(found, DatabaseError):
            self.state.failed()
            if self.dialect.is_disconnect(error) or not self._alive():
                self.discard()
        raise_instead(found, error)

    def _alive(self) -> bool:
        return self.connection is not None and self.engine.drivers.alive(self.connection)

    def discard(self) -> None:
        """Close the connection; a transaction that was open on it is lost."""
        connection, self.connection = self.connection, None
        self.cursor = None
        self.closed = True
        if self.dropped is not None:
            self.dropped()
        self.state.lost()
        cursors = self.forget_streams()
        if connection is not None:
            try:
                connection.close()
                for cursor in cursors:
                    self.engine.drivers.drop_stream(cursor)
            except Exception as error:  # noqa: BLE001  # it is thrown away; nothing can be done
                events.note("closing the connection to '%s' failed: %s", self.alias, error)

    async def close(self) -> None:
        """Close the connection."""
        self.discard()

    # Streams

    def open_stream(self, plan: Statement, params: Any, size: int) -> Stream:
        """Execute a plan whose rows are read bit by bit."""
        drivers = self.engine.drivers
        cursor = drivers.stream_cursor(self.connection, hold=not self.state.active)
        try:
            self.run_plan(cursor, plan, params)
        except BaseException:
            run_sync(self.close_cursor(cursor))
            raise
        return Stream(self, cursor, size)

    async def some(self, cursor: Any, size: int) -> list[Row]:
        """Read the next rows of a cursor."""
        try:
            rows = cursor.fetchmany(size)
        except Exception as error:  # noqa: BLE001  # raised again, translated
            self.refuse(error)
        return rows if type(rows) is list else list(rows)

    async def close_cursor(self, cursor: Any) -> None:
        """Close a cursor on this connection."""
        try:
            cursor.close()
        except Exception as error:  # noqa: BLE001  # the next statement will tell
            events.note("closing a cursor on '%s' failed: %s", self.alias, error)


def result_of(cursor: Any) -> RawResult:
    """Read everything that a cursor has after a user's statement."""
    description = cursor.description
    rows = list(cursor.fetchall()) if description else []
    columns = tuple(str(column[0]) for column in description or ())
    return RawResult(columns, rows, cursor.rowcount, getattr(cursor, "lastrowid", None))
