"""Generated functions: parameters into the driver's order and form, rows into objects.

One function is generated for each plan, with every conversion written into it, so that nothing is
looked up row by row. Only names made here and the dialects' templates enter the generated text;
names of fields do as attributes, which Python has checked to be identifiers.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple

from manybase.errors import ConfigurationError
from manybase.meta.origin import ROWS, origin
from manybase.query.collector import FEWEST_ROWS, resting
from manybase.query.plan import Bind, Hydrate

if TYPE_CHECKING:
    from manybase.dialects.base import Converter

Source = tuple[int | slice | None, Any, "tuple[Converter, ...]"]


class Code:
    """A function being written: its lines, and the objects that it names."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {}
        self._numbers = itertools.count()

    def give(self, value: Any, prefix: str = "g") -> str:
        """Make an object known to the function; return its name there."""
        name = f"{prefix}{next(self._numbers)}"
        self.names[name] = value
        return name

    def convert(self, value: str, converters: Sequence[Converter], nullable: bool = True) -> str:
        """The expression that converts a variable, where it is not None."""
        if not converters:
            return value
        text = value
        for converter in converters:
            text = converter.template.format(v=text)
            self.names.update(converter.names)
        return f"(None if {value} is None else {text})" if nullable else text

    def finish(self, name: str) -> Any:
        """Compile the lines and return the function."""
        exec(_compiled("\n".join(self.lines), name), self.names)
        return self.names[name]


@functools.lru_cache(maxsize=1024)
def _compiled(source: str, name: str) -> CodeType:
    """The code of a text; texts come again, as they hold neither objects nor values."""
    return compile(source, f"<generated {name}>", "exec")


in_order: Bind = tuple
"""Returns the parameters as they are; a function of Python's own enters no frame."""


def bind_function(sources: Sequence[Source], count: int) -> Bind:
    """Return the function from a recording's parameters to the driver's."""
    if [s[0] for s in sources] == list(range(count)) and not any(s[2] for s in sources):
        return in_order
    code = Code()
    parts = []
    for index, constant, converters in sources:
        if isinstance(index, slice):
            each = code.convert("v", converters)
            parts.append(f"[{each} for v in p[{index.start}:{index.stop}]]")
        elif index is None:
            parts.append(code.give(constant))
        else:
            parts.append(code.convert(f"p[{index}]", converters))
    code.lines = ["def bind(p):", f"    return ({', '.join(parts)}{',' if parts else ''})"]
    bind: Bind = code.finish("bind")
    return bind


class Column:
    """A selected column as the generated function sees it.

    Args:
        name: The attribute, key or name that the value gets.
        converters: What turns the driver's value into Python's.
        parts: The columns that together are the value, for a key of several fields.
        nullable: Whether null is expected.
    """

    __slots__ = ("converters", "name", "nullable", "parts")

    def __init__(
        self,
        name: str,
        converters: Sequence[Converter],
        parts: Sequence[Column] = (),
        nullable: bool = True,
    ) -> None:
        self.nullable = nullable
        self.name = name
        self.converters = tuple(converters)
        self.parts = tuple(parts)

    @property
    def foreign(self) -> bool:
        """Whether a function of the program's converts the value."""
        return any(one.foreign for one in self.converters) or any(p.foreign for p in self.parts)


class Target:
    """An object to build from a run of columns, and the objects joined to it.

    Args:
        model: Its class.
        columns: Its columns, named by attribute.
        first: The position of the first of them in the row.
        key: The position of its primary key in the row.
        cache: The attribute of the parent that keeps it; None for the outermost.
        back: The attribute of it that keeps the parent; None for relations to many.
        optional: Whether there may be none.
    """

    __slots__ = (
        "back",
        "cache",
        "children",
        "columns",
        "extras",
        "first",
        "key",
        "model",
        "optional",
    )

    def __init__(
        self,
        model: Any,
        columns: Sequence[Column],
        first: int,
        key: int,
        cache: str | None = None,
        back: str | None = None,
        optional: bool = True,
    ) -> None:
        self.optional = optional
        self.model = model
        self.columns = columns
        self.first = first
        self.key = key
        self.cache = cache
        self.back = back
        self.children: list[Target] = []
        self.extras: list[tuple[int, Column]] = []  # annotations, by position in the row


def hydrate_objects(target: Target, width: int, told: bool = False) -> Hydrate:
    """Return the function that builds objects, with joined objects in the same pass.

    Args:
        target: What is built.
        width: How many columns a row has.
        told: Whether ``__init__`` runs for every object, because signals wait for it.
    """
    return _objects(target, width, told, False)


#: What generated functions that make many objects begin with; see ``collector``.
_REST = f"    if not rested and len(rows) >= {FEWEST_ROWS}: return resting(hydrate, rows, alias)"


def _objects(target: Target, width: int, told: bool, nulls: bool) -> Hydrate:
    def again(rows: Sequence[Sequence[Any]], alias: str) -> list[Any]:
        # A null stands where the model allows none: tables of other programs may hold it.
        return _objects(target, width, told, True)(rows, alias)

    code = Code()
    code.names.update(origin=origin, ties=ROWS, again=again, resting=resting)
    code.lines = [
        "def hydrate(rows, alias, rested=False):",
        _REST,
        "    tie = ties.get(alias) or origin(alias, True)",
        "    out = []",
        "    append = out.append",
        "    try:",
        f"        for {_unpack(width)} in rows:",
    ]
    _write_target(code, target, "o", "            ", told, nulls)
    for position, column in target.extras:
        value = code.convert(f"c{position}", column.converters)
        code.lines.append(f"            o.{column.name} = {value}")
    failed = "raise" if nulls else "return again(rows, alias)"
    code.lines += ["            append(o)", f"    except TypeError: {failed}", "    return out"]
    hydrate: Any = code.finish("hydrate")
    hydrate.in_parts = not told and _is_ours(target)
    made: Hydrate = hydrate
    return made


def maker(model: Any) -> Callable[[], Any]:
    """What makes empty objects of a model; quicker than ``object.__new__(model)``."""
    return functools.partial(object.__new__, model)


def _is_ours(target: Target) -> bool:
    """Whether objects are made without any code of the program."""
    columns = [*target.columns, *(column for _, column in target.extras)]
    return (
        target.model._plain_init
        and not any(one.foreign for one in columns)
        and all(_is_ours(child) for child in target.children)
    )


def _unpack(width: int) -> str:
    names = ", ".join(f"c{i}" for i in range(width))
    return f"({names},)" if width == 1 else names


def _write_target(
    code: Code, target: Target, name: str, indent: str, told: bool, nulls: bool
) -> None:
    values = []
    for i, column in enumerate(target.columns, target.first):
        nullable = column.nullable or nulls
        values.append((column.name, code.convert(f"c{i}", column.converters, nullable)))
    if target.model._plain_init and not told:
        for attname, _ in values:
            if not attname.isidentifier():
                raise ConfigurationError(f"'{attname}' is no name of an attribute")
        code.lines.append(f"{indent}{name} = {code.give(maker(target.model), 'new')}()")
        code.lines += [f"{indent}{name}.{attname} = {value}" for attname, value in values]
        code.lines.append(f"{indent}{name}._origin = tie")
    else:
        cls, names = code.give(target.model, "M"), code.give([attname for attname, _ in values])
        row = ", ".join(value for _, value in values)
        code.lines.append(f"{indent}{name} = {cls}.from_db(alias, {names}, [{row}])")
    for i, child in enumerate(target.children):
        inner, deeper = f"{name}_{i}", indent
        if child.optional:
            code.lines += [
                f"{indent}if c{child.key} is None:",
                f"{indent}    {name}.{child.cache} = None",
                f"{indent}else:",
            ]
            deeper = indent + "    "
        _write_target(code, child, inner, deeper, told, nulls)
        code.lines.append(f"{deeper}{name}.{child.cache} = {inner}")
        if child.back:
            code.lines.append(f"{deeper}{inner}.{child.back} = {name}")


def hydrate_values(columns: Sequence[Column], mode: str, width: int) -> Hydrate:
    """Return the function for ``values()`` ("dict") and ``values_list()``."""
    plain = not any(c.converters or c.parts for c in columns)
    if mode == "tuple" and plain and width == len(columns):
        return _as_tuples
    code = Code()
    parts = _values(code, columns)
    if mode == "flat":
        result = parts[0]
    elif mode == "tuple":
        result = f"({', '.join(parts)},)"
    elif mode == "named":
        row = NamedTuple("Row", [(c.name, Any) for c in columns])  # type: ignore[misc]
        result = f"{code.give(row)}({', '.join(parts)})"
    else:
        result = (
            "{" + ", ".join(f"{c.name!r}: {p}" for c, p in zip(columns, parts, strict=True)) + "}"
        )
    code.names["resting"] = resting
    code.lines = [
        "def hydrate(rows, alias, rested=False):",
        _REST,
        f"    return [{result} for {_unpack(width)} in rows]",
    ]
    hydrate: Any = code.finish("hydrate")
    hydrate.in_parts = not any(column.foreign for column in columns)
    made: Hydrate = hydrate
    return made


def _values(code: Code, columns: Sequence[Column]) -> list[str]:
    """The expression of each value; one of several columns is a tuple."""
    position = itertools.count()
    found = []
    for column in columns:
        if column.parts:
            inner = [code.convert(f"c{next(position)}", p.converters) for p in column.parts]
            found.append(f"({', '.join(inner)},)")
        else:
            found.append(code.convert(f"c{next(position)}", column.converters))
    return found


def _as_tuples(rows: Sequence[Sequence[Any]], alias: str) -> list[Any]:
    if rows and type(rows[0]) is not tuple:
        return [tuple(row) for row in rows]
    return rows if type(rows) is list else list(rows)


_as_tuples.in_parts = True  # type: ignore[attr-defined]
