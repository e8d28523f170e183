"""Makes the rows of content types for the models of an application, after its tables are made.

A receiver of ``post_migrate``; routers decide whether a database has the table at all.
"""

from __future__ import annotations

from typing import Any

from manybase.contrib.contenttypes.models import ContentType
from manybase.db import router


def create_contenttypes(app_config: Any, using: str, **kwargs: Any) -> None:
    """Make the rows that are missing for the models of one application on one database."""
    ContentType.objects.db_manager(using).clear_cache()
    if not router.allow_migrate_model(using, ContentType):
        return
    rows = ContentType.objects.using(using)
    known = set(rows.filter(app_label=app_config.label).values_list("model", flat=True))
    names = [m._meta.model_name for m in app_config.get_models() if not m._meta.auto_created]
    missing = [name for name in names if name not in known]
    if missing:
        rows.bulk_create([ContentType(app_label=app_config.label, model=m) for m in missing])
