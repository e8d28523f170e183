"""What every model of users has: a password, the time of the last login, a name to log in with.

Abstract; programs with users of their own derive from it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from manybase import models
from manybase.contrib.auth import hashers
from manybase.contrib.auth.managers import normalize_username


class AbstractBaseUser(models.Model):
    """A user's password and login, without a name; ``USERNAME_FIELD`` says which field has it."""

    password = models.CharField(max_length=128)
    last_login = models.DateTimeField(blank=True, null=True)

    is_active: Any = True
    USERNAME_FIELD: ClassVar[str] = "username"
    EMAIL_FIELD: ClassVar[str] = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        abstract = True
        app_label = "auth"

    def __str__(self) -> str:
        return self.get_username()

    def get_username(self) -> str:
        """What the user logs in with."""
        return str(getattr(self, self.USERNAME_FIELD))

    def clean(self) -> None:
        """Write the name in one spelling."""
        setattr(self, self.USERNAME_FIELD, self.normalize_username(self.get_username()))

    def natural_key(self) -> tuple[str]:
        """What names the row in every database."""
        return (self.get_username(),)

    @property
    def is_anonymous(self) -> bool:
        """False: this is somebody."""
        return False

    @property
    def is_authenticated(self) -> bool:
        """True: this is somebody."""
        return True

    def set_password(self, raw_password: str | None) -> None:
        """Hash a password into the object; ``save()`` is the program's to call."""
        self.password = hashers.make_password(raw_password)

    async def aset_password(self, raw_password: str | None) -> None:
        """Hash a password into the object; see ``set_password``."""
        self.password = await hashers.amake_password(raw_password)

    def check_password(self, raw_password: str) -> bool:
        """Whether this is the user's password; a hash of yesterday's strength is made anew.

        Example:
            >>> User.objects.get(username="alice").check_password("lantern")
            True
        """

        def upgrade(password: str) -> None:
            self.set_password(password)
            self.save(update_fields=["password"])

        return hashers.check_password(raw_password, self.password, upgrade)

    async def acheck_password(self, raw_password: str) -> bool:
        """Whether this is the user's password; see ``check_password``."""

        async def upgrade(password: str) -> None:
            await self.aset_password(password)
            await self.asave(update_fields=["password"])

        return await hashers.acheck_password(raw_password, self.password, upgrade)

    def set_unusable_password(self) -> None:
        """Have no password match from now on."""
        self.password = hashers.make_password(None)

    def has_usable_password(self) -> bool:
        """Whether any password can match."""
        return hashers.is_password_usable(self.password)

    @classmethod
    def get_email_field_name(cls) -> str:
        """The name of the field with the address."""
        return cls.EMAIL_FIELD

    @classmethod
    def normalize_username(cls, username: Any) -> Any:
        """Return one spelling of names that look alike."""
        return normalize_username(username)
