"""Users, groups and permissions, each in its database."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.contrib.auth import get_user_model
from manybase.contrib.auth.creation import create_permissions
from manybase.contrib.auth.models import Group, Permission, SiteProfileNotAvailable, User
from manybase.contrib.contenttypes.models import ContentType
from manybase.errors import FieldValueError, ValidationError
from manybase.meta.registry import registry
from manybase.test import override_router, override_settings
from tests.auth.models import Profile
from tests.databases import Databases

FAST = override_settings(
    PASSWORD_HASHERS=[
        "manybase.contrib.auth.hashers.MD5PasswordHasher",
        "manybase.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
)


@pytest.fixture(autouse=True)
def fast() -> Any:
    with FAST:
        yield


class App:
    label = "auth_tests"

    @staticmethod
    def get_models() -> list[Any]:
        return [Profile]


def test_a_user_is_made_in_the_default_database(db: Databases) -> None:
    alice = User.objects.create_user("alice", "alice@EXAMPLE.com", "lantern", first_name="Alice")

    found = User.objects.using("default").get(username="alice")
    assert found == alice
    assert (found.email, found.first_name) == ("alice@example.com", "Alice")
    assert (found.is_active, found.is_staff, found.is_superuser) == (True, False, False)
    assert found.check_password("lantern")
    assert not found.check_password("candle")
    assert not User.objects.using("other").exists()


def test_a_bound_manager_makes_the_user_where_it_is_bound(db: Databases) -> None:
    bob = User.objects.db_manager("other").create_user("bob")

    assert bob._state.db == "other"
    assert not bob.has_usable_password()
    assert [u.username for u in User.objects.using("other").all()] == ["bob"]
    assert not User.objects.exists()


class WritesToOther:
    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "default"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "other"


def test_a_user_follows_the_route_of_writes(db: Databases) -> None:
    with override_router(WritesToOther()):
        assert User.objects.create_user("alice")._state.db == "other"
        again = User.objects.db_manager("default").create_user("alice")

    assert again._state.db == "default"
    assert User.objects.using("other").count() == User.objects.using("default").count() == 1


def test_a_superuser_may_do_everything(db: Databases) -> None:
    root = User.objects.create_superuser("root", password="lantern")

    assert root.is_staff
    assert root.is_superuser
    assert root.has_perm("anything.at_all")
    assert root.has_perms(["a.b", "c.d"])
    assert root.has_module_perms("anything")
    with pytest.raises(FieldValueError, match="is_staff=True"):
        User.objects.create_superuser("root2", is_staff=False)


def test_a_user_must_have_a_name(db: Databases) -> None:
    with pytest.raises(FieldValueError, match="must have a name"):
        User.objects.create_user("")


@pytest.mark.parametrize("name", ["bob!", "two words", "line\n"])
def test_names_have_no_strange_signs(db: Databases, name: str) -> None:
    with pytest.raises(ValidationError, match="Enter a valid username"):
        User(username=name, password="x").full_clean()


def test_names_that_look_alike_are_the_same(db: Databases) -> None:
    User.objects.create_user("\uff42\uff4f\uff42")

    assert User.objects.get_by_natural_key("bob").natural_key() == ("bob",)


def test_a_right_password_is_hashed_anew_where_the_user_lives(db: Databases) -> None:
    bob = User.objects.db_manager("other").create_user("bob")
    with override_settings(PASSWORD_HASHERS=["manybase.contrib.auth.hashers.ScryptPasswordHasher"]):
        bob.set_password("lantern")
        bob.save()
    scrypt_too = [
        "manybase.contrib.auth.hashers.MD5PasswordHasher",
        "manybase.contrib.auth.hashers.ScryptPasswordHasher",
    ]

    with override_settings(PASSWORD_HASHERS=scrypt_too):
        assert User.objects.using("other").get().check_password("lantern")

    assert User.objects.using("other").get().password.startswith("md5$")


async def test_the_asynchronous_twins_make_and_check(db: Databases) -> None:
    bob = await User.objects.db_manager("other").acreate_user("bob", password="lantern")
    root = await User.objects.acreate_superuser("root")

    assert bob._state.db == "other"
    assert root.is_superuser
    found = await User.objects.using("other").aget(username="bob")
    assert await found.acheck_password("lantern")
    assert not await found.ahas_perm("auth.add_user")
    assert (await User.objects.aget_by_natural_key("root")).pk == root.pk


def test_the_profile_is_read_in_the_users_database(db: Databases) -> None:
    alice = User.objects.create_user("alice")
    bob = User.objects.db_manager("other").create_user("bob")
    Profile(user=alice, flavor="chocolate").save()
    Profile(user=bob, flavor="crunchy frog").save()

    with override_settings(AUTH_PROFILE_MODULE="auth_tests.Profile"):
        assert alice.get_profile().flavor == "chocolate"
        assert bob.get_profile().flavor == "crunchy frog"
        assert bob.get_profile() is bob.get_profile()
        assert bob.get_profile()._state.db == "other"
        with pytest.raises(Profile.DoesNotExist):
            User.objects.create_user("carol").get_profile()


@pytest.mark.parametrize("label", [None, "Profile", "auth_tests.Porfile"])
def test_a_missing_profile_setting_is_named(db: Databases, label: str | None) -> None:
    alice = User.objects.create_user("alice")

    with (
        override_settings(AUTH_PROFILE_MODULE=label),
        pytest.raises(SiteProfileNotAvailable, match="AUTH_PROFILE_MODULE"),
    ):
        alice.get_profile()


def test_permissions_are_made_for_models_on_each_database(db: Databases) -> None:
    for _ in range(2):
        create_permissions(App, using="other")

    codes = Permission.objects.using("other").filter(content_type__app_label="auth_tests")
    assert sorted(codes.values_list("codename", flat=True)) == [
        "add_profile",
        "change_profile",
        "delete_profile",
        "taste_profile",
        "view_profile",
    ]
    own = Permission.objects.filter(content_type__app_label="auth_tests")
    assert not own.exists()


def permission(alias: str, codename: str) -> Permission:
    create_permissions(App, using=alias)
    manager = Permission.objects.db_manager(alias)
    return manager.get_by_natural_key(codename, "auth_tests", "profile")


def test_rights_come_from_the_user_and_from_groups(db: Databases) -> None:
    bob = User.objects.db_manager("other").create_user("bob")
    tasters = Group.objects.using("other").create(name="tasters")
    tasters.permissions.add(permission("other", "taste_profile"))
    bob.groups.add(tasters)
    bob.user_permissions.add(permission("other", "view_profile"))

    assert bob.get_user_permissions() == {"auth_tests.view_profile"}
    assert bob.get_group_permissions() == {"auth_tests.taste_profile"}
    assert bob.has_perms(["auth_tests.view_profile", "auth_tests.taste_profile"])
    assert not bob.has_perm("auth_tests.add_profile")
    assert bob.has_module_perms("auth_tests")
    assert not bob.has_module_perms("auth")
    bob.is_active = False
    assert not bob.has_perm("auth_tests.view_profile")


def test_permissions_have_natural_keys(db: Databases) -> None:
    found = permission("other", "taste_profile")

    assert found.natural_key() == ("taste_profile", "auth_tests", "profile")
    assert found._state.db == "other"
    assert str(found) == "auth_tests | profile | Can taste"


def test_the_model_of_users_is_a_setting() -> None:
    assert get_user_model() is User
    with override_settings(AUTH_USER_MODEL="auth.Group"):
        assert get_user_model() is Group


def test_each_model_has_a_content_type(db: Databases) -> None:
    assert ContentType.objects.get_for_model(User).model_class() is User
    assert registry.get_model("auth.user") is User
