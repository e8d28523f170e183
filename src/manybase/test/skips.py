"""Decorators that leave a test out, by what its databases can do, and that label tests."""

from __future__ import annotations

import functools
import unittest
from collections.abc import Callable
from typing import Any, TypeVar

from manybase.runtime.sync import dialect

T = TypeVar("T")


def skipUnlessDBFeature(*features: str) -> Callable[[T], T]:
    """Skip a test or a class unless every database it declares has these features."""
    return _skip(features, lambda has: not all(has), "Database doesn't support")


def skipIfDBFeature(*features: str) -> Callable[[T], T]:
    """Skip a test or a class if a database it declares has one of these features."""
    return _skip(features, any, "Database has")


def _skip(features: tuple[str, ...], refuse: Callable[[list[bool]], bool], why: str) -> Any:
    def decorate(decorated: Any) -> Any:
        if isinstance(decorated, type):
            original: Any = vars(decorated).get("setUpClass")

            def setUpClass(cls: Any) -> None:
                _raise(cls.declared_databases(), features, refuse, why)
                if original is not None:
                    original.__func__(cls)
                else:
                    super(decorated, cls).setUpClass()  # type: ignore[misc]  # a test class

            decorated.setUpClass = classmethod(setUpClass)  # type: ignore[attr-defined]
            return decorated

        @functools.wraps(decorated)
        def called(self: Any, *args: Any, **values: Any) -> Any:
            _raise(self._declared, features, refuse, why)
            return decorated(self, *args, **values)

        return called

    return decorate


def _raise(aliases: list[str], features: tuple[str, ...], refuse: Any, why: str) -> None:
    has = [bool(getattr(dialect(a).features, name)) for a in aliases for name in features]
    if refuse(has):
        raise unittest.SkipTest(f"{why} feature(s): {', '.join(features)}")


def tag(*tags: str) -> Callable[[T], T]:
    """Label a test or a class, for runners that choose by label."""

    def decorate(decorated: Any) -> Any:
        decorated.tags = set(tags) | set(getattr(decorated, "tags", ()))
        return decorated

    return decorate
