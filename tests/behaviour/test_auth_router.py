"""Accounts under a router of their own (B46, B47)."""

from __future__ import annotations

from manybase.contrib.auth.models import User
from manybase.db import router
from manybase.fixtures import dump
from tests.behaviour.help import routed
from tests.behaviour.models import Book, UserProfile
from tests.behaviour.routers import AccountRouter


def test_create_user_follows_the_write_route() -> None:
    """B46: create_user() writes where the router says; db_manager() overrides it."""
    with routed(AccountRouter()):
        User.objects.create_user("alice", "alice@example.com")
        User.objects.db_manager("default").create_user("bob", "bob@example.com")

        def usernames(alias):
            return list(User.objects.using(alias).values_list("username", flat=True))

        assert usernames("default") == ["bob"]
        assert usernames("other") == ["alice"]


def test_models_not_allowed_on_a_database_are_left_out() -> None:
    """B47: the models of an alias are those that the router allows there."""
    with routed(AccountRouter()):
        assert User not in router.get_migratable_models("auth", "default")
        assert User in router.get_migratable_models("auth", "other")
        assert Book in router.get_migratable_models("behaviour", "default")


def test_dumps_leave_out_models_not_allowed_on_the_database() -> None:
    """B47: the dump of an alias has the models that the router allows there."""
    with routed(AccountRouter()):
        User.objects.db_manager("default").create_user("alice")
        User.objects.db_manager("other").create_user("bob")

        assert "alice" not in dump("auth", using="default")
        assert "bob" in dump("auth", using="other")


def test_get_profile_reads_the_database_of_the_user() -> None:
    """A43: the profile is that of the setting's model, in the user's database."""
    alice = User.objects.create_user("alice", "alice@example.com")
    bob = User.objects.db_manager("other").create_user("bob", "bob@example.com")
    UserProfile(user=alice, flavor="chocolate").save()
    UserProfile(user=bob, flavor="frog").save()

    from manybase.conf import settings

    with settings.override(AUTH_PROFILE_MODULE="behaviour.UserProfile"):
        assert alice.get_profile().flavor == "chocolate"
        assert bob.get_profile().flavor == "frog"
        assert bob.get_profile()._state.db == "other"


def test_passwords_are_hashed_and_checked() -> None:
    """create_user() keeps a hash that check_password() accepts; nothing else fits."""
    user = User.objects.create_user("alice", "alice@Example.com", "secret words")

    again = User.objects.get(username="alice")
    assert again.password != "secret words"
    assert again.check_password("secret words")
    assert not again.check_password("other words")
    assert again.email == "alice@example.com"
    assert not user.is_superuser
    root = User.objects.db_manager("other").create_superuser("root", "r@example.com", "x")
    assert root.is_superuser and root.is_staff and root._state.db == "other"
