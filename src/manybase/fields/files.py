"""Fields of files: a column with a path, a value that opens, saves and deletes what lies there.

The content is kept by a storage object (``storage_files``); a save of the row keeps a new file
first. ``FilePathField`` chooses among files that are there already.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Self, overload

from manybase.errors import FieldValueError
from manybase.fields.picture import dimensions
from manybase.fields.scalar import Problem, ScalarField
from manybase.fields.storage_files import File, FileStorage, default_storage
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from manybase.query.attributes import Attribute


class FieldFile:
    """The value of a file field on an instance: a path, and the content behind it.

    Args:
        instance: The object that has the value.
        field: Its field.
        name: The path as the column holds it; None or "" for no file.
    """

    def __init__(self, instance: Any, field: FileField, name: str | None) -> None:
        self.instance = instance
        self.field = field
        self.name = name
        self.storage = field.file_storage
        self.file_given: Any = None  # new content that the next save keeps
        self._open: File | None = None

    def _required(self) -> str:
        if not self.name:
            raise FieldValueError(
                f"field '{self.field}' has no file on this object",
                hint=f"Check 'if obj.{self.field.name}:' first.",
            )
        return self.name

    @property
    def path(self) -> str:
        """Where the file lies in the file system."""
        return self.storage.path(self._required())

    @property
    def url(self) -> str:
        """Where a browser finds the file."""
        return self.storage.url(self._required())

    @property
    def size(self) -> int:
        """The length of the content in bytes."""
        name = self._required()
        return int(self.file_given.size) if self.file_given is not None else self.storage.size(name)

    @property
    def file(self) -> File:
        """The content, opened for reading."""
        if self.file_given is not None:
            given: File = self.file_given
            return given
        if self._open is None:
            self._open = self.storage.open(self._required(), "rb")
        return self._open

    def open(self, mode: str = "rb") -> Self:
        """Open the content again, from its beginning."""
        if self.file_given is not None:
            self.file_given.file.seek(0)
        else:
            self.close()
            self._open = self.storage.open(self._required(), mode)
        return self

    def read(self, size: int = -1) -> Any:
        """Read some of the content, or all that is left."""
        return self.file.read(size)

    def close(self) -> None:
        """Close the content, if it is open."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def save(self, name: str, content: Any, save: bool = True) -> None:
        """Keep content under a name, and the name in the object.

        Args:
            name: The file's name; the field's ``upload_to`` says where it goes.
            content: A ``File`` or an open binary file.
            save: Whether the object is saved as well.
        """
        self.keep(name, content)
        if save:
            self.instance.save()

    def keep(self, name: str, content: Any) -> None:
        """Keep content under a name without saving the object."""
        wanted = self.field.generate_filename(self.instance, name)
        self.name = self.storage.save(wanted, content, max_length=self.field.max_length)
        self.file_given = None
        setattr(self.instance, self.field.attname, self)
        self.field.note_size(self.instance, self)

    def delete(self, save: bool = True) -> None:
        """Delete the content and empty the field; save the object as well unless told not to."""
        if not self:
            return
        self.close()
        self.storage.delete(self._required())
        self.name = None
        self.file_given = None
        setattr(self.instance, self.field.attname, self)
        if save:
            self.instance.save()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def __eq__(self, other: object) -> bool:
        return self.name == (other.name if isinstance(other, FieldFile) else other)

    def __hash__(self) -> int:
        return hash(self.name)

    def __bool__(self) -> bool:
        return bool(self.name)

    def __len__(self) -> int:
        return self.size

    def __str__(self) -> str:
        return self.name or ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.name}>"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_open": None, "file_given": None}


class FileField(ScalarField[Any]):
    """The path of a file, as text of up to 100 characters; on instances a ``FieldFile``.

    Args:
        upload_to: A directory below the storage's (``%Y/%m`` are filled in), or a function of
            the object and the file's name that returns the path.
        storage: Where the content is kept, or a function that returns it.

    Example:
        >>> scan = models.FileField(upload_to="scans/%Y")
    """

    value_class: ClassVar[type[FieldFile]] = FieldFile
    plain_types: ClassVar[frozenset[type]] = frozenset({str})
    default_error_messages: ClassVar[dict[str, str]] = {"invalid": "Give a file or its path."}

    def __init__(
        self,
        verbose_name: str | None = None,
        name: str | None = None,
        upload_to: Any = "",
        storage: Any = None,
        *,
        max_length: int | None = 100,
        **options: Any,
    ) -> None:
        super().__init__(verbose_name, name, max_length=max_length, **options)
        self.upload_to = upload_to
        given: Any = storage() if callable(storage) else storage
        self.file_storage: FileStorage = default_storage if given is None else given

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type) -> Attribute[str]: ...
        @overload
        def __get__(self, instance: Any, owner: type) -> FieldFile: ...
        def __get__(self, instance: Any, owner: type) -> Any: ...
        def __set__(self, instance: Any, value: Any) -> None: ...

    else:

        def __get__(self, instance, owner):
            """Return the value as a FieldFile; what a row or a program put there is wrapped."""
            if instance is None:
                return self.on_class(owner)
            values = instance.__dict__
            value = (
                values[self.attname] if self.attname in values else instance._load_deferred(self)
            )
            if not isinstance(value, FieldFile) or value.instance is not instance:
                value = values[self.attname] = self._wrap(instance, value)
            return value

        def __set__(self, instance, value):
            instance.__dict__[self.attname] = value

    def _wrap(self, instance: Any, value: Any) -> FieldFile:
        if isinstance(value, FieldFile):
            value, given = value.name, value.file_given
        elif value is None or isinstance(value, (str, os.PathLike)):
            value, given = None if value is None else os.fspath(value), None
        else:
            value, given = getattr(value, "name", None), value
        wrapped = self.value_class(instance, self, value)
        wrapped.file_given = given
        return wrapped

    @property
    def storage(self) -> Storage:  # the column's; the files' is file_storage
        return Storage("text", size=self.max_length)

    def describe_values(self) -> str:
        return "a file or its path"

    def option_problems(self) -> Iterator[Problem]:
        yield from super().option_problems()
        if self.primary_key:
            yield "cannot be the primary key", "Take primary_key=True away."
        if not callable(self.upload_to) and str(self.upload_to).startswith("/"):
            yield (
                "has an upload_to that begins with '/'",
                "Give a path below the storage's directory.",
            )
        if not all(hasattr(self.file_storage, name) for name in ("save", "open", "delete")):
            yield (
                f"has a {type(self.file_storage).__name__} as storage, which keeps no files",
                "Give a FileSystemStorage or an object with its methods.",
            )

    def generate_filename(self, instance: Any, name: str) -> str:
        """The path in the storage for a file of this name."""
        if callable(self.upload_to):
            return str(self.upload_to(instance, name))
        directory = datetime.datetime.now().strftime(str(self.upload_to))  # noqa: DTZ005 - local
        return os.path.join(directory, os.path.basename(name.replace("\\", "/")))

    def note_size(self, instance: Any, value: FieldFile) -> None:
        """Called when a file was kept; fields of pictures note its size."""

    def pre_save(self, instance: Any, add: bool) -> Any:
        value = getattr(instance, self.attname)
        if value and value.file_given is not None:
            value.keep(value.name, value.file_given)
        return value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, (FieldFile, File)):
            return value
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, os.PathLike):
            return os.fspath(value)
        raise self.invalid("invalid")

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        if isinstance(value, (FieldFile, File)):
            value = value.name
        return None if value is None and self.null else str(value or "")

    def value_to_string(self, instance: Any) -> str:
        return str(self.value_from_object(instance))


class ImageField(FileField):
    """The path of a picture; its width and height can be kept in fields beside it.

    Args:
        width_field: The name of a field that takes the width in pixels.
        height_field: The same for the height.
    """

    def __init__(
        self,
        *args: Any,
        width_field: str | None = None,
        height_field: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.width_field = width_field
        self.height_field = height_field

    def note_size(self, instance: Any, value: FieldFile) -> None:
        """Put the picture's size into the fields that are named for it."""
        if not (self.width_field or self.height_field):
            return
        with value.storage.open(str(value.name), "rb") as opened:
            width, height = dimensions(opened.file) or (None, None)
        for name, number in ((self.width_field, width), (self.height_field, height)):
            if name:
                setattr(instance, name, number)
