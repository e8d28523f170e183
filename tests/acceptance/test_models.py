"""What a user of models asks first: orders, messages of validation, ``_meta``."""

from __future__ import annotations

import asyncio
import datetime
import decimal
from typing import Any

import pytest

from manybase import models
from manybase.errors import (
    ConfigurationError,
    FieldDoesNotExist,
    FieldError,
    FieldValueError,
    SyncOnlyOperation,
    UnknownAlias,
    ValidationError,
)
from tests.databases import Databases


class Question(models.Model):
    title = models.CharField(max_length=20)
    asked = models.DateTimeField(null=True)

    class Meta:
        app_label = "acceptance"


class Answer(models.Model):
    question = models.ForeignKey(Question, models.CASCADE)
    made = models.DateField(default=datetime.date(2020, 1, 1))

    class Meta:
        app_label = "acceptance"
        order_with_respect_to = "question"


class Reply(Answer):
    class Meta:
        app_label = "acceptance"
        proxy = True


class Late(Reply):
    class Meta:
        app_label = "acceptance"
        proxy = True


class Short(models.CharField):
    """A field of a program's own."""


class Person(models.Model):
    slug = models.SlugField(default="ann")
    email = models.EmailField(default="ann@example.com")
    page = models.URLField(default="https://example.com/")
    code = models.CharField(max_length=3, default="x")
    price = models.DecimalField(max_digits=5, decimal_places=2, default=decimal.Decimal(1))
    nick = Short(max_length=3, default="x")

    class Meta:
        app_label = "acceptance"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("slug", "a b", "slug"),
        ("email", "nobody", "Enter a valid email address."),
        ("page", "somewhere", "Enter a valid URL."),
        ("code", object(), "Enter text."),
    ],
    ids=["slug", "email", "url", "text"],
)
def test_the_message_of_a_validator_is_its_own(name: str, value: Any, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Person(**{name: value}).full_clean()
    assert list(caught.value.message_dict) == [name]
    assert message in caught.value.message_dict[name][0]


def test_a_number_with_too_many_digits_is_not_said_to_be_no_number(db: Databases) -> None:
    with pytest.raises(FieldValueError) as caught:
        Person(price=decimal.Decimal("12345.67")).save()
    assert str(caught.value) == (
        "field 'acceptance.Person.price' takes a decimal number of at most 5 digits,"
        " 2 of them after the point; the number given is none"
    )


def test_neighbours_in_an_order_are_those_of_the_stored_order(db: Databases) -> None:
    question = Question.objects.create(title="Why?")
    one, two, three = (Answer.objects.create(question=question) for _ in range(3))
    question.set_answer_order([three.pk, one.pk, two.pk])
    assert three.get_next_in_order() == one
    assert one.get_next_in_order() == two
    assert two.get_previous_in_order() == one
    with pytest.raises(Answer.DoesNotExist):
        two.get_next_in_order()
    with pytest.raises(Answer.DoesNotExist):
        three.get_previous_in_order()


def test_moments_are_in_utc_of_the_standard_library_on_every_database(db: Databases) -> None:
    moment = datetime.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=datetime.UTC)
    Question.objects.create(title="When?", asked=moment)
    asked = Question.objects.get().asked
    assert asked == moment
    assert asked.tzinfo is datetime.UTC


def test_meta_tells_of_managers_and_proxies() -> None:
    assert Answer._meta.default_manager is Answer._default_manager
    assert Answer._meta.base_manager is Answer._base_manager
    assert Answer._meta.proxy_for_model is None
    assert Reply._meta.proxy_for_model is Answer
    assert Late._meta.proxy_for_model is Reply
    assert Late._meta.concrete_model is Answer
    assert Answer._meta.all_parents == ()
    assert Answer._meta.swapped is None


def test_a_field_tells_its_family() -> None:
    assert Answer._meta.get_field("question").get_internal_type() == "ForeignKey"
    assert Person._meta.get_field("nick").get_internal_type() == "CharField"
    assert Person._meta.pk.get_internal_type() == "BigAutoField"


def test_a_date_that_is_no_field_is_met_at_the_class() -> None:
    with pytest.raises(FieldError) as caught:

        class Post(models.Model):
            made = models.DateField()
            title = models.CharField(max_length=9, unique_for_date="maed")

            class Meta:
                app_label = "acceptance"

    assert str(caught.value).splitlines() == [
        "unique_for_date of 'acceptance.Post.title' names 'maed', which is no field",
        "Did you mean 'made'?",
    ]


@pytest.mark.parametrize("choices", [3, "ab", ["ab", "cd"], [1, 2]], ids=str)
def test_choices_that_are_no_pairs_are_refused(choices: Any) -> None:
    with pytest.raises(ConfigurationError, match="choices") as caught:
        models.CharField(max_length=2, choices=choices)
    assert "TextChoices" in str(caught.value.hint)


def test_validators_have_to_be_a_list() -> None:
    with pytest.raises(ConfigurationError, match="validators are a value of type 'int'"):
        models.CharField(max_length=2, validators=3)  # type: ignore[arg-type]  # a slip


def test_a_wrong_to_field_names_the_key_and_the_field_that_was_meant() -> None:
    class Page(models.Model):
        person = models.ForeignKey("Owner", models.CASCADE, to_field="slugg")

        class Meta:
            app_label = "acceptance"

    class Owner(models.Model):
        slug = models.SlugField(unique=True)

        class Meta:
            app_label = "acceptance"

    with pytest.raises(FieldDoesNotExist) as caught:
        Page.objects.filter(person="ann")
    assert str(caught.value).splitlines() == [
        "to_field of 'acceptance.Page.person' names 'slugg', which is no field of"
        " 'acceptance.Owner'",
        "Did you mean 'slug'?",
    ]
    assert Owner._meta.pk is not None


def test_an_accessor_has_one_owner() -> None:
    class One(models.Model):
        person = models.ForeignKey(Person, models.CASCADE, related_name="things")

        class Meta:
            app_label = "acceptance"

    with pytest.raises(ConfigurationError) as caught:

        class Two(models.Model):
            person = models.ForeignKey(Person, models.CASCADE, related_name="things")

            class Meta:
                app_label = "acceptance"

    assert caught.value.message == (
        "field 'acceptance.Two.person' gives 'acceptance.Person' the accessor 'things', which"
        " 'acceptance.One.person' gives it already"
    )
    assert One._meta.get_field("person").related_model is Person


def test_an_accessor_has_not_the_name_of_a_field() -> None:
    with pytest.raises(ConfigurationError, match="the accessor 'email', which is the name of"):

        class Letter(models.Model):
            person = models.ForeignKey(Person, models.CASCADE, related_name="email")

            class Meta:
                app_label = "acceptance"


def test_no_table_is_left_out_for_a_slip_in_meta_using(db: Databases) -> None:
    class Far(models.Model):
        class Meta:
            app_label = "acceptance"
            using = "othr"

    with pytest.raises(UnknownAlias) as caught:
        models.create_tables(Far)
    assert "'othr'" in str(caught.value)
    assert "Did you mean 'other'?" in str(caught.value)


def test_every_call_without_a_twin_of_its_name_tells_what_to_type(db: Databases) -> None:
    answer = Answer(pk=1)

    async def called(function: Any) -> None:
        with pytest.raises(SyncOnlyOperation) as caught:
            function()
        hints.append(str(caught.value.hint).partition(" instead")[0])

    hints: list[str] = []
    for function in (answer.get_next_by_made, answer.get_previous_by_made, models.create_tables):
        asyncio.run(called(function))
    assert hints == [
        "Type 'await obj.aget_next_by_made()'",
        "Type 'await obj.aget_previous_by_made()'",
        "Type 'await models.acreate_tables()'",
    ]
