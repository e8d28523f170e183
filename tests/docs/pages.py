"""Reads the examples out of the documentation's Markdown.

A page is one session unless ``<!-- session -->`` begins another. In a session, ``python`` blocks
are programs (a ``text`` block that comes next is what one prints), ``pycon`` blocks are dialogues,
``console`` blocks hold commands, and a block with a ``title`` is a file. Runs nothing.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
NEW_SESSION = "<!-- session -->"
_FENCE = re.compile(r"```(?P<language>\w*)(?: title=\"(?P<title>[^\"]+)\")?")


@dataclasses.dataclass(frozen=True, slots=True)
class Block:
    """One fenced block.

    Args:
        language: What stands after the fence.
        title: The file that it is, or "".
        source: Its lines.
        line: The number of its first line in the page, from 1.
        prints: What a program prints, where the page shows it.
    """

    language: str
    title: str
    source: str
    line: int
    prints: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Session:
    """The blocks of a page that share one namespace and one folder.

    Args:
        page: The page, relative to the project.
        number: Which session of the page it is, from 1.
        blocks: Its blocks in order.
    """

    page: str
    number: int
    blocks: tuple[Block, ...]

    def __str__(self) -> str:
        return f"{self.page}-{self.number}"


def pages() -> list[Path]:
    """Return every page of the documentation."""
    return [
        ROOT / "README.md",
        ROOT / "ARCHITECTURE.md",
        *sorted((ROOT / "docs").rglob("*.md")),
    ]


def sessions(page: Path) -> list[Session]:
    """Return the sessions of a page that have anything to run."""
    name = page.relative_to(ROOT).as_posix()
    groups: list[list[Block]] = [[]]
    for found in _blocks(page.read_text("utf-8")):
        if found is None:
            groups.append([])
        else:
            groups[-1].append(found)
    return [
        Session(name, number, tuple(blocks))
        for number, blocks in enumerate(groups, 1)
        if any(b.language in ("python", "pycon", "console") for b in blocks)
    ]


def _blocks(text: str) -> Iterator[Block | None]:
    """Yield the blocks of a page, None where a new session begins."""
    lines = text.splitlines()
    held: Block | None = None
    at = 0
    while at < len(lines):
        line = lines[at]
        if line == NEW_SESSION:
            if held is not None:
                yield held
                held = None
            yield None
        elif (opening := _FENCE.fullmatch(line)) is not None:
            end = lines.index("```", at + 1)
            source = "\n".join(lines[at + 1 : end]) + "\n"
            block = Block(opening["language"], opening["title"] or "", source, at + 2)
            at = end
            if held is not None and block.language == "text" and not block.title:
                yield dataclasses.replace(held, prints=block.source)
                held = None
            else:
                if held is not None:
                    yield held
                held = block
        elif line.startswith("```"):
            raise ValueError(f"line {at + 1} opens a block in a way that is not known: {line}")
        at += 1
    if held is not None:
        yield held
