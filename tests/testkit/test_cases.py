"""Test cases: what they isolate, what they refuse, what they count."""

from __future__ import annotations

import unittest
from pathlib import Path
from typing import Any

import pytest

from manybase.db import transaction
from manybase.errors import ConfigurationError, DatabaseNotAllowed, IntegrityError
from manybase.test import (
    SimpleTestCase,
    TestCase,
    TransactionTestCase,
    override_settings,
    skipIfDBFeature,
    skipUnlessDBFeature,
)
from tests.databases import Databases
from tests.testkit.models import Note

BOTH = {"default", "other"}


def run(case: type[unittest.TestCase]) -> unittest.TestResult:
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


def passed(case: type[unittest.TestCase]) -> int:
    result = run(case)
    problems = "\n".join(text for _, text in (*result.failures, *result.errors))
    assert result.wasSuccessful(), problems
    return result.testsRun


@pytest.fixture(autouse=True)
def there(databases: Databases) -> Any:
    yield
    assert all(Note.objects.using(alias).count() == 0 for alias in databases.aliases)


def test_each_test_begins_with_the_class_and_leaves_nothing() -> None:
    class Case(TestCase):
        databases = BOTH

        @classmethod
        def setUpTestData(cls) -> None:
            cls.note = Note.objects.using("other").create(text="class")  # type: ignore[attr-defined]

        def test_a(self) -> None:
            self.check()

        def test_b(self) -> None:
            self.check()

        def check(self) -> None:
            Note.objects.create(text="default")
            Note.objects.using("other").create(text="other")
            texts = Note.objects.using("other").values_list("text", flat=True)
            self.assertEqual(list(texts), ["class", "other"])
            self.assertEqual(Note.objects.count(), 1)

    assert passed(Case) == 2


def test_data_of_the_class_is_copied_for_each_test() -> None:
    class Case(TestCase):
        @classmethod
        def setUpTestData(cls) -> None:
            kit: Any = cls
            kit.note = Note.objects.create(text="class")
            kit.notes = [kit.note]

        def test_a(self) -> None:
            self.change()

        def test_b(self) -> None:
            self.change()

        def change(self) -> None:
            kit: Any = self
            self.assertIs(kit.notes[0], kit.note)
            self.assertEqual(kit.note.text, "class")
            self.assertEqual(kit.note._state.db, "default")
            kit.note.text = "changed"
            kit.notes.append(None)

    assert passed(Case) == 2


def test_data_that_cannot_be_copied_is_named() -> None:
    class Case(TestCase):
        @classmethod
        def setUpTestData(cls) -> None:
            kit: Any = cls
            kit.words = (word for word in "ab")

        def test_a(self) -> None:
            kit: Any = self
            with self.assertRaisesMessage(ConfigurationError, "'Case.words' of setUpTestData()"):
                list(kit.words)

    assert passed(Case) == 1


def test_undeclared_databases_are_refused_by_name() -> None:
    class Case(TestCase):
        def test_other(self) -> None:
            Note.objects.count()
            with self.assertRaises(DatabaseNotAllowed) as caught:
                Note.objects.using("other").count()
            self.assertIn("'other' are not allowed in", str(caught.exception))
            self.assertIn("Case", str(caught.exception))
            self.assertEqual(caught.exception.hint, "Add 'other' to 'databases' of the test class.")

        async def test_other_in_a_coroutine(self) -> None:
            with self.assertRaises(DatabaseNotAllowed):
                await Note.objects.using("other").acount()

    assert passed(Case) == 2
    assert Note.objects.using("other").count() == 0


def test_a_simple_test_touches_no_database() -> None:
    class Case(SimpleTestCase):
        def test_none(self) -> None:
            with self.assertRaises(DatabaseNotAllowed):
                Note.objects.count()

        async def test_none_in_a_coroutine(self) -> None:
            with self.assertRaises(DatabaseNotAllowed):
                await Note.objects.acount()

    assert passed(Case) == 2


@pytest.mark.parametrize("values", [{"multi_db": True}, {"databases": "__all__"}])
def test_all_databases_may_be_declared(values: dict[str, Any]) -> None:
    class Case(TestCase):
        def test_all(self) -> None:
            for alias in ("default", "other", "third"):
                Note.objects.using(alias).create(text=alias)

    for name, value in values.items():
        setattr(Case, name, value)

    assert passed(Case) == 1


@pytest.mark.parametrize(
    ("declared", "message"),
    [({"othr"}, "names 'othr', which is not configured"), ("other", "is the text 'other'")],
)
def test_wrong_declarations_are_named(declared: Any, message: str) -> None:
    class Case(TestCase):
        def test_all(self) -> None:
            pass

    Case.databases = declared
    result = run(Case)

    assert message in result.errors[0][1]


def test_coroutines_see_the_transactions_of_their_test() -> None:
    class Case(TestCase):
        databases = BOTH

        @classmethod
        def setUpTestData(cls) -> None:
            Note.objects.using("other").create(text="class")

        def setUp(self) -> None:
            Note.objects.using("other").create(text="setUp")

        async def asyncSetUp(self) -> None:
            await Note.objects.using("other").acreate(text="asyncSetUp")

        async def test_a(self) -> None:
            await self.check()

        async def test_b(self) -> None:
            await self.check()

        async def check(self) -> None:
            await Note.objects.using("other").acreate(text="test")
            with self.assertNumQueries(1, using="other"):
                texts = [note.text async for note in Note.objects.using("other")]
            self.assertEqual(texts, ["asyncSetUp", "class", "setUp", "test"])
            with self.assertRaises(ZeroDivisionError):
                async with transaction.atomic("other"):
                    await Note.objects.using("other").acreate(text="undone")
                    raise ZeroDivisionError
            self.assertEqual(await Note.objects.using("other").acount(), 4)

        def tearDown(self) -> None:
            self.assertEqual(Note.objects.using("other").count(), 4)

    assert passed(Case) == 2


def test_a_transaction_test_commits_and_empties() -> None:
    class Case(TransactionTestCase):
        databases = BOTH
        reset_sequences = True

        def test_a(self) -> None:
            self.write()

        def test_b(self) -> None:
            self.write()

        async def test_c(self) -> None:
            async with transaction.atomic("other"):
                note = await Note.objects.using("other").acreate(text="one")
            self.assertEqual(note.pk, 1)

        def write(self) -> None:
            done: list[str] = []
            with transaction.atomic("other"):
                note = Note.objects.using("other").create(text="one")
                transaction.on_commit(lambda: done.append("committed"), using="other")
            self.assertEqual(note.pk, 1)
            self.assertEqual(done, ["committed"])

    assert passed(Case) == 3


def test_references_are_checked_at_the_end_of_a_test() -> None:
    class Case(TestCase):
        def test_orphan(self) -> None:
            Note.objects.create(text="orphan", parent_id=12345)

    result = run(Case)

    assert len(result.errors) == 1
    assert IntegrityError.__name__ in result.errors[0][1]


def test_statements_are_counted_per_database() -> None:
    class Case(TestCase):
        databases = BOTH

        def test_counts(self) -> None:
            with self.assertNumQueries(2), self.assertNumQueries(1, using="other"):
                Note.objects.count()
                Note.objects.using("other").count()
            self.assertNumQueries(1, Note.objects.count)
            self.assertNumQueries(0, Note.objects.count, using="other")

        def test_failure(self) -> None:
            with self.assertRaises(AssertionError) as caught, self.assertNumQueries(2):
                Note.objects.using("other").count()
            self.assertIn("1 queries executed, 2 expected", str(caught.exception))
            self.assertIn("1. (other) SELECT", str(caught.exception))

    assert passed(Case) == 2


def test_callbacks_of_commits_are_captured() -> None:
    class Case(TestCase):
        databases = BOTH

        def test_captured(self) -> None:
            done: list[str] = []
            with self.captureOnCommitCallbacks() as callbacks:
                transaction.on_commit(lambda: done.append("a"), using="other")
            self.assertEqual((len(callbacks), done), (1, []))
            with self.captureOnCommitCallbacks(execute=True) as callbacks:
                with transaction.atomic("other"):
                    transaction.on_commit(lambda: done.append("b"), using="other")
                transaction.on_commit(lambda: done.append("c"), using="default")
            self.assertEqual((len(callbacks), done), (2, ["b", "c"]))
            with self.captureOnCommitCallbacks(using="other") as callbacks:
                transaction.on_commit(lambda: done.append("d"), using="default")
            self.assertEqual(callbacks, [])

        def test_dropped(self) -> None:
            with self.captureOnCommitCallbacks() as callbacks:
                try:
                    with transaction.atomic("other"):
                        transaction.on_commit(print, using="other")
                        raise ZeroDivisionError
                except ZeroDivisionError:
                    pass
            self.assertEqual(callbacks, [])

    assert passed(Case) == 2


def test_a_broken_transaction_is_rolled_back() -> None:
    class Case(TestCase):
        def test_a(self) -> None:
            Note.objects.create(pk=1, text="one")
            with self.assertRaises(IntegrityError):
                Note.objects.create(pk=1, text="two")

        def test_b(self) -> None:
            self.assertEqual(Note.objects.count(), 0)

    assert passed(Case) == 2


def test_an_error_in_the_data_of_the_class_leaves_nothing() -> None:
    class Case(TestCase):
        @classmethod
        def setUpTestData(cls) -> None:
            Note.objects.create(text="class")
            raise ZeroDivisionError

        def test_a(self) -> None:
            pass

    result = run(Case)

    assert "ZeroDivisionError" in result.errors[0][1]


def test_querysets_are_compared() -> None:
    class Case(TestCase):
        def test_equal(self) -> None:
            for text in "ba":
                Note.objects.create(text=text)
            notes = Note.objects.all()
            self.assertQuerySetEqual(notes, ["a", "b"], transform=lambda note: note.text)
            self.assertQuerySetEqual(notes.values_list("text", flat=True), "ba", ordered=False)
            self.assertQuerySetEqual(
                notes.values("text"), [{"text": "b"}, {"text": "a"}], ordered=False
            )
            with self.assertRaises(ValueError):
                self.assertQuerySetEqual(notes.order_by(), list(notes))

    assert passed(Case) == 1


def test_messages_of_errors_and_warnings_are_compared() -> None:
    class Case(SimpleTestCase):
        def test_errors(self) -> None:
            with self.assertRaisesMessage(ValueError, "literal"):
                int("x")
            self.assertRaisesMessage(ValueError, "literal", int, "x")
            with self.assertRaises(AssertionError):
                self.assertRaisesMessage(ValueError, "figurative", int, "x")

        def test_json(self) -> None:
            self.assertJSONEqual('{"a": 1, "b": 2}', {"b": 2, "a": 1})

    assert passed(Case) == 2


def test_tests_are_left_out_by_what_databases_can_do() -> None:
    @skipUnlessDBFeature("savepoints")
    class Has(TestCase):
        def test_a(self) -> None:
            pass

        @skipIfDBFeature("savepoints")
        def test_b(self) -> None:
            self.fail("has savepoints")

    @skipIfDBFeature("savepoints")
    class HasNot(TestCase):
        def test_a(self) -> None:
            self.fail("has savepoints")

    assert len(run(Has).skipped) == 1
    assert len(run(HasNot).skipped) == 1


@pytest.mark.parametrize(
    "kind_of_case", [TestCase, TransactionTestCase], ids=lambda case: case.__name__
)
def test_fixtures_are_loaded_where_they_belong(kind_of_case: Any) -> None:
    class Case(kind_of_case):  # type: ignore[misc]
        databases = BOTH
        fixtures = ["kit"]

        def test_a(self) -> None:
            self.check()

        def test_b(self) -> None:
            self.check()

        def check(self) -> None:
            self.assertQuerySetEqual(Note.objects.all(), ["common"], lambda note: note.text)
            there = Note.objects.using("other")
            self.assertQuerySetEqual(there, ["common", "own"], lambda note: note.text)
            self.assertEqual(there.get(pk=2).parent, there.get(pk=1))
            there.all().delete()

    with override_settings(FIXTURE_DIRS=[str(Path(__file__).parent / "fixtures")]):
        assert passed(Case) == 2
