"""Errors that a whole program meets: settings, places, drivers, secrets. No database is shared."""

from __future__ import annotations

MODEL = """
    from manybase import configure, models, using
    import manybase
    from manybase.errors import NoPlace

    def declare():
        global Book
        class Book(models.Model):
            title = models.CharField(max_length=50)
            class Meta:
                app_label = "shop"
"""


def test_a_query_without_a_place_lists_the_aliases(program) -> None:
    """A program without "default" works on its aliases; an unplaced query names them."""
    done = program(
        MODEL
        + """
    configure(databases={"eu": "sqlite://", "us": "sqlite://"})
    declare()
    models.create_tables(Book, using="eu")
    Book.objects.using("eu").create(title="Emma")
    with using("eu"):
        print(Book.objects.get().title)
    try:
        Book.objects.count()
    except NoPlace as error:
        print(error)
    """
    )

    assert done.returncode == 0, done.stderr
    title, *message = done.stdout.splitlines()
    assert title == "Emma"
    text = " ".join(message)
    assert "'eu'" in text or "eu" in text
    assert "us" in text
    assert "using" in text


def test_nothing_configured_says_what_to_type(program) -> None:
    """Without any database the error has the line to write."""
    done = program(
        MODEL
        + """
    declare()
    try:
        Book.objects.count()
    except Exception as error:
        print(type(error).__name__, error)
    """
    )

    assert done.returncode == 0, done.stderr
    assert "ConfigurationError" in done.stdout
    assert "configure(" in done.stdout
    assert "DATABASE_URL" in done.stdout


def test_a_missing_driver_says_what_to_install(program) -> None:
    """Where the driver cannot be imported the pip command is in the message."""
    done = program(
        """
    import sys
    for name in ("psycopg", "pymysql", "MySQLdb"):
        sys.modules[name] = None
    """
        + MODEL
        + """
    configure(databases={"default": "postgresql://u:hunter2@127.0.0.1:1/x",
                         "other": "mysql://u:hunter2@127.0.0.1:1/x"})
    declare()
    for alias in ("default", "other"):
        try:
            Book.objects.using(alias).count()
        except Exception as error:
            print(type(error).__name__, error)
    """
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("MissingDriver") == 2
    assert "pip install 'manybase[postgresql]'" in done.stdout
    assert "pip install 'manybase[mysql]'" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_passwords_are_in_no_message(program) -> None:
    """Unreachable servers, reprs and settings show the address without the password."""
    done = program(
        MODEL
        + """
    import traceback
    configure(databases={"default": "postgresql://u:hunter2@127.0.0.1:1/x",
                         "other": "mysql://u:hunter2@127.0.0.1:1/x"})
    declare()
    from manybase.conf import settings, databases
    from manybase.db import connections
    print(settings, databases(), connections, connections["default"])
    print(connections["default"].settings_dict, connections["other"].settings_dict)
    for alias in ("default", "other"):
        try:
            Book.objects.using(alias).count()
        except Exception as error:
            print(type(error).__name__, error, repr(error))
            traceback.print_exc()
    """
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("OperationalError") >= 2
    assert "hunter2" not in done.stdout
    assert "hunter2" not in done.stderr


def test_an_import_loads_nothing_heavy(program) -> None:
    """``import manybase`` and models leave SQLAlchemy, drivers and the command line alone."""
    done = program(
        """
    import sys
    import manybase
    from manybase.errors import NoPlace
    from manybase import models
    from manybase.db import connections, transaction
    heavy = ("sqlalchemy", "click", "rich", "asyncio", "psycopg", "pymysql", "sqlite3")
    print([name for name in heavy if name in sys.modules])
    """
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_a_sync_call_in_a_loop_of_a_program(program) -> None:
    """The error has the asynchronous spelling; the program that follows it works."""
    done = program(
        MODEL
        + """
    import asyncio
    configure("sqlite:///shop.db")
    declare()
    models.create_tables(Book)

    async def main():
        try:
            Book.objects.create(title="Emma")
        except RuntimeError as error:
            print(error)
        await Book.objects.acreate(title="Emma")
        print([book.title async for book in Book.objects.all()])
        await manybase.db.connections.aclose_all()

    asyncio.run(main())
    """
    )

    assert done.returncode == 0, done.stderr
    assert "acreate" in done.stdout
    assert "['Emma']" in done.stdout
