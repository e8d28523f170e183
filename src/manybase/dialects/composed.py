"""SQL put together from a program's own text and expressions, for what SQLAlchemy has no words for.

Texts are SQL as they are and never hold a value; what stands between them is compiled, so values
are bound. Used by the dialects and by ``query.compile``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import NullType

_PLACE = re.compile(r"%%|%s")


class Composed(ColumnElement[Any]):
    """Texts and expressions, one after another.

    Args:
        parts: Texts of SQL, and SQLAlchemy elements.
    """

    inherit_cache = False
    __visit_name__ = "manybase_composed"

    def __init__(self, *parts: Any) -> None:
        self.parts = parts
        self.type = NullType()

    def self_group(self, against: Any = None) -> Any:
        """Stand in parentheses where another operator is near."""
        return self if against is None else Composed("(", *self.parts, ")")


@compiles(Composed)
def _composed(element: Composed, compiler: Any, **options: Any) -> str:
    found = []
    for part in element.parts:
        if isinstance(part, str):
            found.append(compiler.escape_literal_column(part))
        else:
            found.append(compiler.process(part, **options))
    return "".join(found)


def joined(elements: Sequence[Any], separator: str = ", ") -> list[Any]:
    """Return elements with a text between each two, as parts for ``Composed``."""
    parts: list[Any] = []
    for element in elements:
        parts += [separator, element] if parts else [element]
    return parts


def pieces(text: str) -> list[str]:
    """Split SQL at its places ``%s``; ``%%`` is a percent sign."""
    found = [""]
    position = 0
    for place in _PLACE.finditer(text):
        found[-1] += text[position : place.start()]
        position = place.end()
        if place.group() == "%%":
            found[-1] += "%"
        else:
            found.append("")
    found[-1] += text[position:]
    return found
