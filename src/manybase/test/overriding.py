"""Settings and routers that hold for one test, one class or one block.

Each works as a context manager and as a decorator of functions, coroutines and test classes.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from manybase.apps import apps
from manybase.conf import settings
from manybase.errors import ConfigurationError, hint_for

T = TypeVar("T")


class override_settings:
    """Give settings for the time of a block, a test or a class.

    Args:
        **options: The settings; several decorators of one class add up.

    Example:
        >>> @override_settings(USE_TZ=False)
        ... class NaiveTests(TestCase): ...
        >>> with override_settings(DATABASE_ROUTERS=["shop.routers.EuRouter"]):
        ...     Book.objects.create(title="Emma")
    """

    def __init__(self, **options: Any) -> None:
        self.options = options
        self._open: list[Any] = []

    def values(self) -> dict[str, Any]:
        """The settings to give now."""
        return self.options

    def enable(self) -> None:
        """Give the settings."""
        values = self.values()
        block = settings.override(**values)
        block.__enter__()
        self._open.append(block)
        if "INSTALLED_APPS" in values:
            apps.populate(values["INSTALLED_APPS"])

    def disable(self) -> None:
        """Put back what was there."""
        self._open.pop().__exit__(None, None, None)

    def __enter__(self) -> Self:
        self.enable()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.disable()

    def __call__(self, decorated: T) -> T:
        if isinstance(decorated, type):
            return cast(T, _class(self, decorated))
        return cast(T, _function(self, decorated))


def _class(override: override_settings, decorated: Any) -> Any:
    if not hasattr(decorated, "_overrides"):
        raise ConfigurationError(
            f"'{type(override).__name__}' decorates test classes of manybase.test only",
            hint=f"Derive '{decorated.__name__}' from SimpleTestCase or TestCase.",
        )
    # The class's own tuple: what a base class gives comes first, so that this wins.
    decorated._overrides = (*decorated._overrides, override)
    return decorated


def _function(override: override_settings, decorated: Any) -> Any:
    if inspect.iscoroutinefunction(decorated):

        @functools.wraps(decorated)
        async def awaited(*args: Any, **values: Any) -> Any:
            with override:
                return await decorated(*args, **values)

        return awaited

    @functools.wraps(decorated)
    def called(*args: Any, **values: Any) -> Any:
        with override:
            return decorated(*args, **values)

    return called


class modify_settings(override_settings):
    """Add to settings that are lists, or take from them.

    Args:
        **operations: For each setting a mapping of "append", "prepend" or "remove" to an item or
            to several.

    Example:
        >>> with modify_settings(INSTALLED_APPS={"append": "shop", "remove": ["blog"]}):
        ...     pass
    """

    def __init__(self, **operations: Mapping[str, Any]) -> None:
        super().__init__()
        self.operations = operations

    def values(self) -> dict[str, Any]:
        return {name: _changed(name, how) for name, how in self.operations.items()}


def _changed(name: str, operations: Mapping[str, Any]) -> list[Any]:
    found = list(copy.copy(getattr(settings, name, [])))
    for word, given in operations.items():
        items = [given] if isinstance(given, str) else list(given)
        if word == "append":
            found += [item for item in items if item not in found]
        elif word == "prepend":
            found = [item for item in items if item not in found] + found
        elif word == "remove":
            found = [item for item in found if item not in items]
        else:
            raise ConfigurationError(
                f"modify_settings() cannot '{word}' the setting '{name}'",
                hint=hint_for(word, ("append", "prepend", "remove")),
            )
    return found


class override_router(override_settings):
    """Have these routers decide for the time of a block, a test or a class.

    Args:
        *routers: Objects, classes or dotted paths, in order; none for no routers at all.

    Example:
        >>> with override_router(EuRouter()):
        ...     Book.objects.create(title="Emma")
    """

    def __init__(self, *routers: Any) -> None:
        super().__init__(DATABASE_ROUTERS=list(routers))
