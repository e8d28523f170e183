"""Runs one session of a page in a process and a folder of its own; prints what is not as shown.

``python -m tests.docs.session README.md 1``, called by ``test_examples``. Only ``python`` and
``manybase`` are run of the commands; the demonstration and installations are not.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import shlex
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

from tests.docs.pages import ROOT, Block, Session, sessions

OPTIONS = doctest.ELLIPSIS | doctest.REPORT_NDIFF
_RAISED = "Traceback (most recent call last):\n"


class Runner:
    """Runs the blocks of one session in order.

    Args:
        page: The page's name, for messages.
    """

    def __init__(self, page: str) -> None:
        self.page = page
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.failures: list[str] = []

    def run(self, session: Session) -> list[str]:
        """Run a session and return what is wrong with it."""
        for block in session.blocks:
            if block.title:
                self._file(block)
            elif block.language == "python":
                self._program(block)
            elif block.language == "pycon":
                self._dialogue(block)
            elif block.language == "console":
                self._commands(block)
            if self.failures:
                break
        return self.failures

    def _file(self, block: Block) -> None:
        path = Path(block.title)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.source, encoding="utf-8")

    def _program(self, block: Block) -> None:
        out = io.StringIO()
        raised = ""
        try:
            # Blank lines before it, so that a traceback names the line of the page.
            code = compile("\n" * (block.line - 1) + block.source, self.page, "exec")
            with contextlib.redirect_stdout(out):
                exec(code, self.names)
        except BaseException as error:  # noqa: BLE001  # reported, or what the page shows
            if block.prints is None or _RAISED not in block.prints:
                self._fail(block.line, f"{out.getvalue()}{traceback.format_exc()}")
                return
            last = "".join(traceback.format_exception_only(error))
            raised = f"{_RAISED}  ...\n{last}"
        wanted = block.prints or ""
        self._compare(block.line, wanted, out.getvalue() + raised)

    def _dialogue(self, block: Block) -> None:
        parsed = doctest.DocTestParser().get_doctest(
            block.source, {}, f"line {block.line}", self.page, block.line - 1
        )
        parsed.globs = self.names
        out = io.StringIO()
        runner = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False)
        runner.run(parsed, out=out.write, clear_globs=False)
        if runner.failures:
            self._fail(block.line, out.getvalue())

    def _commands(self, block: Block) -> None:
        for command, shown in commands(block.source):
            words = shlex.split(command)
            if words[0] == "export":
                os.environ.update(word.split("=", 1) for word in words[1:])
                continue
            if words[0] not in ("python", "manybase") or "demo" in words or "pip" in words:
                continue
            first = ["-m", "manybase.cli"] if words[0] == "manybase" else []
            done = subprocess.run(
                [sys.executable, *first, *words[1:]],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                timeout=60,
                check=False,
                env=_environment(),
            )
            self._compare(block.line, shown, done.stdout)

    def _compare(self, line: int, wanted: str, found: str) -> None:
        wanted, found = (
            "".join(f"{one.rstrip()}\n" for one in text.rstrip().splitlines())
            for text in (wanted, found)
        )
        if not doctest.OutputChecker().check_output(wanted, found, OPTIONS):
            self._fail(line, f"Expected:\n{wanted}Got:\n{found}")

    def _fail(self, line: int, text: str) -> None:
        self.failures.append(f"{self.page}, line {line}:\n{text}")


def _environment() -> dict[str, str]:
    """The variables of a command: no colours, one width, this project's source."""
    own = {key: value for key, value in os.environ.items() if key != "FORCE_COLOR"}
    fixed = {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    return {**own, **fixed, "PYTHONPATH": f"{ROOT / 'src'}:."}


def commands(source: str) -> list[tuple[str, str]]:
    """Return the commands of a ``console`` block, each with what it is shown to print."""
    found: list[tuple[str, str]] = []
    for line in source.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        elif found:
            command, shown = found[-1]
            found[-1] = (command, f"{shown}{line}\n")
    return found


def main(page: str, number: int) -> int:
    """Run a session in the working directory; return 1 where something is not as shown."""
    session = next(one for one in sessions(ROOT / page) if one.number == number)
    sys.path.insert(0, "")
    failures = Runner(page).run(session)
    print("\n".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
