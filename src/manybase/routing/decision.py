"""Decides which database a read or a write goes to, and says why.

``read`` and ``write`` are called for every statement, so the commonest program (no routers, a
default database) is answered at once. The order of the rules stands in ``order``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from manybase import conf
from manybase.routing.block import current_block
from manybase.routing.order import Trace, choose_known
from manybase.routing.router import router
from manybase.routing.topology import topology

Hints = Mapping[str, Any] | None


@dataclasses.dataclass(frozen=True, slots=True)
class Route:
    """Where a statement goes and why.

    Args:
        alias: The database.
        why: The rule that decided, in words.
        steps: Every rule that was asked, in order, with its answer.
    """

    alias: str
    why: str
    steps: tuple[tuple[str, str], ...] = ()

    @property
    def by_router(self) -> bool:
        """Whether a router of the program decided."""
        return self.why.startswith("router ")

    def __str__(self) -> str:
        asked = "; ".join(f"{rule}: {answer}" for rule, answer in self.steps)
        return f"{self.alias} ({self.why}){' after ' + asked if asked else ''}"


def read(
    model: Any, explicit: str | None = None, block: str | None = None, hints: Hints = None
) -> str:
    """Return the alias that a read goes to.

    Raises:
        NoPlace: No rule decides; the aliases there are are listed.
        UnknownAlias: The alias named is not configured.
    """
    if explicit is not None and explicit in topology().known:
        return explicit
    if (
        explicit is None
        and block is None
        and not hints
        and (router.shortcut or _shortcut())
        and current_block() is None
        and model._meta.using is None
    ):
        return router.shortcut  # type: ignore[return-value]  # a non-empty text, as just asked
    return choose_known(router, "db_for_read", model, explicit, block, hints)[0]


def write(
    model: Any, explicit: str | None = None, block: str | None = None, hints: Hints = None
) -> str:
    """Return the alias that a write goes to.

    Raises:
        NoPlace: No rule decides; the aliases there are are listed.
        UnknownAlias: The alias named is not configured.
    """
    if explicit is not None and explicit in topology().known:
        return explicit
    if (
        explicit is None
        and block is None
        and not hints
        and (router.shortcut or _shortcut())
        and current_block() is None
        and model._meta.using is None
    ):
        return router.shortcut  # type: ignore[return-value]  # a non-empty text, as just asked
    return choose_known(router, "db_for_write", model, explicit, block, hints)[0]


def lasts(model: Any, alias: str) -> bool:
    """Whether what is placed nowhere goes to this database until the epoch turns."""
    return router.shortcut == alias and current_block() is None and model._meta.using is None


def write_route(model: Any, explicit: str | None, hints: Hints) -> Route:
    """Return where a write goes with the rule that decided, for saves that must know it."""
    alias, why = choose_known(router, "db_for_write", model, explicit, None, hints)
    return Route(alias, why)


def explain(
    model: Any,
    explicit: str | None = None,
    block: str | None = None,
    hints: Hints = None,
    write: bool = False,
) -> Route:
    """Decide as ``read`` or ``write`` does and tell every rule that was asked."""
    trace: Trace = []
    verb = "db_for_write" if write else "db_for_read"
    alias, why = choose_known(router, verb, model, explicit, block, hints, trace)
    return Route(alias, why, tuple(trace))


def _shortcut() -> str:
    if router.shortcut is None:
        default: str = conf.settings.DEFAULT_ALIAS
        databases = topology()
        found = default if default in databases else databases.only or ""
        router.shortcut = "" if router.routers else found
    return router.shortcut
