"""Writes ``models/manager_methods.py``: a queryset's methods, with the types that managers give.

Run as ``python tools/generate_manager_methods.py`` after a signature of ``models/queryset`` has
changed; with ``--check`` it writes nothing and exits with 1 where the module is not current. A
test does that.
"""

from __future__ import annotations

import ast
import builtins
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "manybase.models.queryset"
TARGET = ROOT / "src/manybase/models/manager_methods.py"
NOT_FORWARDED = frozenset({"as_manager", "delete", "adelete"})

HEAD = '''\
"""The methods that a manager has from its queryset, for type checkers and readers.

Written by ``tools/generate_manager_methods.py`` from ``models.queryset``; do not edit. Never run:
at run time a manager forwards calls, whatever arguments its own queryset's methods take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
'''

Function = ast.FunctionDef | ast.AsyncFunctionDef
Origins = dict[str, str]


def generate() -> str:
    """Return the text of the module as it should be."""
    origins: Origins = {}
    used = {"Generic", "M", "QuerySet"}
    classes: list[str] = []
    base = "Generic[M]"
    owners: dict[str, ast.ClassDef] = {}
    for source in _sources():
        origins.update(source.origins)
        owners.update((owner.name, owner) for owner in source.classes)
    for owner in _lineage(owners["QuerySet"], owners):
        methods = [_stub(method) for method in _methods(owner)]
        if not methods:
            continue
        used.update(name for method in methods for name in _names(method))
        head = f'class {owner.name}Methods({base}):\n    """{_sentence(owner)}"""\n'
        body = "\n".join(ast.unparse(method) for method in methods)
        classes.append(head + textwrap.indent(body, "    "))
        base = f"{owner.name}Methods[M]"
    origins.update(Generic="from typing import Generic", QuerySet=f"from {PACKAGE} import QuerySet")
    imports = [origins[name] for name in used if not hasattr(builtins, name)]
    return _formatted(HEAD + textwrap.indent("\n".join([*sorted(set(imports)), *classes]), "    "))


class _Source:
    """A module of the querysets: its classes, and the import line of every name in it."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self.classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        self.origins: Origins = {}
        for node in ast.walk(tree):
            if isinstance(node, (ast.ImportFrom, ast.Import)):
                for alias in node.names:
                    line = ast.unparse(_only(node, alias))
                    self.origins[alias.asname or alias.name] = line
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                self.origins[name] = f"from {module} import {name}"


def _only(node: ast.ImportFrom | ast.Import, alias: ast.alias) -> ast.stmt:
    if isinstance(node, ast.ImportFrom):
        return ast.ImportFrom(node.module, [alias], node.level)
    return ast.Import([alias])


def _sources() -> Iterator[_Source]:
    folder = ROOT / "src" / PACKAGE.replace(".", "/")
    for path in sorted(folder.glob("*.py")):
        module = PACKAGE if path.stem == "__init__" else f"{PACKAGE}.{path.stem}"
        yield _Source(module, ast.parse(path.read_text()))


def _lineage(owner: ast.ClassDef, owners: dict[str, ast.ClassDef]) -> list[ast.ClassDef]:
    """Return the classes that a class of the querysets is made of, the first one first."""
    found: list[ast.ClassDef] = []
    for base in owner.bases:
        name = base.value if isinstance(base, ast.Subscript) else base
        if isinstance(name, ast.Name) and name.id in owners:
            found += [one for one in _lineage(owners[name.id], owners) if one not in found]
    return [*found, owner]


def _methods(owner: ast.ClassDef) -> Iterator[Function]:
    """Yield the public methods, each after its overloads."""
    for item in owner.body:
        if isinstance(item, Function) and item.name[0] != "_" and item.name not in NOT_FORWARDED:
            decorators = {ast.unparse(decorator) for decorator in item.decorator_list}
            if decorators <= {"overload"}:
                yield item


def _stub(method: Function) -> Function:
    """Return a method without its body, that gives querysets where the original gives itself."""
    rows = any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(method))
    kind = ast.FunctionDef if rows else type(method)
    sentence = textwrap.fill(_sentence(method), 84)
    sentence += "\n" if "\n" in sentence else ""
    body: list[ast.stmt] = [ast.Expr(ast.Constant(sentence))] if sentence else []
    stub = kind(
        name=method.name,
        args=method.args,
        body=[*body, ast.Expr(ast.Constant(...))],
        decorator_list=method.decorator_list,
        returns=method.returns,
        lineno=0,
    )
    placed: Function = ast.fix_missing_locations(_Placed().visit(stub))
    return placed


class _Placed(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.parse("QuerySet[M]", mode="eval").body if node.id == "Self" else node


def _names(method: Function) -> set[str]:
    return {node.id for node in ast.walk(method) if isinstance(node, ast.Name)}


def _sentence(node: Function | ast.ClassDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n\n")[0]


def _formatted(text: str) -> str:
    for command in (["check", "--quiet", "--select=I", "--fix"], ["format", "--quiet"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, f"--stdin-filename={TARGET}", "-"],
            cwd=ROOT,
            input=text,
            capture_output=True,
            text=True,
            check=True,
        )
        text = done.stdout
    return text


def main(arguments: list[str]) -> int:
    """Write the module, or say whether it is current."""
    text = generate()
    if "--check" not in arguments:
        TARGET.write_text(text)
        return 0
    if TARGET.exists() and TARGET.read_text() == text:
        return 0
    print(f"{TARGET} is not current: run python tools/generate_manager_methods.py")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
