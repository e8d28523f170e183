"""Statements that psycopg has prepared are sent by their names, and mean what they meant before."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import signal
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from manybase.dialects.postgresql.prepared import (
    AsyncPreparedCursor,
    PreparedCursor,
    prepared_names,
)
from tests.dialects.lines import Line

pytestmark = pytest.mark.kinds("postgresql")
SQL = "SELECT $1::text, $2::numeric, $3::date"
VALUES = ("é", Decimal("1.50"), dt.date(2026, 11, 27))
ENOUGH = 8  # executions, after which psycopg has prepared


@pytest.fixture
def own(line: Line) -> Iterator[Any]:
    connection = line.drivers.connect(line.settings)
    yield connection
    connection.close()


@contextlib.contextmanager
def entered(names: list[str]) -> Iterator[None]:
    """Note the Python functions that are entered."""
    sys.setprofile(lambda frame, event, _: names.append(frame.f_code.co_name))
    try:
        yield
    finally:
        sys.setprofile(None)


def answers(cursor: Any, sql: str, params: Any, times: int = ENOUGH) -> list[Any]:
    found = []
    for _ in range(times):
        cursor.execute(sql, params)
        found.append(cursor.fetchall())
    return found


def test_a_prepared_statement_skips_the_cursor_of_psycopg(line: Line, own: Any) -> None:
    cursor = line.drivers.cursor(own)
    assert isinstance(cursor, PreparedCursor)
    assert answers(cursor, SQL, VALUES) == [[VALUES]] * ENOUGH

    names: list[str] = []
    with entered(names):
        cursor.execute(SQL, VALUES)
        rows = cursor.fetchall()

    assert rows == [VALUES]
    assert len(prepared_names(own) or ()) == 1
    assert "_execute_gen" not in names


def test_every_number_finds_the_statement_of_its_own_type(line: Line, own: Any) -> None:
    cursor = line.drivers.cursor(own)
    numbers = [1, 40_000, 3_000_000_000, 2**70, -1]

    for _ in range(ENOUGH):
        for number in numbers:
            assert answers(cursor, "SELECT $1 + 1", (number,), 1) == [[(number + 1,)]]


def test_rows_found_and_changed_are_counted_and_columns_named(line: Line, own: Any) -> None:
    cursor = line.drivers.cursor(own)
    cursor.execute("CREATE TEMPORARY TABLE counted (id int)")
    for number in range(ENOUGH):
        cursor.execute("INSERT INTO counted (id) VALUES ($1)", (number,))
        assert (cursor.rowcount, cursor.description) == (1, None)
    for _ in range(ENOUGH):
        cursor.execute("UPDATE counted SET id = id WHERE id >= $1", (3,))
        assert cursor.rowcount == ENOUGH - 3
    for _ in range(ENOUGH):
        cursor.execute("SELECT id AS number FROM counted WHERE id < $1 ORDER BY id", (2,))
        assert cursor.rowcount == 2
        assert [column[0] for column in cursor.description] == ["number"]
        assert [cursor.fetchone() for _ in range(3)] == [(0,), (1,), None]
        assert cursor.fetchall() == []
    cursor.executemany("INSERT INTO counted (id) VALUES ($1)", [(1,), (2,)])
    assert cursor.rowcount == 2


def test_what_the_server_refuses_is_told_as_before(line: Line, own: Any) -> None:
    cursor = line.drivers.cursor(own)
    cursor.execute("CREATE TEMPORARY TABLE refused (id int PRIMARY KEY)")
    insert = "INSERT INTO refused (id) VALUES ($1)"
    for number in range(ENOUGH):
        cursor.execute(insert, (number,))

    with pytest.raises(psycopg.errors.UniqueViolation) as caught:
        cursor.execute(insert, (3,))

    assert caught.value.sqlstate == "23505"
    assert caught.value.diag.constraint_name == "refused_pkey"
    cursor.execute(insert, (100,))
    assert cursor.rowcount == 1


@pytest.mark.parametrize("command", ["DISCARD ALL", "DEALLOCATE ALL", "ROLLBACK"])
def test_statements_may_be_discarded(line: Line, own: Any, command: str) -> None:
    cursor = line.drivers.cursor(own)
    answers(cursor, SQL, VALUES)
    if command == "ROLLBACK":
        cursor.execute("BEGIN")
        answers(cursor, SQL, VALUES, 1)

    cursor.execute(command)

    assert answers(cursor, SQL, VALUES) == [[VALUES]] * ENOUGH


def test_more_statements_than_psycopg_keeps(line: Line, own: Any) -> None:
    own.prepared_max = 5
    cursor = line.drivers.cursor(own)

    for _ in range(2):
        for number in range(12):
            found = answers(cursor, f"SELECT $1::int + {number}", (1,), ENOUGH)
            assert found == [[(1 + number,)]] * ENOUGH

    assert len(prepared_names(own) or ()) <= 6


def test_a_session_that_a_program_changed_is_read_anew(line: Line, own: Any) -> None:
    cursor = line.drivers.cursor(own)
    sql = "SELECT date '2026-02-03' + $1::int"
    answers(cursor, sql, (0,))

    byhand = line.drivers.raw_cursor(own)
    byhand.execute("SET DateStyle TO 'SQL, DMY'")

    assert answers(cursor, sql, (0,)) == [[(dt.date(2026, 2, 3),)]] * ENOUGH
    cursor.execute("SET DateStyle TO 'German'")
    assert answers(cursor, sql, (0,)) == [[(dt.date(2026, 2, 3),)]] * ENOUGH


def test_a_session_that_a_statement_changed_is_read_anew(line: Line, own: Any) -> None:
    cursor = line.drivers.cursor(own)
    sql, change = "SELECT date '2026-02-03' + $1::int", "SELECT set_config('DateStyle', $1, false)"
    answers(cursor, change, ("ISO, MDY",))
    answers(cursor, sql, (0,))

    for style in ("SQL, DMY", "SQL, MDY", "German"):
        answers(cursor, change, (style,), 1)
        assert answers(cursor, sql, (0,)) == [[(dt.date(2026, 2, 3),)]] * ENOUGH


def test_texts_are_told_apart_in_every_encoding(line: Line, own: Any) -> None:
    cursor = line.drivers.cursor(own)
    cursor.execute("SET client_encoding TO latin1")
    for text in ("\u00c3\u00a9", "\u00e9"):
        found = answers(cursor, f"SELECT $1::int, '{text}'", (1,))
        assert found == [[(1, text)]] * ENOUGH


def test_a_large_result_is_let_go(line: Line, own: Any) -> None:
    cursor = line.drivers.cursor(own)
    many = "SELECT n FROM generate_series(1, $1::int) AS n"
    answers(cursor, SQL, VALUES)

    assert len(answers(cursor, many, (1000,), 1)[0]) == 1000
    assert cursor._inner.rowcount == 1000
    answers(cursor, SQL, VALUES, 1)
    assert cursor._inner.rowcount == -1  # another one: psycopg's keep their last result
    answers(cursor, many, (1000,))
    cursor.execute("SELECT 1")
    assert cursor._result is None


def test_nothing_is_prepared_where_the_program_says_so(line: Line) -> None:
    options = {**line.settings.options, "prepare_threshold": "none"}
    connection = line.drivers.connect(line.settings.replace(options=options))

    assert prepared_names(connection) is None
    assert isinstance(line.drivers.cursor(connection), psycopg.RawCursor)
    connection.close()


def test_a_lost_connection_is_told(line: Line, own: Any) -> None:
    cursor = line.drivers.cursor(own)
    answers(cursor, SQL, VALUES)
    line.send("SELECT pg_terminate_backend($1)", (own.info.backend_pid,))

    with pytest.raises(psycopg.OperationalError):
        cursor.execute(SQL, VALUES)
    assert not line.drivers.alive(own)
    with pytest.raises(psycopg.OperationalError):
        cursor.execute(SQL, VALUES)


def test_a_key_press_stops_the_statement(line: Line, own: Any) -> None:
    cursor = line.drivers.cursor(own)
    answers(cursor, "SELECT pg_sleep($1::int)", (0,))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    begun = time.monotonic()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            cursor.execute("SELECT pg_sleep($1::int)", (30,))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert time.monotonic() - begun < 20
    assert answers(cursor, SQL, VALUES, 1) == [[VALUES]]


async def test_the_asynchronous_face_gives_and_refuses_the_same(line: Line) -> None:
    connection = await line.drivers.async_connect(line.settings)
    cursor = await line.drivers.async_cursor(connection)
    assert isinstance(cursor, AsyncPreparedCursor)
    for _ in range(ENOUGH):
        await cursor.execute(SQL, VALUES)
        assert (await cursor.fetchall(), cursor.rowcount) == ([VALUES], 1)
    for _ in range(ENOUGH):
        await cursor.execute("SELECT 1 / $1::int", (1,))

    with pytest.raises(psycopg.errors.DivisionByZero):
        await cursor.execute("SELECT 1 / $1::int", (0,))

    await cursor.executemany("SELECT $1::int", [(1,), (2,)])
    await cursor.execute(SQL, VALUES)
    assert await cursor.fetchall() == [VALUES]
    await cursor.close()
    await line.drivers.async_close(connection)


async def test_a_task_that_is_cancelled_stops_the_statement(line: Line) -> None:
    connection = await line.drivers.async_connect(line.settings)
    cursor = await line.drivers.async_cursor(connection)
    for _ in range(ENOUGH):
        await cursor.execute("SELECT pg_sleep($1::int)", (0,))

    begun = time.monotonic()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(cursor.execute("SELECT pg_sleep($1::int)", (30,)), 0.2)

    assert time.monotonic() - begun < 20
    await line.drivers.async_close(connection)
