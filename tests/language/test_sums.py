"""What expressions give where databases would differ: quotients, decimals, texts, groups."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from manybase.errors import FieldError, FieldValueError, QueryError
from tests.language.data import (
    UTC,
    D,
    F,
    Face,
    Q,
    Title,
    Value,
    both,
    column,
    computed,
    models,
    names,
)

pytestmark = pytest.mark.usefixtures("shop")
Case, When, Count, Sum = models.Case, models.When, models.Count, models.Sum
PAGED = Q(pages__isnull=False)
NEXT = datetime.timedelta(hours=36)


async def paged(face: Face, expression: Any) -> list[Any]:
    """What an expression gives for A, B, D and E."""
    return await computed(face, expression, Title.objects.filter(PAGED))


@both
async def test_whole_numbers_divide_to_whole_numbers(face: Face) -> None:
    assert await paged(face, F("pages") / 7) == [14, 28, 57, 14]
    shown = models.ExpressionWrapper(F("pages") / 8, output_field=models.FloatField())
    assert await paged(face, shown) == [12.0, 25.0, 50.0, 12.0]
    found = Title.objects.annotate(x=F("pages") / 7).filter(x=14)
    assert await names(face, found) == "AE"


@both
async def test_there_is_no_result_of_a_division_by_zero(face: Face) -> None:
    assert await paged(face, F("pages") / F("flags")) == [20, 66, 66, None]
    assert await paged(face, F("pages") % F("flags")) == [0, 2, 4, None]
    assert await paged(face, F("rating") / (F("flags") * 0)) == [None] * 4
    assert (await paged(face, F("price") / (F("flags") - 5)))[0] is None
    assert await paged(face, F("loan") / (F("flags") * 0)) == [None] * 4


@both
async def test_the_rest_of_numbers_with_a_fraction(face: Face) -> None:
    assert await paged(face, F("rating") % 2) == [1.5, -0.25, 0.0, 0.0]
    found = await paged(face, F("price") % Decimal("0.5"))
    assert found == [Decimal("0.49"), 0, 0, Decimal("0.01")]


@both
async def test_a_quotient_of_decimals_keeps_its_digits(face: Face) -> None:
    found = await paged(face, F("price") / 8)
    assert found == [Decimal("1.24875"), Decimal("2.5"), 5, Decimal("0.12625")]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (F("price") / 2, Decimal("4.995")),
        (F("price") * 3, Decimal("29.97")),
        (F("price") + F("price"), Decimal("19.98")),
        (F("price") - Decimal("0.1"), Decimal("9.89")),
        (models.functions.Abs("price"), Decimal("9.99")),
        (models.functions.Round("price", 1), Decimal("10.0")),
        (models.functions.Coalesce("price", 0), Decimal("9.99")),
    ],
)
@both
async def test_computed_decimals_equal_what_they_show(
    face: Face, expression: Any, value: Decimal
) -> None:
    rows = Title.objects.annotate(x=expression)
    assert await names(face, rows.filter(x=value)) == "A"
    assert await names(face, rows.filter(x__in=[value])) == "A"
    assert await names(face, rows.exclude(x=value)) == "BCDE"
    assert await names(face, rows.order_by("x")) == "ECABD"
    assert await names(face, rows.filter(x__gte=value, x__lt=value + 1)) == "A"


@both
async def test_durations_by_numbers(face: Face) -> None:
    loans = Title.objects.filter(loan__isnull=False)
    hours = datetime.timedelta(hours=1)
    assert await computed(face, F("loan") / 4, loans) == [hours / 2, 6 * hours]
    assert await computed(face, F("loan") * 1.5, loans) == [3 * hours, 36 * hours]
    assert await computed(face, 2 * F("loan"), loans) == [4 * hours, 48 * hours]
    assert await names(face, loans.alias(x=F("loan") / 4).filter(x=hours / 2)) == "A"
    assert await names(face, loans.alias(x=F("loan") * 1.5).filter(x=36 * hours)) == "B"
    with pytest.raises(FieldError, match="cannot combine values of kinds 'integer' and 'duration'"):
        Title.objects.annotate(x=2 / F("loan"))


@both
async def test_what_a_wrapper_says_is_so(face: Face) -> None:
    moment = models.ExpressionWrapper(F("published") + NEXT, models.DateTimeField())
    first = Title.objects.filter(name="A")
    assert await computed(face, moment, first) == [datetime.datetime(2001, 1, 16, 12, tzinfo=UTC)]
    price = models.ExpressionWrapper(
        F("rating"), models.DecimalField(max_digits=8, decimal_places=2)
    )
    (found,) = await computed(face, price, first)
    assert (found, type(found)) == (Decimal("1.50"), Decimal)


@both
async def test_differences_can_be_compared(face: Face) -> None:
    late = models.functions.TruncDate("edited") - F("published")
    rows = Title.objects.annotate(x=late)
    assert await names(face, rows.filter(x=datetime.timedelta(0))) == "AB"
    begun = models.functions.TruncDay("edited")
    (found,) = await computed(face, begun + NEXT, Title.objects.filter(name="B"))
    assert found == datetime.datetime(2002, 1, 1, 12, tzinfo=UTC)
    moment = Value(datetime.datetime(2001, 1, 1, 12, tzinfo=UTC))
    first = models.functions.Coalesce("edited", moment - NEXT)
    (found,) = await computed(face, first, Title.objects.filter(name="D"))
    assert found == datetime.datetime(2000, 12, 31, tzinfo=UTC)
    nested = models.functions.ExtractYear(models.functions.TruncMonth("edited"))
    assert await computed(face, nested, Title.objects.filter(name="B")) == [2001]


@both
async def test_a_case_gives_fields_by_name(face: Face) -> None:
    named = Case(When(printed=True, then="pages"), default="flags")
    assert await computed(face, named) == [100, 200, None, 6, 100]
    dated = Case(When(printed=True, then="published"), default=Value(D(1999, 1, 1)))
    assert (await computed(face, dated))[3] == D(1999, 1, 1)
    mixed = Case(When(printed=True, then="pages"), default="rating")
    assert await computed(face, mixed) == [100.0, 200.0, None, 4.0, 100.0]
    by = Case(When(flags__gt=4, then=Q(pages__gt=300)), default=Value(False))
    assert await computed(face, by) == [False, False, False, True, False]
    with pytest.raises(FieldError, match=r"Case\(\) mixes values of kinds 'integer' and 'text'"):
        Title.objects.annotate(x=Case(When(printed=True, then="name"), default="pages"))
    with pytest.raises(FieldError, match="cannot resolve 'long'"):
        Title.objects.annotate(x=Case(When(printed=True, then="long")))


@both
async def test_decimals_of_two_scales_keep_the_digits_of_both(face: Face) -> None:
    fine = models.ExpressionWrapper(
        F("price") / 8, models.DecimalField(max_digits=12, decimal_places=5)
    )
    greatest = models.functions.Greatest("price", F("price") / 8, fine)
    assert (await computed(face, greatest * 1))[0] == Decimal("9.99")
    least = Title.objects.alias(fine=fine).annotate(x=models.functions.Least("price", F("fine")))
    assert (await column(face, least))[0] == Decimal("1.24875")


@both
async def test_values_are_texts_as_columns_are(face: Face) -> None:
    """Cases and spaces count, whether a text comes from a column or from the program."""
    rows = Title.objects.annotate(x=Case(When(flags=5, then=Value("A ")), default=Value("b")))
    assert await names(face, rows.filter(x="a ")) == ""
    assert await names(face, rows.filter(x="A")) == ""
    assert await names(face, rows.filter(x="A ")) == "A"
    whole = models.functions.Cast(models.functions.Ceil("price"), models.CharField())
    assert (await computed(face, whole))[1] == "20"
    cast = models.functions.Cast("name", models.CharField())
    assert await names(face, Title.objects.alias(x=cast).filter(x="a")) == ""
    null = models.functions.NullIf(Value("a"), Value("A"))
    assert (await computed(face, null))[0] == "a"


@both
async def test_aggregates_see_the_row_that_their_condition_speaks_of(face: Face) -> None:
    """A filter of an aggregate counts rows, negated or beside another aggregate too."""
    first = Q(chapters__number=1)
    rows = Title.objects.annotate(all=Count("chapters"), x=Count("chapters", filter=first))
    assert await column(face, rows) == [1, 0, 0, 0, 1]
    assert await computed(face, Count("chapters", filter=~first)) == [1, 0, 0, 0, 0]
    rows = Title.objects.annotate(all=Count("chapters"), x=Count("chapters", filter=~first))
    assert await column(face, rows) == [1, 0, 0, 0, 0]
    summed = Sum(Case(When(~first, then="chapters__number"), default=0))
    assert await computed(face, summed) == [2, None, None, None, 0]
    found = await face.call(
        Title.objects, "aggregate", n=Count("chapters"), x=Count("chapters", filter=~first)
    )
    assert found == {"n": 3, "x": 1}


@both
async def test_fields_are_compared_with_aggregates(face: Face) -> None:
    rows = Title.objects.annotate(n=Count("chapters"))
    assert await names(face, rows.filter(flags__gt=F("n"))) == "ABD"
    assert await names(face, rows.filter(Q(flags__gt=F("n")) | Q(name="C"))) == "ABCD"
    assert await names(face, rows.exclude(flags__gt=F("n"))) == "CE"
    case = Case(When(flags__gt=Count("chapters"), then=1), default=0)
    assert await computed(face, case) == [1, 1, 0, 1, 0]
    with pytest.raises(QueryError) as raised:
        Title.objects.filter(flags__gt=Count("chapters"))
    assert str(raised.value).startswith("an aggregate cannot stand in filter() itself\nName it")


@pytest.mark.parametrize(
    "value", [1, 2, -3, 0, 2**40, "x", True, datetime.timedelta(1), D(2001, 1, 1)]
)
@both
async def test_groups_and_orders_by_a_constant(face: Face, value: Any) -> None:
    rows = Title.objects.annotate(x=Value(value))
    grouped = rows.values("x").annotate(n=Count("pk")).values_list("x", "n")
    assert await face.list(grouped) == [(value, 5)]
    assert await face.list(grouped.filter(pages=7)) == []
    by = rows.values("x", "printed").annotate(n=Count("pk")).order_by("printed")
    assert await face.list(by.values_list("x", "printed", "n")) == [
        (value, False, 1),
        (value, True, 4),
    ]
    assert await names(face, rows.order_by("x", "-name")) == "EDCBA"


@both
async def test_groups_by_a_window_are_refused(face: Face) -> None:
    place = models.Window(models.functions.RowNumber(), order_by="name")
    with pytest.raises(FieldError, match="rows cannot be grouped by 'x', a function of a window"):
        Title.objects.annotate(x=place).values("x").annotate(n=Count("pk"))


@both
async def test_a_null_needs_no_type(face: Face) -> None:
    rows = Title.objects.annotate(x=Value(None))
    assert await names(face, rows.filter(x__isnull=True)) == "ABCDE"
    assert (await face.call(rows, "aggregate", n=Count("x"))) == {"n": 0}


@both
async def test_whole_numbers_are_compared_with_fractions(face: Face) -> None:
    """A mean that was computed before is a bound like any other."""
    for lookup, expected in (
        ("gt", "BD"),
        ("gte", "BD"),
        ("lt", "AE"),
        ("lte", "AE"),
    ):
        for value in (100.5, Decimal("100.5")):
            found = Title.objects.filter(**{f"pages__{lookup}": value})
            assert await names(face, found) == expected
    assert await names(face, Title.objects.filter(flags__gt=-0.5)) == "ABCDE"
    assert await names(face, Title.objects.filter(pages__range=(99.5, 199.5))) == "AE"
    assert await names(face, Title.objects.exclude(pages__gt=100.5)) == "ACE"
    counted = Title.objects.annotate(n=Count("chapters"))
    assert await names(face, counted.filter(n__gt=1.5)) == "A"
    with pytest.raises(FieldValueError, match="takes a whole number, not float"):
        Title.objects.filter(pages=100.5)


@both
async def test_decimals_are_not_rounded_to_be_compared(face: Face) -> None:
    fine = Decimal("9.994")
    assert await names(face, Title.objects.filter(price=fine)) == ""
    assert await names(face, Title.objects.filter(price="9.994")) == ""
    assert await names(face, Title.objects.filter(price__in=[fine, Decimal("20.000")])) == "B"
    assert await names(face, Title.objects.filter(price__lt=fine)) == "ACE"
    assert await names(face, Title.objects.filter(price__gt=Decimal("9.986"))) == "ABD"
    assert await names(face, Title.objects.filter(price__range=(Decimal("9.986"), fine))) == "A"


@both
async def test_a_field_is_negated(face: Face) -> None:
    assert await computed(face, ~F("printed")) == [False, False, False, True, False]
    assert await names(face, Title.objects.filter(~F("printed"))) == "D"
    assert await names(face, Title.objects.filter(~~F("printed"))) == "ABCE"
    assert await names(face, Title.objects.exclude(~F("printed"))) == "ABCE"
    case = Case(When(~F("printed"), then=1), default=0)
    assert await computed(face, case) == [0, 0, 0, 1, 0]
    with pytest.raises(FieldError) as raised:
        Title.objects.filter(~F("pages"))
    message = "only truth values can be negated, F('pages') is of kind 'integer'"
    assert str(raised.value) == message


@both
async def test_the_related_row_is_compared_with_itself(face: Face) -> None:
    """Both sides of a comparison that is excluded speak of the same related row."""
    rows = Title.objects.exclude(chapters__number__gt=F("chapters__title__flags"))
    assert await names(face, rows) == "ABCD"
    rows = Title.objects.exclude(chapters__number__lt=F("chapters__title__flags") - 3)
    assert await names(face, rows) == "BCDE"


@both
async def test_windows_over_aggregates_without_names_are_refused(face: Face) -> None:
    by = models.Window(models.functions.Rank(), order_by=Count("chapters").desc())
    with pytest.raises(FieldError, match="a window goes over aggregates that have names"):
        Title.objects.annotate(x=by)
    place = models.Window(models.functions.Rank(), order_by="-n")
    rows = Title.objects.annotate(n=Count("chapters")).annotate(x=place)
    assert await column(face, rows) == [1, 3, 3, 3, 2]


@both
async def test_places_of_nulls_by_word(face: Face) -> None:
    rows = Title.objects.order_by(models.OrderBy(F("pages"), nulls_last=True), "name")
    assert await names(face, rows) == "AEBDC"
    rows = Title.objects.order_by(models.OrderBy("pages", True, nulls_first=True), "name")
    assert await names(face, rows) == "CDBAE"


@both
async def test_values_are_shown_as_texts_alike(face: Face) -> None:
    assert await names(face, Title.objects.filter(printed__icontains="ALS")) == "D"
    assert await names(face, Title.objects.filter(price__endswith=".50")) == "C"


@both
async def test_an_expression_is_no_key(face: Face) -> None:
    with pytest.raises(FieldValueError, match="takes keys as texts, not an expression"):
        Title.objects.filter(data__has_key=F("name"))
