"""The scripts: they are programs that the shell can read, and servers are passed to commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import with_servers

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("name", ["scripts/test", "scripts/demo", ".ci/run"])
def test_a_script_can_be_run(name: str) -> None:
    done = subprocess.run(["bash", "-n", str(ROOT / name)], capture_output=True, check=False)

    assert done.stderr == b""
    assert os.access(ROOT / name, os.X_OK)
    assert "set -euo pipefail" in (ROOT / name).read_text()


def test_no_environment_is_made_where_one_is_active() -> None:
    words = f". {ROOT}/scripts/environment; echo $python; echo $root"
    active = Path(sys.executable).parent.parent

    done = subprocess.run(
        ["bash", "-euc", words],
        env={**os.environ, "VIRTUAL_ENV": str(active)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines() == [f"{active}/bin/python", str(ROOT)]


def test_a_command_gets_the_urls_of_servers(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MANYBASE_TEST_MYSQL_URL", "mysql://ann@db.example/")
    source = "import sys; print(sys.argv[1:]); sys.exit(7)"

    code = with_servers.main([sys.executable, "-c", source, "--other", "{mysql}", "x"])

    assert code == 7
    assert capfd.readouterr().out == "['--other', 'mysql://ann@db.example/', 'x']\n"


def test_a_server_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(with_servers.servers, "find", lambda kind, start: None)

    assert with_servers.main(["true", "{postgresql}"]) == 2
    assert capsys.readouterr().err == "there is no PostgreSQL here\n"
