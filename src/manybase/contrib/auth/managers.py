"""The managers of users, groups and permissions.

Users are made here: their names and addresses normalised, their passwords hashed.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, TypeVar

from manybase import models
from manybase.contrib.auth.hashers import amake_password, make_password
from manybase.contrib.contenttypes.models import ContentType
from manybase.errors import FieldValueError

if TYPE_CHECKING:
    from manybase.contrib.auth.base_user import AbstractBaseUser
    from manybase.contrib.auth.permissions import Group, Permission

U = TypeVar("U", bound="AbstractBaseUser")


def normalize_username(username: Any) -> Any:
    """Return one spelling of names that look alike (NFKC)."""
    return unicodedata.normalize("NFKC", username) if isinstance(username, str) else username


class BaseUserManager(models.Manager[U]):
    """What the managers of all models of users have."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Write the domain of an address in small letters."""
        name, at, domain = (email or "").strip().rpartition("@")
        return f"{name}@{domain.lower()}" if at else domain

    def get_by_natural_key(self, username: str) -> U:
        """Return the user of a name."""
        return self.get(**{self.model.USERNAME_FIELD: username})

    async def aget_by_natural_key(self, username: str) -> U:
        """Return the user of a name."""
        return await self.aget(**{self.model.USERNAME_FIELD: username})


class UserManager(BaseUserManager[U]):
    """Makes users and superusers, in the database that the manager is bound to."""

    use_in_migrations = True

    def create_user(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **extra_fields: Any,
    ) -> U:
        """Save a new user and return it.

        Args:
            username: The name, which no other user of the database has.
            email: An address, or None.
            password: None for a user who cannot log in with one.
            **extra_fields: Other fields of the user.

        Example:
            >>> User.objects.db_manager("other").create_user("bob", "bob@example.com")
        """
        user = self._new(username, email, {**_ORDINARY, **extra_fields})
        user.password = make_password(password)
        user.save(using=self._db)
        return user

    async def acreate_user(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **extra_fields: Any,
    ) -> U:
        """Save a new user and return it; see ``create_user``."""
        user = self._new(username, email, {**_ORDINARY, **extra_fields})
        user.password = await amake_password(password)
        await user.asave(using=self._db)
        return user

    def create_superuser(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **extra_fields: Any,
    ) -> U:
        """Save a new user who may do everything, and return it."""
        return self.create_user(username, email, password, **_superuser(extra_fields))

    async def acreate_superuser(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **extra_fields: Any,
    ) -> U:
        """Save a new user who may do everything, and return it."""
        return await self.acreate_user(username, email, password, **_superuser(extra_fields))

    def _new(self, username: str, email: str | None, values: dict[str, Any]) -> U:
        if not username:
            raise FieldValueError("a user must have a name", hint='Write create_user("alice").')
        name = self.model.normalize_username(username)
        address = self.normalize_email(email)
        named = {self.model.USERNAME_FIELD: name, self.model.EMAIL_FIELD: address}
        user: U = self.model(**named, **values)
        return user


_ORDINARY = {"is_staff": False, "is_superuser": False}


def _superuser(values: dict[str, Any]) -> dict[str, Any]:
    for name in _ORDINARY:
        if values.setdefault(name, True) is not True:
            raise FieldValueError(
                f"a superuser must have {name}=True", hint="Write create_user() instead."
            )
    return values


class GroupManager(models.Manager["Group"]):
    """Finds groups by their names."""

    use_in_migrations = True

    def get_by_natural_key(self, name: str) -> Group:
        """Return the group of a name."""
        return self.get(name=name)

    async def aget_by_natural_key(self, name: str) -> Group:
        """Return the group of a name."""
        return await self.aget(name=name)


class PermissionManager(models.Manager["Permission"]):
    """Finds permissions by their code and their model."""

    use_in_migrations = True

    def get_by_natural_key(self, codename: str, app_label: str, model: str) -> Permission:
        """Return the permission of a code on a model."""
        types = ContentType.objects.db_manager(self.db)
        return self.get(codename=codename, content_type=types.get_by_natural_key(app_label, model))

    async def aget_by_natural_key(self, codename: str, app_label: str, model: str) -> Permission:
        """Return the permission of a code on a model."""
        types = ContentType.objects.db_manager(self.db)
        found = await types.aget_by_natural_key(app_label, model)
        return await self.aget(codename=codename, content_type=found)
