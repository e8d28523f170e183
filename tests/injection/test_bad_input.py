"""Bad input gives a clear error at the call, before a database is asked; messages are asserted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from manybase.db import models
from manybase.errors import FieldError, FieldValueError, ManybaseError, QueryError
from manybase.runtime.events import capture
from tests.language.models import Author, Publisher, Title

pytestmark = pytest.mark.usefixtures("databases")
F, Q, Value, Count, Sum = models.F, models.Q, models.Value, models.Count, models.Sum
ROWS = Title.objects
Case = tuple[str, Callable[[], Any], type[Exception], str]

UNKNOWN: list[Case] = [
    ("a field", lambda: ROWS.filter(nmae="x"), FieldError,
     "cannot resolve 'nmae' of 'nmae'.*Did you mean 'name'"),
    ("a field, second level", lambda: ROWS.filter(publisher__nmae="x"), FieldError,
     "cannot resolve 'nmae' of 'publisher__nmae': model 'language.Publisher'.*'name'"),
    ("a field, third level", lambda: ROWS.filter(authors__mentor__agee=1), FieldError,
     "cannot resolve 'agee'.*model 'language.Author'.*'age'"),
    ("over a reverse relation", lambda: Author.objects.filter(profile__moto="x"), FieldError,
     "'moto'.*model 'language.Profile'.*'motto'"),
    ("a lookup", lambda: ROWS.filter(name__contians="x"), FieldError,
     "unknown lookup 'contians' of 'name__contians'.*'contains'"),
    ("a lookup, second level", lambda: ROWS.filter(publisher__name__contians="x"), FieldError,
     "'contians'.*'contains'"),
    ("a transform", lambda: ROWS.filter(published__yaer=2001), FieldError, "'yaer'.*'year'"),
    ("a lookup of a transform", lambda: ROWS.filter(published__year__gtt=1), FieldError, "'gtt'"),
    ("a transform of a wrong kind", lambda: ROWS.filter(name__year=1), FieldError, "'year'"),
    ("a lookup of a relation", lambda: ROWS.filter(publisher__contains="x"), FieldError,
     "'contains'.*'publisher"),
    ("exclude", lambda: ROWS.exclude(nmae="x"), FieldError, "'nmae'"),
    ("get", lambda: ROWS.get(nmae="x"), FieldError, "'nmae'"),
    ("Q", lambda: ROWS.filter(Q(name="x") | ~Q(nmae="x")), FieldError, "'nmae'"),
    ("F", lambda: ROWS.filter(pages=F("pagse")), FieldError, "'pagse'.*'pages'"),
    ("F in arithmetic", lambda: ROWS.annotate(x=F("pages") + F("flgas")), FieldError, "'flgas'"),
    ("When", lambda: ROWS.annotate(x=models.Case(models.When(nmae="x", then=1))), FieldError,
     "'nmae'"),
    ("OuterRef", lambda: ROWS.filter(models.Exists(Author.objects.filter(
        pk=models.OuterRef("nmae")))), FieldError, "'nmae'"),
    ("an aggregate", lambda: ROWS.aggregate(Sum("pagse")), FieldError, "'pagse'"),
    ("annotate", lambda: ROWS.annotate(x=Count("author")), FieldError, "'author'.*'authors'"),
    ("order_by", lambda: ROWS.order_by("nmae"), FieldError, "'nmae'.*'name'"),
    ("order_by, second level", lambda: ROWS.order_by("-publisher__nmae"), FieldError, "'nmae'"),
    ("values", lambda: ROWS.values("nmae"), FieldError, "'nmae'"),
    ("values_list", lambda: ROWS.values_list("publisher__nmae"), FieldError, "'nmae'"),
    ("only", lambda: ROWS.only("nmae"), FieldError, "'nmae'"),
    ("defer", lambda: ROWS.defer("nmae"), FieldError, "'nmae'"),
    ("select_related", lambda: ROWS.select_related("publsher"), ManybaseError, "'publsher'"),
    ("select_related of many", lambda: ROWS.select_related("authors"), QueryError,
     "cannot follow 'authors'.*prefetch_related"),
    ("select_related of no relation", lambda: ROWS.select_related("name"), QueryError,
     "cannot follow 'name'.*Choices are: publisher"),
    ("distinct", lambda: ROWS.distinct("nmae"), FieldError, "'nmae'"),
    ("dates", lambda: ROWS.dates("nmae", "year"), FieldError, "'nmae'"),
    ("in_bulk", lambda: ROWS.in_bulk(["x"], field_name="nmae"), FieldError, "'nmae'"),
    ("update", lambda: ROWS.update(nmae="x"), FieldError, "'nmae'"),
    ("create", lambda: ROWS.create(nmae="x"), ManybaseError, "'nmae'.*'name'"),
    ("get_or_create", lambda: ROWS.get_or_create(nmae="x"), FieldError, "'nmae'"),
    ("defaults", lambda: ROWS.get_or_create(name="x", defaults={"pagse": 1}), FieldError,
     "'pagse'"),
    ("bulk_update", lambda: ROWS.bulk_update([], ["nmae"]), FieldError, "'nmae'"),
    ("Q in When in Case", lambda: ROWS.annotate(x=models.Case(
        models.When(Q(name="x") | Q(publisher__nmae=1), then=1))), FieldError,
     "'nmae'.*'language.Publisher'.*'name'"),
    ("the value of When", lambda: ROWS.annotate(x=models.Case(
        models.When(name="x", then=F("pagse")))), FieldError, "'pagse'.*'pages'"),
    ("the default of Case", lambda: ROWS.annotate(x=models.Case(
        models.When(name="x", then=1), default=F("pagse"))), FieldError, "'pagse'.*'pages'"),
    ("prefetch_related", lambda: ROWS.prefetch_related("authrs"), ManybaseError,
     "cannot find 'authrs' on Title.*'authors'"),
    ("Prefetch", lambda: ROWS.prefetch_related(models.Prefetch("authrs__mentor")), ManybaseError,
     "cannot find 'authrs' on Title.*'authors'"),
    ("prefetch_related of a column", lambda: ROWS.prefetch_related("name"), ManybaseError,
     "'name' does not resolve.*Name a relation"),
    ("FilteredRelation", lambda: ROWS.annotate(x=models.FilteredRelation("authrs")), ManybaseError,
     "'authrs'.*'authors'"),
    ("its condition", lambda: ROWS.annotate(
        x=models.FilteredRelation("authors", condition=Q(authors__agee=1))), FieldError,
     "'agee'.*'age'"),
    ("its lookup", lambda: ROWS.annotate(
        x=models.FilteredRelation("authors", condition=Q(authors__age__gtt=1))), FieldError,
     "'gtt'.*'gt'"),
    ("its columns", lambda: ROWS.annotate(x=models.FilteredRelation("authors")).values("x__nmae"),
     FieldError, "'nmae'.*'name'"),
    ("partition_by", lambda: ROWS.annotate(
        x=models.Window(models.RowNumber(), partition_by="pagse")), FieldError, "'pagse'.*'pages'"),
    ("order_by of a window", lambda: ROWS.annotate(
        x=models.Window(models.RowNumber(), order_by="-pagse")), FieldError, "'pagse'.*'pages'"),
    ("filter of an aggregate", lambda: ROWS.annotate(x=Count("pk", filter=Q(nmae=1))), FieldError,
     "'nmae'.*'name'"),
    ("OuterRef, twice", lambda: ROWS.filter(models.Exists(Author.objects.filter(models.Exists(
        Author.objects.filter(age=models.OuterRef(models.OuterRef("pagse"))))))), FieldError,
     "'pagse'.*'pages'"),
    ("only, second level", lambda: ROWS.only("publisher__nmae"), FieldError, "'nmae'.*'name'"),
    ("select_related, second level", lambda: Author.objects.select_related("profile__athor"),
     FieldError, "'athor'.*'author'"),
    ("earliest", lambda: ROWS.earliest("publishd"), FieldError, "'publishd'.*'published'"),
    ("an annotation of the right-hand side", lambda: ROWS.filter(name="A")
     & ROWS.annotate(n=Count("authors")).filter(n=1), QueryError,
     "by 'n', which only the right-hand side annotates.*Annotate the left"),
]  # fmt: skip
TYPES: list[Case] = [
    ("text for a number", lambda: ROWS.filter(pages="many"), FieldValueError, "pages"),
    ("text for a number, __in", lambda: ROWS.filter(pages__in=[1, "x"]), FieldValueError, "pages"),
    ("a number for a date", lambda: ROWS.filter(published=3), FieldValueError, "published.*date"),
    ("text for a date", lambda: ROWS.filter(published__lt="soon"), FieldValueError, "published"),
    ("text for a part", lambda: ROWS.filter(published__year="x"), FieldValueError,
     "published__year"),
    ("no list for __in", lambda: ROWS.filter(pages__in=3), FieldValueError,
     r"takes a list.*pages__in=\[...\]"),
    ("text for __in", lambda: ROWS.filter(name__in="abc"), FieldValueError, "takes a list"),
    ("one value for a range", lambda: ROWS.filter(pages__range=3), FieldValueError,
     "takes two values.*pages__range="),
    ("a number for isnull", lambda: ROWS.filter(pages__isnull=1), FieldValueError,
     "takes True or False"),
    ("None for gt", lambda: ROWS.filter(pages__gt=None), FieldValueError,
     "cannot be compared with None.*pages__isnull=True"),
    ("an object of another model", lambda: ROWS.filter(publisher=Author(pk=1)), FieldError,
     "takes objects of 'language.Publisher', not of 'language.Author'"),
    ("a queryset of another model", lambda: ROWS.filter(publisher__in=Author.objects.all()),
     FieldError, "takes objects of 'language.Publisher', not of 'language.Author'"),
    ("an unsaved object", lambda: ROWS.filter(publisher=Publisher()), FieldValueError,
     "Save it first"),
    ("an object for a column", lambda: ROWS.filter(name=Author(pk=1)), FieldValueError, "name"),
    ("a queryset for one value", lambda: ROWS.filter(publisher=Publisher.objects.all()),
     QueryError, "takes one value, and the queryset may give many.*__in"),
    ("two columns for one", lambda: ROWS.filter(pk__in=ROWS.values("pk", "name")), QueryError,
     "must give one column, not 2"),
    ("text in filter()", lambda: ROWS.filter("name"), QueryError, "filter.. takes keywords"),
    ("a number in annotate()", lambda: ROWS.annotate(x=3), QueryError,
     r"takes expressions, not int.*Value\(...\)"),
    ("a number in order_by()", lambda: ROWS.order_by(3), QueryError, "order_by.. takes names"),
    ("update of a relation to many", lambda: ROWS.update(authors=1), QueryError,
     "cannot update 'authors'.*it is no column"),
    ("update with text for a number", lambda: ROWS.update(pages="many"), FieldValueError, "pages"),
    *((f"a number for a name: {n}", call, QueryError, "must be a text, not int") for n, call in [
        ("F", lambda: F(3)), ("Count", lambda: ROWS.annotate(x=Count(3))),
        ("only", lambda: ROWS.only(3)), ("distinct", lambda: ROWS.distinct(3)),
        ("dates", lambda: ROWS.dates(3, "year"))]),
    ("a number for a part", lambda: ROWS.dates("published", 3), QueryError, "'3' is no part"),
    ("a number for a relation", lambda: ROWS.prefetch_related(3), QueryError,
     "takes the name of a relation, not int"),
    ("no keys", lambda: ROWS.in_bulk(3), QueryError, r"takes a list of keys.*in_bulk\(\[1, 2\]\)"),
    ("a text for keys", lambda: ROWS.in_bulk("abc"), QueryError, "takes a list of keys"),
    ("a number for a field", lambda: ROWS.in_bulk([1], field_name=3), QueryError, "of a field"),
    ("one object for a list", lambda: ROWS.bulk_create(Title()), FieldValueError,
     r"bulk_create\(\) of 'language.Title' takes a list of objects.*\[Title\("),
    ("dictionaries for objects", lambda: ROWS.bulk_create([{"name": "x"}]), FieldValueError,
     "was given a 'dict'.*Title"),
    ("dictionaries to update", lambda: ROWS.bulk_update([{"pk": 1}], ["name"]), FieldValueError,
     "was given a 'dict'"),
    ("objects of another model to update", lambda: ROWS.bulk_update([Author(pk=1)], ["name"]),
     FieldValueError, "'language.Title' was given a 'Author'"),
    ("a text for a batch", lambda: ROWS.bulk_create([], batch_size="x"), QueryError, "at least 1"),
    ("a manager in Subquery", lambda: models.Subquery(Author.objects), QueryError,
     r"takes a queryset, not Manager.*objects.filter"),
    ("a number in Exists", lambda: models.Exists(3), QueryError, "takes a queryset, not int"),
    ("a class for an object", lambda: ROWS.filter(publisher=Publisher), FieldValueError,
     "'language.Publisher.id' takes a whole number, not ModelBase"),
    *((f"a class as output_field: {n}", call, QueryError, r"output_field must be.*Field\(\)")
      for n, call in [
        ("Value", lambda: Value(1, models.IntegerField)), ("a name", lambda: Value(1, "int")),
        ("Wrapper", lambda: models.ExpressionWrapper(F("pages"), models.IntegerField)),
        ("Func", lambda: models.Lower("name", output_field=models.TextField)),
        ("Sum", lambda: Sum("pages", output_field=models.IntegerField)),
        ("Case", lambda: models.Case(output_field=models.IntegerField))]),
    ("an odd tuple in Q", lambda: ROWS.filter(Q(("name",))), QueryError,
     r"a tuple in Q\(\) must be.*Q\(name=value\)"),
    ("a queryset for a range", lambda: ROWS.filter(pages__range=Author.objects.values("age")[:2]),
     QueryError, "takes one value"),
    ("a slice of texts", lambda: ROWS.all()["a":"b"], QueryError, "takes whole numbers, not str"),
    ("an object in Q's place", lambda: Q(name="x") | 3, QueryError, "cannot be joined with int"),
]  # fmt: skip
EXPRESSIONS: list[Case] = [
    ("numbers and texts", lambda: ROWS.annotate(x=F("pages") + F("name")), FieldError,
     "output_field"),
    ("dates and dates", lambda: ROWS.annotate(x=F("published") + F("published")), FieldError,
     "output_field"),
    ("an aggregate over an aggregate", lambda: ROWS.annotate(x=Sum(Count("authors"))), FieldError,
     "cannot be computed over an aggregate"),
    ("an aggregate over an annotated one",
     lambda: ROWS.annotate(n=Count("authors")).annotate(x=Sum("n")), FieldError,
     "cannot be computed over an aggregate"),
    ("a sum of texts", lambda: ROWS.aggregate(x=Sum("name")), FieldError,
     "Sum cannot be computed over values of kind 'text'"),
    ("no aggregate in aggregate()", lambda: ROWS.aggregate(x=F("pages")), QueryError,
     "'x' is no aggregate"),
    ("no name in aggregate()", lambda: ROWS.aggregate(Sum(F("pages") + 1)), QueryError,
     "needs a name"),
    ("a name of a field", lambda: ROWS.annotate(name=Value(1)), QueryError,
     "conflicts with a field"),
    ("a name twice", lambda: ROWS.annotate(Sum("pages"), pages__sum=Value(1)), QueryError,
     "without a name|twice"),
    ("an aggregate in update()", lambda: ROWS.update(pages=Sum("flags")), ManybaseError,
     "(?i)aggregate"),
    ("Case of no When", lambda: models.Case(3), QueryError, "takes When"),
    ("When of nothing", lambda: models.When(then=1), QueryError, "needs a condition"),
    ("both ends of nulls", lambda: F("pages").asc(nulls_first=True, nulls_last=True), QueryError,
     "exclude each other"),
    ("OuterRef outside", lambda: list(ROWS.filter(pages=models.OuterRef("pages"))), ManybaseError,
     "(?i)outer|subquery"),
    ("Count('*') of different rows", lambda: ROWS.aggregate(n=Count("*", distinct=True)),
     QueryError, "distinct"),
]  # fmt: skip
COMBINATIONS: list[Case] = [
    ("filter after a slice", lambda: ROWS.all()[:3].filter(pages=1), QueryError,
     "cannot filter.*after a slice"),
    ("exclude after a slice", lambda: ROWS.all()[:3].exclude(pages=1), QueryError, "after a slice"),
    ("get after a slice", lambda: ROWS.all()[:3].get(pages=1), QueryError, "after a slice"),
    ("order_by after a slice", lambda: ROWS.all()[:3].order_by("pk"), QueryError, "after a slice"),
    ("reverse after a slice", lambda: ROWS.order_by("pk")[:3].reverse(), QueryError, "slice"),
    ("last of a slice", lambda: ROWS.order_by("pk")[:3].last(), QueryError, "slice"),
    ("latest of a slice", lambda: ROWS.all()[:3].latest(), QueryError, "slice"),
    ("distinct after a slice", lambda: ROWS.all()[:3].distinct(), QueryError, "slice"),
    ("update after a slice", lambda: ROWS.all()[:3].update(pages=1), QueryError, "slice"),
    ("delete after a slice", lambda: ROWS.all()[:3].delete(), QueryError, "slice"),
    ("in_bulk after a slice", lambda: ROWS.all()[:3].in_bulk([1]), QueryError, "slice"),
    ("a negative index", lambda: ROWS.all()[-1], QueryError, "from its end"),
    ("a text as index", lambda: ROWS.all()["x"], QueryError, "whole numbers and slices"),
    ("& of slices", lambda: ROWS.all()[:3] & ROWS.all(), QueryError, "after a slice"),
    ("| of two models", lambda: ROWS.all() | Author.objects.all(), QueryError, "of one model"),
    ("& of a list", lambda: ROWS.all() & [], QueryError, "of one model"),
    ("union of a list", lambda: ROWS.union([]), QueryError, "takes querysets, not list"),
    ("union of other columns", lambda: ROWS.values("pk").union(ROWS.values("pk", "name")),
     QueryError, "same number of columns"),
    *((f"{verb} after a union",
       lambda verb=verb, values=values: getattr(ROWS.union(ROWS.all()), verb)(**values),
       QueryError, f"({verb}|filter).. after union.. is not supported")
      for verb, values in [("filter", {"pages": 1}), ("exclude", {"pages": 1}),
                           ("annotate", {"x": Value(1)}), ("update", {"pages": 1}),
                           ("delete", {}), ("distinct", {}), ("select_related", {}),
                           ("aggregate", {"n": Count("pk")}), ("get", {"pages": 1})]),
    ("filter after a union's slice", lambda: ROWS.union(ROWS.all())[:2].filter(pages=1),
     QueryError, "not supported"),
    ("delete after values", lambda: ROWS.values("name").delete(), QueryError, "values"),
    ("delete after distinct", lambda: ROWS.distinct("pages").delete(), ManybaseError, "distinct"),
    ("update after values of dates", lambda: ROWS.dates("published", "year").update(pages=1),
     QueryError, "values|dates"),
    ("select_related after values", lambda: ROWS.values("name").select_related("publisher"),
     QueryError, "after values"),
    ("only after values", lambda: ROWS.values("name").only("name"), QueryError, "after values"),
    ("defer after values", lambda: ROWS.values("name").defer("name"), QueryError, "after values"),
    ("in_bulk after values", lambda: ROWS.values("name").in_bulk([1]), QueryError, "values"),
    ("contains after values", lambda: ROWS.values("name").contains(Title(pk=1)), QueryError,
     "values"),
    ("prefetch to_attr after values", lambda: list(ROWS.values("name").prefetch_related(
        models.Prefetch("authors", to_attr="x"))), QueryError, "values"),
    ("Prefetch of values", lambda: models.Prefetch("authors", Author.objects.values("name")),
     QueryError, "must give objects"),
    ("flat values of two", lambda: ROWS.values_list("name", "pages", flat=True), QueryError,
     "flat=True takes one name"),
    ("flat and named", lambda: ROWS.values_list("name", flat=True, named=True), QueryError,
     "flat and named"),
    ("lock of distinct rows", lambda: ROWS.distinct().select_for_update(), QueryError,
     "select_for_update"),
    ("distinct of locked rows", lambda: ROWS.select_for_update().distinct(), QueryError,
     "select_for_update"),
    ("lock of values", lambda: ROWS.values("name").distinct().select_for_update(), QueryError,
     "select_for_update"),
    ("lock of groups", lambda: ROWS.annotate(n=Count("authors")).select_for_update(), QueryError,
     "select_for_update"),
    ("groups of locked rows", lambda: ROWS.select_for_update().annotate(n=Count("authors")),
     QueryError, "select_for_update"),
    ("dates of locked rows", lambda: ROWS.select_for_update().dates("published", "year"),
     QueryError, "select_for_update"),
    ("union of locked rows", lambda: ROWS.select_for_update().union(ROWS.all()), QueryError,
     "select_for_update"),
    ("lock of a union", lambda: ROWS.union(ROWS.all()).select_for_update(), QueryError, "union"),
    ("nowait and skip_locked", lambda: ROWS.select_for_update(nowait=True, skip_locked=True),
     (QueryError, ValueError), "nowait and skip_locked"),  # type: ignore[list-item]
    ("lock of a relation to many", lambda: ROWS.select_for_update(of=("authors",)), QueryError,
     "'authors'"),
    ("in_bulk of a field that is not unique", lambda: ROWS.in_bulk([1], field_name="pages"),
     QueryError, "unique field"),
    ("dates of a text", lambda: ROWS.dates("name", "year"), FieldValueError, "holds no dates"),
    ("dates of an unknown part", lambda: ROWS.dates("published", "hour"), QueryError, "'hour'"),
    ("dates in an unknown order", lambda: ROWS.dates("published", "year", order="up"), QueryError,
     "'ASC' or 'DESC'"),
    ("latest without a field", lambda: Author.objects.latest(), QueryError, "get_latest_by"),
    ("contains of an unsaved object", lambda: ROWS.contains(Title()), QueryError, "Save it first"),
    ("chunks of nothing", lambda: list(ROWS.iterator(chunk_size=0)), QueryError, "at least 1"),
    ("an unknown database", lambda: ROWS.using("defualt"), ManybaseError, "'defualt'.*'default'"),
]  # fmt: skip


@pytest.mark.kinds("sqlite")
@pytest.mark.parametrize(
    "case", [*UNKNOWN, *TYPES, *EXPRESSIONS, *COMBINATIONS], ids=lambda case: case[0]
)
def test_errors_at_the_call(case: Case) -> None:
    """The error names what is wrong and what to write; no database was asked."""
    _, call, error, words = case
    with capture() as log, pytest.raises(error) as raised:
        call()
    assert not log
    _says(str(raised.value), words)


def _says(text: str, words: str) -> None:
    assert re.search(words, text.replace("\n", " ")), text
