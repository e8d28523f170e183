"""``manybase check``: are the settings readable, and does every relation have its model.

Opens no connection. Prints what it found; the exit code is 1 where something is wrong.
"""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from manybase import conf
from manybase.apps import apps, setup
from manybase.errors import hint_for
from manybase.meta.registry import registry


def problems() -> list[str]:
    """Return one sentence for each relation that names a model that nobody defines."""
    known = [model._meta.label for model in apps.get_models()]
    return [
        f"a relation names the model '{label}', which is not defined. {hint_for(label, known)}"
        for label in sorted(set(registry.pending()))
    ]


@click.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Check the settings and the models without opening a connection."""
    console = Console(highlight=False)
    databases = conf.databases()
    setup()
    table = Table("alias", "address", "copy of")
    for alias, database in databases.items():
        table.add_row(alias, database.masked_url, database.replica_of or "")
    console.print(table)
    console.print(f"{len(apps.get_app_configs())} applications, {len(apps.get_models())} models")
    found = problems()
    for sentence in found:
        console.print(sentence, style="red")
    context.exit(1 if found else 0)
