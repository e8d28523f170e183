"""The ``manybase`` command: finds the subcommand, starts the program, shows errors.

Subcommands are imported when they are asked for. Exit codes: 0 done, 1 the work was refused or a
check found something, 2 the command or the settings are wrong, 3 a defect of Manybase.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from manybase.cli.failure import show_defect, show_error
from manybase.conf import settings
from manybase.conf.sources import MODULE_VARIABLE
from manybase.errors import ConfigurationError, ManybaseError, hint_for

DONE, REFUSED, MISUSED, DEFECT = 0, 1, 2, 3

COMMANDS = {
    "check": "manybase.cli.check",
    "demo": "manybase.cli.demo",
    "loaddata": "manybase.cli.loaddata",
    "version": "manybase.cli.version",
}
"""The module of each subcommand; it holds a Click command of the subcommand's name."""


class LazyGroup(click.Group):
    """A group that imports a subcommand only when it is run or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"no command '{args[0]}'. {hint_for(args[0], COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--settings", "module", metavar="MODULE", help="A settings module to start from.")
@click.option("--traceback", is_flag=True, help="Show where an error came from.")
@click.pass_context
def manybase(context: click.Context, module: str | None, traceback: bool) -> None:
    """Several databases, one program: Manybase's command line."""
    context.obj = {"traceback": traceback}
    if module is not None:
        os.environ[MODULE_VARIABLE] = module
        settings.reset()


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; what the console script calls."""
    # As with "python -m": the settings module and the applications stand where one works.
    if "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    words = sys.argv[1:] if arguments is None else arguments
    try:
        result: Any = manybase.main(args=words, prog_name="manybase", standalone_mode=False)
        return result if isinstance(result, int) else DONE
    except click.ClickException as error:
        error.show()
        return MISUSED
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return REFUSED
    except ManybaseError as error:
        show_error(error, with_traceback="--traceback" in words)
        return MISUSED if isinstance(error, ConfigurationError) else REFUSED
    except Exception as error:  # noqa: BLE001 - the outermost frame: it shows whatever comes
        show_defect(error)
        return DEFECT
