"""Values that are nearly right: objects where keys stand, texts that are no regular expression."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.errors import DataError
from tests.behaviour.models import Book, Person

pytestmark = pytest.mark.usefixtures("db")


def test_the_key_of_a_relation_takes_the_object() -> None:
    """``editor_id=person`` and ``editor__pk=person`` mean ``editor=person``."""
    editor = Person.objects.create(name="Ann")
    Book.objects.create(title="Emma", published="1815-12-23", editor=editor)

    assert Book.objects.filter(editor_id=editor).count() == 1
    assert Book.objects.filter(editor__pk=editor).count() == 1


def test_an_object_is_no_title() -> None:
    """An object compared with a field that is no key is refused at the call."""
    editor = Person.objects.create(name="Ann")

    with pytest.raises(ValueError, match=r"field 'behaviour\.Book\.title' takes"):
        Book.objects.filter(title=editor)


def test_what_is_no_regular_expression_is_told(kind: Any) -> None:
    """A wrong regular expression is an error of the data on every database."""
    Book.objects.create(title="Emma", published="1815-12-23")

    with pytest.raises(DataError):
        Book.objects.filter(title__regex="(").count()
