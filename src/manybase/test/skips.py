"""Decorators that leave a test out, by what its databases can do, and that label tests."""

from __future__ import annotations

import functools
import unittest
from collections.abc import Callable
from typing import Any, TypeVar, cast

from manybase.runtime.sync import dialect

T = TypeVar("T")


def skipUnlessDBFeature(*features: str) -> Callable[[T], T]:
    """Skip a test or a class unless every database it declares has these features."""
    return _Skip(features, lambda has: not all(has), "Database doesn't support")


def skipIfDBFeature(*features: str) -> Callable[[T], T]:
    """Skip a test or a class if a database it declares has one of these features."""
    return _Skip(features, any, "Database has")


class _Skip:
    """A decorator of tests and of test classes."""

    def __init__(
        self, features: tuple[str, ...], refuses: Callable[[list[bool]], bool], why: str
    ) -> None:
        self.features = features
        self.refuses = refuses
        self.why = why

    def __call__(self, decorated: T) -> T:
        wrapped = self._class(decorated) if isinstance(decorated, type) else self._test(decorated)
        return cast(T, wrapped)

    def _test(self, method: Any) -> Any:
        @functools.wraps(method)
        def called(case: Any, *args: Any, **values: Any) -> Any:
            self.check(case.declared_databases())
            return method(case, *args, **values)

        return called

    def _class(self, decorated: Any) -> Any:
        original = decorated.setUpClass.__func__

        def setUpClass(cls: Any) -> None:
            self.check(cls.declared_databases())
            original(cls)

        decorated.setUpClass = classmethod(setUpClass)
        return decorated

    def check(self, aliases: list[str]) -> None:
        """Leave the test out where its databases are not such."""
        known = [dialect(alias).features for alias in aliases]
        if self.refuses([bool(getattr(one, name)) for one in known for name in self.features]):
            raise unittest.SkipTest(f"{self.why} feature(s): {', '.join(self.features)}")


def tag(*tags: str) -> Callable[[T], T]:
    """Label a test or a class, for runners that choose by label."""

    def decorate(decorated: T) -> T:
        labelled = cast(Any, decorated)
        labelled.tags = set(tags) | set(getattr(decorated, "tags", ()))
        return decorated

    return decorate
