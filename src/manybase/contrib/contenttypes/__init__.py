"""Models named by rows: what generic foreign keys point with.

Imports no model, so that it may be listed in ``INSTALLED_APPS``; ``contenttypes.models`` has
``ContentType`` and ``contenttypes.fields`` the generic relations.
"""

from __future__ import annotations
