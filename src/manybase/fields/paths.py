"""The field that chooses among the files of a directory."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal, overload

from manybase.fields.scalar import Problem
from manybase.fields.text import CharField

if TYPE_CHECKING:
    from typing import Unpack

    from typing_extensions import TypeVar

    from manybase.meta.field import FieldOptions

    S = TypeVar("S", default=str)

    class PathOptions(FieldOptions, total=False):
        """Options of a FilePathField."""

        path: str | os.PathLike[str] | Callable[[], str]
        match: str | None
        recursive: bool
        allow_files: bool
        allow_folders: bool
else:
    from typing import TypeVar

    S = TypeVar("S")


class FilePathField(CharField[S]):
    """The path of a file that is there already, as ``str`` of up to 100 characters.

    Args:
        path: The directory, or a function that returns it.
        match: A regular expression that the names must match.
        recursive: Whether subdirectories count.
        allow_files: Whether files may be chosen.
        allow_folders: Whether directories may be chosen.
    """

    path: Any
    match: str | None
    recursive: bool
    allow_files: bool
    allow_folders: bool

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: FilePathField[str],
            verbose_name: str | None = None,
            *,
            null: Literal[False] = False,
            **options: Unpack[PathOptions],
        ) -> None: ...
        @overload
        def __init__(
            self: FilePathField[str | None],
            verbose_name: str | None = None,
            *,
            null: Literal[True],
            **options: Unpack[PathOptions],
        ) -> None: ...
        def __init__(self, *args: Any, **options: Any) -> None: ...

    else:

        def __init__(
            self,
            *args,
            path="",
            match=None,
            recursive=False,
            allow_files=True,
            allow_folders=False,
            **options,
        ):
            super().__init__(*args, **{"max_length": 100, **options})
            self.path = path
            self.match = match
            self.recursive = recursive
            self.allow_files = allow_files
            self.allow_folders = allow_folders

    def option_problems(self) -> Iterator[Problem]:
        if not (self.allow_files or self.allow_folders):
            yield "allows neither files nor folders", "Write allow_files=True."
        yield from super().option_problems()

    def paths(self) -> list[str]:
        """The paths that may be chosen, as they are now."""
        root: Any = self.path() if callable(self.path) else self.path
        found = []
        for directory, folders, files in os.walk(os.fspath(root)):
            names = [*(folders if self.allow_folders else ()), *(files if self.allow_files else ())]
            found += [os.path.join(directory, name) for name in names if self._fits(name)]
            if not self.recursive:
                break
        return sorted(found)

    def _fits(self, name: str) -> bool:
        return self.match is None or re.search(self.match, name) is not None
