from __future__ import annotations

from typing import Any

import pytest

from manybase import fields
from manybase.errors import ConfigurationError, FieldValueError, UnknownModel
from manybase.fields import related
from manybase.meta import on_delete
from manybase.meta.on_delete import CASCADE


def key(to: Any, rule: Any = CASCADE, **options: Any) -> fields.ForeignKey[Any]:
    return fields.ForeignKey(to, rule, **options)


def test_a_foreign_key_takes_the_column_of_the_targets_key(make: Any) -> None:
    author = make("Author", id=fields.CharField(primary_key=True))
    book = make("Book", author=key(author, null=True, related_name="books"))
    field = book._meta.get_field("author")
    assert (field.attname, field.column) == ("author_id", "author_id")
    assert field.storage.family == "text"
    assert field.many_to_one
    assert field.db_index
    assert book._meta.get_field("author_id") is field
    assert author._meta.get_field("books") is field.remote_field


def test_the_key_of_an_automatic_number_is_a_plain_number(make: Any) -> None:
    author = make("Author")
    book = make("Book", author=key(author))
    assert author._meta.pk.storage.auto
    storage = book._meta.get_field("author").storage
    assert (storage.family, storage.size, storage.auto) == ("integer", 8, False)


def test_the_steps_of_a_foreign_key(make: Any) -> None:
    author = make("Author")
    book = make("Book", author=key(author, null=True))
    field = book._meta.get_field("author")
    (forward,) = field.steps()
    assert (forward.source, forward.target) == (book, author)
    assert forward.pairs == ((field, author._meta.pk),)
    assert not forward.multi
    assert forward.nullable
    (back,) = field.remote_field.steps()
    assert (back.source, back.target) == (author, book)
    assert back.multi
    assert back.nullable


def test_a_one_to_one_field_meets_one_row_on_both_sides(make: Any) -> None:
    author = make("Author")
    page = make("Page", author=fields.OneToOneField(author, CASCADE))
    field = page._meta.get_field("author")
    assert field.unique
    assert field.one_to_one
    assert not field.many_to_one
    assert not field.reverse_steps()[0].multi
    assert field.remote_field.get_accessor_name() == "page"


def test_to_field_says_what_the_key_holds(make: Any) -> None:
    country = make("Country", code=fields.CharField(max_length=2, unique=True))
    city = make("City", country=key(country, to_field="code"))
    field = city._meta.get_field("country")
    assert field.target_field.name == "code"
    assert field.storage.size == 2
    assert field.prepare("DE") == "DE"


def test_a_target_by_text_waits_for_its_model(make: Any) -> None:
    book = make("Book", author=key("Author"))
    field = book._meta.get_field("author")
    with pytest.raises(UnknownModel, match=r"points at model 'app.*Author', which is not defined"):
        _ = field.related_model
    author = make("Author")
    assert field.related_model is author
    assert author._meta.get_field("book") is field.remote_field


def test_an_unknown_target_is_suggested(make: Any) -> None:
    make("Author")
    book = make("Book", author=key("Auhtor"))
    with pytest.raises(UnknownModel, match=r"Did you mean 'app\d+\.Author'\?"):
        _ = book._meta.get_field("author").target_field


def test_a_model_points_at_itself(make: Any) -> None:
    node = make("Node", parent=key("self", null=True, related_name="children"))
    assert node._meta.get_field("parent").related_model is node
    assert node._meta.get_field("children").related_model is node


def test_resolution_is_told(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(related, "on_resolved", [told.append])
    book = make("Book", author=key("Author"))
    assert told == []
    make("Author")
    assert told == [book._meta.get_field("author")]


def test_an_abstract_field_resolves_on_each_child(make: Any) -> None:
    author = make("Author")
    base = make(
        "Base",
        meta={"abstract": True},
        author=key("Author", related_name="%(app_label)s_%(class)s_set"),
    )
    one, two = make("One", inherits=base), make("Two", inherits=base)
    label = one._meta.app_label
    first, second = one._meta.get_field("author"), two._meta.get_field("author")
    assert first.remote_field is not second.remote_field
    assert first.remote_field.field is first
    assert first.remote_field.get_accessor_name() == f"{label}_one_set"
    assert second.remote_field.get_accessor_name() == f"{label}_two_set"
    assert len(author._meta.related_objects) == 2


def test_the_default_related_name_of_a_model(make: Any) -> None:
    author = make("Author")
    make("Book", meta={"default_related_name": "%(class)s_list"}, author=key(author))
    assert author._meta.get_field("book_list")


def test_hidden_relations_have_names_of_their_own(make: Any) -> None:
    author = make("Author")
    book = make("Book", a=key(author, related_name="+"), b=key(author, related_name="+"))
    names = [book._meta.get_field(n).related_query_name() for n in "ab"]
    assert len(set(names)) == 2
    assert book._meta.get_field("a").remote_field.hidden
    assert author._meta.related_objects == ()


def test_the_key_of_a_multi_table_child_is_its_parents(make: Any) -> None:
    place = make("Place")
    bar = make("Bar", inherits=place)
    visit = make("Visit", bar=key(bar))
    field = visit._meta.get_field("bar")
    assert field.target_field is bar._meta.pk
    assert field.storage.family == "integer"
    assert field.prepare("5") == 5
    assert field.steps()[0].target is bar


def test_a_wrong_key_names_the_foreign_key(make: Any) -> None:
    author = make("Author")
    book = make("Book", author=key(author))
    field = book._meta.get_field("author")
    with pytest.raises(FieldValueError) as caught:
        field.prepare("emma")
    assert str(caught.value) == (
        f"field '{book._meta.label}.author' takes an object of Author or its id (a whole number);"
        " the text given is none"
    )
    assert "emma" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (lambda: fields.ForeignKey("self"), "needs an on_delete rule"),  # type: ignore[call-overload]
        (lambda: key("self", "CASCADE"), "has a str as on_delete"),
        (lambda: key("self", on_delete.SET_NULL), "SET_NULL but no null=True"),
        (lambda: key("self", on_delete.SET_DEFAULT), "SET_DEFAULT but no default"),
        (lambda: key(5), "points at a int, which is no model"),
        (lambda: key("self", related_name="a__b"), "related_name 'a__b'"),
        (lambda: fields.ManyToManyField("self", null=True), "null=True"),  # type: ignore[call-overload]
        (lambda: fields.ManyToManyField("self", unique=True), "cannot be unique"),
        (lambda: fields.ManyToManyField("self", through_fields=("a", "b")), "but no through"),
    ],
)
def test_wrong_options_are_refused(make: Any, field: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=r"field 'app\d+\.Book\.x'") as caught:
        make("Book", x=field())
    assert message in str(caught.value)
    assert caught.value.hint


def test_validate_asks_whether_the_row_exists(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    author = make("Author")
    book = make("Book", author=key(author))
    field = book._meta.get_field("author")
    asked: list[Any] = []
    monkeypatch.setattr(related, "row_exists", lambda *given: asked.append(given))
    with pytest.raises(Exception, match="author instance with id 5 does not exist"):
        field.clean("5", None)
    assert asked == [(field, 5, None)]


def links(make: Any, **options: Any) -> tuple[Any, Any, Any]:
    tag = make("Tag")
    book = make("Book", tags=fields.ManyToManyField(tag, **options))
    through = make("Link", book=key(book), tag=key(tag))
    return book, tag, through


def test_many_to_many_steps_go_over_the_links(make: Any) -> None:
    book, tag, link = links(make, through="Link", related_name="books")
    field = book._meta.get_field("tags")
    assert field in book._meta.local_many_to_many
    assert field.column is None
    assert field.remote_field.through is link
    there, back = field.steps(), tag._meta.get_field("books").steps()
    assert [(s.source, s.target, s.multi, s.nullable) for s in there] == [
        (book, link, True, True),
        (link, tag, False, False),
    ]
    assert [(s.source, s.target, s.multi) for s in back] == [
        (tag, link, True),
        (link, book, False),
    ]


def test_a_relation_to_itself_takes_the_first_key_as_source(make: Any) -> None:
    person = make("Person", friends=fields.ManyToManyField("self", through="Friendship"))
    link = make(
        "Friendship", one=key(person, related_name="+"), other=key(person, related_name="+")
    )
    field = person._meta.get_field("friends")
    assert field.m2m_source_field is link._meta.get_field("one")
    assert field.m2m_target_field is link._meta.get_field("other")
    assert field.remote_field.symmetrical
    assert field.remote_field.hidden


def test_ambiguous_links_ask_for_through_fields(make: Any) -> None:
    tag = make("Tag")
    book = make("Book", tags=fields.ManyToManyField(tag, through="Link"))
    make("Link", book=key(book), tag=key(tag), by=key(tag, related_name="+"))
    with pytest.raises(ConfigurationError, match="several foreign keys that fit: 'tag', 'by'"):
        book._meta.get_field("tags").steps()


def test_through_fields_choose_the_keys(make: Any) -> None:
    tag = make("Tag")
    many = fields.ManyToManyField(tag, through="Link", through_fields=("book", "by"))
    book = make("Book", tags=many)
    link = make("Link", book=key(book), tag=key(tag), by=key(tag, related_name="+"))
    assert book._meta.get_field("tags").m2m_target_field is link._meta.get_field("by")


def test_two_relations_of_a_model_need_two_accessors(make: Any) -> None:
    author = make("Author")

    with pytest.raises(ConfigurationError) as caught:
        make("Book", author=key(author), editor=key(author))

    assert "gives '" in caught.value.message
    assert "the accessor 'book_set', which 'author' gives it already" in caught.value.message
    assert caught.value.hint == "Write editor = ForeignKey(..., related_name='...')."


def test_two_relations_of_a_model_may_have_names_or_none(make: Any) -> None:
    author = make("Author")
    make(
        "Book", a=key(author), b=key(author, related_name="edited"), c=key(author, related_name="+")
    )

    assert len(author._meta.all_relations) == 3
