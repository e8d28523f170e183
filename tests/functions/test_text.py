"""Functions over texts give the same on every database."""

from __future__ import annotations

import hashlib

import pytest

from manybase.errors import FieldError, QueryError
from manybase.models import Count, F, FloatField, Value
from manybase.models.functions import (
    MD5,
    SHA1,
    SHA224,
    SHA256,
    SHA384,
    SHA512,
    Chr,
    Concat,
    ConcatPair,
    Left,
    Length,
    Lower,
    LPad,
    LTrim,
    Ord,
    Repeat,
    Replace,
    Reverse,
    Right,
    RPad,
    RTrim,
    StrIndex,
    Substr,
    Trim,
    Upper,
)
from tests.functions.models import Piece


@pytest.mark.parametrize(
    ("expression", "name", "expected"),
    [
        (Lower("name"), "ÄB c", "äb c"),
        (Upper("name"), "äb C", "ÄB C"),
        (Lower("name"), None, None),
        (Length("name"), "Äöü€", 4),
        (Length("name"), "", 0),
        (Length("name"), None, None),
        (Trim("name"), "  a b ", "a b"),
        (LTrim("name"), "  a ", "a "),
        (RTrim("name"), "  a ", "  a"),
        (Reverse("name"), "abÄ", "Äba"),
        (Ord("name"), "€uro", 8364),
        (Ord("name"), "Abc", 65),
        (Ord("name"), "", 0),
        (Ord("name"), "😀", 128512),
        (Left("name", 2), "Äbc", "Äb"),
        (Left("name", 9), "Äbc", "Äbc"),
        (Left("name", "count"), "Äbc", "Ä"),
        (Right("name", 2), "abÄ", "bÄ"),
        (Right("name", 9), "abÄ", "abÄ"),
        (Right("name", F("count") + 1), "abÄ", "bÄ"),
        (Substr("name", 2), "abcd", "bcd"),
        (Substr("name", 2, 2), "abcd", "bc"),
        (Substr("name", 9), "abcd", ""),
        (Substr("name", F("count"), 1), "abcd", "a"),
        (LPad("name", 5), "ab", "   ab"),
        (LPad("name", 5, Value("xyz")), "ab", "xyzab"),
        (LPad("name", 6, Value("xy")), "ab", "xyxyab"),
        (LPad("name", 1, Value("x")), "ab", "a"),
        (RPad("name", 5, Value("xy")), "ab", "abxyx"),
        (RPad("name", 0), "ab", ""),
        (LPad("name", 5, Value("x")), None, None),
        (Repeat("name", 3), "ab", "ababab"),
        (Repeat("name", 0), "ab", ""),
        (Repeat("name", "other"), "ab", ""),
        (Replace("name", Value("b"), Value("XY")), "abcb", "aXYcXY"),
        (Replace("name", Value("b")), "abcb", "ac"),
        (Replace("name", Value("B"), Value("x")), "abcb", "abcb"),
        (Replace("name", Value(""), Value("x")), "ab", "ab"),
        (StrIndex("name", Value("c")), "abc", 3),
        (StrIndex("name", Value("C")), "abc", 0),
        (StrIndex("name", Value("€")), "a€", 2),
        (StrIndex("name", Value("x")), None, None),
        (ConcatPair("name", "text"), "a", "at"),
        (ConcatPair("name", "text"), None, "t"),
        (Concat("name", Value("-"), "text", Value("%")), "a", "a-t%"),
        (Concat("name", Value("x"), "count"), None, "x1"),
        (Concat("name", Upper("name"), Value("é")), "a", "aAé"),
        (F("name")[1:3], "abcd", "bc"),
        (F("name")[:2], "Äbcd", "Äb"),
        (F("name")[2:], "abcd", "cd"),
        (F("name")[1], "abcd", "b"),
        (F("name")[3:1], "abcd", ""),
        (Upper(F("name")[:1]), "abcd", "A"),
        (Lower(Value("ABC")), None, "abc"),
        (Length(Value("abc")), None, 3),
    ],
)
def test_text(value, expression, name, expected) -> None:
    """Letters are counted, not bytes; null gives null; cases are told apart."""
    assert value(expression, name=name, text="t", count=1) == expected


@pytest.mark.parametrize(("code", "letter"), [(65, "A"), (8364, "€"), (128512, "😀")])
def test_chr(value, code, letter) -> None:
    """Chr() takes a number of Unicode."""
    assert value(Chr("count"), count=code) == letter
    assert value(Chr(code)) == letter
    assert value(Chr("count")) is None


@pytest.mark.parametrize("function", [MD5, SHA1, SHA224, SHA256, SHA384, SHA512])
@pytest.mark.parametrize("text", ["Äb €", "", "a" * 55, "a" * 56, "a" * 63, "€" * 50])
def test_hashes(value, function, text) -> None:
    """A hash is of the UTF-8 bytes, in hexadecimal digits."""
    name = function.__name__.lower()

    assert value(function("text"), text=text) == hashlib.new(name, text.encode()).hexdigest()
    assert value(function("name")) is None
    assert value(function(Value("x"))) == hashlib.new(name, b"x").hexdigest()


def test_filter_order_and_group_by_functions() -> None:
    """A function can be ordered by, filtered by and grouped by."""
    for name in ("bb", "A", "ccc", "B"):
        Piece.objects.create(name=name)

    assert [p.name for p in Piece.objects.order_by(Lower("name"), "pk")] == ["A", "B", "bb", "ccc"]
    assert [p.name for p in Piece.objects.order_by(Length("name").desc(), Lower("name"))] == [
        "ccc",
        "bb",
        "A",
        "B",
    ]
    short = Piece.objects.alias(size=Length("name")).filter(size__lt=2).order_by("name")
    assert [p.name for p in short] == ["A", "B"]
    assert Piece.objects.filter(name=Upper("name")).count() == 2
    Piece.objects.update(text=Concat(Lower("name"), Value("!")))
    assert sorted(p.text for p in Piece.objects.all()) == ["a!", "b!", "bb!", "ccc!"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Lower("a", "b"), "Lower() takes 1 argument, not 2"),
        (lambda: StrIndex("a"), "StrIndex() takes 2 arguments, not 1"),
        (lambda: Left("name", 0), "'length' of Left() must be at least 1"),
        (lambda: Right("name", 1.5), "'length' of Right() must be a whole number, not float"),
        (lambda: Substr("name", 0), "'pos' of Substr() must be at least 1"),
        (lambda: Substr("name", 1, -1), "'length' of Substr() must be at least 0"),
        (lambda: LPad("name", -1), "'length' of LPad() must be at least 0"),
        (lambda: RPad("name", 3, Value("")), "'fill_text' of RPad() must not be empty"),
        (lambda: Repeat("name", True), "'number' of Repeat() must be a whole number, not bool"),
        (lambda: Concat("name"), "Concat() takes two expressions or more"),
        (lambda: F("name")[-1], "slices of a text take whole numbers from 0 upwards, and no step"),
        (lambda: F("name")[::2], "slices of a text take whole numbers from 0 upwards, and no step"),
        (lambda: F("name")["a"], "slices of a text take whole numbers from 0 upwards, and no step"),
    ],
)
def test_wrong_arguments(make, message) -> None:
    """Wrong numbers of arguments and wrong plain values are refused at the call."""
    with pytest.raises(QueryError) as caught:
        make()
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (Chr("name"), "Chr() takes integer as argument 1, not values of kind 'text'"),
        (Left("name", "text"), "Left() takes integer as argument 2, not values of kind 'text'"),
        (F("count")[:2], "only texts have slices, F('count') is of kind 'integer'"),
    ],
)
def test_wrong_kinds(expression, message) -> None:
    """Arguments of wrong kinds are refused when the queryset is made."""
    with pytest.raises(FieldError) as caught:
        Piece.objects.annotate(found=expression)
    assert caught.value.message == message


def test_unknown_names() -> None:
    """A name inside a function is checked at the call too."""
    with pytest.raises(FieldError, match="nam"):
        Piece.objects.annotate(found=Lower("nam"))


def test_output_field(value) -> None:
    """A function may be told of what field its result is."""
    assert value(Length("name", output_field=FloatField()), name="7x") == 2.0


def test_group_and_order_by_functions_with_values() -> None:
    """A function with bound arguments is the same one in SELECT, GROUP BY and ORDER BY."""
    for name in ("anna", "bert", "axel"):
        Piece.objects.create(name=name)
    first = Concat(Substr("name", 1, 1), Value("-"))
    groups = Piece.objects.annotate(first=first).values("first").annotate(n=Count("pk"))
    assert list(groups.order_by("first").values_list("first", "n")) == [("a-", 2), ("b-", 1)]
    assert list(groups.order_by("-n").values_list("first", flat=True)) == ["a-", "b-"]
    assert groups.filter(n__gt=1).count() == 1
    letters = Piece.objects.annotate(first=first).order_by("first").values_list("first", flat=True)
    assert list(letters.distinct()) == ["a-", "b-"]
    assert Piece.objects.values(last=Right("name", 1)).distinct().count() == 3
