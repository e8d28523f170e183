"""Calls that join a queryset with others, and the lock on its rows: recorded, nothing is run."""

from __future__ import annotations

from typing import Any, Self

from manybase.meta.fetch_mode import FetchMode, as_mode
from manybase.models.queryset.base import M
from manybase.models.queryset.build import Building
from manybase.query.choose import record_lock
from manybase.query.combine import record_combined, record_joined


class Combining(Building[M]):
    """Several querysets, and locks."""

    __slots__ = ()

    def __or__(self, other: Any) -> Self:
        return record_joined(self, other, "or")._checked()

    def __and__(self, other: Any) -> Self:
        return record_joined(self, other, "and")._checked()

    def __xor__(self, other: Any) -> Self:
        return record_joined(self, other, "xor")._checked()

    def union(self, *others: Any, all: bool = False) -> Self:
        """Return the rows of this queryset and of others.

        Args:
            others: Querysets of the same place, with as many columns.
            all: Keep equal rows, each as often as it comes.

        Raises:
            CrossDatabaseError: Two databases were asked for.
        """
        return record_combined(self, others, "union", all)._checked()

    def intersection(self, *others: Any) -> Self:
        """Return the rows that all of the querysets have."""
        return record_combined(self, others, "intersection", False)._checked()

    def difference(self, *others: Any) -> Self:
        """Return the rows that none of the others have."""
        return record_combined(self, others, "difference", False)._checked()

    def fetch_mode(self, mode: FetchMode | str) -> Self:
        """Say how relations and deferred fields that were not loaded are fetched.

        Args:
            mode: ``FETCH_ONE`` for the object that is asked, ``FETCH_PEERS`` for all objects of
                the query at once, ``FETCH_RAISE`` for not at all.
        """
        new = self._chain()
        new._fetch_mode = as_mode(mode, "fetch_mode()")
        return new

    def select_for_update(
        self,
        nowait: bool = False,
        skip_locked: bool = False,
        of: tuple[str, ...] = (),
        no_key: bool = False,
    ) -> Self:
        """Lock the rows until the transaction ends; read them on the database for writes.

        On SQLite, where one connection writes at a time, it changes nothing.

        Args:
            nowait: Raise where another transaction holds a lock, instead of waiting.
            skip_locked: Leave out rows that another transaction holds.
            of: Lock only these: ``"self"`` and relations that ``select_related`` follows.
            no_key: Take the weaker lock that lets foreign keys be checked; PostgreSQL only.

        Raises:
            TransactionManagementError: No transaction is open when the rows are read.
            NotSupportedError: The database has no such word; when the rows are read.
        """
        words = {"nowait": nowait, "skip_locked": skip_locked, "no_key": no_key}
        new = record_lock(self, {k: v for k, v in words.items() if v}, tuple(of))
        new._for_write = True
        return new
