"""``await book.afetch("editor")``: a related object or a deferred value, without blocking."""

from __future__ import annotations

from typing import Any

from manybase.errors import FieldError, hint_for
from manybase.meta.attributes import static
from manybase.models.fetch_modes import afetch_field


class AsyncAccess:
    """What a model gets for reaching its relations from asynchronous code."""

    __slots__ = ()

    async def afetch(self, name: str) -> Any:
        """Return the attribute ``name``, loaded first if it is not there yet.

        Args:
            name: A relation to one object, or a deferred field.

        Returns:
            The related object or the value; it is kept, so that plain access works afterwards.

        Raises:
            FieldError: The model has no such relation or field.

        Example:
            >>> editor = await book.afetch("editor")
        """
        descriptor = static(type(self), name)
        load = getattr(descriptor, "afetch", None)
        if load is not None:
            return await load(self)
        options: Any = getattr(type(self), "_meta")  # noqa: B009 - a mixin of models only
        if hasattr(descriptor, "prefetch_source"):
            raise FieldError(
                f"'{name}' of model '{options.label}' is a relation to many objects",
                hint=f"Write 'async for one in obj.{name}.all()', or prefetch it.",
            )
        if name not in options.attnames:
            names = {*options.public_names(), *options.attnames}
            raise FieldError(
                f"model '{options.label}' has no relation or field '{name}'",
                hint=hint_for(name, names),
            )
        field = options.attnames[name]
        if field.attname not in self.__dict__ and not await afetch_field(self, field):
            refresh: Any = getattr(self, "arefresh_from_db")  # noqa: B009 - see above
            await refresh(fields=[name])
        return getattr(self, name)
