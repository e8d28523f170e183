"""Makes the permissions on the models of an application, after its tables are made.

A receiver of ``post_migrate``; routers decide whether a database has the tables at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manybase.contrib.auth.permissions import Permission
from manybase.contrib.contenttypes.models import ContentType
from manybase.db import router

Named = tuple[str, str]


def create_permissions(app_config: Any, using: str, **kwargs: Any) -> None:
    """Make the permissions that are missing on the models of one application."""
    if not all(router.allow_migrate_model(using, m) for m in (Permission, ContentType)):
        return
    models = [model for model in app_config.get_models() if not model._meta.auto_created]
    if not models:
        return
    types = ContentType.objects.db_manager(using).get_for_models(*models, for_concrete_models=False)
    keys = [found.pk for found in types.values()]
    rows = Permission.objects.using(using)
    known = set(
        rows.filter(content_type__pk__in=keys).order_by().values_list("content_type_id", "codename")
    )
    missing = [
        Permission(codename=codename, name=name, content_type_id=types[model].pk)
        for model in models
        for codename, name in wanted(model)
        if (types[model].pk, codename) not in known
    ]
    if missing:
        rows.bulk_create(missing)


def wanted(model: Any) -> Iterator[Named]:
    """Yield code and name of each permission that a model's Meta asks for."""
    options = model._meta
    for action in options.default_permissions:
        yield f"{action}_{options.model_name}", f"Can {action} {options.verbose_name}"
    yield from options.permissions
