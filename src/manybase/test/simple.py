"""``SimpleTestCase``: tests that touch no database, and the guard that sees to it.

The guard is the same for all test cases: databases that a class does not declare are refused.
"""

from __future__ import annotations

from typing import Any, ClassVar

from manybase import conf
from manybase.errors import ConfigurationError, hint_for
from manybase.runtime import guard
from manybase.test.assertions import Assertions
from manybase.test.coroutines import CoroutineTests
from manybase.test.overriding import modify_settings, override_settings

ALL = "__all__"


class SimpleTestCase(CoroutineTests, Assertions):
    """A test that touches no database, unless ``databases`` names some.

    Tests may be coroutines. Settings of ``@override_settings`` hold from ``setUpClass()`` on.
    """

    #: The aliases that tests may use; ``"__all__"`` for every one.
    databases: ClassVar[Any] = frozenset()
    #: The old spelling of ``databases = "__all__"``.
    multi_db: ClassVar[bool] = False

    _overrides: ClassVar[tuple[override_settings, ...]] = ()
    _declared: ClassVar[list[str]] = []

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        for override in cls._overrides:
            cls.enterClassContext(override)
        cls._declared = cls.declared_databases()
        others = [alias for alias in cls._configured() if alias not in cls._declared]
        why = (
            f"database queries to '{{alias}}' are not allowed in {cls.__module__}."
            f"{cls.__qualname__}"
        )
        guard.forbid(others, why)
        cls.addClassCleanup(guard.allow, others)

    @classmethod
    def declared_databases(cls) -> list[str]:
        """The aliases that the class's tests may use, in the order of the settings.

        Raises:
            ConfigurationError: ``databases`` names an alias that is not configured.
        """
        configured = cls._configured()
        wanted = configured if cls.multi_db else cls.databases
        if wanted == ALL:
            return configured
        if isinstance(wanted, str):
            raise ConfigurationError(
                f"'databases' of {cls.__name__} is the text '{wanted}'",
                hint=f'Write databases = {{"{wanted}"}}.',
            )
        for alias in wanted:
            if alias not in configured:
                raise ConfigurationError(
                    f"'databases' of {cls.__name__} names '{alias}', which is not configured",
                    hint=hint_for(alias, configured),
                )
        return [alias for alias in configured if alias in wanted]

    @staticmethod
    def _configured() -> list[str]:
        return list(conf.databases()) if conf.settings.DATABASES else []

    def settings(self, **kwargs: Any) -> override_settings:
        """Give settings for the time of a block."""
        return override_settings(**kwargs)

    def modify_settings(self, **kwargs: Any) -> modify_settings:
        """Add to settings that are lists, or take from them, for the time of a block."""
        return modify_settings(**kwargs)
