"""Which names can be attributes of objects: of fields, annotations, columns, prefetched lists.

They are written into generated functions and set on objects. So each must be an identifier as
Python spells it, and none that every object needs for itself. Asked by ``query``, ``ops``, fields.
"""

from __future__ import annotations

import keyword
import unicodedata
from typing import Any

#: Names that every object has; ``models.base`` adds those of ``Model``.
RESERVED: set[str] = {
    "_fetch_group",
    "_init_plan",
    "_meta",
    "_origin",
    "_plain_init",
    "_prefetch_owner",
    "DoesNotExist",
    "MultipleObjectsReturned",
    "NotUpdated",
    "objects",
}
_KEPT = ("_cache", "_cache_new", "_cache_of")


def is_spelled(name: Any) -> bool:
    """Whether a name is an identifier as Python spells it, no keyword and no ``__name__``."""
    return (
        isinstance(name, str)
        and name.isidentifier()
        and not keyword.iskeyword(name)
        and not (name.startswith("__") and name.endswith("__"))
        and unicodedata.normalize("NFKC", name) == name
    )


def is_kept(name: str) -> bool:
    """Whether objects keep something of their own under a name: a place, a related object."""
    if name.startswith("_") and (name.endswith(_KEPT) or name.startswith("__")):
        return True
    return name in RESERVED


def static(cls: Any, name: str) -> Any:
    """What stands under a name in a class or its bases, without asking it; None if nothing does.

    As ``inspect.getattr_static``, which costs ten times as much, since it looks at much more.
    """
    for one in cls.__mro__:
        if name in one.__dict__:
            return one.__dict__[name]
    return None


def is_read_only(model: Any, name: str) -> bool:
    """Whether the class has a property of that name which cannot be set."""
    found = static(model, name)
    return isinstance(found, property) and found.fset is None
