"""Shows an error on the terminal: what happened, what to type instead.

Called by ``cli.main`` only. Messages come from ``errors`` and carry no passwords.
"""

from __future__ import annotations

import traceback

from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from manybase.errors import ManybaseError


def show_error(error: ManybaseError, *, with_traceback: bool = False) -> None:
    """Draw an error of Manybase as a panel with its message and its hint."""
    console = Console(stderr=True, highlight=False)
    if with_traceback:
        console.print(Text("".join(traceback.format_exception(error))))
    lines = [Text(error.message or str(error))]
    if error.hint:
        lines.append(Text(error.hint, style="green"))
    title = Text(f"{type(error).__name__} {error.code}".strip(), style="bold red")
    console.print(Panel(Group(*lines), title=title, title_align="left", border_style="red"))


def show_defect(error: Exception) -> None:
    """Print an error that is no error of Manybase's, with its traceback."""
    console = Console(stderr=True, highlight=False)
    console.print(Text("".join(traceback.format_exception(error)).rstrip()))
    line = Text("this is not an error that Manybase expects; the lines above say where it arose")
    console.print(Panel(line, title=type(error).__name__, title_align="left", border_style="red"))
