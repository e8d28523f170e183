"""The models of the application ``auth``: ``User``, ``Group``, ``Permission``.

``AbstractUser`` and ``AbstractBaseUser`` are for programs with users of their own.
"""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from manybase import models
from manybase.conf import settings
from manybase.contrib.auth.base_user import AbstractBaseUser
from manybase.contrib.auth.managers import (
    BaseUserManager,
    GroupManager,
    PermissionManager,
    UserManager,
)
from manybase.contrib.auth.permissions import Group, Permission, PermissionsMixin
from manybase.contrib.auth.profile import Profiled, SiteProfileNotAvailable
from manybase.contrib.auth.validators import UnicodeUsernameValidator

__all__ = [
    "AbstractBaseUser",
    "AbstractUser",
    "BaseUserManager",
    "Group",
    "GroupManager",
    "Permission",
    "PermissionManager",
    "PermissionsMixin",
    "SiteProfileNotAvailable",
    "User",
    "UserManager",
]


def now() -> datetime.datetime:
    """The present moment, as ``USE_TZ`` wants it."""
    moment = datetime.datetime.now(datetime.UTC)
    return moment if settings.USE_TZ else moment.astimezone().replace(tzinfo=None)


class AbstractUser(AbstractBaseUser, PermissionsMixin, Profiled):
    """A user with a name, an address and rights; derive from it to add fields."""

    username = models.CharField(
        "username",
        max_length=150,
        unique=True,
        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "A user with that username already exists."},
    )
    first_name = models.CharField("first name", max_length=150, blank=True)
    last_name = models.CharField("last name", max_length=150, blank=True)
    email = models.EmailField("email address", blank=True)
    is_staff = models.BooleanField(
        "staff status",
        default=False,
        help_text="Designates whether the user can log into this admin site.",
    )
    is_active = models.BooleanField(
        "active",
        default=True,
        help_text="Designates whether this user should be treated as active. Unselect this"
        " instead of deleting accounts.",
    )
    date_joined = models.DateTimeField("date joined", default=now)

    objects = UserManager[Any]()

    USERNAME_FIELD: ClassVar[str] = "username"
    EMAIL_FIELD: ClassVar[str] = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        abstract = True
        app_label = "auth"
        verbose_name = "user"
        verbose_name_plural = "users"

    def clean(self) -> None:
        """Write the name and the address in one spelling."""
        super().clean()
        self.email = BaseUserManager.normalize_email(self.email)

    def get_full_name(self) -> str:
        """The first and the last name with a space between."""
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        """The first name."""
        return self.first_name


class User(AbstractUser):
    """A user of the program, unless ``AUTH_USER_MODEL`` names another model."""

    objects = UserManager["User"]()

    class Meta:
        app_label = "auth"
        verbose_name = "user"
        verbose_name_plural = "users"
        swappable = "AUTH_USER_MODEL"
