"""Checks what ruff does not: sizes, module docstrings, and where databases are named.

Run as ``python tools/check_sizes.py [folder]``; exit code 1 where a rule is broken, warnings do not
count. The rules are told in CONTRIBUTING.md.
"""

from __future__ import annotations

import ast
import dataclasses
import re
import sys
from collections.abc import Iterator
from pathlib import Path

MODULE_AIM, MODULE_STOP = 400, 500
FUNCTION_AIM, FUNCTION_STOP = 40, 60
CLASS_AIM, CLASS_STOP = 25, 40

NAMES_ALLOWED = ("dialects/", "conf/", "cli/demo/")
"""Where a database may be named: its dialect, the spelling of URLs, the demo's raw driver."""

DATABASE = re.compile(
    r"(?:\b|_)(?:postgres(?:ql)?|mysql|mariadb|sqlite3?)(?:\b|_)(?!\w*://)", re.IGNORECASE
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    """One rule broken or nearly so, at one place."""

    path: str
    line: int
    text: str
    fails: bool = True

    def __str__(self) -> str:
        word = "error" if self.fails else "warning"
        return f"{self.path}:{self.line}: {word}: {self.text}"


def check_module(path: str, source: str) -> Iterator[Finding]:
    """Yield what is wrong with one module; ``path`` is relative to the package."""
    tree = ast.parse(source)
    lines = source.count("\n")
    if lines > MODULE_AIM:
        text = f"the module has {lines} lines (aim {MODULE_AIM}, stop {MODULE_STOP})"
        yield Finding(path, 1, text, lines > MODULE_STOP)
    if source.strip() and ast.get_docstring(tree) is None:
        yield Finding(path, 1, "the module has no docstring")
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield from _check_function(path, node)
        elif isinstance(node, ast.ClassDef):
            yield from _check_class(path, node)
    if not path.startswith(NAMES_ALLOWED):
        yield from _check_names(path, tree)


def _check_function(path: str, node: Function) -> Iterator[Finding]:
    # The documentation of a function is not its complexity.
    documented = 0
    if ast.get_docstring(node) is not None:
        first = node.body[0]
        documented = (first.end_lineno or first.lineno) - first.lineno + 1
    lines = (node.end_lineno or node.lineno) - node.lineno + 1 - documented
    if lines > FUNCTION_AIM:
        text = f"{node.name}() has {lines} lines (aim {FUNCTION_AIM}, stop {FUNCTION_STOP})"
        yield Finding(path, node.lineno, text, lines > FUNCTION_STOP)


def _check_class(path: str, node: ast.ClassDef) -> Iterator[Finding]:
    methods = {
        item.name for item in node.body if isinstance(item, Function) and not _overload(item)
    }
    # A terminal and its asynchronous twin are one method to the reader.
    number = sum(1 for name in methods if not (name[:1] == "a" and name[1:] in methods))
    if number > CLASS_AIM:
        text = f"class {node.name} has {number} methods (aim {CLASS_AIM}, stop {CLASS_STOP})"
        yield Finding(path, node.lineno, text, number > CLASS_STOP)


def _overload(node: Function) -> bool:
    return any(ast.unparse(item).endswith("overload") for item in node.decorator_list)


def _check_names(path: str, tree: ast.Module) -> Iterator[Finding]:
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
    }  # docstrings, of attributes too
    for node in ast.walk(tree):
        found = _names_in(node) if id(node) not in documentation else ()
        for text in found:
            if DATABASE.search(text):
                line = getattr(node, "lineno", 1)
                yield Finding(path, line, f"a database is named outside dialects: {text[:60]!r}")


def _names_in(node: ast.AST) -> tuple[str, ...]:
    match node:
        case ast.Constant(value=str(text)):
            return (text,)
        case ast.Name(id=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.Attribute(attr=name):
            return (name,)
        case ast.Import(names=names):
            return tuple(alias.name for alias in names)
        case ast.ImportFrom(module=str(module)):
            return (module,)
    return ()


def check(package: Path) -> list[Finding]:
    """Return what is wrong in a package, in the order of its files."""
    found: list[Finding] = []
    for path in sorted(package.rglob("*.py")):
        found += check_module(path.relative_to(package).as_posix(), path.read_text("utf-8"))
    return sorted(found)


def main(words: list[str]) -> int:
    """Print the findings; return 1 where one of them fails the check."""
    package = Path(words[0]) if words else Path(__file__).parent.parent / "src" / "manybase"
    found = check(package)
    for finding in found:
        print(finding)
    failures = sum(finding.fails for finding in found)
    print(f"sizes: {failures} errors, {len(found) - failures} warnings")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
