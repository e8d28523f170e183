"""Signals: who wants to know when a model is made, saved, deleted or linked.

A signal keeps its receivers and calls them; it decides nothing. ``models`` and ``ops`` send;
``has_listeners`` lets the hot paths skip the sending altogether.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable
from typing import Any

from manybase.errors import QueryError
from manybase.meta.epoch import epoch
from manybase.meta.registry import registry

Receiver = Callable[..., Any]


class Signal:
    """A list of receivers for one kind of event.

    >>> from manybase.models.signals import post_save
    >>> def told(sender, instance, using, **kwargs):
    ...     print(instance.pk, "saved on", using)
    >>> post_save.connect(told)
    """

    def __init__(self, name: str = "signal") -> None:
        self.name = name
        self._receivers: list[tuple[Any, Any, Any]] = []  # (identity, reference, sender)
        self._by_sender: dict[Any, tuple[Receiver, ...]] = {}
        self._awaited: dict[Any, Receiver] = {}  # those whose model is not defined yet

    def connect(
        self, receiver: Receiver, sender: Any = None, weak: bool = True, dispatch_uid: Any = None
    ) -> None:
        """Call ``receiver(sender=..., signal=..., **values)`` from now on.

        Args:
            receiver: A function, or an object's method, that takes ``**kwargs``.
            sender: Only events of this model, a class or ``"app.Model"``; all when None.
            weak: Forget the receiver when nothing else holds it.
            dispatch_uid: Connecting again with the same one has no effect.
        """
        if not callable(receiver):
            raise QueryError(f"a receiver of '{self.name}' must be callable")
        if isinstance(sender, str):
            self._await(receiver, sender, weak, dispatch_uid)
            return
        identity = (dispatch_uid or _identity(receiver), id(sender) if sender else None)
        if any(identity == known for known, _, _ in self._receivers):
            return
        self._receivers.append((identity, self._reference(receiver, weak), sender))
        self._changed()

    def _await(self, receiver: Receiver, label: str, weak: bool, dispatch_uid: Any) -> None:
        """Connect as soon as the model of this label is defined."""
        if label.count(".") != 1:
            raise QueryError(
                f"the sender '{label}' of '{self.name}' is no model's label",
                hint='Write "app.Model", or give the class.',
            )
        key = (dispatch_uid or _identity(receiver), label.lower())
        self._awaited[key] = receiver

        def defined(model: Any) -> None:
            if self._awaited.pop(key, None) is not None:
                self.connect(receiver, model, weak, dispatch_uid)

        registry.when_defined(label, defined)

    def _reference(self, receiver: Receiver, weak: bool) -> Any:
        if not weak:
            return lambda: receiver
        if inspect.ismethod(receiver):
            return weakref.WeakMethod(receiver, self._drop)
        return weakref.ref(receiver, self._drop)

    def _drop(self, reference: Any) -> None:
        self._receivers = [row for row in self._receivers if row[1] is not reference]
        self._changed()

    def _changed(self) -> None:
        self._by_sender.clear()
        epoch.turn()

    def disconnect(
        self, receiver: Receiver | None = None, sender: Any = None, dispatch_uid: Any = None
    ) -> bool:
        """Stop calling a receiver; return whether it was connected."""
        if isinstance(sender, str):
            key = (dispatch_uid or _identity(receiver), sender.lower())
            if self._awaited.pop(key, None) is not None:
                return True
            sender = registry.get_model(sender)
        identity = (dispatch_uid or _identity(receiver), id(sender) if sender else None)
        kept = [row for row in self._receivers if row[0] != identity]
        found = len(kept) != len(self._receivers)
        self._receivers = kept
        self._changed()
        return found

    def receivers(self, sender: Any) -> tuple[Receiver, ...]:
        """The living receivers for events of this sender."""
        found = self._by_sender.get(sender)
        if found is None:
            wanted = [ref for _, ref, of in self._receivers if of is None or of is sender]
            found = tuple(call for ref in wanted if (call := ref()) is not None)
            if all(not isinstance(ref, weakref.ref) for ref in wanted):
                self._by_sender[sender] = found
        return found

    def has_listeners(self, sender: Any = None) -> bool:
        """Whether anybody would be called for this sender."""
        return bool(self._receivers) and bool(self.receivers(sender))

    def send(self, sender: Any, **values: Any) -> list[tuple[Receiver, Any]]:
        """Call every receiver; return each with what it returned."""
        if not self._receivers:
            return []
        return [
            (call, call(signal=self, sender=sender, **values)) for call in self.receivers(sender)
        ]

    def send_robust(self, sender: Any, **values: Any) -> list[tuple[Receiver, Any]]:
        """Call every receiver; an error is returned in the place of the answer."""
        answers: list[tuple[Receiver, Any]] = []
        for call in self.receivers(sender) if self._receivers else ():
            try:
                answers.append((call, call(signal=self, sender=sender, **values)))
            except Exception as error:  # noqa: BLE001  # it is handed to the caller
                answers.append((call, error))
        return answers

    async def asend(self, sender: Any, **values: Any) -> list[tuple[Receiver, Any]]:
        """Call every receiver and await those that are coroutines."""
        answers = []
        for call in self.receivers(sender) if self._receivers else ():
            answer = call(signal=self, sender=sender, **values)
            answers.append((call, await answer if inspect.isawaitable(answer) else answer))
        return answers


def _identity(receiver: Any) -> Any:
    if inspect.ismethod(receiver):
        return (id(receiver.__self__), id(receiver.__func__))
    return id(receiver)


def receiver(
    signal: Signal | list[Signal] | tuple[Signal, ...], **options: Any
) -> Callable[[Receiver], Receiver]:
    """Connect the decorated function to one signal or several.

    >>> @receiver(post_save, sender=Book)
    ... def told(sender, instance, **kwargs): ...
    """

    def connect(function: Receiver) -> Receiver:
        for one in [signal] if isinstance(signal, Signal) else signal:
            one.connect(function, **options)
        return function

    return connect


class_prepared = Signal("class_prepared")
pre_init = Signal("pre_init")
post_init = Signal("post_init")
pre_save = Signal("pre_save")
post_save = Signal("post_save")
pre_delete = Signal("pre_delete")
post_delete = Signal("post_delete")
m2m_changed = Signal("m2m_changed")
pre_migrate = Signal("pre_migrate")
post_migrate = Signal("post_migrate")
