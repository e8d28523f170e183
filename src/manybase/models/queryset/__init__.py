"""``QuerySet``: a recording with results, in Django's words.

``build`` records calls, ``read`` and ``write`` run them, ``raw`` runs the program's own SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from manybase.errors import QueryError
from manybase.models.queryset.base import M
from manybase.models.queryset.raw import RawQuerySet
from manybase.models.queryset.shown import ShownQuery
from manybase.models.queryset.write import Writing


class QuerySet(Writing[M]):
    """The rows of a model that some calls describe; asked for when they are needed.

    Example:
        >>> Book.objects.using("eu").filter(title__startswith="E").order_by("title")[:10]
    """

    __slots__ = ()

    _manager_class: ClassVar[Any]  # set by models.manager, which stands above this module

    def raw(
        self,
        raw_query: str,
        params: Sequence[Any] | Mapping[str, Any] = (),
        translations: Mapping[str, str] | None = None,
        using: str | None = None,
    ) -> RawQuerySet[M]:
        """Read objects by SQL of your own.

        Args:
            raw_query: The text, with ``%s`` for parameters.
            params: The parameters; they are bound, never written into the text.
            translations: Fields by the names of columns that are called otherwise.
            using: The database; the queryset's when left out.
        """
        return RawQuerySet(
            raw_query, self.model, params, translations, using or self.placed_on, self.hints
        )

    @property
    def query(self) -> ShownQuery:
        """The statement, for reading: ``str(queryset.query)``; it pickles without being run."""
        return ShownQuery(self)

    @query.setter
    def query(self, query: ShownQuery) -> None:
        calls = query.recording
        if calls.model is not self.model:
            mine, theirs = self.model._meta.label, calls.model._meta.label
            raise QueryError(
                f"a queryset of '{mine}' was given the query of '{theirs}'",
                hint=f"Begin with {calls.model.__name__}.objects.all().",
            )
        self.shape, self.params = calls.shape, calls.params
        self.places, self.annotations = calls.places, calls.annotations
        self._cache = None
        self._checked()

    if TYPE_CHECKING:
        # What as_manager() gives has these besides; a queryset has not.

        def db_manager(
            self, using: str | None = None, hints: Mapping[str, Any] | None = None
        ) -> Self: ...
        def get_queryset(self) -> Self: ...

    @classmethod
    def as_manager(cls) -> Self:
        """Return a manager that has this queryset's methods; to type checkers it is a queryset."""
        return cast("Self", cls._manager_class.from_queryset(cls)())


__all__ = ["QuerySet", "RawQuerySet"]
