"""``user.get_profile()``: the object that a program keeps about a user, in the user's database.

``AUTH_PROFILE_MODULE`` names its model. The accessor of a one-to-one field
(``user.userprofile``) does the same without a setting.
"""

from __future__ import annotations

from typing import Any

from manybase.conf import settings
from manybase.errors import ConfigurationError
from manybase.meta.registry import registry


class SiteProfileNotAvailable(ConfigurationError):
    """``AUTH_PROFILE_MODULE`` is not set or names no model."""


def profile_model() -> Any:
    """Return the model that ``AUTH_PROFILE_MODULE`` names.

    Raises:
        SiteProfileNotAvailable: It is not set, or no such model is defined.
    """
    label = getattr(settings, "AUTH_PROFILE_MODULE", None)
    if not label:
        raise SiteProfileNotAvailable(
            "'AUTH_PROFILE_MODULE' is not set, so there is no profile to get",
            hint='Write AUTH_PROFILE_MODULE = "shop.UserProfile", or use user.userprofile.',
        )
    app, dot, name = str(label).partition(".")
    if not dot or (app, name.lower()) not in registry.models:
        raise SiteProfileNotAvailable(
            f"'AUTH_PROFILE_MODULE' is {label!r}, which is no model",
            hint='Write the label of a model: "shop.UserProfile".',
        )
    return registry.get_model(label)


class Profiled:
    """Gives a model of users ``get_profile()``."""

    pk: Any

    def get_profile(self) -> Any:
        """Return the user's profile, from the user's own database; it is read once.

        Raises:
            SiteProfileNotAvailable: ``AUTH_PROFILE_MODULE`` is not set or names no model.
            DoesNotExist: The user has none there.

        Example:
            >>> User.objects.using("other").get(username="bob").get_profile().flavor
            'crunchy frog'
        """
        model = profile_model()
        kept = self.__dict__.get(_CACHE)
        if kept is None or type(kept) is not model:
            kept = self._with_user(self._profiles(model).get(user__pk=self.pk))
        return kept

    async def aget_profile(self) -> Any:
        """Return the user's profile, from the user's own database; see ``get_profile``."""
        model = profile_model()
        kept = self.__dict__.get(_CACHE)
        if kept is None or type(kept) is not model:
            kept = self._with_user(await self._profiles(model).aget(user__pk=self.pk))
        return kept

    def _profiles(self, model: Any) -> Any:
        return model._default_manager.db_manager(hints={"instance": self})

    def _with_user(self, profile: Any) -> Any:
        self.__dict__[_CACHE] = profile
        return profile


_CACHE = "_profile_cache"
