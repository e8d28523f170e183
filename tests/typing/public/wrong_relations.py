"""Mistakes in conditions over relations; both checkers find those marked ``# wrong``.

Checked by ``test_program.py`` beside it; never run.
"""

from __future__ import annotations

from manybase import models
from manybase.contrib.auth.models import User
from manybase.contrib.contenttypes.fields import GenericRelation
from manybase.models import QuerySet, RelatedManager


class Person(models.Model):
    name = models.CharField(max_length=100)
    born = models.DateField(null=True)
    boss: models.ForeignKey[Person | None] = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL
    )
    mentor = models.ForeignKey("self", on_delete=models.CASCADE, related_name="+")
    rival = models.OneToOneField("self", null=True, on_delete=models.CASCADE, related_name="+")
    friends = models.ManyToManyField("self")
    edited: RelatedManager[Book]
    account: models.ReverseOne[Account]


class Account(models.Model):
    owner = models.OneToOneField(Person, on_delete=models.CASCADE)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE)


class Shelf(models.Model):
    books = GenericRelation("Book")
    people = GenericRelation(Person)


class Book(models.Model):
    title = models.CharField(max_length=100)
    editor = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="edited")
    translator = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL)
    authors = models.ManyToManyField(Person)
    shelf: models.ForeignKey[Shelf] = models.ForeignKey("Shelf", on_delete=models.CASCADE)

    editor_id: models.Field[int]


def misspelt() -> None:
    made = [
        Book.editor.nmae,  # wrong
        Book.translator.nmae,  # wrong
        Book.editor.boss.nmae,  # wrong
        Book.editor.bos.name,  # wrong
        Person.mentor.nmae,  # wrong
        Book.editor.rival.nmae,  # wrong
        Person.friends.nmae,  # wrong
        Book.authors.nmae,  # wrong
        Book.shelf.lable,  # wrong
        Account.owner.nmae,  # wrong
        Account.user.nmae,  # wrong
        Person.edited.ttle,  # wrong
        Person.account.ownr,  # wrong
        Shelf.people.nmae,  # wrong
        Book.editor.title,  # wrong
        Book.editor.nmae == "x",  # wrong
    ]
    print(made)


def of_a_wrong_type() -> None:
    made = [
        Book.editor.name > 3,  # wrong
        Book.editor.name.icontains(3),  # wrong
        Book.editor.name.year,  # wrong
        Book.editor.boss.born < "1900",  # wrong
        Book.authors.name.between(1, 2),  # wrong
        Person.edited.title >= 3,  # wrong
        Book.editor_id > "x",  # wrong
        Book.editor.in_(3),  # wrong
        Book.editor.isnull("x"),  # wrong
        Book.editor.name.nothing(),  # wrong
    ]
    print(made)


def no_conditions(person: Person, book: Book) -> None:
    made = [
        Book.objects.filter(Book.editor),  # wrong
        Book.objects.filter(Book.editor.name),  # wrong
        Book.objects.filter(Book.editor.boss),  # wrong
        Book.objects.filter(Book.authors),  # wrong
        Book.objects.filter(Book.editor.name == 3),  # wrong
        Book.objects.filter(book.editor == person),  # wrong
        models.When(Book.editor.name, then=3),  # wrong
        models.Q(Book.editor),  # wrong
        (Book.editor.name == "x") & Book.editor,  # wrong
    ]
    print(made)


def far_ends(person: Person, book: Book) -> None:
    person.edited = [person]  # wrong
    person.boss = book  # wrong
    person.rival.name.upper()  # wrong
    person.mentor.title.upper()  # wrong
    person.friends.add(person).nothing()  # wrong
    person.edited = book  # wrong
    person.account = book  # wrong
    book.editor_id = "x"  # wrong
    text: str = person.account.owner  # wrong
    books: QuerySet[Person] = person.edited.all()  # wrong
    print(text, books)
