"""What is special about reading: locks, DISTINCT ON, EXPLAIN.

Part of a dialect; SQLAlchemy statements in and out, or texts. What a database cannot do raises
here, with the reason from its features. Called by the query compiler and by ``ops.explain``.
"""

from __future__ import annotations

import abc
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from manybase.errors import NotSupportedError, QueryError, hint_for

if TYPE_CHECKING:
    from manybase.dialects.features import Features

_WORD = re.compile(r"[A-Za-z_]+")


class ReadHooks(abc.ABC):
    """Locks, DISTINCT ON and EXPLAIN."""

    name: ClassVar[str]
    features: Features
    #: Formats of EXPLAIN that the database knows.
    explain_formats: tuple[str, ...] = ()

    def lock(self, select: Any, words: Mapping[str, bool], tables: Sequence[Any]) -> Any:
        """Return the SELECT so that it locks its rows.

        Args:
            select: The statement.
            words: ``nowait``, ``skip_locked``, ``no_key`` and ``of``, each wanted or not.
            tables: The tables whose rows are locked where ``of`` is wanted.

        Raises:
            NotSupportedError: The database has no such word.
        """
        if not self.features.for_update:
            return select  # one writer at a time: the block itself is the lock
        for word, feature in (
            ("nowait", "nowait"),
            ("skip_locked", "skip_locked"),
            ("no_key", "for_no_key_update"),
            ("of", "for_update_of"),
        ):
            if words.get(word) and not getattr(self.features, feature):
                raise self.missing(feature, f"select_for_update({word}=...)")
        return select.with_for_update(
            nowait=bool(words.get("nowait")),
            skip_locked=bool(words.get("skip_locked")),
            key_share=bool(words.get("no_key")),
            of=list(tables) if words.get("of") else None,
        )

    def distinct_on(self, select: Any, columns: Sequence[Any]) -> Any:
        """Return the SELECT of the first row for each combination of columns.

        Raises:
            NotSupportedError: The database has no DISTINCT ON.
        """
        raise self.missing("distinct_on", "distinct() with fields")

    def having(self, condition: Any, columns: Sequence[Any]) -> Any:
        """Return a condition on groups as the database can read it.

        Args:
            condition: The condition.
            columns: Columns that it reads beside aggregates; the rows are grouped by them.
        """
        return condition

    def missing(self, feature: str, call: str) -> NotSupportedError:
        """The error for something that the database cannot do."""
        return NotSupportedError(
            f"{call} is not supported on {self.name}: {self.features.why(feature)}"
        )

    def explain(self, sql: str, form: str | None, options: Mapping[str, Any]) -> str:
        """Return the statement that explains another.

        Args:
            sql: The statement.
            form: A format such as ``"json"``, or None.
            options: Words of the database's EXPLAIN, such as ``analyze=True``.

        Raises:
            QueryError: The format or an option is unknown.
        """
        if form is not None and not self.features.explain_formats:
            raise self.missing("explain_formats", "explain(format=...)")
        if form is not None and form.upper() not in self.explain_formats:
            known = ", ".join(self.explain_formats)
            raise QueryError(
                f"'{self.name}' has no such format of EXPLAIN", hint=f"Formats are: {known}."
            )
        for word in options:
            if not _WORD.fullmatch(word):
                raise QueryError("the options of explain() must be words")
        return self._explain(sql, form.upper() if form else None, options)

    @abc.abstractmethod
    def _explain(self, sql: str, form: str | None, options: Mapping[str, Any]) -> str:
        """Return the statement in the database's own words."""

    def _flags(self, options: Mapping[str, Any], known: Sequence[str]) -> list[str]:
        """Options as words, after a look whether the database knows them."""
        for word in options:
            if word.lower() not in known:
                raise QueryError(
                    f"EXPLAIN of '{self.name}' has no option '{word}'", hint=hint_for(word, known)
                )
        return [word.upper() for word, wanted in options.items() if wanted]
