"""The settings object: Django's names, gathered from all sources at the first access.

Values that the program gives stand in ``_given``; those of the environment, the settings module
and pyproject.toml are read once, when first needed. What was looked up is kept in the instance's
own dictionary, so that a second access costs no call. It parses nothing: see ``conf.declared``.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from manybase.conf import names, sources
from manybase.conf.changes import announce
from manybase.conf.defaults import DEFAULTS
from manybase.conf.values import checked
from manybase.errors import suggest

_INTERNAL = frozenset({"_given", "_found"})


class Settings:
    """All settings of the program, as attributes.

    Example:
        >>> from manybase.conf import settings
        >>> settings.configure(DATABASES={"default": "sqlite:///shop.db"}, USE_TZ=False)
        >>> settings.USE_TZ
        False
    """

    _given: dict[str, Any]
    _found: dict[str, Any] | None

    def __init__(self) -> None:
        object.__setattr__(self, "_given", {})
        object.__setattr__(self, "_found", None)

    def configure(self, **values: Any) -> None:
        """Give settings from the program; they win over every other source.

        A second call adds to the first; a name given again is replaced.

        Raises:
            ConfigurationError: A name is not in capitals or is a slip of a known setting, or a
                value is wrong.
        """
        for name in values:
            names.check(name, "settings.configure()")
        self._given.update({name: checked(name, value) for name, value in values.items()})
        for name in values:
            self.__dict__.pop(name, None)
        for name in values:
            announce(name)

    @property
    def configured(self) -> bool:
        """Whether any source gives any setting."""
        return bool(self._given or self._sources())

    def is_overridden(self, name: str) -> bool:
        """Whether a source gives this setting, so that it is not the default."""
        return name in self._given or name in self._sources()

    @contextmanager
    def override(self, **values: Any) -> Iterator[None]:
        """Give settings for the time of a block and put back what was there.

        Example:
            >>> with settings.override(USE_TZ=False):
            ...     pass
        """
        before = {name: self._given[name] for name in values if name in self._given}
        try:
            self.configure(**values)
            yield
        finally:
            # Also where a value was refused: what was there before holds again.
            for name in values:
                if name in before:
                    setattr(self, name, before[name])
                elif name in self._given:
                    delattr(self, name)

    def reset(self) -> None:
        """Forget what the program gave and read the sources again when next needed."""
        gone = [*self._given, *(self._found or ())]
        self._given.clear()
        object.__setattr__(self, "_found", None)
        for name in [key for key in self.__dict__ if key not in _INTERNAL]:
            del self.__dict__[name]
        for name in dict.fromkeys(gone):
            announce(name)

    def _sources(self) -> dict[str, Any]:
        found = self._found
        if found is None:
            found = sources.read(self._given.get("DEFAULT_ALIAS"))
            object.__setattr__(self, "_found", found)
        return found

    def __getattr__(self, name: str) -> Any:
        if name in self._given:
            value = self._given[name]
        elif name.startswith("_") or name != name.upper():
            raise AttributeError(f"'Settings' object has no attribute {name!r}")
        elif name in (found := self._sources()):
            value = checked(name, found[name])
        elif name in DEFAULTS:
            value = copy.copy(DEFAULTS[name])
        else:
            hint = suggest(name, DEFAULTS)
            raise AttributeError(f"there is no setting {name!r}{'. ' + hint if hint else ''}")
        self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        names.check(name, "settings")
        value = checked(name, value)
        self._given[name] = value
        self.__dict__[name] = value
        announce(name)

    def __delattr__(self, name: str) -> None:
        if name not in self._given:
            raise AttributeError(f"setting {name!r} was not given by the program")
        del self._given[name]
        self.__dict__.pop(name, None)
        announce(name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *DEFAULTS, *self._given, *self._sources()})

    def __repr__(self) -> str:
        # Names only: values may hold passwords.
        return f"<Settings: {', '.join(sorted({*self._given, *self._sources()})) or 'defaults'}>"


settings = Settings()
"""The one settings object of the process."""
