"""Runs a command with the URLs of test servers put in the place of {postgresql} and {mysql}.

``python tools/with_servers.py COMMAND...``: servers are found or started as for the tests, and
those that were started are stopped when the command ends. Its exit code is passed on.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests import servers


def main(words: list[str]) -> int:
    """Run the command; 2 where a server that it names cannot be had."""
    found: list[servers.Server] = []
    try:
        urls = {}
        for kind in servers.SERVERS:
            if any(f"{{{kind}}}" in word for word in words):
                server = servers.find(kind, start=True)
                if server is None:
                    print(f"there is no {servers.NAMES[kind]} here", file=sys.stderr)
                    return 2
                found.append(server)
                urls[kind] = server.url
        for kind, url in urls.items():
            words = [word.replace(f"{{{kind}}}", url) for word in words]
        return subprocess.run(words, check=False).returncode
    finally:
        for server in found:
            if server.stop is not None:
                server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
