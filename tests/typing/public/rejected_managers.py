"""Wrong uses of managers, querysets and keys; both checkers find those marked ``# wrong``.

Checked by ``test_program.py`` beside it; never run.
"""

from __future__ import annotations

from manybase import models
from manybase.models import Manager, QuerySet, RelatedManager


class Person(models.Model):
    name = models.CharField(max_length=100)
    edited: RelatedManager[Book]


class BookQuerySet(QuerySet["Book"]):
    def long(self) -> BookQuerySet:
        return self.filter(pages__gt=500)


class PersonManager(Manager["Person"]):
    def called(self, name: str) -> QuerySet[Person]:
        return self.filter(name=name)


class Book(models.Model):
    pages = models.IntegerField(default=100)
    editor = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="edited")
    authors = models.ManyToManyField(Person)

    objects = BookQuerySet.as_manager()


class Label(models.Model):
    id = models.CharField(primary_key=True, max_length=10)


def wrong_managers(label: Label) -> None:
    Label.objects.delete()  # wrong
    len(Label.objects)  # wrong
    label.objects.all()  # wrong
    Label.nothing.all()  # wrong
    Label.objects.long()  # wrong
    Book.objects.short()  # wrong
    Book.objects.long().short()  # wrong
    PersonManager().called(3)  # wrong
    list(Label.objects)  # wrong


def wrong_rows() -> None:
    number: int = Label.objects.get().id  # wrong
    label: Label = Label.objects.values("id")[0]  # wrong
    several: QuerySet[Label] = Label.objects.values_list("id")  # wrong
    day: str = Book.objects.dates("created", "year")[0]  # wrong
    found: Label = Label.objects.raw("SELECT 1")[:3]  # wrong
    name: str = Label.objects.aggregate()  # wrong
    one: Label = Label.objects.all()[:1]  # wrong
    made: Label = Label.objects.get_or_create(id="x")  # wrong
    rows: list[Book] = list(Label.objects.filter(id="x"))  # wrong
    Label.objects.bulk_create([Book()])  # wrong
    Label.objects.using(3)  # wrong
    Label.objects.first().id.upper()  # wrong
    print(number, label, several, day, found, name, one, made, rows)


def wrong_relations(book: Book, person: Person, label: Label) -> None:
    label.id = 3  # wrong
    book.authors = person  # wrong
    person.edited.add(person)  # wrong
    person.edited.create(title="x").nothing()  # wrong
    name: str = book.authors.get()  # wrong
    editor: Person | None = book.authors.all()  # wrong
    print(name, editor)


async def wrong_waits(book: Book) -> None:
    for one in Label.objects.aiterator():  # wrong
        print(one)
    book.asave().pages()  # wrong
    label: Label = Label.objects.afirst()  # wrong
    print(label)
