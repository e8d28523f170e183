"""Making and dropping test databases, in programs of their own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Program = Callable[..., subprocess.CompletedProcess[str]]

START = """
import json, os, sys
import manybase
from manybase import models
from manybase.conf import databases, settings
from manybase.db import connections, router

more = json.loads(os.environ.get("MORE", "{}"))
settings.configure(DATABASES=json.loads(os.environ["TRY"]), **more)
manybase.setup()

class Book(models.Model):
    title = models.CharField(max_length=20)
    class Meta:
        app_label = "shop"

from manybase.test.utils import setup_databases, teardown_databases

def state(alias):
    return databases()[alias].masked_url, Book.objects.using(alias).count()
"""


def run(program: Program, source: str, tried: Any, **environment: str) -> list[Any]:
    done = program(START + source, TRY=json.dumps(tried), **environment)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def url(kind: str, server_urls: dict[str, str], worker: str, tmp_path: Path) -> str:
    if kind == "sqlite":
        return f"sqlite:///{tmp_path}/shop.db"
    server = server_urls[kind].split("?", maxsplit=1)[0]
    base = server if server.count("/") == 2 else server.rpartition("/")[0]
    return f"{base}/never_made_{worker}"


def test_databases_are_made_filled_and_dropped_without_touching_the_named(
    program: Program, url: str, kind: str, worker: str, tmp_path: Path
) -> None:
    source = """
made = setup_databases(verbosity=0, interactive=False)
Book.objects.create(title="Emma")
print(json.dumps([state("default"), state("other")]))
teardown_databases(made, verbosity=0)
print(json.dumps([databases()["default"].masked_url]))
made = setup_databases(verbosity=0, interactive=False)
print(json.dumps([state("default"), state("other")]))
teardown_databases(made, verbosity=0)
"""

    first, after, second = run(program, source, {"default": url, "other": url})

    if kind == "sqlite":
        assert [count for _, count in first] == [1, 0]
        assert list(tmp_path.glob("*.db")) == []
    else:
        assert first[0][0].endswith(f"/test_never_made_{worker}")
        assert first[1][0].endswith(f"/test_never_made_{worker}_other")
        assert [count for _, count in first] == [1, 0]
    assert after[0].rpartition("/")[2] == url.rpartition("/")[2]
    assert [count for _, count in second] == [0, 0]


def test_what_another_run_left_over_is_made_anew(
    program: Program, url: str, kind: str, tmp_path: Path
) -> None:
    tried: Any = {"default": url}
    if kind == "sqlite":
        tried = {"default": {"URL": url, "TEST": {"NAME": f"{tmp_path}/try.db"}}}
    left = """
setup_databases(verbosity=0, interactive=False)
Book.objects.create(title="Emma")
print(json.dumps(state("default")))
"""
    again = """
made = setup_databases(verbosity=0, interactive=False)
print(json.dumps(state("default")))
teardown_databases(made, verbosity=0)
"""

    assert run(program, left, tried)[0][1] == 1
    assert run(program, again, tried)[0][1] == 0
    assert not (tmp_path / "try.db").exists()


@pytest.mark.parametrize(("answer", "stays"), [("yes", False), ("no", True)])
def test_a_person_is_asked_before_it_is_dropped(
    program: Program, tmp_path: Path, answer: str, stays: bool
) -> None:
    (tmp_path / "try.db").write_text("")
    source = f"""
import builtins
from manybase.errors import ConfigurationError
builtins.input = lambda prompt: {answer!r}
try:
    teardown_databases(setup_databases(verbosity=0))
    print(json.dumps("made"))
except ConfigurationError as error:
    print(json.dumps(str(error)))
"""
    tried = {"default": {"URL": "sqlite:///x.db", "TEST": {"NAME": f"{tmp_path}/try.db"}}}

    (said,) = run(program, source, tried)

    assert (tmp_path / "try.db").exists() is stays
    assert ("is there already" in said) is stays


def test_a_copy_shows_what_its_primary_has(program: Program, url: str) -> None:
    source = """
made = setup_databases(verbosity=0, interactive=False)
Book.objects.using("default").create(title="Emma")
print(json.dumps([state("default"), state("copy")]))
teardown_databases(made, verbosity=0)
"""
    tried = {"copy": {"URL": url, "TEST": {"MIRROR": "default"}}, "default": url}

    ((default, copy),) = run(program, source, tried)

    assert default == copy
    assert copy[1] == 1


def test_tables_are_made_where_they_belong_and_content_types_with_them(
    program: Program, url: str
) -> None:
    source = """
class Router:
    def allow_migrate(self, db, app_label, **hints):
        return (db == "other") == (app_label == "auth")

settings.DATABASE_ROUTERS = [Router()]
made = setup_databases(verbosity=0, interactive=False)
for alias in connections:
    print(json.dumps(sorted(connections[alias].introspection.table_names())))
from manybase.contrib.contenttypes.models import ContentType
print(json.dumps(sorted(ContentType.objects.values_list("model", flat=True))))
teardown_databases(made, verbosity=0)
"""
    apps = ["manybase.contrib.contenttypes", "manybase.contrib.auth"]

    default, other, kinds = run(
        program,
        source,
        {"default": url, "other": url},
        MORE=json.dumps({"INSTALLED_APPS": apps}),
    )

    assert default == ["django_content_type", "shop_book"]
    assert other[:2] == ["auth_group", "auth_group_permissions"]
    assert kinds == ["contenttype", "group", "permission", "user"]


def test_what_is_done_is_said(program: Program) -> None:
    source = """
made = setup_databases(verbosity=1, interactive=False)
teardown_databases(made, verbosity=1)
"""
    done = program(START + source, TRY='{"default": "sqlite://"}')

    assert done.stderr.splitlines() == [
        "Creating test database for alias 'default'...",
        "Destroying test database for alias 'default'...",
    ]
