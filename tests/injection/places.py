"""Every place that takes a name, a word or a text from a program, called with any text.

Each place is a function of one text. It may refuse the text with an error of Manybase, or run; what
it sends to the database must then not hold the text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from manybase.db import models
from tests.language.models import Author, Stock, Title

F, Q, Value, Count = models.F, models.Q, models.Value, models.Count
ROWS = Title.objects.all()


def run(queryset: Any) -> None:
    """Read a queryset to its end."""
    list(queryset)


def sql(text: str) -> str:
    return f"SELECT id, name AS other_name FROM language_title WHERE name <> '{len(text)}'"


Place = Callable[[str], Any]

#: Names of results.
ALIASES: dict[str, Place] = {
    "annotate": lambda t: run(ROWS.annotate(**{t: F("pages")})),
    "annotate an aggregate": lambda t: run(ROWS.annotate(**{t: Count("authors")})),
    "annotate, then filter": lambda t: run(ROWS.annotate(**{t: Value(1)}).filter(**{t: 1})),
    "annotate, then order": lambda t: run(ROWS.annotate(**{t: F("pages")}).order_by(t)),
    "annotate, then values": lambda t: run(ROWS.annotate(**{t: F("pages")}).values(t)),
    "alias": lambda t: run(ROWS.alias(**{t: F("pages")}).filter(**{f"{t}__gt": 1})),
    "aggregate": lambda t: Title.objects.aggregate(**{t: Count("pk")}),
    "values(name=expression)": lambda t: run(ROWS.values(**{t: F("pages")})),
    "FilteredRelation": lambda t: run(
        ROWS.annotate(**{t: models.FilteredRelation("authors", condition=Q(authors__age=36))})
    ),
    "FilteredRelation, then filter": lambda t: run(
        ROWS.annotate(
            **{t: models.FilteredRelation("authors", condition=Q(authors__age=36))}
        ).filter(**{f"{t}__name": "Ada"})
    ),
    "JSONObject": lambda t: run(ROWS.annotate(x=models.JSONObject(**{t: F("pages")}))),
}

#: Names of fields and lookups.
NAMES: dict[str, Place] = {
    "filter": lambda t: run(ROWS.filter(**{t: 1})),
    "filter lookup": lambda t: run(ROWS.filter(**{f"name__{t}": "1"})),
    "filter related": lambda t: run(ROWS.filter(**{f"authors__{t}": 1})),
    "exclude": lambda t: run(ROWS.exclude(**{t: 1})),
    "get": lambda t: Title.objects.get(**{t: 1}),
    "Q": lambda t: run(ROWS.filter(Q(**{t: 1}))),
    "When": lambda t: run(ROWS.annotate(x=models.Case(models.When(**{t: 1}, then=1)))),
    "F": lambda t: run(ROWS.annotate(x=F(t))),
    "OuterRef": lambda t: run(
        ROWS.filter(models.Exists(Author.objects.filter(pk=models.OuterRef(t))))
    ),
    "Count": lambda t: run(ROWS.annotate(x=Count(t))),
    "order_by": lambda t: run(ROWS.order_by(t)),
    "order_by descending": lambda t: run(ROWS.order_by(f"-{t}")),
    "order_by related": lambda t: run(ROWS.order_by(f"publisher__{t}")),
    "order_by a table's column": lambda t: run(ROWS.order_by(f"language_title.{t}")),
    "values": lambda t: run(ROWS.values(t)),
    "values_list": lambda t: run(ROWS.values_list(t)),
    "only": lambda t: run(ROWS.only(t)),
    "defer": lambda t: run(ROWS.defer(t)),
    "distinct": lambda t: run(ROWS.distinct(t)),
    "select_related": lambda t: run(ROWS.select_related(t)),
    "prefetch_related": lambda t: run(ROWS.prefetch_related(t)),
    "select_for_update of": lambda t: run(ROWS.select_for_update(of=(t,))),
    "dates": lambda t: run(ROWS.dates(t, "year")),
    "earliest": lambda t: ROWS.earliest(t),
    "in_bulk": lambda t: Title.objects.in_bulk(["1"], field_name=t),
    "update": lambda t: ROWS.filter(pk=-1).update(**{t: 1}),
    "create": lambda t: Title.objects.create(**{t: 1}),
    "get_or_create": lambda t: Title.objects.get_or_create(**{t: 1}),
    "update_or_create": lambda t: Title.objects.update_or_create(name="A", defaults={t: 1}),
    "bulk_update": lambda t: Title.objects.bulk_update([Title(pk=-1, name="-")], [t]),
    "bulk_create update_fields": lambda t: Stock.objects.bulk_create(
        [Stock(code="A")], update_conflicts=True, update_fields=[t], unique_fields=["code"]
    ),
    "bulk_create unique_fields": lambda t: Stock.objects.bulk_create(
        [Stock(code="A")], update_conflicts=True, update_fields=["amount"], unique_fields=[t]
    ),
    "raw translations: column": lambda t: run(Title.objects.raw(sql(t), translations={t: "name"})),
    "raw translations: field": lambda t: run(
        Title.objects.raw(sql(t), translations={"other_name": t})
    ),
}

#: Words and texts.
WORDS: dict[str, Place] = {
    "JSON key": lambda t: run(ROWS.filter(**{f"data__{t}": 1})),
    "JSON key of a key": lambda t: run(ROWS.filter(**{f"data__size__{t}": 1})),
    "JSON key isnull": lambda t: run(ROWS.filter(**{f"data__{t}__isnull": True})),
    "JSON key in values": lambda t: run(ROWS.values(f"data__{t}")),
    "JSON key in order_by": lambda t: run(ROWS.order_by(f"data__{t}")),
    "JSON key in F": lambda t: run(ROWS.annotate(x=F(f"data__{t}"))),
    "JSON key in KT": lambda t: run(ROWS.annotate(x=models.KT(f"data__{t}"))),
    "JSON has_key": lambda t: run(ROWS.filter(data__has_key=t)),
    "JSON has_keys": lambda t: run(ROWS.filter(data__has_keys=[t, "kind"])),
    "JSON has_any_keys": lambda t: run(ROWS.filter(data__size__has_any_keys=[t])),
    "Extract": lambda t: run(ROWS.annotate(x=models.Extract("edited", t))),
    "Trunc": lambda t: run(ROWS.annotate(x=models.Trunc("edited", t))),
    "dates kind": lambda t: run(ROWS.dates("published", t)),
    "dates order": lambda t: run(ROWS.dates("published", "year", order=t)),
    "StringAgg delimiter": lambda t: Title.objects.aggregate(
        x=models.StringAgg("name", delimiter=Value(t))
    ),
    "StringAgg delimiter as text": lambda t: Title.objects.aggregate(
        x=models.StringAgg("name", delimiter=t)
    ),
    "Func name": lambda t: run(ROWS.annotate(x=models.Func(F("name"), function=t))),
    "Collate": lambda t: run(ROWS.order_by(models.Collate("name", t))),
    "explain format": lambda t: ROWS.explain(format=t),
    "explain option": lambda t: ROWS.explain(**{t: True}),
    "explain value": lambda t: ROWS.explain(analyze=t),
    "using": lambda t: run(ROWS.using(t)),
    "value": lambda t: run(ROWS.filter(name=t)),
    "value of contains": lambda t: run(ROWS.filter(name__icontains=t)),
    "value in a list": lambda t: run(ROWS.filter(name__in=[t, "A"])),
    "Value": lambda t: run(ROWS.annotate(x=Value(t))),
    "raw parameter": lambda t: run(
        Title.objects.raw("SELECT * FROM language_title WHERE name = %s", [t])
    ),
    "RawSQL parameter": lambda t: run(
        ROWS.annotate(x=models.RawSQL("SELECT %s", [t], output_field=models.TextField()))
    ),
    "_connector in filter": lambda t: run(ROWS.filter(_connector=t, name="A")),
    "_negated in filter": lambda t: run(ROWS.filter(_negated=t, name="A")),
    "_connector in exclude": lambda t: run(ROWS.exclude(_connector=t, name="A")),
    "_connector in get": lambda t: ROWS.get(_connector=t, name="A"),
    "_connector in complex_filter": lambda t: run(ROWS.complex_filter({"_connector": t})),
    "_connector in Q": lambda t: run(ROWS.filter(Q(name="A", pages=1, _connector=t))),
    "_connector in When": lambda t: run(
        ROWS.annotate(x=models.Case(models.When(_connector=t, name="A", then=1)))
    ),
}
PLACES: dict[str, Place] = {**ALIASES, **NAMES, **WORDS}
#: Places where a text that is an identifier stands in the SQL.
LABELS = {*ALIASES, "Func name", "Collate"}
#: Places where an identifier that the database does not know is its own to refuse.
UNKNOWN_TO_DATABASE = {"Func name", "Collate"}
