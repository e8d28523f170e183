"""The order of the rules that say which database; the only module that knows it.

``router`` and ``decision`` call ``choose``; a trace can be asked for, so that what is explained is
what is done. Reads settings, routers, blocks and places; runs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from manybase import conf
from manybase.errors import NoPlace, UnknownAlias
from manybase.routing.block import current_block, open_blocks
from manybase.routing.topology import topology


class Chain(Protocol):
    """What is asked for opinions: a chain of routers."""

    @property
    def routers(self) -> list[Any]: ...

    def ask(self, method: str, *args: Any, **hints: Any) -> tuple[Any, str]: ...


Trace = list[tuple[str, str]]


def choose(
    chain: Chain,
    verb: str,
    model: Any,
    explicit: str | None,
    block: str | None,
    hints: Mapping[str, Any] | None,
    trace: Trace | None = None,
) -> tuple[str, str]:
    """Return the alias of a read or a write, and the rule that gave it.

    Args:
        chain: The routers.
        verb: ``"db_for_read"`` or ``"db_for_write"``.
        model: The model, always a class.
        explicit: The alias that the program named.
        block: The alias of the ``using()`` block that was open when the queryset was made.
        hints: Django's hints; ``instance`` is the object that the work is done from.
        trace: Collects every rule that was asked, with its answer.

    Raises:
        NoPlace: No rule has an answer.
        UnknownAlias: The alias that the program named is not configured.
    """
    if explicit is not None:
        _note(trace, "using()", explicit)
        return topology().check(explicit), "asked for with using()"
    _note(trace, "using()", "no database named")
    if verb == "db_for_read" and open_blocks.get():
        writer, _ = _choose(chain, "db_for_write", model, block, hints, None)
        if writer in open_blocks.get():
            _note(trace, "open transaction", writer)
            return writer, "the open transaction writes there"
    return _choose(chain, verb, model, block, hints, trace)


def _choose(
    chain: Chain,
    verb: str,
    model: Any,
    block: str | None,
    hints: Mapping[str, Any] | None,
    trace: Trace | None,
) -> tuple[str, str]:
    instance = hints.get("instance") if hints else None
    place: str | None = instance._origin.alias if instance is not None else None
    if place is None:
        named = block if block is not None else current_block()
        _note(trace, "using block", named)
        if named is not None:
            return _for(verb, topology().check(named)), "inside a using() block"
    if chain.routers:
        answer, name = chain.ask(verb, model, **(hints or {}))
        _note(trace, f"router {name}" if name else "routers", answer)
        if answer is not None:
            return str(answer), f"router {name} says so"
    if place is not None:
        _note(trace, "the object's own place", place)
        return _for(verb, topology().check(place)), "the object's own place"
    return _at_rest(model, trace)


def _for(verb: str, alias: str) -> str:
    """The place itself for a read; for a write what writes there, should it be a replica."""
    return topology().primary(alias) if verb == "db_for_write" else alias


def _at_rest(model: Any, trace: Trace | None) -> tuple[str, str]:
    meta_using = model._meta.using
    _note(trace, "Meta.using", meta_using)
    if meta_using is not None:
        return str(meta_using), "Meta.using"
    databases = topology()
    default: str = conf.settings.DEFAULT_ALIAS
    if default in databases:
        _note(trace, "default", default)
        return default, "the default database"
    if databases.only is not None:
        _note(trace, "the only database", databases.only)
        return databases.only, "the only database"
    raise NoPlace(
        f"nothing says which database '{model._meta.label}' belongs to here;"
        f" the databases are: {', '.join(databases.aliases)}",
        hint=f"Name one with .using('{databases.aliases[0]}') or inside"
        f" 'with manybase.using(\"{databases.aliases[0]}\"):'.",
    )


def choose_known(
    chain: Chain,
    verb: str,
    model: Any,
    explicit: str | None,
    block: str | None,
    hints: Mapping[str, Any] | None,
    trace: Trace | None = None,
) -> tuple[str, str]:
    """Choose as ``choose`` does for a statement, which can only run on a configured database.

    Raises:
        UnknownAlias: A router or ``Meta.using`` names a database that is not configured.
    """
    alias, why = choose(chain, verb, model, explicit, block, hints, trace)
    databases = topology()
    if alias in databases:
        return alias, why
    said = why.removesuffix(" says so") if why.startswith("router ") else why
    raise UnknownAlias(
        f"{said} names the database '{alias}' for '{model._meta.label}', which is not configured",
        hint=f"The databases are: {', '.join(databases.aliases)}.",
    )


def _note(trace: Trace | None, rule: str, answer: str | None) -> None:
    if trace is not None:
        trace.append((rule, answer if answer is not None else "no opinion"))
