"""Which test database stands for which configured one."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.conf.declared import parse_all
from manybase.test.naming import plan

SERVER = "postgresql://ann:s%2Fcret@db.example:5433"


def planned(databases: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.delenv("MANYBASE_TEST_SUFFIX", raising=False)
    return {one.alias: one for one in plan(parse_all(databases))}


def test_a_database_on_a_server_has_a_neighbour(monkeypatch: pytest.MonkeyPatch) -> None:
    found = planned({"default": f"{SERVER}/shop?sslmode=disable"}, monkeypatch)["default"]

    assert (found.name, found.on_server) == ("test_shop", True)
    assert found.value["URL"] == f"{SERVER}/test_shop"
    assert found.value["OPTIONS"] == {"sslmode": "disable"}


def test_a_database_without_a_name_is_called_after_its_alias(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = planned({"eu": SERVER, "us": SERVER}, monkeypatch)

    assert [one.name for one in found.values()] == ["test_eu", "test_us"]


def test_two_aliases_of_one_database_get_two(monkeypatch: pytest.MonkeyPatch) -> None:
    found = planned({"default": f"{SERVER}/shop", "other": f"{SERVER}/shop"}, monkeypatch)

    assert [one.name for one in found.values()] == ["test_shop", "test_shop_other"]


def test_files_are_kept_in_memory_and_begin_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    databases = {"default": "sqlite:///shop.db", "other": "sqlite://"}
    first, second = planned(databases, monkeypatch), planned(databases, monkeypatch)

    assert first["default"].value["URL"] == "sqlite://"
    assert not first["default"].on_server
    names = [one["default"].value["OPTIONS"]["name"] for one in (first, second)]
    names.append(first["other"].value["OPTIONS"]["name"])
    assert len(set(names)) == 3


def test_the_settings_may_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    databases = {
        "default": {"URL": f"{SERVER}/shop", "TEST": {"NAME": "try"}},
        "other": {"URL": "sqlite:///shop.db", "TEST": {"NAME": "/tmp/try.db"}},
    }

    found = planned(databases, monkeypatch)

    assert found["default"].name == "try"
    assert found["other"].value["URL"] == "sqlite:////tmp/try.db"


@pytest.mark.parametrize(
    "copy",
    [
        {"URL": f"{SERVER}/shop", "TEST": {"MIRROR": "default"}},
        f"{SERVER}/shop?role=replica&of=default",
    ],
)
def test_a_copy_shares_the_database_of_its_primary(
    copy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = planned({"copy": copy, "default": f"{SERVER}/shop"}, monkeypatch)

    assert list(found) == ["default", "copy"]
    assert found["copy"].primary == "default"
    assert found["copy"].value["URL"] == found["default"].value["URL"]
    assert found["copy"].value["REPLICA_OF"] == "default"


def test_parallel_runs_have_databases_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANYBASE_TEST_SUFFIX", "gw1")

    assert plan(parse_all({"default": f"{SERVER}/shop"}))[0].name == "test_shop_gw1"


def test_long_names_differ_still(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "s" * 70
    found = planned({"default": f"{SERVER}/{long}", "other": f"{SERVER}/{long}"}, monkeypatch)

    names = {one.name for one in found.values()}
    assert len(names) == 2
    assert all(len(name) <= 63 for name in names)
