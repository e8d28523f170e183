"""What a user's name may be made of."""

from __future__ import annotations

from manybase.fields.validators import RegexValidator


class UnicodeUsernameValidator(RegexValidator):
    """Letters and digits of any script, and ``@ . + - _``."""

    code = "invalid_username"
    message = (
        "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_"
        " characters."
    )

    def __init__(self) -> None:
        super().__init__(r"^[\w.@+-]+\Z")
