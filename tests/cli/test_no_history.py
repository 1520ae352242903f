"""A history that cannot be used costs the record, not the run: the checks run and print, and one line says why."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Cli, Ended
from tests.history.child import (
    NOBODY,
    mount_tmpfs,
    remount_read_only,
    where_nobody_is_a_stranger,
    with_own_mounts,
)

Lamp = Callable[[str], None]
PAGE = 4096


@pytest.fixture
def state(cli: Cli, lamp: Lamp) -> Path:
    """A folder of its own for the history; the lamp of the attic is out."""
    lamp("attic")
    folder = cli.folder / "state"
    folder.mkdir()
    cli.environment["XDG_STATE_HOME"] = str(cli.folder)
    return folder


@pytest.fixture
def watchdog(cli: Cli, state: Path) -> Callable[..., Ended]:
    """`watchdog` with its history in that folder."""
    return lambda *words: cli("--history", str(state / "history.db"), *words)


def look(watchdog: Callable[..., Ended]) -> dict[str, Ended]:
    """Run everything that a person would try."""
    return {
        "run": watchdog("run", "lamp"),
        "json": watchdog("run", "lamp", "--json"),
        "status": watchdog("status"),
        "incidents": watchdog("incidents"),
        "report": watchdog("report"),
    }


def hold(ended: dict[str, Ended], complaint: str) -> None:
    """The checks ran and said what they found; one line says that nothing is recorded, and why."""
    for run in (ended["run"], ended["json"]):
        assert run.code == 2, run.err
        (line,) = run.err.splitlines()
        assert line.startswith("watchdog: ")
        assert complaint in line
        assert line.endswith("; nothing is recorded this time")
    assert "attic: lamp attic is out" in ended["run"].out
    assert "recorded in" not in ended["run"].out
    assert [f["subject"] for check in ended["json"].json["checks"] for f in check["findings"]] == ["attic"]


def hold_the_past(ended: dict[str, Ended]) -> None:
    """What was recorded before can still be read, and there is nothing to complain of."""
    assert [(name, ended[name].code, ended[name].err) for name in ("status", "incidents", "report")] == [
        ("status", 2, ""),
        ("incidents", 0, ""),
        ("report", 0, ""),
    ]
    for name in ("status", "incidents", "report"):
        assert "lamp attic is out" in ended[name].out


def test_a_read_only_file_system(watchdog: Callable[..., Ended], state: Path) -> None:
    def work() -> dict[str, Ended]:
        mount_tmpfs(state, "4m")
        assert watchdog("run", "lamp").err == ""
        remount_read_only(state)
        return look(watchdog)

    ended = with_own_mounts(work)
    hold(ended, "cannot be written: the file or its file system is read-only")
    hold_the_past(ended)


def test_a_full_disk(watchdog: Callable[..., Ended], state: Path) -> None:
    def work() -> tuple[dict[str, Ended], Ended]:
        mount_tmpfs(state, "2m")
        assert watchdog("run", "lamp").err == ""
        with (state / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(bytes(PAGE))
        ended = look(watchdog)
        (state / "filler").unlink()
        return ended, watchdog("run", "lamp")

    ended, later = with_own_mounts(work)
    hold(ended, "is full (or a quota is reached)")
    hold_the_past(ended)
    assert (later.code, later.err) == (2, ""), "it goes on by itself when there is room again"


def test_a_disk_too_full_to_begin(watchdog: Callable[..., Ended], state: Path) -> None:
    def work() -> dict[str, Ended]:
        mount_tmpfs(state, "64k")
        return look(watchdog)

    ended = with_own_mounts(work)
    hold(ended, "is full (or a quota is reached)")
    for name in ("status", "incidents", "report"):
        assert (ended[name].code, ended[name].out) == (3, "")
        assert ended[name].err.startswith("watchdog: there is no history at ")
        assert "`watchdog run` begins one" in ended[name].err


def test_a_file_that_we_may_not_read(watchdog: Callable[..., Ended], state: Path) -> None:
    watchdog("run", "lamp")
    history = state / "history.db"
    history.chmod(0o600 if os.geteuid() == 0 else 0)
    if os.geteuid() == 0:
        os.chown(history, NOBODY, NOBODY)
    before = history.stat()
    ended = where_nobody_is_a_stranger(lambda: look(watchdog))
    hold(ended, "no permission for the history")
    for name in ("status", "incidents", "report"):
        assert (ended[name].code, ended[name].out) == (3, "")
        (line,) = ended[name].err.splitlines()
        assert "no permission for the history" in line
        assert "run as its owner (often root), join the group that may read it, or name another file" in line
    assert (history.stat().st_ino, history.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_damage_in_the_middle(watchdog: Callable[..., Ended], state: Path) -> None:
    history = state / "history.db"
    for _ in range(3):
        watchdog("run", "lamp")
    pages = history.stat().st_size // PAGE
    with history.open("r+b") as file:
        file.seek(pages // 4 * PAGE)
        file.write(bytes(pages // 2 * PAGE))
    damaged = history.read_bytes()

    for name in ("status", "incidents", "report"):
        ended = watchdog(name)
        assert (ended.code, ended.out) == (3, "")
        (line,) = ended.err.splitlines()
        assert "is damaged" in line
        assert "`watchdog run` sets it aside" in line
    assert history.read_bytes() == damaged

    run = watchdog("run", "lamp")
    assert (run.code, run.err) == (2, "")
    (kept,) = state.glob("history.db.damaged-*Z")
    assert kept.read_bytes() == damaged
    assert "lamp attic is out" in run.out
    assert f"it is kept as {kept} and a fresh one has begun" in run.out
    for name in ("status", "incidents", "report"):
        assert "watchdog.history_damaged" in watchdog(name).out
