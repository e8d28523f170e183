"""The models of the behaviour suite: a small library, one sample of every field, and families.

Used by the tests beside it and by ``tests/errors`` and ``tests/property``; their tables are made
once for each kind of database.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any

from manybase.contrib.auth.models import User
from manybase.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from manybase.contrib.contenttypes.models import ContentType
from manybase.db import models
from manybase.meta.storage import Storage

# The library: what parts A to C of the owed behaviour are about


class Review(models.Model):
    source = models.CharField(max_length=100)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    content_object = GenericForeignKey()

    class Meta:
        ordering = ("source",)

    def __str__(self) -> str:
        return self.source


class PersonManager(models.Manager["Person"]):
    def get_by_natural_key(self, name: str) -> Person:
        return self.get(name=name)


class Person(models.Model):
    name = models.CharField(max_length=100)

    objects = PersonManager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.name,)


class LibraryManager(models.Manager["Book"]):
    """Its ``create`` and ``get_or_create`` take one argument more than every manager's."""

    def create(self, *, loud: bool = False, **values: Any) -> Book:
        if loud:
            values["title"] = values["title"].upper()
        return super().create(**values)

    def get_or_create(self, *, loud: bool = False, **values: Any) -> tuple[Book, bool]:
        if loud:
            values["title"] = values["title"].upper()
        return super().get_or_create(**values)


class Book(models.Model):
    title = models.CharField(max_length=100)
    published = models.DateField(default=datetime.date(2000, 1, 1))
    authors = models.ManyToManyField(Person)
    editor = models.ForeignKey(Person, null=True, related_name="edited", on_delete=models.SET_NULL)
    reviews = GenericRelation(Review)
    pages = models.IntegerField(default=100)

    objects = LibraryManager()

    class Meta:
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class Pet(models.Model):
    name = models.CharField(max_length=100)
    owner = models.ForeignKey(Person, on_delete=models.CASCADE)

    class Meta:
        ordering = ("name",)


class UserProfile(models.Model):
    user = models.OneToOneField(User, null=True, on_delete=models.CASCADE)
    flavor = models.CharField(max_length=100)

    class Meta:
        ordering = ("flavor",)


# One field of every family


class Mood(models.TextChoices):
    CALM = "c", "Calm"
    WILD = "w", "Wild and free"


class Grade(models.IntegerChoices):
    LOW = 1
    HIGH = 2, "Very high"


class Sample(models.Model):
    name = models.CharField(max_length=100, null=True)
    text = models.TextField(default="")
    slug = models.SlugField(default="")
    email = models.EmailField(default="")
    url = models.URLField(default="")
    small = models.SmallIntegerField(null=True)
    integer = models.IntegerField(null=True)
    big = models.BigIntegerField(null=True)
    positive_small = models.PositiveSmallIntegerField(null=True)
    positive = models.PositiveIntegerField(null=True)
    positive_big = models.PositiveBigIntegerField(null=True)
    real = models.FloatField(null=True)
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    flag = models.BooleanField(null=True)
    sure = models.BooleanField(default=False)
    day = models.DateField(null=True)
    clock = models.TimeField(null=True)
    moment = models.DateTimeField(null=True)
    length = models.DurationField(null=True)
    code = models.UUIDField(null=True)
    blob = models.BinaryField(null=True)
    data = models.JSONField(null=True)
    address = models.GenericIPAddressField(null=True)
    upload = models.FileField(upload_to="uploads", null=True)
    mood = models.CharField(max_length=1, choices=Mood, default=Mood.CALM)
    grade = models.IntegerField(choices=Grade, default=Grade.LOW)

    class Meta:
        ordering = ("pk",)


class Defaults(models.Model):
    made = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
    day_made = models.DateField(auto_now_add=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    share = models.DecimalField(max_digits=5, decimal_places=2, default=decimal.Decimal("1.50"))
    label = models.CharField(max_length=20, db_column="the label", db_index=True, default="new")
    counter = models.IntegerField(db_default=7)


class Keyed(models.Model):
    key = models.CharField(max_length=20, primary_key=True)
    number = models.IntegerField(default=0)

    class Meta:
        ordering = ("key",)


class SmallKey(models.Model):
    id = models.SmallAutoField(primary_key=True)
    label = models.CharField(max_length=20, default="")


# Relations of every kind


class Category(models.Model):
    name = models.CharField(max_length=50)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children")

    class Meta:
        ordering = ("name",)


class Member(models.Model):
    name = models.CharField(max_length=50, unique=True)
    friends = models.ManyToManyField("self")
    follows = models.ManyToManyField("self", symmetrical=False, related_name="followers")

    class Meta:
        ordering = ("name",)


class Club(models.Model):
    name = models.CharField(max_length=50)
    members = models.ManyToManyField(
        Member, through="Joining", through_fields=("club", "member"), related_name="clubs"
    )

    class Meta:
        ordering = ("name",)


class Joining(models.Model):
    club = models.ForeignKey(Club, on_delete=models.CASCADE)
    member = models.ForeignKey(Member, on_delete=models.CASCADE)
    invited_by = models.ForeignKey(
        Member, null=True, on_delete=models.SET_NULL, related_name="invitations"
    )
    since = models.DateField(null=True)

    class Meta:
        ordering = ("since", "pk")
        constraints = [
            models.UniqueConstraint(fields=["club", "member"], name="one_joining_each"),
        ]


class Badge(models.Model):
    """Points at a member by a unique name in the place of the key."""

    holder = models.ForeignKey(
        Member, to_field="name", on_delete=models.CASCADE, related_name="badges"
    )
    label = models.CharField(max_length=30)

    class Meta:
        ordering = ("label",)


class Passport(models.Model):
    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="passport")
    number = models.CharField(max_length=20)


class Hidden(models.Model):
    """Leaves no accessor on its target."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")


class Country(models.Model):
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ("name",)


class City(models.Model):
    name = models.CharField(max_length=40)
    country = models.ForeignKey(
        Country, on_delete=models.CASCADE, related_name="cities", related_query_name="city"
    )
    twin = models.OneToOneField("self", null=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ("name",)


# What happens on deletion


class Owner(models.Model):
    name = models.CharField(max_length=40, default="")


def nobody() -> int | None:
    """The key that ``SET`` writes."""
    return None


class Guarded(models.Model):
    owner = models.ForeignKey(Owner, on_delete=models.PROTECT)


class Restrained(models.Model):
    owner = models.ForeignKey(Owner, on_delete=models.RESTRICT)


class Loose(models.Model):
    by_null = models.ForeignKey(
        Owner, null=True, on_delete=models.SET_NULL, related_name="loose_by_null"
    )
    by_value = models.ForeignKey(
        Owner, null=True, on_delete=models.SET(nobody), related_name="loose_by_value"
    )
    by_default = models.ForeignKey(
        Owner,
        null=True,
        default=None,
        on_delete=models.SET_DEFAULT,
        related_name="loose_by_default",
    )


# Inheritance


class Dated(models.Model):
    created = models.DateField(default=datetime.date(2020, 1, 1))
    creator = models.ForeignKey(
        Person, null=True, on_delete=models.CASCADE, related_name="%(class)ss_made"
    )

    class Meta:
        abstract = True
        ordering = ("created",)

    def age(self, today: datetime.date) -> int:
        return (today - self.created).days


class Letter(Dated):
    body = models.TextField(default="")


class Parcel(Dated):
    weight = models.IntegerField(default=1)

    class Meta(Dated.Meta):
        ordering = ("-weight",)


class Place(models.Model):
    name = models.CharField(max_length=50)
    street = models.CharField(max_length=80, default="")

    class Meta:
        ordering = ("name",)


class Restaurant(Place):
    serves_pizza = models.BooleanField(default=False)
    chef = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL)


class Bar(Restaurant):
    taps = models.IntegerField(default=0)


class Booking(models.Model):
    """A foreign key to a model whose key is a parent's."""

    restaurant = models.ForeignKey(Restaurant, models.CASCADE, related_name="bookings")
    guest = models.CharField(max_length=20)


class Novelist(Person):
    class Meta:
        proxy = True
        ordering = ("-name",)

    def shout(self) -> str:
        return self.name.upper()


# Managers of one's own


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> ArticleQuerySet:
        return self.filter(live=True)

    def named(self, name: str) -> ArticleQuerySet:
        return self.filter(headline=name)


class LiveManager(models.Manager["Article"]):
    def get_queryset(self) -> ArticleQuerySet:
        return ArticleQuerySet(self.model, using=self._db).published()

    def headlines(self) -> list[str]:
        return list(self.values_list("headline", flat=True))


class Article(models.Model):
    headline = models.CharField(max_length=60)
    live = models.BooleanField(default=True)
    writer = models.ForeignKey(Person, null=True, on_delete=models.CASCADE)
    section = models.CharField(max_length=20, default="news")
    when = models.DateTimeField(null=True)

    objects = ArticleQuerySet.as_manager()
    current = LiveManager()

    class Meta:
        ordering = ("headline",)
        get_latest_by = "when"


class Chapter(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    heading = models.CharField(max_length=50)

    class Meta:
        order_with_respect_to = "book"


class Elsewhere(models.Model):
    """Lives on ``other`` by its own declaration."""

    label = models.CharField(max_length=20, default="")

    class Meta:
        using = "other"


class Checked(models.Model):
    name = models.CharField(max_length=10)
    low = models.IntegerField(default=0)
    high = models.IntegerField(default=1)
    day = models.DateField(default=datetime.date(2020, 1, 1))
    title = models.CharField(max_length=10, unique_for_date="day", default="t")

    class Meta:
        unique_together = (("name", "low"),)
        constraints = [
            models.UniqueConstraint(fields=["name", "high"], name="behaviour_checked_name_high"),
        ]


# Fields and models with ways of their own


class Point:
    """A value that a field of its own keeps as text."""

    def __init__(self, x: int, y: int) -> None:
        self.x, self.y = x, y

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and (self.x, self.y) == (other.x, other.y)

    __hash__ = None  # type: ignore[assignment]  # as unhashable as a list


class PointField(models.Field[Any]):
    """Keeps a ``Point`` as "x,y", converted both ways by Django's method names."""

    @property
    def storage(self) -> Storage:
        return Storage("text", size=20)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Point | None:
        return None if value is None else Point(*map(int, value.split(",")))

    def to_python(self, value: Any) -> Point | None:
        return value if isinstance(value, Point) or value is None else Point(*value)

    def get_prep_value(self, value: Any) -> str | None:
        return value if value is None or isinstance(value, str) else f"{value.x},{value.y}"


class Located(models.Model):
    name = models.CharField(max_length=20, default="")
    point = PointField(null=True)

    class Meta:
        ordering = ("pk",)


class Remembering(models.Model):
    """Overrides what loading calls; such a model is not made by generated code."""

    name = models.CharField(max_length=20, default="")
    size = models.IntegerField(default=0)

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.made_with = len(args) or len(values)

    @classmethod
    def from_db(cls, db: str, field_names: Any, values: Any) -> Remembering:
        made = super().from_db(db, field_names, values)
        made.loaded = dict(zip(field_names, values, strict=True))
        return made

    def save(self, *args: Any, **options: Any) -> None:
        self.size += 1
        super().save(*args, **options)

    async def asave(self, *args: Any, **options: Any) -> None:
        self.size += 1
        await super().asave(*args, **options)


class Bounded(models.Model):
    low = models.IntegerField()
    high = models.IntegerField()
    label = models.CharField(max_length=10, default="", db_index=True)

    class Meta:
        db_table = "Bounded rows"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(low__lte=models.F("high")), name="behaviour_low_high"
            ),
            models.UniqueConstraint(
                fields=["low"],
                condition=models.Q(label="unique"),
                name="behaviour_unique_low",
            ),
        ]
        indexes = [models.Index(fields=["-high", "low"], name="behaviour_high_low")]


# Keys of other kinds than a number that the database gives


class Token(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    label = models.CharField(max_length=20, default="")
    linked = models.ManyToManyField("Keyed", related_name="tokens")

    class Meta:
        ordering = ("label",)


class Detail(models.Model):
    """Its key is that of the token."""

    token = models.OneToOneField(Token, primary_key=True, on_delete=models.CASCADE)
    note = models.CharField(max_length=20, default="")


class Remark(models.Model):
    detail = models.ForeignKey(Detail, on_delete=models.CASCADE)
    text = models.CharField(max_length=20, default="")


class Bare(models.Model):
    """Has nothing but a key."""


class Egg(models.Model):
    hen = models.ForeignKey("Hen", null=True, on_delete=models.CASCADE)


class Hen(models.Model):
    egg = models.ForeignKey(Egg, null=True, on_delete=models.CASCADE)


# What the property tests filter


class Node(models.Model):
    """A small schema with nulls and a many-to-many relation."""

    number = models.IntegerField(null=True)
    word = models.CharField(max_length=10, null=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="kids")
    tags = models.ManyToManyField("Tag", related_name="nodes")


class Tag(models.Model):
    weight = models.IntegerField(null=True)
    label = models.CharField(max_length=10, null=True)
