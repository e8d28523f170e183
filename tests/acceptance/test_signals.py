"""Receivers of a model that is named by its label, as applications connect them."""

from __future__ import annotations

from typing import Any

import pytest

from manybase import models
from manybase.errors import FieldValueError, QueryError
from manybase.models.signals import Signal, class_prepared, post_save, pre_delete, receiver
from tests.databases import Databases


class Parcel(models.Model):
    name = models.CharField(max_length=20, default="x")

    class Meta:
        app_label = "acceptance"


class Express(Parcel):
    class Meta:
        app_label = "acceptance"


class Label(models.Model):
    class Meta:
        app_label = "acceptance"


def test_a_label_stands_for_its_model(db: Databases) -> None:
    heard: list[Any] = []

    def told(sender: Any, using: str, **values: Any) -> None:
        heard.append((sender, using))

    post_save.connect(told, sender="acceptance.Parcel", dispatch_uid="once")
    post_save.connect(told, sender="acceptance.parcel", dispatch_uid="once")
    try:
        Parcel.objects.create()
        Label.objects.create()
        Parcel.objects.using("other").create()
    finally:
        assert post_save.disconnect(sender="acceptance.Parcel", dispatch_uid="once")
    Parcel.objects.create()
    assert heard == [(Parcel, "default"), (Parcel, "other")]


def test_a_label_may_be_that_of_a_later_model() -> None:
    heard: list[Any] = []

    def told(sender: Any, **values: Any) -> None:
        heard.append(sender)

    class_prepared.connect(told, sender="acceptance.Later")
    class_prepared.connect(told, sender="acceptance.Never")
    assert class_prepared.disconnect(told, sender="acceptance.Never")

    class Later(models.Model):
        class Meta:
            app_label = "acceptance"

    class Never(models.Model):
        class Meta:
            app_label = "acceptance"

    class_prepared.disconnect(told, sender=Later)
    assert heard == [Later]
    assert Never is not Later


def test_a_sender_that_is_no_label_is_refused() -> None:
    with pytest.raises(QueryError, match="'Parcel' of 'post_save' is no model's label") as caught:
        post_save.connect(print, sender="Parcel")
    assert caught.value.hint == 'Write "app.Model", or give the class.'


def test_one_receiver_for_several_signals(db: Databases) -> None:
    heard: list[str] = []

    @receiver((post_save, pre_delete), sender=Label)
    def told(signal: Signal, **values: Any) -> None:
        heard.append(signal.name)

    Label.objects.create().delete()
    assert heard == ["post_save", "pre_delete"]


def test_an_error_of_a_receiver_can_be_an_answer() -> None:
    signal = Signal("own")

    def breaks(**values: Any) -> None:
        raise ValueError("no")

    def answers(**values: Any) -> str:
        return "yes"

    signal.connect(breaks)
    signal.connect(answers)
    (_, error), (_, answer) = signal.send_robust(sender=None)
    assert isinstance(error, ValueError)
    assert answer == "yes"


def test_no_aggregate_is_an_empty_answer(db: Databases) -> None:
    assert Label.objects.aggregate() == {}


def test_force_insert_takes_the_model_and_its_parents(db: Databases) -> None:
    Express(name="y").save(force_insert=(Parcel,))
    with pytest.raises(FieldValueError, match="force_insert names 'Label', which is neither"):
        Express(name="y").save(force_insert=(Label,))
