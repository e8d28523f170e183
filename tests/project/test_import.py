"""What an import costs: the package and its models load nothing heavy."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import manybase

HEAVY = {
    *("sqlalchemy", "click", "rich", "asyncio", "yaml", "argon2"),
    *("psycopg", "pymysql", "MySQLdb", "aiosqlite", "asyncmy", "sqlite3"),
}


@pytest.mark.smoke
@pytest.mark.parametrize(
    "statement",
    [
        "import manybase",
        "import manybase; manybase.configure('sqlite://')",
        "from manybase import models",
        "from manybase.db import connections",
    ],
)
def test_an_import_loads_nothing_heavy(program: Callable[..., Any], statement: str) -> None:
    done = program(f"import sys\n{statement}\nprint(*sorted(sys.modules))")

    assert done.stderr == ""
    assert set(done.stdout.split()) & HEAVY == set()


def test_the_face_of_the_package_is_what_it_says(program: Callable[..., Any]) -> None:
    source = """
        import manybase
        assert manybase.models.Model.__name__ == "Model"
        from manybase.db import models
        assert models.Model is manybase.models.Model
        for name in manybase.__all__:
            getattr(manybase, name)
        try:
            manybase.modles
        except AttributeError as error:
            print(error)
    """

    done = program(source)

    assert done.stderr == ""
    assert done.stdout == "module 'manybase' has no attribute 'modles'\n"


def test_the_version_is_one_that_pip_understands() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", manybase.__version__)
