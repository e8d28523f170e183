"""Names of constraints and indexes that the models do not name themselves.

Always the same for the same columns, and never too long: what is cut off is told by a digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def name_for(table: str, columns: Sequence[str], kind: str, limit: int) -> str:
    """Return the name of a constraint or an index.

    Args:
        table: The table it belongs to.
        columns: The columns it speaks of.
        kind: A short ending that tells what it is: "uniq", "idx", "fk", "check".
        limit: The longest name that the database takes.

    Example:
        >>> name_for("shop_book", ["author_id"], "fk", 63)
        'shop_book_author_id_14f4d4b5_fk'
    """
    digest = hashlib.sha256("\0".join((table, *columns, kind)).encode()).hexdigest()[:8]
    ending = f"_{digest}_{kind}"
    return "_".join((table, *columns))[: limit - len(ending)] + ending
