"""One join of a path between models, as data.

Relations give their way as a tuple of steps; ``query`` turns steps into joins and ``ops`` walks
them when related objects are loaded.
"""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A join from one table to another.

    Args:
        source: The model that the join starts at.
        target: The model that it reaches.
        pairs: Fields that are compared, of the source and of the target.
        multi: Whether one source row can meet several target rows.
        nullable: Whether a source row can meet none.
        key: What tells this join from others out of the same table; equal keys may share a join.
        restrict: For a generic relation: the target's field of the content type, and the model
            whose content type it must be.
    """

    source: Any
    target: Any
    pairs: tuple[tuple[Any, Any], ...]
    multi: bool
    nullable: bool
    key: Any
    restrict: tuple[Any, Any] | None = None
