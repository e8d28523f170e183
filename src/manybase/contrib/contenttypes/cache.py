"""Content types already read, per database, and those whose row is not committed yet.

Owned by ``ContentTypeManager``; holds rows, runs no query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manybase.contrib.contenttypes.models import ContentType

Key = tuple[str, str]


class ContentTypeCache:
    """The content types of each database by model and by key.

    A row made inside a transaction is kept only once that has committed: after a rollback its key
    belongs to nobody, or soon to another model.
    """

    def __init__(self) -> None:
        self._by_name: dict[tuple[str, Key], ContentType] = {}
        self._by_id: dict[tuple[str, int], ContentType] = {}
        self._uncommitted: set[tuple[str, Key]] = set()

    def named(self, alias: str, key: Key) -> ContentType | None:
        """Return the content type of a model, if it has been read."""
        return self._by_name.get((alias, key))

    def numbered(self, alias: str, pk: int) -> ContentType | None:
        """Return the content type of a key, if it has been read."""
        return self._by_id.get((alias, pk))

    def keep(self, alias: str, found: ContentType) -> None:
        """Keep what was read, unless the transaction that made it may still be rolled back."""
        name = (alias, (found.app_label, found.model))
        if name not in self._uncommitted:
            self._by_name[name] = found
            self._by_id[(alias, found.pk)] = found

    def made(self, alias: str, found: ContentType) -> None:
        """Note a row whose transaction is still open."""
        self._uncommitted.add((alias, (found.app_label, found.model)))

    def committed(self, alias: str, found: ContentType) -> None:
        """Keep a row whose transaction has committed."""
        self._uncommitted.discard((alias, (found.app_label, found.model)))
        self.keep(alias, found)

    def clear(self, alias: str | None = None) -> None:
        """Forget everything, or what is known of one database."""
        if alias is None:
            self._by_name.clear()
            self._by_id.clear()
            self._uncommitted.clear()
            return
        self._by_name = {k: v for k, v in self._by_name.items() if k[0] != alias}
        self._by_id = {k: v for k, v in self._by_id.items() if k[0] != alias}
        self._uncommitted = {k for k in self._uncommitted if k[0] != alias}
