"""Assertions that every test case has beside unittest's.

A mixin of ``SimpleTestCase``; compares what it is given and observes statements.
"""

# ruff: noqa: PT009, PT027  # assertions made of unittest's own
from __future__ import annotations

import json
import unittest
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from manybase.test.queries import AssertNumQueries


class Assertions(unittest.TestCase):
    """What tests of programs with databases ask."""

    def assertRaisesMessage(
        self,
        expected_exception: type[BaseException] | tuple[type[BaseException], ...],
        expected_message: str,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Fail unless a call or a block raises an error whose text holds a message.

        Example:
            >>> with self.assertRaisesMessage(ValueError, "'default'"):
            ...     dive.editor = marty
        """
        block = self._raises(expected_exception, expected_message)
        return _call(block, *args, **kwargs) if args else block

    @contextmanager
    def _raises(self, expected: Any, message: str) -> Iterator[Any]:
        with self.assertRaises(expected) as caught:
            yield caught
        self.assertIn(message, str(caught.exception))

    def assertWarnsMessage(
        self,
        expected_warning: type[Warning],
        expected_message: str,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Fail unless a call or a block gives a warning whose text holds a message."""
        block = self._warns(expected_warning, expected_message)
        return _call(block, *args, **kwargs) if args else block

    @contextmanager
    def _warns(self, expected: Any, message: str) -> Iterator[Any]:
        with self.assertWarns(expected) as caught:
            yield caught
        self.assertIn(message, str(caught.warning))

    def assertNumQueries(
        self,
        num: int,
        func: Callable[..., Any] | None = None,
        *args: Any,
        using: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Fail unless a call or a block sends so many statements.

        Args:
            num: How many; BEGIN, COMMIT and savepoints are not counted.
            func: What to call; the method gives a context manager when None.
            *args: What to call it with.
            using: The alias whose statements count; those of all databases when None.
            **kwargs: What to call it with.

        Example:
            >>> with self.assertNumQueries(1, using="other"):
            ...     Book.objects.using("other").count()
        """
        block = AssertNumQueries(self, num, using)
        return block if func is None else _call(block, func, *args, **kwargs)

    def assertQuerySetEqual(
        self,
        qs: Iterable[Any],
        values: Iterable[Any],
        transform: Callable[[Any], Any] | None = None,
        ordered: bool = True,
        msg: str | None = None,
    ) -> None:
        """Fail unless a queryset gives these values.

        Args:
            qs: The queryset, or any objects.
            values: What is expected.
            transform: What each object is compared as.
            ordered: Whether the order counts.
            msg: What to say on failure.
        """
        found = [transform(one) if transform else one for one in qs]
        expected = list(values)
        if not ordered:
            try:
                self.assertEqual(Counter(found), Counter(expected), msg)
            except TypeError:
                # Lists and mappings cannot be counted.
                self.assertCountEqual(found, expected, msg)
            return
        if len(expected) > 1 and getattr(qs, "ordered", True) is False:
            raise ValueError("a queryset without an order is compared with ordered values")
        self.assertEqual(found, expected, msg)

    def assertJSONEqual(self, raw: str, expected_data: Any, msg: str | None = None) -> None:
        """Fail unless a text is JSON of this meaning."""
        expected = json.loads(expected_data) if isinstance(expected_data, str) else expected_data
        self.assertEqual(json.loads(raw), expected, msg)


def _call(block: AbstractContextManager[Any], func: Any, *args: Any, **kwargs: Any) -> Any:
    with block:
        return func(*args, **kwargs)
