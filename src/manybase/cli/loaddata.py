"""``manybase loaddata``: load fixtures into the databases that they are for.

Only words to a call of ``manybase.fixtures.load``; what a label means is told there.
"""

from __future__ import annotations

import click

from manybase import fixtures
from manybase.apps import setup


@click.command()
@click.argument("labels", metavar="FIXTURE...", nargs=-1, required=True)
@click.option(
    "--database",
    "aliases",
    metavar="ALIAS",
    multiple=True,
    help="Load into this database only; may be given several times.",
)
@click.option(
    "--ignorenonexistent", is_flag=True, help="Pass over models and fields that are gone."
)
@click.option(
    "--exclude",
    metavar="APP[.MODEL]",
    multiple=True,
    help="Leave this application or model out; may be given several times.",
)
def loaddata(
    labels: tuple[str, ...],
    aliases: tuple[str, ...],
    ignorenonexistent: bool,
    exclude: tuple[str, ...],
) -> None:
    """Load fixtures: all of them or, after an error, nothing."""
    setup()
    result = fixtures.load(
        *labels, using=aliases or None, ignore_nonexistent=ignorenonexistent, exclude=exclude
    )
    click.echo(str(result))
    for alias, number in result.by_alias.items():
        click.echo(f"{alias}: {number} object(s)")
