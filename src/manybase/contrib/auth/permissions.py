"""Permissions, groups, and what a user may do.

Rights are read in the user's own database (or where the routers send reads for that user) and
kept on the object, as Django does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from manybase import models
from manybase.contrib.auth.managers import GroupManager, PermissionManager
from manybase.contrib.contenttypes.models import ContentType


class Permission(models.Model):
    """The right to do one kind of thing with the objects of one model."""

    name = models.CharField(max_length=255)
    content_type = models.ForeignKey(ContentType, models.CASCADE, verbose_name="content type")
    codename = models.CharField(max_length=100)

    objects = PermissionManager()

    class Meta:
        app_label = "auth"
        verbose_name = "permission"
        verbose_name_plural = "permissions"
        unique_together = [("content_type", "codename")]
        ordering = ["content_type__app_label", "content_type__model", "codename"]

    def __str__(self) -> str:
        return f"{self.content_type} | {self.name}"

    def natural_key(self) -> tuple[str, str, str]:
        """What names the row in every database."""
        return (self.codename, *self.content_type.natural_key())


# Read by the fixtures: content types are written before permissions.
vars(Permission)["natural_key"].dependencies = ["contenttypes.contenttype"]


class Group(models.Model):
    """A name for users who have the same rights."""

    name = models.CharField(max_length=150, unique=True)
    permissions = models.ManyToManyField(Permission, verbose_name="permissions", blank=True)

    objects = GroupManager()

    class Meta:
        app_label = "auth"
        verbose_name = "group"
        verbose_name_plural = "groups"

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        """What names the row in every database."""
        return (self.name,)


class PermissionsMixin(models.Model):
    """Groups and rights, for a model of users."""

    is_superuser = models.BooleanField(
        "superuser status",
        default=False,
        help_text="Designates that this user has all permissions without explicitly assigning"
        " them.",
    )
    groups = models.ManyToManyField(
        Group,
        verbose_name="groups",
        blank=True,
        help_text="The groups this user belongs to. A user will get all permissions granted to"
        " each of their groups.",
        related_name="user_set",
        related_query_name="user",
    )
    user_permissions = models.ManyToManyField(
        Permission,
        verbose_name="user permissions",
        blank=True,
        help_text="Specific permissions for this user.",
        related_name="user_set",
        related_query_name="user",
    )

    is_active: Any

    class Meta:
        abstract = True
        app_label = "auth"

    def get_user_permissions(self, obj: Any = None) -> set[str]:
        """What the user may do by rights of their own, as ``"app.codename"``."""
        kept = self._kept("user", obj)
        return self._keep("user", list(self._granted("user"))) if kept is None else kept

    async def aget_user_permissions(self, obj: Any = None) -> set[str]:
        """What the user may do by rights of their own, as ``"app.codename"``."""
        kept = self._kept("user", obj)
        if kept is None:
            kept = self._keep("user", [row async for row in self._granted("user")])
        return kept

    def get_group_permissions(self, obj: Any = None) -> set[str]:
        """What the user may do by their groups, as ``"app.codename"``."""
        kept = self._kept("group", obj)
        return self._keep("group", list(self._granted("group"))) if kept is None else kept

    async def aget_group_permissions(self, obj: Any = None) -> set[str]:
        """What the user may do by their groups, as ``"app.codename"``."""
        kept = self._kept("group", obj)
        if kept is None:
            kept = self._keep("group", [row async for row in self._granted("group")])
        return kept

    def get_all_permissions(self, obj: Any = None) -> set[str]:
        """What the user may do, as ``"app.codename"``; nothing while not active."""
        return self.get_user_permissions(obj) | self.get_group_permissions(obj)

    async def aget_all_permissions(self, obj: Any = None) -> set[str]:
        """What the user may do, as ``"app.codename"``; nothing while not active."""
        return await self.aget_user_permissions(obj) | await self.aget_group_permissions(obj)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Whether the user may do something; an active superuser may do everything.

        Example:
            >>> user.has_perm("shop.change_book")
            False
        """
        return self._may_everything() or perm in self.get_all_permissions(obj)

    async def ahas_perm(self, perm: str, obj: Any = None) -> bool:
        """Whether the user may do something; see ``has_perm``."""
        return self._may_everything() or perm in await self.aget_all_permissions(obj)

    def has_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        """Whether the user may do all of several things."""
        return self._may_everything() or set(perm_list) <= self.get_all_permissions(obj)

    async def ahas_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        """Whether the user may do all of several things."""
        return self._may_everything() or set(perm_list) <= await self.aget_all_permissions(obj)

    def has_module_perms(self, app_label: str) -> bool:
        """Whether the user may do anything with an application."""
        if self._may_everything():
            return True
        return any(name.startswith(f"{app_label}.") for name in self.get_all_permissions())

    async def ahas_module_perms(self, app_label: str) -> bool:
        """Whether the user may do anything with an application."""
        if self._may_everything():
            return True
        return any(name.startswith(f"{app_label}.") for name in await self.aget_all_permissions())

    def _may_everything(self) -> bool:
        return bool(self.is_active and self.is_superuser)

    def _granted(self, source: str) -> Any:
        # A raw key: the routers may send this read to a database that the user is not tied to.
        rows = Permission.objects.db_manager(hints={"instance": self}).order_by()
        if not self.is_superuser:
            path = "user__pk" if source == "user" else "group__user__pk"
            rows = rows.filter(**{path: self.pk})
        return rows.values_list("content_type__app_label", "codename")

    def _kept(self, source: str, obj: Any) -> set[str] | None:
        # Rights on single objects are the business of other packages: there are none here.
        if not self.is_active or obj is not None or self.pk is None:
            return set()
        kept: set[str] | None = self.__dict__.get(f"_{source}_perm_cache")
        return kept

    def _keep(self, source: str, rows: list[tuple[str, str]]) -> set[str]:
        names = {f"{app_label}.{codename}" for app_label, codename in rows}
        setattr(self, f"_{source}_perm_cache", names)
        return names
