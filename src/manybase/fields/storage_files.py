"""Where the files behind file fields are kept: the storage object and the files given to it.

A column holds only a path; a storage turns it into content, a place and a URL. This one keeps
files in a directory, by default ``MEDIA_ROOT``. Nothing here knows a model.
"""

from __future__ import annotations

import io
import os
import pathlib
import re
from collections.abc import Iterator
from typing import IO, Any, Protocol, Self
from urllib.parse import quote, urljoin

from manybase.conf import settings
from manybase.errors import ConfigurationError, FieldValueError

_CHUNK = 64 * 1024


class File:
    """Content with a name, as it is given to a storage or opened from one.

    Args:
        file: An open binary file.
        name: Its name; the open file's own where None.
    """

    def __init__(self, file: IO[Any], name: str | None = None) -> None:
        self.file = file
        self.name: str | None = name or getattr(file, "name", None)

    @property
    def size(self) -> int:
        """The length of the content in bytes."""
        place = self.file.tell()
        end = self.file.seek(0, os.SEEK_END)
        self.file.seek(place)
        return end

    def read(self, size: int = -1) -> Any:
        """Read some of the content, or all that is left."""
        return self.file.read(size)

    def chunks(self, size: int = _CHUNK) -> Iterator[Any]:
        """Yield the whole content in pieces."""
        if self.file.seekable():
            self.file.seek(0)
        while piece := self.file.read(size):
            yield piece

    def close(self) -> None:
        """Close the open file."""
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def __bool__(self) -> bool:
        return bool(self.name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.name}>"


class ContentFile(File):
    """A file made of text or bytes in memory.

    Example:
        >>> report.file.save("report.txt", ContentFile("All is well."))
    """

    def __init__(self, content: str | bytes, name: str | None = None) -> None:
        raw = content.encode() if isinstance(content, str) else content
        super().__init__(io.BytesIO(raw), name)


class FileStorage(Protocol):
    """What a file field asks of the place where its files are kept."""

    def open(self, name: str, mode: str = "rb") -> File:
        """Open the content under a name."""
        ...

    def save(self, name: str, content: Any, max_length: int | None = None) -> str:
        """Keep the content under this name or a similar one; return the name."""
        ...

    def delete(self, name: str) -> None:
        """Remove the content under a name."""
        ...

    def exists(self, name: str) -> bool:
        """Whether there is content under a name."""
        ...

    def size(self, name: str) -> int:
        """The length of the content in bytes."""
        ...

    def url(self, name: str) -> str:
        """Where a browser finds the content."""
        ...

    def path(self, name: str) -> str:
        """Where the content lies in the file system."""
        ...


class FileSystemStorage:
    """Keeps files in a directory and its subdirectories, never outside it.

    Args:
        location: The directory; ``MEDIA_ROOT`` where None.
        base_url: What the names are appended to for ``url``; ``MEDIA_URL`` where None.
    """

    def __init__(
        self, location: str | os.PathLike[str] | None = None, base_url: str | None = None
    ) -> None:
        self._location = location
        self._base_url = base_url

    @property
    def location(self) -> pathlib.Path:
        """The directory, as an absolute path."""
        given = settings.MEDIA_ROOT if self._location is None else self._location
        return pathlib.Path(given or ".").absolute()

    @property
    def base_url(self) -> str:
        """What the names are appended to for ``url``."""
        given: str = settings.MEDIA_URL if self._base_url is None else self._base_url
        return given if not given or given.endswith("/") else f"{given}/"

    def path(self, name: str) -> str:
        """Where the content lies in the file system.

        Raises:
            FieldValueError: The name leads out of the directory.
        """
        root = pathlib.Path(os.path.normpath(self.location))
        full = pathlib.Path(os.path.normpath(root / name))
        if root != full and root not in full.parents:
            raise FieldValueError("a file's name leads out of the directory of its storage")
        return str(full)

    def open(self, name: str, mode: str = "rb") -> File:
        """Open the content under a name."""
        return File(pathlib.Path(self.path(name)).open(mode), name)

    def save(self, name: str, content: Any, max_length: int | None = None) -> str:
        """Keep the content under this name, or a similar one that is free; return the name.

        Raises:
            FieldValueError: No free name is short enough, or the name leads outside.
        """
        given = content if hasattr(content, "chunks") else File(content, name)
        wanted = str(pathlib.PurePosixPath(name.replace("\\", "/")))
        while True:
            free = self.get_available_name(wanted, max_length)
            target = pathlib.Path(self.path(free))
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with target.open("xb") as kept:
                    for piece in given.chunks():
                        kept.write(piece.encode() if isinstance(piece, str) else piece)
            except FileExistsError:  # somebody else took the name meanwhile
                continue
            return free

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return the name, or one with some letters added where it is taken or too long."""
        directory, filename = os.path.split(name)
        root, extension = os.path.splitext(get_valid_name(filename))
        found = os.path.join(directory, f"{root}{extension}")
        while (max_length and len(found) > max_length) or self.exists(found):
            import secrets  # only where it is needed: imports must stay light

            ending = f"_{secrets.token_hex(4)}{extension}"
            room = len(root)
            if max_length:
                room = max_length - len(os.path.join(directory, ending))
            if room < 1:
                raise FieldValueError(
                    "no free name for a file is short enough for its field",
                    hint="Give the field a larger max_length.",
                )
            found = os.path.join(directory, f"{root[:room]}{ending}")
        return found

    def delete(self, name: str) -> None:
        """Remove the content under a name; nothing happens where there is none."""
        if not name:
            raise FieldValueError("a file without a name cannot be deleted")
        pathlib.Path(self.path(name)).unlink(missing_ok=True)

    def exists(self, name: str) -> bool:
        """Whether there is content under a name."""
        return os.path.lexists(self.path(name))

    def size(self, name: str) -> int:
        """The length of the content in bytes."""
        return pathlib.Path(self.path(name)).stat().st_size

    def url(self, name: str) -> str:
        """Where a browser finds the content.

        Raises:
            ConfigurationError: There is neither a base URL nor ``MEDIA_URL``.
        """
        if not self.base_url:
            raise ConfigurationError(
                "files of this storage have no URL", hint="Set MEDIA_URL = '/media/'."
            )
        return urljoin(self.base_url, quote(name.replace("\\", "/").lstrip("/"), safe="/~!*()'"))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), str(self._location), self._base_url))


def get_valid_name(name: str) -> str:
    """Return a file name without blanks and characters that file systems or shells mind."""
    cleaned = re.sub(r"[^-\w.]", "", name.strip().replace(" ", "_"))
    if cleaned in ("", ".", ".."):
        raise FieldValueError("a file has a name that no file can have")
    return cleaned


default_storage = FileSystemStorage()
"""The storage of fields that name none: ``MEDIA_ROOT`` and ``MEDIA_URL``."""
