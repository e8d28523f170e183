"""A program's own user model in place of ``auth.User``, from its tables to its permissions."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

PROGRAM = """
    import manybase
    from manybase.conf import settings

    settings.configure(
        DATABASES={"default": "sqlite://", "other": "sqlite://"},
        INSTALLED_APPS=["manybase.contrib.contenttypes", "manybase.contrib.auth"],
        AUTH_USER_MODEL="people.Person",
    )
    from manybase import models
    from manybase.contrib.auth.models import AbstractUser

    class Person(AbstractUser):
        badge = models.CharField(max_length=10, default="")

        class Meta:
            app_label = "people"

    class Note(models.Model):
        author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notes")

        class Meta:
            app_label = "people"

    manybase.setup()
    from manybase.apps import apps
    from manybase.contrib.auth import get_user_model
    from manybase.contrib.auth.models import Group, Permission, User

    assert get_user_model() is Person
    run = models.create_tables()
    made = " ".join(run["default"])
    print("tables", "people_person" in made, "auth_user" in made)
    reverse = Group._meta.get_field("user").related_model
    print("links", Person.groups.through._meta.db_table, reverse)
    for alias in ("default", "other"):
        person = Person.objects.db_manager(alias).create_user("ann", password="x", badge="7")
        group = Group.objects.using(alias).create(name="g")
        person.groups.add(group)
        Note.objects.using(alias).create(author=person)
        again = Person.objects.using(alias).get(groups__name="g", notes__isnull=False)
        print(alias, again == person, again.check_password("x"), again.badge, again._state.db)
        print(list(group.user_set.all()) == [person], person.has_perm("people.add_note"))
    print("listed", sorted(m._meta.label for m in apps.get_models() if "auth" in m._meta.label))
    try:
        User.objects.all()
    except AttributeError as error:
        print(error)
    try:
        class Wrong(models.Model):
            user = models.ForeignKey("auth.User", models.CASCADE)
            class Meta:
                app_label = "people"
    except manybase.errors.ConfigurationError as error:
        print(error)
"""


def test_own_user_model(program: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = program(PROGRAM)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "tables True False",
        "links people_person_groups <class '__main__.Person'>",
        "default True True 7 default",
        "True False",
        "other True True 7 other",
        "True False",
        "listed ['auth.Group', 'auth.Permission']",
        "manager isn't available; 'auth.User' is swapped for 'people.Person'",
        "field 'people.Wrong.user' points at 'auth.User', which is swapped for 'people.Person'",
        "Write settings.AUTH_USER_MODEL in its place.",
    ]


UNKNOWN = """
    from manybase.conf import settings
    from manybase.contrib.auth import get_user_model

    settings.configure(DATABASES={"default": "sqlite://"}, AUTH_USER_MODEL="people.Persom")
    try:
        get_user_model()
    except LookupError as error:
        print(error)
"""


@pytest.mark.smoke
def test_user_model_that_nobody_defines(
    program: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    assert "no model 'people.Persom' is defined" in program(UNKNOWN).stdout
