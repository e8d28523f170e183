"""``ContentType``: one row for each model, in each database, with a cache per database.

The rows are made when tables are made, and otherwise when one is first asked for. Generic
relations and permissions read them; ``fields`` has the relations.
"""

from __future__ import annotations

from typing import Any

from manybase import models
from manybase.contrib.contenttypes import find
from manybase.contrib.contenttypes.cache import ContentTypeCache
from manybase.errors import UnknownModel
from manybase.meta.registry import registry
from manybase.runtime.aio import aio
from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import sync


class ContentTypeManager(models.Manager["ContentType"]):
    """Finds content types by model and by key; what it has read it keeps, per database."""

    use_in_migrations = True

    _known = ContentTypeCache()

    def get_by_natural_key(self, app_label: str, model: str) -> ContentType:
        """Return the content type of ``app_label`` and the model's name in small letters.

        Raises:
            DoesNotExist: The database has no such row.
        """
        return run_sync(find.by_natural_key(sync, self, self._known, app_label, model))

    async def aget_by_natural_key(self, app_label: str, model: str) -> ContentType:
        """Return the content type of ``app_label`` and the model's name in small letters."""
        return await find.by_natural_key(aio, self, self._known, app_label, model)

    def get_for_model(self, model: Any, for_concrete_model: bool = True) -> ContentType:
        """Return the content type of a model or an instance; make its row where there is none.

        Args:
            model: A model class, or an object of one.
            for_concrete_model: Whether a proxy model has its concrete model's.

        Example:
            >>> ContentType.objects.db_manager("other").get_for_model(Book)
        """
        wanted = [find.key_of(model, for_concrete_model)]
        return run_sync(find.for_keys(sync, self, self._known, wanted))[wanted[0]]

    async def aget_for_model(self, model: Any, for_concrete_model: bool = True) -> ContentType:
        """Return the content type of a model or an instance; see ``get_for_model``."""
        wanted = [find.key_of(model, for_concrete_model)]
        return (await find.for_keys(aio, self, self._known, wanted))[wanted[0]]

    def get_for_models(
        self, *models: Any, for_concrete_models: bool = True
    ) -> dict[Any, ContentType]:
        """Return the content types of several models, by model, with one query at most."""
        keys = {model: find.key_of(model, for_concrete_models) for model in models}
        found = run_sync(find.for_keys(sync, self, self._known, list(keys.values())))
        return {model: found[key] for model, key in keys.items()}

    async def aget_for_models(
        self, *models: Any, for_concrete_models: bool = True
    ) -> dict[Any, ContentType]:
        """Return the content types of several models, by model; see ``get_for_models``."""
        keys = {model: find.key_of(model, for_concrete_models) for model in models}
        found = await find.for_keys(aio, self, self._known, list(keys.values()))
        return {model: found[key] for model, key in keys.items()}

    def get_for_id(self, id: int) -> ContentType:
        """Return the content type of a key.

        Raises:
            DoesNotExist: The database has no such row.
        """
        return run_sync(find.by_id(sync, self, self._known, id))

    async def aget_for_id(self, id: int) -> ContentType:
        """Return the content type of a key."""
        return await find.by_id(aio, self, self._known, id)

    def clear_cache(self) -> None:
        """Forget what was read; of all databases, or of the one that the manager is bound to."""
        self._known.clear(self._db)


class ContentType(models.Model):
    """A model, as a row that other rows can point at."""

    app_label = models.CharField(max_length=100)
    model = models.CharField("python model class name", max_length=100)

    objects = ContentTypeManager()

    class Meta:
        app_label = "contenttypes"
        db_table = "django_content_type"
        verbose_name = "content type"
        verbose_name_plural = "content types"
        unique_together = [("app_label", "model")]

    def __str__(self) -> str:
        return self.app_labeled_name

    @property
    def name(self) -> str:
        """What the model is called; its name in small letters where the model is gone."""
        found = self.model_class()
        return str(found._meta.verbose_name) if found is not None else self.model

    @property
    def app_labeled_name(self) -> str:
        """The application's label and what the model is called."""
        return f"{self.app_label} | {self.name}"

    def model_class(self) -> Any:
        """Return the model; None where the program no longer defines it."""
        return registry.models.get((self.app_label, self.model))

    def get_object_for_this_type(self, using: str | None = None, **kwargs: Any) -> Any:
        """Return the one object of the model that the lookups match.

        Args:
            using: The alias to read; where the routers send reads of the model when None.
            **kwargs: Lookups of ``get()``.
        """
        return self._objects(using).get(**kwargs)

    async def aget_object_for_this_type(self, using: str | None = None, **kwargs: Any) -> Any:
        """Return the one object of the model that the lookups match."""
        return await self._objects(using).aget(**kwargs)

    def get_all_objects_for_this_type(self, using: str | None = None, **kwargs: Any) -> Any:
        """Return a queryset of the objects of the model that the lookups match."""
        return self._objects(using).filter(**kwargs)

    def _objects(self, using: str | None) -> Any:
        found = self.model_class()
        if found is None:
            raise UnknownModel(
                f"the content type '{self.app_label}.{self.model}' is of a model that is gone",
                hint="Define the model again, or delete the row.",
            )
        manager = found._base_manager
        return manager.all() if using is None else manager.using(using)

    def natural_key(self) -> tuple[str, str]:
        """What names the row in every database."""
        return (self.app_label, self.model)
