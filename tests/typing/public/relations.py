"""Conditions over relations; mypy --strict and pyright accept every line and know every type.

Checked by ``test_program.py`` beside it; never run.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar, assert_type

from manybase import models
from manybase.contrib.auth.models import User
from manybase.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from manybase.contrib.contenttypes.models import ContentType
from manybase.models import Manager, ManyRelatedManager, Q, QuerySet, RelatedManager
from manybase.query.attributes import Attribute
from manybase.query.conditions import Condition

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")


class Person(models.Model):
    name = models.CharField(max_length=100)
    born = models.DateField(null=True)
    active = models.BooleanField(default=True)
    boss: models.ForeignKey[Person | None] = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL
    )
    mentor = models.ForeignKey("self", on_delete=models.CASCADE, related_name="+")
    rival = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    twin = models.OneToOneField("self", null=True, on_delete=models.SET_NULL, related_name="+")
    friends = models.ManyToManyField("self")
    mates: models.ManyToManyField[Person] = models.ManyToManyField("self", related_name="+")

    # The far ends of relations that other models declare.
    edited: RelatedManager[Book]
    translated: models.NullableRelatedManager[Book]
    written: ManyRelatedManager[Book]
    account: models.ReverseOne[Account]


class Account(models.Model):
    owner = models.OneToOneField(Person, on_delete=models.CASCADE)
    heir = models.OneToOneField(Person, null=True, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    number = models.IntegerField()
    shelf: models.ForeignKey[Shelf] = models.ForeignKey("Shelf", on_delete=models.CASCADE)
    unknown = models.ForeignKey("Shelf", on_delete=models.CASCADE, related_name="+")


class Shelf(models.Model):
    label = models.CharField(max_length=10)


class BookManager(Manager["Book"]):
    def long(self) -> QuerySet[Book]:
        return self.filter(Book.pages > 500)


if TYPE_CHECKING:

    class EditedBooks(RelatedManager["Book"], BookManager):
        """What ``editor.books`` is: the manager of the related model has its part in it."""


class Editor(models.Model):
    books: EditedBooks


class Book(models.Model):
    title = models.CharField(max_length=100)
    pages = models.IntegerField()
    editor = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="edited")
    translator = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="translated"
    )
    authors = models.ManyToManyField(Person, related_name="written")
    shelves: models.ManyToManyField[Shelf] = models.ManyToManyField("Shelf")
    later = models.ManyToManyField("Shelf", related_name="+")
    reviews = GenericRelation("Review")
    notes: GenericRelation[Review] = GenericRelation("Review")

    editor_id: models.Field[int]

    objects = BookManager()


class Review(models.Model):
    source = models.CharField(max_length=10)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    content_object = GenericForeignKey()


class Reader(models.Model):
    reviews = GenericRelation(Review, object_id_field="object_id")


class Kept(models.Model, Generic[T]):
    """A model may be generic."""

    def kept(self) -> list[T]:
        return []


class Node(models.Model):
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE)

    class Meta:
        abstract = True


class Leaf(Node):
    colour = models.CharField(max_length=10)


class Term(models.Model):
    """Some of its fields are called as something that relations have."""

    desc = models.TextField()
    conditional = models.BooleanField()
    node = models.ForeignKey(Leaf, on_delete=models.CASCADE)
    output_field = models.CharField(max_length=10)
    bitand = models.IntegerField()


class KeptWord(Kept[str]):
    word = models.ForeignKey(Shelf, on_delete=models.CASCADE)


def attributes_of_the_target() -> None:
    assert_type(Book.editor, type[Person])
    assert_type(Book.translator, type[Person])
    assert_type(Book.editor.name, Attribute[str])
    assert_type(Book.translator.name, Attribute[str])
    assert_type(Book.editor.born, Attribute[datetime.date | None])
    assert_type(Book.editor.born.year, Attribute[int])
    assert_type(Book.editor.id, Attribute[int])
    assert_type(Book.editor.boss.boss.name, Attribute[str])
    assert_type(Account.owner.boss.born.month, Attribute[int])
    assert_type(Account.heir.name, Attribute[str])
    assert_type(Account.user.username, Attribute[str])
    assert_type(Account.shelf.label, Attribute[str])
    assert_type(KeptWord.word.label, Attribute[str])
    key: Any = Book.editor.pk
    by_name: Any = Book.editor["name"]
    print(key, by_name)


def keys_to_the_own_model(person: Person, leaf: Leaf) -> None:
    """Without an annotation too."""
    assert_type(person.boss, Person | None)
    assert_type(person.mentor, Person)
    assert_type(person.rival, Person | None)
    assert_type(person.twin, Person | None)
    assert_type(person.friends, ManyRelatedManager[Person])
    assert_type(person.mates.all(), QuerySet[Person])
    assert_type(Person.mentor.rival.twin.friends.mates.name, Attribute[str])
    assert_type(Book.editor.mentor.rival.name == "x", Condition)
    assert_type(Book.editor.mentor == person, Condition)
    assert_type(leaf.parent, Leaf | None)
    assert_type(Leaf.parent.colour == "x", Condition)
    person.mentor = person
    person.rival = None
    person.friends = [person]


def comparisons(person: Person) -> None:
    assert_type(Book.editor.name == "x", Condition)
    assert_type(Book.editor.name != "x", Q)
    assert_type(Book.editor.name.icontains("x"), Condition)
    assert_type(Book.editor.name.in_(["x"]), Condition)
    assert_type(Book.editor.born.year > 1900, Condition)
    assert_type(Book.editor.boss.born > datetime.date(1900, 1, 1), Condition)
    assert_type(Book.editor.name == Book.translator.name, Condition)
    assert_type(Book.editor.id == 3, Condition)
    assert_type(Book.editor_id == 3, Condition)
    assert_type(Account.shelf.label.startswith("x"), Condition)


def relations_themselves(person: Person) -> None:
    assert_type(Book.editor == person, Condition)
    assert_type(Book.editor != person, Q)
    assert_type(Book.editor == 3, Condition)
    assert_type(Book.translator == None, Condition)  # noqa: E711
    assert_type(Book.editor.boss == person, Condition)
    assert_type(Book.translator.isnull(), Condition)
    assert_type(Book.editor.boss.isnull(False), Condition)
    assert_type(Book.editor.in_([person, 3]), Condition)
    assert_type(Book.editor.in_(Person.objects.filter(Person.active)), Condition)
    same: Condition = Book.editor == Book.translator
    other: Q = Book.editor != Book.editor.boss
    Book.objects.filter(same, other, Book.editor == Book.translator, ~(Book.editor == person))
    Book.objects.filter(Book.editor.active, ~Book.editor.active)


def relations_to_many(person: Person) -> None:
    assert_type(Book.authors, type[Person])
    assert_type(Book.authors.name == "x", Condition)
    assert_type(Book.authors.boss.name, Attribute[str])
    assert_type(Book.authors == person, Condition)
    assert_type(Book.authors.isnull(), Condition)
    assert_type(Book.authors.in_([person]), Condition)
    assert_type(Book.shelves.label == "x", Condition)
    assert_type(Person.friends.friends.name == "x", Condition)
    assert_type(Reader.reviews.source == "x", Condition)
    assert_type(Book.notes.source == "x", Condition)
    link: Any = Book.authors.through.objects.all()
    print(link)


def far_ends(person: Person, book: Book, editor: Editor) -> None:
    assert_type(Person.edited.title == "x", Condition)
    assert_type(Person.translated.pages > 3, Condition)
    assert_type(Person.written.editor.name == "x", Condition)
    assert_type(Person.account.number > 3, Condition)
    assert_type(Person.account.isnull(), Condition)
    assert_type(Book.editor.edited.title, Attribute[str])
    assert_type(Person.written == book, Condition)
    assert_type(person.edited, RelatedManager[Book])
    assert_type(person.edited.filter(Book.pages > 3), QuerySet[Book])
    assert_type(person.written.get(Book.editor.name == "x"), Book)
    assert_type(person.account, Account)
    assert_type(person.account.number, int)
    assert_type(book.editor_id, int)
    assert_type(editor.books.long(), QuerySet[Book])
    assert_type(editor.books.create(title="x"), Book)
    assert_type(Editor.books.title == "x", Condition)
    person.edited = [book]
    person.written = {book}
    person.account = Account()
    book.editor_id = 3


def unknown_targets() -> None:
    """A model that is known by its name only: anything goes."""
    something: Any = Account.unknown.nothing.at_all == 3
    Account.objects.filter(something, Book.later.nothing == 3, Book.reviews.nothing > 3)


def fields_called_alike() -> None:
    assert_type(Term.conditional, Attribute[bool])
    assert_type(Term.node.colour == "x", Condition)
    assert_type(Term.output_field == "x", Condition)
    assert_type(Term.bitand > 3, Condition)
    by_text: Any = Term.desc == "x"
    Term.objects.filter(Term.desc == "x", Term.conditional, by_text)
    Book.objects.order_by(Book.editor.desc())


def classes_stay_classes(person: Person, model: type[M]) -> M | bool:
    """What programs do with the classes of models is not in the way."""
    names = {Person: "person", Book: "book"}
    assert_type(isinstance(person, Person | Book), bool)
    if type(person) == Person and model in names:  # noqa: E721
        print(names[Person], Person.__name__, Person | None)
    if issubclass(model, Book):
        return model()
    return type(person) == model  # noqa: E721
