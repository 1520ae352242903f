"""Root and the daemon's user keep one history, whoever begins it."""

import os
from pathlib import Path

import pytest

from tests.history.child import fork
from tests.needs import need
from watchdog.history.lock import lock_path
from watchdog.history.store import History
from watchdog.host import Host

NOBODY = 65534


def write(path: Path) -> None:
    with History.open(path, now=Host().stamp(), wait_seconds=5, command="test") as history:
        history.load_state()


@pytest.fixture
def folder(open_folder: Path) -> Path:
    need(None if os.geteuid() == 0 else "root, who alone can give files away")
    folder = open_folder / "watchdog"
    folder.mkdir(mode=0o750)
    os.chown(folder, NOBODY, NOBODY)
    return folder


def as_nobody(path: Path) -> int:
    def run() -> None:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        write(path)

    return os.waitstatus_to_exitcode(os.waitpid(fork(run), 0)[1])


def test_what_root_began_the_daemon_goes_on_with(folder: Path) -> None:
    path = folder / "history.db"
    write(path)
    assert {one.stat().st_uid for one in (path, lock_path(path))} == {NOBODY}
    assert as_nobody(path) == 0
    write(path)
    assert as_nobody(path) == 0


def test_a_lock_that_holds_something_is_not_given_away(folder: Path) -> None:
    """It may be another name of somebody's file, in a folder where its owner may do that."""
    path = folder / "history.db"
    lock_path(path).write_text("something")
    write(path)
    assert lock_path(path).stat().st_uid == 0


def test_what_root_has_in_its_own_folder_stays_root_s(open_folder: Path) -> None:
    path = open_folder / "history.db"
    write(path)
    assert path.stat().st_uid == os.geteuid()
