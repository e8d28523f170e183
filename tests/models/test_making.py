"""What a class statement makes: fields, inheritance, managers, errors, links."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from manybase import models
from manybase.errors import (
    ConfigurationError,
    DatabaseError,
    FieldDoesNotExist,
    FieldError,
    ObjectDoesNotExist,
    QueryError,
    SyncOnlyOperation,
    UnexpectedKeyword,
)
from manybase.models import signals


class Bare:
    """The Meta of models that no database has a table for."""

    app_label = "making"
    managed = False


class Person(models.Model):
    name = models.CharField(max_length=30)
    friends = models.ManyToManyField("self")

    class Meta(Bare):
        ordering = ("name",)
        get_latest_by = "name"


class Stamped(models.Model):
    code = models.CharField(max_length=5, default="x")
    owner = models.ForeignKey(Person, models.CASCADE, null=True, related_name="%(class)s_made")

    class Meta(Bare):
        abstract = True
        ordering = ("code",)
        constraints = [models.UniqueConstraint(fields=["code"], name="%(class)s_code")]


class Box(Stamped):
    size = models.IntegerField(default=lambda: 4)
    tags = models.ManyToManyField("Tag", related_name="boxes")

    class Meta(Stamped.Meta):
        verbose_name = "wooden box"


class Tag(models.Model):
    label = models.CharField(max_length=10, choices=[("a", "First"), ("b", "Second")])

    class Meta(Bare):
        pass


class Crate(Box):
    lid = models.BooleanField(default=True)

    class Meta(Bare):
        pass


class PlainBox(Box):
    class Meta(Bare):
        proxy = True

    def shout(self) -> str:
        return self.code.upper()


def names(found: Any) -> list[str]:
    return [one.name for one in found]


def test_fields_are_in_the_order_of_the_class_with_a_key_in_front() -> None:
    assert names(Box._meta.fields) == ["id", "code", "owner", "size"]
    assert names(Box._meta.many_to_many) == ["tags"]
    assert Box._meta.pk.name == "id"
    assert Box._meta.label == "making.Box"
    assert Box._meta.db_table == "making_box"


def test_class_attributes_are_the_fields() -> None:
    assert Box.code.field is Box._meta.get_field("code")
    assert Box.owner_id.field is Box._meta.get_field("owner")


def test_abstract_bases_give_copies_of_fields_and_their_options() -> None:
    class Other(Stamped):
        class Meta(Bare):
            pass

    assert Other._meta.get_field("code") is not Box._meta.get_field("code")
    assert Box._meta.ordering == ("code",)
    assert not Box._meta.abstract
    assert Box._meta.verbose_name == "wooden box"
    assert [one.name for one in Box._meta.constraints] == ["box_code"]
    assert Person.box_made.field is Box._meta.get_field("owner")


def test_abstract_models_have_no_instances_and_no_managers() -> None:
    with pytest.raises(QueryError) as caught:
        Stamped()
    assert str(caught.value) == (
        "'Stamped' is abstract and has no instances\n"
        "Make an instance of a model that inherits from it."
    )
    assert not hasattr(Stamped, "objects")


def test_child_may_replace_or_drop_a_field_of_an_abstract_base() -> None:
    class Short(Stamped):
        code = models.CharField(max_length=2)
        owner = None

        class Meta(Bare):
            pass

    assert Short._meta.get_field("code").max_length == 2
    with pytest.raises(FieldDoesNotExist):
        Short._meta.get_field("owner")


def test_child_with_a_table_of_its_own_is_linked_to_its_parent() -> None:
    link = Crate._meta.get_field("box_ptr")

    assert Crate._meta.pk is link
    assert link.primary_key
    assert Crate._meta.parents == {Box: link}
    assert names(Crate._meta.local_fields) == ["box_ptr", "lid"]
    assert names(Crate._meta.fields) == ["id", "code", "owner", "size", "box_ptr", "lid"]
    assert Crate._meta.ordering == Box._meta.ordering
    assert issubclass(Crate.DoesNotExist, Box.DoesNotExist)
    assert Crate(pk=7).id == 7


def test_child_cannot_hide_a_column_of_its_parent() -> None:
    with pytest.raises(FieldError, match="'size' of model 'Small' clashes with the field"):

        class Small(Box):
            size = models.IntegerField()

            class Meta(Bare):
                pass


def test_declared_link_is_taken() -> None:
    class Chest(Box):
        box = models.OneToOneField(Box, models.CASCADE, parent_link=True)

        class Meta(Bare):
            pass

    assert Chest._meta.pk.name == "box"
    assert names(Chest._meta.local_fields) == ["box"]


def test_two_parents_and_a_mixin() -> None:
    class Loud:
        def loud(self) -> str:
            return "LOUD"

    class Both(Loud, Box, Tag):
        box_ptr = models.OneToOneField(Box, models.CASCADE, parent_link=True, primary_key=True)
        tag_ptr = models.OneToOneField(Tag, models.CASCADE, parent_link=True)
        id = None  # type: ignore[assignment]

        class Meta(Bare):
            pass

    assert list(Both._meta.parents) == [Box, Tag]
    assert Both(code="c", label="a").loud() == "LOUD"


def test_proxy_shares_everything_but_behaviour() -> None:
    assert PlainBox._meta.concrete_model is Box
    assert PlainBox._meta.db_table == Box._meta.db_table
    assert PlainBox._meta.fields == Box._meta.fields
    assert PlainBox(code="abc").shout() == "ABC"
    with pytest.raises(ConfigurationError, match="cannot have fields of its own"):

        class Wrong(Box):
            more = models.IntegerField()

            class Meta(Bare):
                proxy = True


def test_model_without_managers_gets_objects() -> None:
    assert type(Box.objects) is models.Manager
    assert Box.objects.model is Box
    assert Crate.objects.model is Crate
    assert Box._default_manager == Box.objects


def test_first_manager_or_the_named_one_is_the_default() -> None:
    class Special(models.Manager["Shelf"]):
        pass

    class Shelf(models.Model):
        people = Special()
        objects = models.Manager["Shelf"]()

        class Meta(Bare):
            base_manager_name = "objects"

    class Named(models.Model):
        one = Special()
        two = Special()

        class Meta(Bare):
            default_manager_name = "two"

    assert Shelf._default_manager is Shelf.people
    assert Shelf._base_manager is Shelf.objects
    assert Named._default_manager is Named.two
    assert type(Named._base_manager) is models.Manager


def test_unknown_name_of_a_manager_is_named() -> None:
    class Wrong(models.Model):
        class Meta(Bare):
            default_manager_name = "objcts"

    with pytest.raises(ConfigurationError) as caught:
        _ = Wrong._default_manager

    assert str(caught.value) == (
        "default_manager_name of model 'making.Wrong' names 'objcts', which is no manager of it\n"
        "Did you mean 'objects'?"
    )


def test_managers_stay_off_instances() -> None:
    with pytest.raises(AttributeError, match="not accessible through 'Box' instances"):
        _ = Box().objects


def test_each_model_has_exceptions_of_its_own() -> None:
    assert issubclass(Box.DoesNotExist, ObjectDoesNotExist)
    assert Box.DoesNotExist is not Tag.DoesNotExist
    assert issubclass(Box.NotUpdated, DatabaseError)
    assert Box.DoesNotExist.__qualname__ == "Box.DoesNotExist"
    assert isinstance(pickle.loads(pickle.dumps(Box.DoesNotExist("gone"))), Box.DoesNotExist)


def test_links_of_a_many_to_many_field_are_a_model() -> None:
    through = Box._meta.get_field("tags").remote_field.through

    assert through._meta.auto_created is Box
    assert through._meta.db_table == "making_box_tags"
    assert names(through._meta.fields) == ["id", "box", "tag"]
    assert through._meta.unique_together == (("box", "tag"),)
    assert not through._meta.managed
    assert Box.tags.through is through


def test_links_of_a_model_with_itself_have_two_ends() -> None:
    through = Person._meta.get_field("friends").remote_field.through

    assert names(through._meta.fields) == ["id", "from_person", "to_person"]


def test_name_of_a_links_table_is_kept_short() -> None:
    class AModelWithAQuiteLongNameIndeed(models.Model):
        relations_with_a_long_name_of_their_own = models.ManyToManyField(Tag)

        class Meta(Bare):
            pass

    field = AModelWithAQuiteLongNameIndeed._meta.many_to_many[0]
    table = field.remote_field.through._meta.db_table
    assert len(table) == 63
    assert table.startswith("making_amodelwithaquitelongnameindeed_relations_with_a")


@pytest.mark.parametrize(
    ("option", "value", "name"),
    [
        ("ordering", ("-lable",), "lable"),
        ("unique_together", (("label", "lable"),), "lable"),
        ("get_latest_by", "lable", "lable"),
        ("indexes", [models.Index(fields=["lable"])], "lable"),
        ("constraints", [models.UniqueConstraint(fields=["lable"], name="x")], "lable"),
    ],
)
def test_wrong_names_in_meta_are_told_at_once(option: str, value: Any, name: str) -> None:
    meta = type("Meta", (Bare,), {option: value})

    with pytest.raises(FieldError) as caught:
        type(models.Model)(
            "Wrong",
            (models.Model,),
            {
                "__module__": __name__,
                "__qualname__": "<locals>.Wrong",
                "Meta": meta,
                "label": models.CharField(max_length=3),
            },
        )

    assert str(caught.value) == (
        f"{option} in Meta of 'making.Wrong' names '{name}', which is no field\n"
        "Did you mean 'label'?"
    )


def test_unknown_option_of_meta_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError, match="Meta of 'Wrong' has no option 'orderng'"):

        class Wrong(models.Model):
            class Meta(Bare):
                orderng = ("pk",)


def test_second_model_of_a_name_is_refused() -> None:
    attributes = {"__module__": "elsewhere", "__qualname__": "Box", "Meta": Bare}

    with pytest.raises(ConfigurationError) as caught:
        type(models.Model)("Box", (models.Model,), attributes)

    assert str(caught.value) == (
        f"there are two models 'making.Box': in '{__name__}' and in 'elsewhere'\n"
        "Rename one, or give it another app_label in its Meta."
    )


def test_class_prepared_is_sent_for_models_with_a_table() -> None:
    heard = []

    def listen(sender: Any, **kwargs: Any) -> None:
        heard.append(sender.__name__)

    signals.class_prepared.connect(listen)
    try:

        class Early(models.Model):
            class Meta(Bare):
                abstract = True

        class Late(Early):
            class Meta(Bare):
                pass

    finally:
        signals.class_prepared.disconnect(listen)

    assert heard == ["Late"]


def values(obj: models.Model) -> dict[str, Any]:
    """An object's values, without the mark of its place."""
    return {name: value for name, value in vars(obj).items() if name != "_origin"}


def test_fields_can_be_added_later() -> None:
    class Growing(models.Model):
        class Meta(Bare):
            pass

    assert values(Growing()) == {"id": None}
    Growing.add_to_class("age", models.IntegerField(default=3))
    Growing.add_to_class("tags", models.ManyToManyField(Tag, related_name="+"))

    assert Growing().age == 3
    assert Growing.tags.through._meta.auto_created is Growing


class TestConstruction:
    """What ``Model()`` takes."""

    def test_defaults_constants_and_functions(self) -> None:
        assert values(Box()) == {"id": None, "code": "x", "owner_id": None, "size": 4}

    def test_keywords_positions_and_the_key(self) -> None:
        assert values(Box(1, "ab")) == {"id": 1, "code": "ab", "owner_id": None, "size": 4}
        assert values(Box(pk=3, size=9)) == {"id": 3, "code": "x", "owner_id": None, "size": 9}

    def test_relations_are_given_as_objects(self) -> None:
        owner = Person(pk=5, name="Ann")

        box = Box(owner=owner, size=1)

        assert (box.owner_id, box.owner) == (5, owner)
        assert Box(owner=None).owner is None

    def test_unknown_names_are_suggested(self) -> None:
        with pytest.raises(UnexpectedKeyword) as caught:
            Box(siz=3)

        assert isinstance(caught.value, TypeError)
        assert str(caught.value) == (
            "model 'making.Box' has no field 'siz' to be made with\nDid you mean 'size'?"
        )

    def test_relations_to_many_are_set_later(self) -> None:
        with pytest.raises(UnexpectedKeyword, match=r"write obj.tags.set\("):
            Box(tags=[])

    def test_values_given_twice_and_too_many(self) -> None:
        with pytest.raises(UnexpectedKeyword, match="was given 'id' twice"):
            Box(1, id=1)
        with pytest.raises(UnexpectedKeyword, match="takes 4 values, 5 were given"):
            Box(1, 2, 3, 4, 5)

    def test_own_constructors_are_called_for_rows(self) -> None:
        class Counting(models.Model):
            class Meta(Bare):
                pass

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.made = True

        assert not Counting._plain_init
        assert Counting.from_db("default", ["id"], [1]).made
        assert Box._plain_init

    def test_signals_of_construction(self) -> None:
        heard: list[Any] = []

        def before(sender: Any, args: Any, kwargs: Any, **more: Any) -> None:
            heard.append((sender, args, kwargs))

        def after(sender: Any, instance: Any, **more: Any) -> None:
            heard.append(instance.size)

        signals.pre_init.connect(before, sender=Box)
        signals.post_init.connect(after, sender=Box)
        try:
            Box(size=2)
            Tag()
        finally:
            signals.pre_init.disconnect(before, sender=Box)
            signals.post_init.disconnect(after, sender=Box)

        assert heard == [(Box, (), {"size": 2}), 2]


class TestIdentity:
    """Equality, hashes, texts, copies."""

    def at(self, alias: str | None, pk: Any = 1, model: Any = Box) -> Any:
        obj = model(pk=pk)
        if alias is not None:
            obj._state.db, obj._state.adding = alias, False
        return obj

    def test_equality_takes_the_place_into_account(self) -> None:
        assert self.at("default") == self.at("default")
        assert self.at("default") != self.at(None)
        assert self.at(None) == self.at(None)
        assert self.at("default") == self.at("default", model=PlainBox)
        assert self.at("default") != self.at("default", model=Tag)
        assert self.at("default", None) != self.at("default", None)
        assert self.at("default") != 1

    def test_same_row_leaves_the_place_out(self) -> None:
        assert self.at("default").same_row(self.at(None))
        assert not self.at("default").same_row(self.at(None, 2))
        assert not self.at("default").same_row("x")

    def test_hash_is_that_of_the_key_and_stays(self) -> None:
        box = self.at(None, 7)
        before = hash(box)
        box._state.db = "default"

        assert hash(box) == before == hash(7)
        with pytest.raises(TypeError, match="without a key cannot be hashed"):
            hash(Box())

    def test_state_is_a_view(self) -> None:
        box = Box()
        assert repr(box._state) == "<ModelState: db=None, adding=True>"

        box._state.db = "other"
        box._state.adding = False

        assert (box._state.db, box._state.adding) == ("other", False)

    def test_texts(self) -> None:
        assert str(Box(pk=3)) == "Box object (3)"
        assert repr(Box(pk=3)) == "<Box: Box object (3)>"

    @pytest.mark.parametrize(
        "twin", [copy.copy, copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))]
    )
    def test_copies_keep_values_and_place(self, twin: Any) -> None:
        box = self.at("other", 4)
        box.size = 12
        box.note = ["kept"]

        found = twin(box)

        assert found is not box
        assert (found.pk, found.size, found.note) == (4, 12, ["kept"])
        assert found._origin is box._origin

    def test_labels_of_choices(self) -> None:
        assert Tag(label="b").get_label_display() == "Second"
        assert Tag(label="z").get_label_display() == "z"

    def test_missing_values_of_new_objects_are_missing_attributes(self) -> None:
        box = Box.__new__(Box)
        box._origin = Box()._origin

        with pytest.raises(AttributeError, match="has no value for 'size' yet"):
            _ = box.size
        with pytest.raises(AttributeError, match="no attribute 'sise'"):
            _ = box.sise

    def test_errors_inside_properties_are_not_hidden(self) -> None:
        class Odd(models.Model):
            class Meta(Bare):
                pass

            @property
            def wrong(self) -> int:
                raise AttributeError("the real reason")

        with pytest.raises(AttributeError, match="the real reason"):
            _ = Odd().wrong

    def test_serializable_value_of_a_key(self) -> None:
        box = Box(owner_id=3)

        assert (box.serializable_value("owner"), box.serializable_value("code")) == (3, "x")
        assert box.get_deferred_fields() == set()


async def test_override_of_one_face_is_not_left_out_in_silence() -> None:
    class Noisy(models.Model):
        class Meta(Bare):
            pass

        def save(self, **options: Any) -> None:
            raise AssertionError

    class Quiet(Noisy):
        class Meta(Bare):
            proxy = True

        async def asave(self, **options: Any) -> None:
            self.saved = True

    with pytest.raises(SyncOnlyOperation) as caught:
        await Noisy().asave()
    assert str(caught.value) == (
        "'Noisy' overrides save() but not asave(), which would leave out what it does\n"
        "Define 'async def asave(self, ...)' in Noisy and call 'await super().asave(...)' there."
    )
    quiet = Quiet()
    await quiet.asave()
    assert quiet.saved


class TestInstances:
    """The ``__init__`` that a class gets at its first instance does what the general one does."""

    @pytest.fixture(params=["first", "later"])
    def model(self, request: pytest.FixtureRequest) -> Any:
        """A class without instances, or with some."""

        class Parcel(models.Model):
            code = models.CharField(max_length=5, default="x")
            size = models.IntegerField(default=lambda: 4)
            owner = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")

            class Meta(Bare):
                pass

        if request.param == "later":
            Parcel(code="a")
            assert "__init__" in vars(Parcel)
        return Parcel

    def test_values_are_given_by_name_by_place_or_left_out(self, model: Any) -> None:
        every = ("id", "code", "size", "owner_id")
        for obj in (model(code="b"), model(None, "b"), model(None, code="b")):
            assert [getattr(obj, name) for name in every] == [None, "b", 4, None]
            assert sorted(values(obj)) == sorted(every)
            assert obj._state.adding and obj._state.db is None

    def test_relations_and_properties_are_given_too(self, model: Any) -> None:
        person = Person(name="Ann")
        person.pk = 3
        obj = model(owner=person, code="c", pk=7)
        assert (obj.owner, obj.owner_id, obj.id, obj.code) == (person, 3, 7, "c")

    def test_wrong_names_are_told(self, model: Any) -> None:
        with pytest.raises(UnexpectedKeyword, match="has no field 'cod' to be made with"):
            model(cod="a")
        with pytest.raises(UnexpectedKeyword, match="was given 'code' twice"):
            model(None, "a", code="b")

    def test_who_listens_is_told_what_was_given(self, model: Any) -> None:
        seen: list[Any] = []

        def before(args: Any, kwargs: Any, **more: Any) -> None:
            seen.append((args, kwargs))

        def after(instance: Any, **more: Any) -> None:
            seen.append(instance.code)

        signals.pre_init.connect(before, sender=model)
        signals.post_init.connect(after, sender=model)
        try:
            model(code="d", owner_id=None)
            model(1, "e")
        finally:
            signals.pre_init.disconnect(before, sender=model)
            signals.post_init.disconnect(after, sender=model)
        assert seen == [((), {"code": "d", "owner_id": None}), "d", ((1, "e"), {}), "e"]

    def test_a_field_added_later_is_a_parameter(self, model: Any) -> None:
        model.add_to_class("lid", models.BooleanField(default=True))
        assert [model().lid, model(lid=False).lid] == [True, False]

    def test_subclasses_have_fields_and_ways_of_their_own(self, model: Any) -> None:
        class Child(model):  # type: ignore[misc]  # a class that only the test knows
            weight = models.IntegerField(default=1)

            class Meta(Bare):
                pass

        class Loud(model):  # type: ignore[misc]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **{**kwargs, "code": kwargs["code"].upper()})

            class Meta(Bare):
                proxy = True

        for _ in range(2):
            child = Child(code="f", weight=2)
            assert (child.code, child.weight, child.size) == ("f", 2, 4)
            assert Loud(code="g").code == "G"
        assert Child._plain_init and not Loud._plain_init


def test_fields_may_be_called_as_functions_of_python_are() -> None:
    class Oddity(models.Model):
        type = models.CharField(max_length=10)
        object = models.CharField(max_length=10, default="o")
        list = models.IntegerField(default=lambda: 3)
        self = models.IntegerField(default=1)
        args = models.IntegerField(default=2)
        more = models.IntegerField(null=True)

        class Meta(Bare):
            pass

    one = Oddity(type="a", self=5)
    assert (one.type, one.object, one.list, one.args, one.more) == ("a", "o", 3, 2, None)
    assert vars(one)["self"] == 5
    assert Oddity(None, "b").type == "b"
    with pytest.raises(UnexpectedKeyword, match="no field 'tpye'"):
        Oddity(tpye="a")
