"""The real daemon on hosts of a Net, and what its history says; only the check of virtual routers is enabled.

with standing(lab.hosts, folder) as daemons:
    daemons["a"].wait("a split", lambda: daemons["a"].open("vrrp.split_brain"))
"""

import contextlib
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.lab.namespaces import Host
from watchdog.registry import load

WATCHDOG = Path(sys.executable).parent / "watchdog"


class Standing:
    """A daemon on a host, with a history and a configuration of its own."""

    def __init__(self, host: Host, folder: Path, settings: str = "", others: str = "") -> None:
        self._host, self._folder = host, folder
        folder.mkdir()
        self._words = [str(WATCHDOG), "--config", str(folder / "watchdog.toml"), "--history", str(folder / "db")]
        disabled = "".join(f"[checks.{name}]\nenabled = false\n" for name in load().checks if name != "vrrp")
        (folder / "watchdog.toml").write_text(f"{others or disabled}[checks.vrrp]\n{settings}\n")
        (folder / "watchdog.toml").chmod(0o600)
        with (folder / "log").open("w") as log:
            self.process = host.popen([*self._words, "daemon"], stdin=subprocess.DEVNULL, stderr=log)

    def close(self) -> None:
        """End it as a service manager does."""
        self.process.terminate()
        self.process.wait(timeout=20)

    def wait(self, what: str, so: Callable[[], bool], seconds: float = 120) -> None:
        """Wait for a condition."""
        ends = time.monotonic() + seconds
        while not so():
            assert self.process.poll() is None, f"the daemon ended: {self.log}"
            assert time.monotonic() < ends, f"after {seconds} s it is still not so: {what}\n{self.log}"
            time.sleep(0.002)

    @property
    def log(self) -> str:
        """What it said."""
        return (self._folder / "log").read_text()

    def looks(self) -> int:
        """Return how many looks at the virtual routers are on record."""
        query = "select sum(count) from spans join checks on checks.id=check_id where name='vrrp'"
        try:
            return int(self._ask(query)[0][0] or 0)
        except sqlite3.OperationalError:  # there is no history yet
            return 0

    def incidents(self, fault: str = "vrrp.%") -> list[tuple[str, str, str]]:
        """Return (fault, subject, state) of all that are on record, in the order they were opened."""
        query = "select fault, subject, state from incidents where fault like ? order by id"
        return self._ask(query, fault)

    def open(self, fault: str) -> bool:
        """Tell whether an incident of this fault is open."""
        return any(state != "resolved" for _, _, state in self.incidents(fault))

    def _ask(self, query: str, *values: str) -> list[Any]:
        uri = f"file:{self._folder}/db?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as record:
            return record.execute(query, values).fetchall()

    def run(self) -> Mapping[str, Any]:
        """Have the daemon look, as `watchdog run` beside it does, and return what it says of the check."""
        done = self._host.run([*self._words, "run", "--json", "vrrp"], check=False, timeout_seconds=60)
        (check,) = (one for one in json.loads(done.stdout)["checks"] if one["check"] == "vrrp")
        return dict(check)


@contextlib.contextmanager
def standing(
    hosts: Mapping[str, Host], folder: Path, settings: Mapping[str, str], others: str = ""
) -> Iterator[dict[str, Standing]]:
    """Run a daemon on each host that `settings` names, and end them; each has looked twice when it begins."""
    with contextlib.ExitStack() as stack:
        daemons = {}
        for name, words in settings.items():
            daemons[name] = Standing(hosts[name], folder / f"daemon-{name}", words, others)
            stack.callback(daemons[name].close)
        for one in daemons.values():
            one.wait("its first look", lambda one=one: one.looks() >= 1)  # type: ignore[misc]
        with ThreadPoolExecutor() as pool:
            list(pool.map(Standing.run, daemons.values()))
        yield daemons
