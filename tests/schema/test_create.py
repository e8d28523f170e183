"""The tables of models exist on every database as the models say."""

from __future__ import annotations

import contextlib

import pytest

from manybase import models
from manybase.errors import IntegrityError
from manybase.schema.create import create_statements, drop_statements, in_order
from manybase.schema.names import name_for
from manybase.schema.tables import table


class Person(models.Model):
    name = models.CharField(max_length=50, db_index=True, db_comment="It's 100% a name")
    favourite = models.ForeignKey("Work", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        app_label = "schema_tests"


class Work(models.Model):
    title = models.CharField(max_length=100)
    pages = models.PositiveIntegerField(db_default=5)
    note = models.TextField(db_default="50% ok :it's", db_index=True)
    author = models.ForeignKey(Person, on_delete=models.CASCADE)
    readers = models.ManyToManyField(Person, related_name="read")
    isbn = models.CharField(max_length=13, null=True, unique=True)

    class Meta:
        app_label = "schema_tests"
        db_table = "schema_tests work"
        unique_together = [("title", "author")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pages__lt=5000) | models.Q(title__startswith="100%:b"),
                name="not_too_long",
            ),
            models.UniqueConstraint(
                fields=["author"], condition=models.Q(pages=1), name="one_leaflet"
            ),
        ]
        indexes = [
            models.Index(fields=["-pages", "title"]),
            models.Index(models.F("title").desc(), name="by_title"),
        ]


class Lonely(models.Model):
    code = models.UUIDField(primary_key=True)
    elsewhere = models.ForeignKey(Person, on_delete=models.DO_NOTHING, db_constraint=False)

    class Meta:
        app_label = "schema_tests"


MODELS = [Person, Work]


@pytest.fixture(scope="module")
def tables(line):
    for statement in create_statements(MODELS, line.dialect):
        line.send(statement)
    yield line
    for statement in drop_statements(MODELS, line.dialect):
        line.send(statement)


@pytest.fixture
def made(tables):
    line = tables
    line.send("INSERT INTO schema_tests_person (id, name) VALUES (1, 'Emily')")
    for statement in line.dialect.reset_sequence("schema_tests_person", "id"):
        line.send(statement)
    yield line
    with contextlib.suppress(Exception):
        line.send("ROLLBACK")
    names = ["schema_tests work_readers", "schema_tests work", "schema_tests_person"]
    for statement in line.dialect.flush(names, reset_sequences=False):
        line.send(statement)


def insert(line, **values):
    values = {"title": "'t'", "author_id": "1", **values}
    quoted = ", ".join(line.dialect.quote(name) for name in values)
    name = line.dialect.quote("schema_tests work")
    line.send(f"INSERT INTO {name} ({quoted}) VALUES ({', '.join(values.values())})")


def refused(line, **values):
    with pytest.raises(Exception) as caught:  # noqa: PT012 - the driver's own class
        insert(line, **values)
        if line.dialect.features.deferrable_constraints:
            line.send("COMMIT")
    found = line.dialect.translate(caught.value)
    assert found is not None
    return found[0]


def test_what_a_row_leaves_out_has_the_declared_defaults(made):
    insert(made)

    name = made.dialect.quote("schema_tests work")
    assert made.send(f"SELECT pages, note FROM {name}") == [(5, "50% ok :it's")]


def test_the_database_numbers_the_rows(made):
    insert(made)
    insert(made, title="'u'")

    name = made.dialect.quote("schema_tests work")
    (one,), (two,) = made.send(f"SELECT id FROM {name} ORDER BY id")
    assert two == one + 1


@pytest.mark.parametrize(
    "values",
    [{"title": "'t'"}, {"pages": "-1"}, {"pages": "5000"}, {"title": "NULL"}],
    ids=["unique_together", "positive", "check", "null"],
)
def test_constraints_refuse_rows(made, values):
    insert(made, isbn="'1'")

    assert refused(made, **{"title": "'u'", **values}) is IntegrityError


def test_a_unique_column_refuses_a_second_value(made):
    insert(made, isbn="'1'")

    assert refused(made, title="'u'", isbn="'1'") is IntegrityError


def test_a_check_takes_wildcards_as_letters(made):
    insert(made, pages="6000", title="'100%:bc'")

    assert refused(made, pages="6000", title="'100x:bc'") is IntegrityError


def test_a_condition_of_a_unique_constraint_counts(made):
    insert(made, pages="1")
    insert(made, pages="2", title="'u'")

    assert refused(made, pages="1", title="'v'") is IntegrityError


def test_a_foreign_key_must_lead_to_a_row(made):
    if made.dialect.features.deferrable_constraints:
        made.send("BEGIN")

    assert refused(made, author_id="99") is IntegrityError


def test_keys_that_point_in_a_circle_are_constraints_too(made):
    if made.dialect.features.deferrable_constraints:
        made.send("BEGIN")

    with pytest.raises(Exception) as caught:  # noqa: PT012 - the driver's own class
        made.send("UPDATE schema_tests_person SET favourite_id = 77")
        made.send("COMMIT")

    assert made.dialect.translate(caught.value)[0] is IntegrityError


def test_creating_again_leaves_what_is_there(made):
    insert(made)

    for statement in create_statements(MODELS, made.dialect, if_not_exists=True):
        made.send(statement)

    name = made.dialect.quote("schema_tests work")
    assert made.send(f"SELECT count(*) FROM {name}") == [(1,)]


def test_flush_empties_the_tables_and_numbers_from_one(made):
    insert(made)
    names = [*(m._meta.db_table for m in MODELS), "schema_tests work_readers"]
    there = {name for (name,) in made.send(made.dialect.list_tables())}
    assert set(names) <= there

    for statement in made.dialect.flush(names):
        made.send(statement)

    assert made.send("SELECT count(*) FROM schema_tests_person") == [(0,)]
    made.send("INSERT INTO schema_tests_person (name) VALUES ('Anne')")
    assert made.send("SELECT id FROM schema_tests_person") == [(1,)]


def test_new_rows_come_after_explicit_keys(made):
    made.send("INSERT INTO schema_tests_person (id, name) VALUES (50, 'Charlotte')")

    for statement in made.dialect.reset_sequence("schema_tests_person", "id"):
        made.send(statement)
    made.send("INSERT INTO schema_tests_person (name) VALUES ('Anne')")

    assert made.send("SELECT max(id) FROM schema_tests_person") == [(51,)]


def test_constraints_can_be_checked_before_the_commit(made):
    if not made.dialect.features.deferrable_constraints:
        assert made.dialect.check_constraints() == []
        return
    made.send("BEGIN")
    insert(made, author_id="99")

    told: object = None
    try:
        rows = [row for s in made.dialect.check_constraints() for row in made.send(s)]
        told = [row[0] for row in rows]
    except Exception as error:  # noqa: BLE001 - the driver's own class
        told = made.dialect.translate(error)[0]
    assert told in (IntegrityError, ["schema_tests work"])


def test_dropping_takes_the_links_too(tables):
    for statement in drop_statements(MODELS, tables.dialect):
        tables.send(statement)

    there = {name for (name,) in tables.send(tables.dialect.list_tables())}
    assert not {name for name in there if name.startswith("schema_tests")}
    for statement in create_statements(MODELS, tables.dialect):
        tables.send(statement)


def test_a_key_to_a_table_that_is_not_here_is_a_plain_column(line):
    alone = create_statements([Work], line.dialect)
    beside = create_statements([Work], line.dialect, existing=["schema_tests_person"])

    assert not any("REFERENCES schema_tests_person" in s for s in alone)
    assert any("REFERENCES schema_tests_person" in s for s in beside)


def test_models_come_after_those_they_refer_to():
    assert in_order([Lonely, Work, Person])[-1] is not Person
    assert [m.__name__ for m in in_order([Lonely, Person])] == ["Lonely", "Person"]


def test_a_table_of_one_model_knows_its_keys(line):
    made = table(Work, line.dialect)

    assert [key.target_fullname for key in made.foreign_keys] == ["schema_tests_person.id"]
    assert made.c.title.type.length == 100
    assert not table(Lonely, line.dialect).foreign_keys


def test_a_db_comment_is_kept_where_the_database_keeps_comments(made):
    if made.settings.scheme == "postgresql":
        query = "SELECT col_description('schema_tests_person'::regclass, 2)"
    elif made.settings.scheme == "mysql":
        query = (
            "SELECT column_comment FROM information_schema.columns WHERE column_name = 'name'"
            " AND table_name = 'schema_tests_person' AND table_schema = DATABASE()"
        )
    else:
        assert made.dialect.features.why("comments")
        return
    assert made.send(query) == [("It's 100% a name",)]


@pytest.mark.parametrize("limit", [63, 64, 30])
def test_names_are_short_and_tell_columns_apart(limit):
    one = name_for("a_rather_long_table_name", ["first_column", "second_column"] * 3, "uniq", limit)
    two = name_for("a_rather_long_table_name", ["first_column", "second_colum"] * 3, "uniq", limit)

    assert len(one) <= limit
    assert one != two
    assert one.endswith("_uniq")
