"""One check, kept running on a host of a Net: it looks when told to, and remembers, as the daemon's cycle does.

    watcher = Watcher(host, "proxy_port")
    watcher.look(targets=[...])        # returns what a look with these settings found

Starting Python for every look would cost a second each; the look itself is watchdog/looking.py's own.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import msgspec

from tests.lab.namespaces import Host
from watchdog.host import Host as Machine
from watchdog.looking import Look, look_at_all
from watchdog.registry import load
from watchdog.settings import Place, convert, problems_in

ROOT = Path(__file__).parents[2]


class Watcher:
    """A check on a host; `look` returns (fault, subject, severity) sorted, the rest of what it said is kept."""

    def __init__(self, host: Host, check: str) -> None:
        self.said: dict[str, Any] = {}
        self._process = host.popen(
            [sys.executable, "-m", "tests.lab.watcher", check],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def look(self, **settings: Any) -> list[tuple[str, str, str]]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(settings) + "\n")
        stdin.flush()
        self.said = json.loads(stdout.readline())
        return sorted((one["fault"], one["subject"], one["severity"]) for one in self.said["findings"])

    @property
    def why(self) -> dict[str, str]:
        """The word for why, by subject, of the findings of the last look."""
        return {one["subject"]: one["evidence"]["why"] for one in self.said["findings"]}

    @property
    def notes(self) -> list[tuple[str, str]]:
        """The notes of the last look: (subject, word for why)."""
        return sorted((one["subject"], one["evidence"].get("why", "")) for one in self.said["notes"])

    @property
    def unseen(self) -> list[str]:
        return [one["subject"] for one in self.said["unseen"]]


def _serve(name: str) -> None:
    check = load().checks[name]
    memory: bytes | None = None
    for line in sys.stdin:
        settings = json.loads(line)
        assert not list(problems_in(settings, check.settings, Place("lab")))
        look = Look(check=check, settings=convert(settings, check.settings), memory=memory)
        (seen,) = look_at_all(Machine(), [look])
        memory = seen.memory if seen.memory is not None else memory
        said = {"verdict": seen.result.verdict.value, **msgspec.to_builtins(seen.result)}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1])
