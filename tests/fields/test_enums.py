"""Enumerations of choices."""

from __future__ import annotations

import enum
import pickle

import pytest

from manybase import fields


class State(fields.TextChoices):
    DRAFT = "d", "Not yet out"
    IN_PRINT = "p"
    GONE = enum.auto()


class Suit(fields.IntegerChoices):
    HEART = 1
    CLUB = 2, "Club (the black one)"

    __empty__ = "(unknown)"


def test_members_are_their_values() -> None:
    assert State.DRAFT == "d"
    assert str(State.DRAFT) == f"{State.DRAFT}" == "d"
    assert State("p") is State.IN_PRINT
    assert Suit.CLUB + 1 == 3
    assert {1: "x"}[Suit.HEART] == "x"
    assert type(State.DRAFT.value) is str


def test_labels_are_given_or_made_from_the_name() -> None:
    assert State.DRAFT.label == "Not yet out"
    assert State.IN_PRINT.label == "In Print"
    assert State.GONE.value == "GONE"


def test_what_a_field_takes() -> None:
    assert State.choices == [("d", "Not yet out"), ("p", "In Print"), ("GONE", "Gone")]
    assert Suit.choices == [(None, "(unknown)"), (1, "Heart"), (2, "Club (the black one)")]
    assert Suit.labels == ["(unknown)", "Heart", "Club (the black one)"]
    assert Suit.values == [None, 1, 2]
    assert Suit.names == ["__empty__", "HEART", "CLUB"]
    assert fields.CharField(choices=State).flatchoices == State.choices


def test_values_are_members_too() -> None:
    assert "d" in State
    assert State.DRAFT in State
    assert "x" not in State


def test_values_are_unique() -> None:
    with pytest.raises(ValueError, match="duplicate values"):

        class Twice(fields.IntegerChoices):
            A = 1
            B = 1


def test_members_pickle() -> None:
    assert pickle.loads(pickle.dumps(Suit.CLUB)) is Suit.CLUB
    assert repr(Suit.CLUB) == "Suit.CLUB"
