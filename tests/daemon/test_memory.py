"""What a daemon holds: nothing that it needs only now and then, and no garbage beside what stays."""

import gc
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchdog.daemon.memory import TIDY_NS, Heap

# Each is megabytes, which a process that has imported them once keeps for good.
HEAVY = (
    "alembic",
    "mako",
    "apprise",
    "requests",
    "yaml",
    "markdown",
    "rich",
    "pygments",
    "pyroute2",
    "sqlalchemy.orm",
)

# Runs `watchdog daemon` until every check has looked, and then says what is loaded.
IDLE_DAEMON = """
import os, signal, sys
from watchdog.daemon import memory

tend = memory.Heap.tend

def tend_and_end(self, *, is_warm):
    tend(self, is_warm=is_warm)
    if is_warm:
        os.kill(os.getpid(), signal.SIGTERM)

memory.Heap.tend = tend_and_end
from watchdog.cli import cli
cli.main(sys.argv[1:], prog_name="watchdog", standalone_mode=False)
print(*sorted(sys.modules))
"""

SETTINGS = """
[[checks.proxy_port.targets]]
address = "127.0.0.1"
port = 1

[checks.vrrp]
interfaces = ["lo"]
listen_limit = "1s"
"""


class Ring:
    """Garbage that only a search finds."""

    def __init__(self) -> None:
        self.itself = self


class Clock:
    """Stands at a moment until it is moved on."""

    def __init__(self) -> None:
        self.ns = 0

    def __call__(self) -> int:
        return self.ns


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    gc.unfreeze()  # what was there when the tests had been collected
    gc.collect()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


def garbage() -> "weakref.ref[Ring]":
    return weakref.ref(Ring())


@pytest.mark.program
def test_an_idle_daemon_has_loaded_nothing_that_it_needs_now_and_then(tmp_path: Path) -> None:
    config = tmp_path / "watchdog.toml"
    config.write_text(SETTINGS)
    config.chmod(0o600)
    words = ["--config", str(config), "--history", str(tmp_path / "history.db")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    # On any but the first day its history is there.
    subprocess.run([sys.executable, "-m", "watchdog.cli", *words, "run", "clock_step"], env=environment)
    assert (tmp_path / "history.db").exists()
    done = subprocess.run(
        [sys.executable, "-c", IDLE_DAEMON, *words, "daemon"],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        check=True,
    )
    loaded = done.stdout.split()
    assert "watchdog.netlink" in loaded
    assert [name for name in loaded if name.startswith(tuple(f"{one}." for one in HEAVY)) or name in HEAVY] == []


def test_what_is_there_when_all_have_looked_is_what_stays() -> None:
    heap = Heap(Clock())
    stays, dead = Ring(), garbage()
    heap.tend(is_warm=False)
    assert dead() is not None
    assert gc.get_freeze_count() == 0
    heap.tend(is_warm=True)
    assert dead() is None
    assert gc.get_freeze_count() > 0
    assert all(one is not stays for one in gc.get_objects())


def test_garbage_is_looked_for_now_and_then_among_what_came_since() -> None:
    clock = Clock()
    heap = Heap(clock)
    heap.tend(is_warm=True)
    frozen, dead = gc.get_freeze_count(), garbage()
    clock.ns = TIDY_NS - 1
    heap.tend(is_warm=True)
    assert dead() is not None
    clock.ns = TIDY_NS
    heap.tend(is_warm=True)
    assert dead() is None
    assert gc.get_freeze_count() <= frozen


def test_other_settings_are_other_things_that_stay() -> None:
    heap = Heap(Clock())
    heap.tend(is_warm=True)
    heap.unsettle()
    later = Ring()
    heap.tend(is_warm=False)
    assert any(one is later for one in gc.get_objects())
    heap.tend(is_warm=True)
    assert all(one is not later for one in gc.get_objects())
