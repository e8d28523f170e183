"""Connections of both faces are opened ready to use, and errors of drivers are understood."""

from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from manybase.conf.database import DatabaseSettings
from manybase.dialects import dialect_for, drivers_for
from manybase.dialects.driver import Driver
from manybase.errors import (
    ConfigurationError,
    DataError,
    IntegrityError,
    MissingDriver,
    MissingTable,
    OperationalError,
    ProgrammingError,
)


def memory(alias, **options):
    return DatabaseSettings(alias, "sqlite", database="", options=options)


def fails(line, sql, params=None):
    with pytest.raises(Exception) as caught:
        line.send(sql, params)
    return caught.value


def test_a_connection_commits_each_statement(line):
    line.table("commits")

    assert line.drivers.in_transaction(line.connection) in (False, None)
    assert line.drivers.alive(line.connection)


def test_words_of_transactions(line):
    name = line.table("words").name
    dialect = line.dialect

    line.send(dialect.begin)
    line.send(f"INSERT INTO {name} (id) VALUES (1)")
    line.send(dialect.savepoint("one more"))
    line.send(f"INSERT INTO {name} (id) VALUES (2)")
    line.send(dialect.rollback_to("one more"))
    line.send(dialect.release("one more"))
    assert line.drivers.in_transaction(line.connection) in (True, None)
    line.send(dialect.commit)
    line.send(dialect.begin)
    line.send(f"INSERT INTO {name} (id) VALUES (3)")
    line.send(dialect.rollback)

    assert line.send(f"SELECT id FROM {name}") == [(1,)]


def test_a_missing_table_is_named(line):
    error = fails(line, "SELECT 1 FROM no_such_table")

    assert line.dialect.translate(error) == (MissingTable, "no_such_table")
    assert not line.dialect.is_disconnect(error)
    assert not line.dialect.is_conflict(error)


def test_errors_of_drivers_have_the_same_class_everywhere(line):
    table = line.table("refusals")
    line.send(f"INSERT INTO {table.name} (id) VALUES (1)")

    twice = fails(line, f"INSERT INTO {table.name} (id) VALUES (1)")
    wrong = fails(line, "SELEKT 1")

    assert line.dialect.translate(twice) == (IntegrityError, None)
    found, _ = line.dialect.translate(wrong)
    assert found in (ProgrammingError, OperationalError)
    assert line.dialect.translate(ValueError("not a driver's")) is None


def test_a_number_out_of_range_is_a_data_error(line):
    from manybase.meta.storage import Storage

    table = line.table("ranges", value=Storage("integer", size=2))
    place = {"sqlite": "?", "postgresql": "$1", "mysql": "%s"}[line.settings.scheme]

    error = fails(line, f"INSERT INTO {table.name} (id, value) VALUES (1, {place})", (10**20,))

    assert line.dialect.translate(error)[0] is DataError


def test_sql_of_users_has_percent_s_everywhere(line):
    cursor = line.drivers.raw_cursor(line.connection)
    sql, params = line.drivers.raw_sql("SELECT %s, 'a%%b'", ["x"])
    cursor.execute(sql, params)
    assert [tuple(row) for row in cursor.fetchall()] == [("x", "a%b")]

    sql, params = line.drivers.raw_sql("SELECT %(one)s", {"one": "y"})
    cursor.execute(sql, params)
    assert [tuple(row) for row in cursor.fetchall()] == [("y",)]

    sql, params = line.drivers.raw_sql("SELECT '50%'", None)
    cursor.execute(sql, params) if params is not None else cursor.execute(sql)
    assert [tuple(row) for row in cursor.fetchall()] == [("50%",)]


def test_names_may_stand_in_double_quotes(line):
    assert line.send('SELECT "id" FROM "{}"'.format(line.table("quoted").name)) == []


def test_a_stream_gives_all_rows(line):
    table = line.table("streams")
    values = ", ".join(f"({n})" for n in range(500))
    line.send(f"INSERT INTO {table.name} (id) VALUES {values}")

    cursor = line.drivers.stream_cursor(line.connection)
    cursor.execute(f"SELECT id FROM {table.name} ORDER BY id")
    found = []
    while rows := cursor.fetchmany(64):
        found.extend(row[0] for row in rows)
    cursor.close()

    assert found == list(range(500))


async def test_the_asynchronous_face_gives_the_same(line):
    drivers = line.drivers
    connection = await drivers.async_connect(line.settings)
    facts = await drivers.async_facts(connection)
    assert facts == drivers.facts(line.connection)
    assert dialect_for(line.settings.scheme, **facts) is line.dialect

    table = line.table("faces")
    cursor = await drivers.async_cursor(connection)
    await cursor.execute(f"INSERT INTO {table.name} (id) VALUES (7)")
    await cursor.execute(f"SELECT id FROM {table.name}")
    assert [tuple(row) for row in await cursor.fetchall()] == [(7,)]
    assert line.send(f"SELECT id FROM {table.name}") == [(7,)]

    raw = await drivers.async_raw_cursor(connection)
    sql, params = drivers.raw_sql("SELECT %s", ["x"])
    await raw.execute(sql, params)
    assert [tuple(row) for row in await raw.fetchall()] == [("x",)]

    stream = await drivers.async_stream_cursor(connection)
    await stream.execute(f"SELECT id FROM {table.name}")
    assert [tuple(row) for row in await stream.fetchmany(5)] == [(7,)]
    await stream.close()

    assert drivers.alive(connection)
    await drivers.async_close(connection)
    assert not drivers.alive(connection)


async def test_the_asynchronous_face_gives_values_of_the_same_types(line):
    connection = await line.drivers.async_connect(line.settings)
    queries = {
        "sqlite": "SELECT '12:30:00', 1, 2.5",
        "postgresql": "SELECT time '12:30', 1, 2.5::float8",
        "mysql": "SELECT TIME('12:30:00'), 1, 2.5e0",
    }
    sql = queries[line.settings.scheme]

    cursor = await line.drivers.async_cursor(connection)
    await cursor.execute(sql)
    found = [tuple(row) for row in await cursor.fetchall()]
    await line.drivers.async_close(connection)

    assert found == line.send(sql)


def test_aiomysql_serves_where_asyncmy_is_missing(monkeypatch):
    drivers = drivers_for("mysql")
    monkeypatch.setattr(Driver, "installed", property(lambda self: self.module == "aiomysql"))

    assert drivers.pick("async").module == "aiomysql"
    with pytest.raises(MissingDriver, match="'asyncmy'"):
        drivers.pick("async", "asyncmy")


def test_a_missing_driver_is_told_with_the_command(monkeypatch):
    monkeypatch.setattr(Driver, "installed", property(lambda self: False))

    with pytest.raises(MissingDriver) as caught:
        drivers_for("postgresql").connect(DatabaseSettings("default", "postgresql"))

    assert str(caught.value) == (
        "no driver is installed for this database: 'psycopg'\n"
        "Type: pip install 'manybase[postgresql]'"
    )


def test_an_unknown_kind_of_database_is_refused():
    with pytest.raises(ConfigurationError, match="no dialect is known for 'sqlit'") as caught:
        dialect_for("sqlit")
    assert caught.value.hint == "Did you mean 'sqlite'?"


def test_dialects_are_one_object_per_facts():
    assert dialect_for("sqlite") is dialect_for("sqlite")
    assert dialect_for("sqlite") is not dialect_for("sqlite", use_tz=False)
    assert dialect_for("mysql", (8, 0, 40), mariadb=False).name == "mysql"


def test_mysql_is_no_mariadb():
    mariadb, mysql = dialect_for("mysql"), dialect_for("mysql", (8, 0, 40), mariadb=False)

    assert mariadb.features.returning_insert
    assert not mysql.features.returning_insert
    assert mysql.features.why("returning_insert") == "MySQL 8.0.40 has no RETURNING here"
    assert mysql.features.expression_indexes


def test_a_feature_that_is_none_is_told():
    with pytest.raises(KeyError, match=r"no feature is called 'savepoint'\. Did you mean"):
        dialect_for("sqlite").features.why("savepoint")


def test_choosing_a_dialect_loads_sqlalchemy_only_then():
    program = (
        "import sys; from manybase.dialects import dialect_for, drivers_for;"
        " drivers_for('postgresql'), drivers_for('mysql'), drivers_for('sqlite');"
        " loaded = {'sqlalchemy', 'psycopg', 'pymysql', 'aiosqlite'} & set(sys.modules);"
        " assert not loaded, loaded; dialect_for('sqlite'); assert 'sqlalchemy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": "src"})


# SQLite alone


def test_memory_is_one_database_per_alias():
    drivers = drivers_for("sqlite")
    one, two = drivers.connect(memory("memory_a")), drivers.connect(memory("memory_a"))
    other = drivers.connect(memory("memory_b"))

    one.execute("CREATE TABLE things (id INTEGER)")

    assert two.execute("SELECT count(*) FROM things").fetchone() == (0,)
    assert other.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    one.close(), two.close(), other.close()
    again = drivers.connect(memory("memory_a"))
    assert again.execute("SELECT count(*) FROM things").fetchone() == (0,)
    again.close()


def test_a_second_writer_waits_for_the_first():
    drivers, dialect = drivers_for("sqlite"), dialect_for("sqlite")
    one, two = (drivers.connect(memory("waiting", timeout=5)) for _ in range(2))
    one.execute("CREATE TABLE things (id INTEGER)")
    one.execute(dialect.begin)
    one.execute("INSERT INTO things VALUES (1)")

    def finish():
        time.sleep(0.1)
        one.execute(dialect.commit)

    thread = threading.Thread(target=finish)
    thread.start()
    two.execute(dialect.begin)
    thread.join()

    assert two.execute("SELECT count(*) FROM things").fetchone() == (1,)
    two.execute(dialect.commit)
    one.close(), two.close()


def test_a_file_is_written_ahead_and_checks_keys(tmp_path):
    settings = DatabaseSettings("default", "sqlite", database=str(tmp_path / "shop.db"))
    connection = drivers_for("sqlite").connect(settings)

    def pragma(name):
        return connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert (pragma("journal_mode"), pragma("foreign_keys")) == ("wal", 1)
    connection.close()
    assert not drivers_for("sqlite").alive(connection)


def test_options_of_the_url_are_pragmas(tmp_path):
    settings = DatabaseSettings(
        "default", "sqlite", database=str(tmp_path / "s.db"), options={"journal_mode": "delete"}
    )
    connection = drivers_for("sqlite").connect(settings)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()

    wrong = settings.replace(options={"cache_size": "1; DROP TABLE x"})
    with pytest.raises(ConfigurationError, match="option 'cache_size'"):
        drivers_for("sqlite").connect(wrong)


def test_a_connection_that_cannot_be_made_ready_is_closed(monkeypatch):
    made = []
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *a, **k: made.append(connect(*a, **k)) or made[-1]
    )

    with pytest.raises(ConfigurationError):
        drivers_for("sqlite").connect(memory("unready", cache_size="1; DROP TABLE x"))

    assert not drivers_for("sqlite").alive(made[-1])


@pytest.mark.kinds("mysql")
def test_a_wrong_isolation_level_leaves_no_connection(line):
    def count():
        return line.send("SELECT count(*) FROM information_schema.processlist WHERE db = %s",
                         (line.settings.database,))[0][0]  # fmt: skip

    before = count()
    for _ in range(3):
        with pytest.raises(Exception, match="NONSENSE"):
            line.drivers.connect(line.settings.replace(options={"isolation_level": "nonsense"}))
    assert count() <= before


def test_a_missing_folder_is_named(tmp_path):
    settings = DatabaseSettings("shop", "sqlite", database=str(tmp_path / "no" / "shop.db"))

    with pytest.raises(ConfigurationError) as caught:
        drivers_for("sqlite").connect(settings)

    assert "the folder of the database 'shop' does not exist" in str(caught.value)
    assert f"mkdir -p {tmp_path / 'no'}" in caught.value.hint


def test_functions_for_sqlite_leave_null_alone():
    from manybase.dialects.sqlite import functions

    assert functions.upper(None) is None
    assert functions.lower("ÄSS") == "äss"
    assert functions.upper("straße é") == "STRAßE É"
    assert functions.regexp(None, "a") is None
    assert functions.local(None, "Europe/Prague") is None
    assert functions.add("date", None, 1) is None
    assert functions.difference("time", "10:00:00", None) is None
    assert functions.compare_decimals("10", "9.5") == 1
    assert functions.compare_decimals("b", "a") == 1


def test_the_offsets_of_a_zone_are_those_of_its_rules():
    import zoneinfo

    from manybase.dialects.mysql.zones import transitions

    for tz in ("Europe/Prague", "America/New_York", "Asia/Kathmandu", "UTC"):
        zone = zoneinfo.ZoneInfo(tz)
        for at, seconds in transitions(tz)[1:]:
            before = at - dt.timedelta(seconds=1)
            assert at.astimezone(zone).utcoffset() == dt.timedelta(seconds=seconds)
            assert before.astimezone(zone).utcoffset() != dt.timedelta(seconds=seconds)
    assert len(transitions("UTC")) == 1


def test_flush_works_where_no_table_is_numbered():
    connection = drivers_for("sqlite").connect(memory("unnumbered"))
    connection.execute("CREATE TABLE things (code CHAR(32) PRIMARY KEY)")
    connection.execute("INSERT INTO things VALUES ('a')")

    for statement in dialect_for("sqlite").flush(["things"]):
        connection.execute(statement)

    assert connection.execute("SELECT count(*) FROM things").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize("text", ["2024-05-01 10:00:00+02:00", "2024-05-01 08:00:00Z"])
def test_a_moment_written_by_another_program_is_read(text):
    from manybase.dialects.codec import moment_from_text

    assert moment_from_text(text) == dt.datetime(2024, 5, 1, 8, tzinfo=dt.UTC)
    assert moment_from_text("2024-05-01") == dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    assert moment_from_text("2024-05-01 08:00:00").tzinfo is dt.UTC
