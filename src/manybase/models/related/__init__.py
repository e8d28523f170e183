"""Relations as attributes of objects: related objects, related managers, assignments.

The metaclass installs the descriptors through ``install``; what takes several steps is a coroutine
of ``ops``, and the managers here are its two faces.
"""

from __future__ import annotations
