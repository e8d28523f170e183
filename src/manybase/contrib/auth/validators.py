"""What a user's name may be made of."""

from __future__ import annotations

from manybase.fields.validators import RegexValidator


class UnicodeUsernameValidator(RegexValidator):
    """Letters and digits of any script, and ``@ . + - _``."""

    regex = r"^[\w.@+-]+\Z"
    message = (
        "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_"
        " characters."
    )
