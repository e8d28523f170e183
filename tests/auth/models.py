"""The models that the tests of users have beside ``User``."""

from __future__ import annotations

from manybase import models
from manybase.contrib.auth.models import User


class Profile(models.Model):
    user = models.OneToOneField(User, models.CASCADE, related_name="auth_test_profile")
    flavor = models.CharField(max_length=50)

    class Meta:
        app_label = "auth_tests"
        permissions = [("taste_profile", "Can taste")]
