"""Settings and routers of a block, a test or a class."""

from __future__ import annotations

import unittest

import pytest

from manybase.conf import settings
from manybase.errors import ConfigurationError
from manybase.routing.router import router
from manybase.test import SimpleTestCase, modify_settings, override_router, override_settings


def test_a_block_puts_back_what_was_there() -> None:
    before = settings.TIME_ZONE

    with override_settings(TIME_ZONE="Europe/Paris"):
        assert settings.TIME_ZONE == "Europe/Paris"
        with override_settings(TIME_ZONE="Asia/Tokyo"):
            assert settings.TIME_ZONE == "Asia/Tokyo"
        assert settings.TIME_ZONE == "Europe/Paris"

    assert before == settings.TIME_ZONE


def test_a_setting_that_nobody_gave_is_gone_again() -> None:
    with override_settings(SHOP_NAME="Emma's"):
        assert settings.SHOP_NAME == "Emma's"

    assert not hasattr(settings, "SHOP_NAME")


def test_functions_and_coroutines_are_decorated() -> None:
    @override_settings(SHOP_NAME="Emma's")
    def read() -> str:
        return str(settings.SHOP_NAME)

    assert read() == "Emma's"
    assert read() == "Emma's"
    assert not hasattr(settings, "SHOP_NAME")


@override_settings(SHOP_NAME="Emma's")
async def test_a_coroutine_keeps_the_setting() -> None:
    assert settings.SHOP_NAME == "Emma's"


def run(case: type[unittest.TestCase]) -> unittest.TestResult:
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    assert not result.errors, result.errors[0][1]
    return result


def test_classes_are_decorated_and_add_up() -> None:
    seen: list[tuple[str, str]] = []

    @override_settings(SHOP_NAME="first", SHOP_TOWN="Bath")
    class Base(SimpleTestCase):
        pass

    @override_settings(SHOP_NAME="second")
    class Case(Base):
        @override_settings(SHOP_TOWN="York")
        def test_own(self) -> None:
            seen.append((settings.SHOP_NAME, settings.SHOP_TOWN))

        def test_read(self) -> None:
            seen.append((settings.SHOP_NAME, settings.SHOP_TOWN))

    assert run(Case).wasSuccessful()
    assert seen == [("second", "York"), ("second", "Bath")]
    assert not hasattr(settings, "SHOP_NAME")


def test_other_classes_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="decorates test classes"):

        @override_settings(SHOP_NAME="first")
        class Plain:
            pass


def test_lists_are_modified() -> None:
    with override_settings(SHOP_SHELVES=["poetry", "novels"]):
        change = {"append": "plays", "remove": ["poetry"], "prepend": "maps"}
        with modify_settings(SHOP_SHELVES=change):
            assert settings.SHOP_SHELVES == ["maps", "novels", "plays"]
        with modify_settings(SHOP_SHELVES={"append": ["novels"]}):
            assert settings.SHOP_SHELVES == ["poetry", "novels"]
        with (
            pytest.raises(ConfigurationError, match="cannot 'apend'"),
            modify_settings(SHOP_SHELVES={"apend": "x"}),
        ):
            pass


class ReadsFromOther:
    def db_for_read(self, model: object, **hints: object) -> str:
        return "other"


def test_routers_are_replaced_for_a_block() -> None:
    before = router.routers

    with override_router(ReadsFromOther()):
        assert [type(one) for one in router.routers] == [ReadsFromOther]
        with override_router():
            assert router.routers == []
        with override_router(ReadsFromOther):
            assert isinstance(router.routers[0], ReadsFromOther)

    assert router.routers == before
