"""Functions over texts: cases, lengths, parts, padding, replacement.

Other values than texts are turned into text first. Lengths and positions count letters.
"""

from __future__ import annotations

from typing import Any, ClassVar

from manybase.errors import QueryError
from manybase.meta.storage import Storage
from manybase.query.expressions import Expression, Value
from manybase.query.func import Func, as_expression, plain_number

TEXT = Storage("text")
LENGTH = Storage("integer", size=4)


class _Text(Func):
    """A text from texts."""

    takes: ClassVar[tuple[str, ...]] = ("text",)
    result = TEXT


class _OfText(_Text):
    """A text from one text."""

    arity = 1


class Lower(_OfText):
    """The text in lower case."""

    spelled = "lower"


class Upper(_OfText):
    """The text in upper case."""

    spelled = "upper"


class Trim(_OfText):
    """The text without spaces at its ends."""

    spelled = "trim"


class LTrim(_OfText):
    """The text without spaces at its beginning."""

    spelled = "ltrim"


class RTrim(_OfText):
    """The text without spaces at its end."""

    spelled = "rtrim"


class Reverse(_OfText):
    """The text from its end to its beginning."""

    spelled = "reverse"


class Length(Func):
    """The number of letters.

    >>> Book.objects.annotate(letters=Length("title")).filter(letters__gt=20)
    """

    spelled = "length"
    arity = 1
    takes = ("text",)
    result = LENGTH


class Ord(Length):
    """The number of the first letter in Unicode; 0 for an empty text."""

    spelled = "ord"


class Chr(Func):
    """The letter of a number in Unicode."""

    spelled = "chr"
    arity = 1
    takes = ("integer",)
    result = TEXT


class Left(_Text):
    """The first letters.

    Args:
        expression: A field's name or an expression.
        length: How many letters; at least 1.
    """

    spelled: ClassVar[str] = "left"
    takes = ("text", "integer")

    def __init__(self, expression: Any, length: Any, *, output_field: Any = None) -> None:
        name = type(self).__name__
        length = plain_number(name, "length", length, 1)
        super().__init__(expression, length, output_field=output_field)


class Right(Left):
    """The last letters; see ``Left``."""

    spelled = "right"


class Substr(_Text):
    """A part of a text.

    Args:
        expression: A field's name or an expression.
        pos: Where it begins; the first letter is 1.
        length: How many letters; all that follow when left out.
    """

    spelled = "substr"
    takes = ("text", "integer")

    def __init__(
        self, expression: Any, pos: Any, length: Any = None, *, output_field: Any = None
    ) -> None:
        given = [expression, plain_number("Substr", "pos", pos, 1)]
        if length is not None:
            given.append(plain_number("Substr", "length", length, 0))
        super().__init__(*given, output_field=output_field)


class LPad(_Text):
    """The text filled from the left, or cut, to a length.

    Args:
        expression: A field's name or an expression.
        length: How many letters the result has.
        fill_text: What it is filled with; a plain text is a name, write ``Value("0")``.
    """

    spelled: ClassVar[str] = "lpad"
    takes = ("text", "integer", "text")

    def __init__(
        self, expression: Any, length: Any, fill_text: Any = None, *, output_field: Any = None
    ) -> None:
        fill = Value(" ") if fill_text is None else as_expression(fill_text)
        if isinstance(fill, Value) and fill.value == "":
            raise QueryError(f"'fill_text' of {type(self).__name__}() must not be empty")
        length = plain_number(type(self).__name__, "length", length, 0)
        super().__init__(expression, length, fill, output_field=output_field)


class RPad(LPad):
    """The text filled from the right; see ``LPad``."""

    spelled = "rpad"


class Repeat(_Text):
    """The text so many times.

    Args:
        expression: A field's name or an expression.
        number: How many times.
    """

    spelled = "repeat"
    takes = ("text", "integer")

    def __init__(self, expression: Any, number: Any, *, output_field: Any = None) -> None:
        number = plain_number("Repeat", "number", number, 0)
        super().__init__(expression, number, output_field=output_field)


class Replace(_Text):
    """The text with every occurrence of another replaced.

    Args:
        expression: A field's name or an expression.
        text: What is replaced: ``Value("old")`` or an expression.
        replacement: What stands there instead; nothing when left out.
    """

    spelled = "replace"

    def __init__(
        self,
        expression: Any,
        text: Any,
        replacement: Any = None,
        *,
        output_field: Any = None,
    ) -> None:
        other = Value("") if replacement is None else replacement
        super().__init__(expression, text, other, output_field=output_field)


class StrIndex(Func):
    """The place where a text stands in another, from 1; 0 where it does not.

    Args:
        string: The text that is searched.
        substring: What is looked for: ``Value("x")`` or an expression.
    """

    spelled = "strindex"
    arity = 2
    takes = ("text",)
    result = LENGTH


class ConcatPair(_Text):
    """Two texts after each other; null counts as an empty text."""

    spelled = "concat_pair"
    arity = 2

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        made = cls.prepared(dialect, arguments)
        shown = [
            dialect.function("coalesce", sql, dialect.empty_text()) if term.nullable else sql
            for sql, term in zip(made, arguments, strict=True)
        ]
        return dialect.function("concat_pair", *shown)


class Concat(_Text):
    """Texts after each other; null counts as an empty text.

    >>> Person.objects.annotate(whole=Concat("first", Value(" "), "last"))
    """

    spelled = "concat_pair"

    def __init__(self, *expressions: Any, output_field: Any = None) -> None:
        if len(expressions) < 2:
            raise QueryError("Concat() takes two expressions or more")
        given = [as_expression(e) for e in expressions]
        last: Expression = given[-1]
        for expression in reversed(given[1:-1]):
            last = ConcatPair(expression, last)
        super().__init__(given[0], last, output_field=output_field)

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        return ConcatPair.build(dialect, arguments, options, storage)
