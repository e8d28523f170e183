"""What type checkers take the class of a model for; never run.

``Book.editor`` is a ``type[Person]`` to them, since nothing else has the attributes that ``Person``
has. So what a relation has besides them is said here of all classes of models. Names are few, and
``Any`` where a field may have one: mypy prefers them to a field of the same name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, overload

    from manybase.query.conditions import Condition
    from manybase.query.q import Q

    class BoolOrCondition(Condition, bool):  # type: ignore[misc]  # bool is final
        """What ``==`` of two classes gives: a condition, where they are relations."""

    class BoolOrQ(Q, bool):  # type: ignore[misc]
        """What ``!=`` of two classes gives."""

    class ClassOrRelation(type):
        """The class of a model, or a relation to it: ``query.attributes.RelatedAttribute``."""

        asc: Any
        desc: Any
        field: Any
        lookup: Any
        through: Any
        RelatedObjectDoesNotExist: Any

        @overload  # type: ignore[override]
        def __eq__(cls, other: type) -> BoolOrCondition: ...
        @overload
        def __eq__(cls, other: object) -> Condition: ...
        def __eq__(  # pyright: ignore[reportIncompatibleMethodOverride]
            cls, other: object
        ) -> Any: ...

        @overload  # type: ignore[override]
        def __ne__(cls, other: type) -> BoolOrQ: ...
        @overload
        def __ne__(cls, other: object) -> Q: ...
        def __ne__(  # pyright: ignore[reportIncompatibleMethodOverride]
            cls, other: object
        ) -> Any: ...

        def __hash__(cls) -> int: ...

        def __getitem__(cls, name: str) -> Any:
            """The target's field of a name, also where a method has that name."""

        def in_(cls, values: Iterable[Any]) -> Condition:
            """One of these objects or keys, or of those that a queryset gives."""
            ...

        def isnull(cls, value: bool = True) -> Condition:
            """Whether there is no object; ``isnull(False)``: whether there is one."""
            ...
