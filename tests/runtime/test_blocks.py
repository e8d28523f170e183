"""Blocks on both faces and every kind of database: what is kept, undone and refused."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.db import transaction
from manybase.errors import (
    CrossDatabaseError,
    DatabaseError,
    IntegrityError,
    TransactionManagementError,
)
from manybase.routing.block import open_blocks
from manybase.runtime.events import capture
from tests.runtime.help import leaving


def test_a_block_keeps_its_work(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        async with ex.atomic("default"):
            await place.add(ex, 1)
        assert await place.numbers(ex) == [1]

    play(scenario)


def test_an_exception_undoes_a_block(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        with leaving(KeyError):
            async with ex.atomic("default"):
                await place.add(ex, 1)
                raise KeyError
        assert await place.numbers(ex) == []

    play(scenario)


def test_an_inner_block_is_undone_alone(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        async with ex.atomic("default"):
            await place.add(ex, 1)
            with leaving(KeyError):
                async with ex.atomic("default"):
                    await place.add(ex, 2)
                    raise KeyError
            await place.add(ex, 3)
        assert await place.numbers(ex) == [1, 3]

    play(scenario)


def test_a_merged_block_takes_the_outer_one_with_it(place: Any, play: Any) -> None:
    """Without a savepoint, an exception passing the inner block dooms the outer one."""

    async def scenario(ex: Any) -> None:
        async with ex.atomic("default"):
            await place.add(ex, 1)
            with pytest.raises(KeyError):
                async with ex.atomic("default", savepoint=False):
                    raise KeyError
            with pytest.raises(TransactionManagementError, match="no other can run"):
                await place.add(ex, 2)
        assert await place.numbers(ex) == []

    play(scenario)


def test_a_failed_statement_breaks_its_block(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        async with ex.atomic("default"):
            await place.add(ex, 1)
            with pytest.raises(IntegrityError):
                await place.add(ex, 1)
            with pytest.raises(TransactionManagementError, match="block of its own"):
                await place.numbers(ex)
        assert await place.numbers(ex) == []

    play(scenario)


def test_failed_sql_by_hand_breaks_its_block_too(place: Any, play: Any) -> None:
    """Some servers commit nothing after it, so no database may pretend to."""

    async def scenario(ex: Any) -> None:
        called: list[int] = []
        async with ex.atomic("default"):
            await place.add(ex, 1)
            transaction.on_commit(lambda: called.append(1))
            with pytest.raises(DatabaseError):
                await ex.raw("default", "SELECT nothing FROM note")
            with pytest.raises(TransactionManagementError):
                await ex.raw("default", "SELECT 1")
        assert (await place.numbers(ex), called) == ([], [])

    play(scenario)


def test_a_block_of_its_own_saves_the_outer_one(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        async with ex.atomic("default"):
            await place.add(ex, 1)
            with pytest.raises(IntegrityError):
                async with ex.atomic("default"):
                    await place.add(ex, 1)
            with pytest.raises(DatabaseError):
                async with ex.atomic("default"):
                    await place.fail(ex)
            await place.add(ex, 2)
        assert await place.numbers(ex) == [1, 2]

    play(scenario)


def test_an_error_before_any_statement_breaks_nothing(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        async with ex.atomic("default"):
            with pytest.raises(CrossDatabaseError):
                async with ex.atomic("default"):
                    raise CrossDatabaseError("two places meet")
            await place.add(ex, 1)
        assert await place.numbers(ex) == [1]

    play(scenario)


def test_two_databases_are_kept_or_undone_together(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        async with ex.atomic("default", "eu"):
            await place.add(ex, 1)
            await place.add(ex, 2, "eu")
        with leaving(KeyError):
            async with ex.atomic("default", "eu"):
                await place.add(ex, 3)
                await place.add(ex, 4, "eu")
                raise KeyError
        async with ex.atomic("default", "eu"):
            await place.add(ex, 5)
            with pytest.raises(IntegrityError):
                await place.add(ex, 2, "eu")
        assert (await place.numbers(ex), await place.numbers(ex, "eu")) == ([1], [2])

    play(scenario)


def test_blocks_of_two_databases_nest(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        with leaving(KeyError):
            async with ex.atomic("default"):
                await place.add(ex, 1)
                async with ex.atomic("eu"):
                    await place.add(ex, 2, "eu")
                raise KeyError
        assert (await place.numbers(ex), await place.numbers(ex, "eu")) == ([], [2])

    play(scenario)


def test_a_durable_block_must_be_the_outermost(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        async with ex.atomic("default", durable=True):
            await place.add(ex, 1)
        async with ex.atomic("default"):
            with pytest.raises(RuntimeError, match="cannot be nested"):
                async with ex.atomic("default", durable=True):
                    pass
            async with ex.atomic("eu", durable=True):
                await place.add(ex, 2, "eu")
        async with ex.atomic():
            with pytest.raises(TransactionManagementError, match="cannot be nested"):
                async with ex.atomic("eu", durable=True):
                    pass
        assert (await place.numbers(ex), await place.numbers(ex, "eu")) == ([1], [2])

    play(scenario)


def test_the_blocks_of_a_test_are_not_seen(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        with leaving(KeyError):
            async with ex.atomic("default", from_test=True):
                assert open_blocks.get() == ()
                async with ex.atomic("default", durable=True):
                    assert open_blocks.get() == ("default",)
                    await place.add(ex, 1)
                assert await place.numbers(ex) == [1]
                raise KeyError
        assert await place.numbers(ex) == []

    play(scenario)


# Bare blocks over several databases


def test_an_empty_bare_block_sends_nothing(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        with capture(transactions=True) as statements:
            async with ex.atomic(), ex.atomic():
                pass
        assert statements == []

    play(scenario)


def test_a_bare_block_belongs_to_the_database_of_its_first_statement(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        with leaving(KeyError):
            async with ex.atomic():
                assert set(open_blocks.get()) == {"default", "eu"}
                await place.add(ex, 1, "eu")
                assert open_blocks.get() == ("eu",)
                raise KeyError
        assert await place.numbers(ex, "eu") == []

    play(scenario)


def test_a_second_database_is_refused_by_name(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        async with ex.atomic():
            await place.add(ex, 1, "eu")
            with pytest.raises(TransactionManagementError) as error:
                await place.add(ex, 2)
            assert str(error.value) == (
                "a statement on 'default' inside an atomic() block that belongs to 'eu'\n"
                "Type atomic('eu', 'default') for a block over both databases, or atomic('eu') for"
                " one that leaves 'default' out."
            )
            await place.add(ex, 3, "eu")
        assert (await place.numbers(ex), await place.numbers(ex, "eu")) == ([], [1, 3])

    play(scenario)


def test_a_database_given_by_an_inner_block_is_not_refused(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        async with ex.atomic():
            await place.add(ex, 1, "eu")
            async with ex.atomic("default"):
                await place.add(ex, 2)
                await place.add(ex, 3, "eu")
        assert (await place.numbers(ex), await place.numbers(ex, "eu")) == ([2], [1, 3])

    play(scenario)


def test_an_explicit_block_binds_the_bare_one_around_it(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        with leaving(KeyError):
            async with ex.atomic():
                async with ex.atomic("eu"):
                    await place.add(ex, 1, "eu")
                with pytest.raises(TransactionManagementError, match="belongs to 'eu'"):
                    await place.numbers(ex)
                raise KeyError
        assert await place.numbers(ex, "eu") == []

    play(scenario)


def test_a_bare_block_inside_a_bound_one_is_bound_at_once(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        async with ex.atomic():
            await place.add(ex, 1, "eu")
            with capture(transactions=True) as statements:
                async with ex.atomic():
                    pass
            assert len(statements) == 2
            assert "SAVEPOINT" in statements[0].sql
            assert {event.alias for event in statements} == {"eu"}

    play(scenario)


def test_nested_bare_blocks_bind_together(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        async with ex.atomic():
            with leaving(KeyError):
                async with ex.atomic():
                    await place.add(ex, 1, "eu")
                    raise KeyError
            await place.add(ex, 2, "eu")
        assert await place.numbers(ex, "eu") == [2]

    play(scenario)


def test_the_rollback_flag_binds_and_undoes(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        async with ex.atomic():
            assert transaction.get_rollback() is False
            await place.add(ex, 1)
            transaction.set_rollback(True)
            assert transaction.get_rollback() is True
            with pytest.raises(TransactionManagementError):
                await place.add(ex, 2)
        async with ex.atomic():
            transaction.set_rollback(True, using="eu")
            with pytest.raises(TransactionManagementError):
                await place.add(ex, 3, "eu")
        with pytest.raises(TransactionManagementError, match="outside of an 'atomic' block"):
            transaction.get_rollback()
        assert (await place.numbers(ex), await place.numbers(ex, "eu")) == ([], [])

    play(scenario)


def test_an_unknown_alias_is_refused_at_entry(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        with pytest.raises(LookupError, match="Did you mean 'default'"):
            async with ex.atomic("defualt"):
                pass

    play(scenario)
