"""``manybase version``: which versions of everything that matters are here.

Reads the metadata of installed packages; imports no driver.
"""

from __future__ import annotations

import platform
from importlib import metadata

import click
from rich.console import Console
from rich.table import Table

import manybase

PACKAGES = ("SQLAlchemy", "psycopg", "PyMySQL", "mysqlclient", "aiosqlite", "asyncmy", "aiomysql")


def installed(package: str) -> str | None:
    """Return the version of an installed package, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


@click.command()
def version() -> None:
    """Show the versions of Manybase, Python and the drivers."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row("manybase", manybase.__version__)
    table.add_row("Python", platform.python_version())
    for package in PACKAGES:
        table.add_row(package, installed(package) or "not installed")
    Console(highlight=False).print(table)
