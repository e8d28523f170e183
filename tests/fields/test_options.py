"""Options that make no sense are refused where the field is declared; copies are independent."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from manybase import fields
from manybase.errors import ConfigurationError
from manybase.meta.on_delete import CASCADE


@pytest.mark.parametrize(
    ("field", "message", "cure"),
    [
        (lambda: fields.CharField(max_length=0), "whole number above zero as max_length", "100"),
        (lambda: fields.CharField(max_length=True), "whole number above zero", "100"),
        (lambda: fields.CharField(max_length=1, choices={"ab": "x"}), "a choice of 2", "=2"),
        (lambda: fields.CharField(primary_key=True, null=True), "primary key", "null=True"),
        (lambda: fields.CharField(validators=[5]), "cannot be called, a int", "functions"),  # type: ignore[list-item]
        (lambda: fields.IntegerField(default="x"), "default that it cannot hold", "function"),
        (lambda: fields.IntegerField(max_length=5), "has no max_length", "away"),
        (lambda: fields.DecimalField(), "needs max_digits and decimal_places", "max_digits=10"),
        (lambda: fields.DecimalField(max_digits=2), "needs max_digits and", "max_digits=10"),
        (lambda: fields.DecimalField(max_digits=0, decimal_places=0), "above zero as max", "=10"),
        (lambda: fields.DecimalField(max_digits=1, decimal_places=-1), "zero or more", "=10"),
        (lambda: fields.DecimalField(max_digits=1, decimal_places=2), "only 1 max_digits", "=2"),
        (lambda: fields.DateField(auto_now=True, auto_now_add=True), "exclude each", "one of"),
        (lambda: fields.DateTimeField(auto_now=True, default=1), "auto_now and default", "one"),
        (lambda: fields.AutoField(), "must be the primary key", "primary_key=True"),
        (lambda: fields.GenericIPAddressField(protocol="ipv5"), "unknown protocol", "both"),
        (lambda: fields.GenericIPAddressField(blank=True), "no address", "null=True"),
        (lambda: fields.JSONField(encoder=5), "int as encoder", "class"),  # type: ignore[arg-type]
        (lambda: fields.FileField(upload_to="/a"), "begins with '/'", "below"),
        (lambda: fields.FileField(storage=5), "int as storage", "FileSystemStorage"),
        (lambda: fields.FilePathField(allow_files=False), "neither files nor", "allow_files"),
    ],
)
def test_wrong_options_are_refused(make: Any, field: Any, message: str, cure: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^field 'app\d+\.Book\.x' ") as caught:
        make("Book", x=field())
    assert message in str(caught.value)
    assert cure in (caught.value.hint or "")


def test_a_misspelled_option_is_suggested() -> None:
    with pytest.raises(ConfigurationError) as caught:
        fields.CharField(max_lenght=5)  # type: ignore[call-overload]
    assert str(caught.value) == ("CharField has no option 'max_lenght'\nDid you mean 'max_length'?")
    with pytest.raises(ConfigurationError, match="Did you mean 'decimal_places'"):
        fields.DecimalField(max_digits=5, decimals_place=2)  # type: ignore[call-overload]
    with pytest.raises(ConfigurationError, match="Did you mean 'related_name'"):
        fields.ForeignKey("self", CASCADE, relatedname="x")  # type: ignore[call-overload]


@pytest.mark.parametrize("name", ["a__b", "a_", "pk"])
def test_wrong_names_are_refused(make: Any, name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"field name '{name}'"):
        make("Book", **{name: fields.CharField()})


def test_text_without_a_limit_is_allowed(make: Any) -> None:
    storage = make("Book", x=fields.CharField())._meta.get_field("x").storage
    assert (storage.family, storage.size) == ("text", None)


@pytest.mark.parametrize(
    ("field", "family", "size"),
    [
        (fields.AutoField(primary_key=True), "integer", 4),
        (fields.BigAutoField(primary_key=True), "integer", 8),
        (fields.SmallAutoField(primary_key=True), "integer", 2),
        (fields.PositiveBigIntegerField(), "integer", 8),
        (fields.SlugField(), "text", 50),
        (fields.EmailField(), "text", 254),
        (fields.URLField(), "text", 200),
        (fields.FileField(), "text", 100),
        (fields.FilePathField(), "text", 100),
        (fields.TextField(max_length=5), "text", None),
        (fields.GenericIPAddressField(), "ip", 39),
        (fields.BooleanField(), "boolean", None),
        (fields.BinaryField(), "binary", None),
        (fields.JSONField(), "json", None),
        (fields.DurationField(), "duration", None),
    ],
)
def test_how_a_column_is_kept(field: Any, family: str, size: int | None) -> None:
    assert (field.storage.family, field.storage.size) == (family, size)


def test_only_automatic_keys_are_numbered_and_blank() -> None:
    field = fields.BigAutoField(primary_key=True)
    assert field.is_auto
    assert field.storage.auto
    assert field.blank
    assert field.get_default() is None
    assert field.clean(None, None) is None
    assert not hasattr(fields.IntegerField(), "is_auto")


def test_a_copy_of_a_bound_field_is_free(make: Any) -> None:
    model = make("Book", title=fields.CharField(max_length=5, validators=[print]))
    field = model._meta.get_field("title")
    for twin in (field.clone(), copy.copy(field), copy.deepcopy(field)):
        assert twin is not field
        assert not hasattr(twin, "model")
        assert twin.max_length == 5
        assert twin.extra_validators == [print]
        assert twin.extra_validators is not field.extra_validators


def test_a_free_field_pickles() -> None:
    twin = pickle.loads(pickle.dumps(fields.CharField(max_length=5)))
    assert (type(twin), twin.max_length) == (fields.CharField, 5)


def test_a_field_of_ones_own(make: Any) -> None:
    class Upper(fields.CharField):
        def get_prep_value(self, value: Any) -> Any:
            prepared = super().get_prep_value(value)
            return prepared and prepared.upper()

        plain_types = frozenset()

    field = make("Book", x=Upper(max_length=5))._meta.get_field("x")
    assert field.prepare("abc") == "ABC"
    assert field.storage.size == 5
