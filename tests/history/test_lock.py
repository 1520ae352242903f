import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.history.child import fork
from watchdog.errors import HistoryError
from watchdog.history.lock import acquire


@contextmanager
def held_elsewhere(path: Path, command: str = "watchdog daemon") -> Iterator[int]:
    """Another process holds the lock until it is ended; yields its pid."""
    reader, writer = os.pipe()

    def hold() -> None:
        acquire(path, wait_seconds=0, command=command)
        os.write(writer, b"!")
        time.sleep(600)

    pid = fork(hold)
    os.close(writer)
    assert os.read(reader, 1) == b"!"
    os.close(reader)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_who_holds_it_since_when_and_what_to_do(path: Path) -> None:
    with held_elsewhere(path) as pid, pytest.raises(HistoryError) as error:
        acquire(path, wait_seconds=0.1, command="watchdog run")
    # The command line is the kernel's: here the holder is a fork of pytest.
    assert f"is held by process {pid} (" in str(error.value)
    assert "pytest" in str(error.value)
    assert "since" in str(error.value)
    assert "Try again when it is done" in str(error.value)


def test_a_holder_whose_command_line_cannot_be_had(path: Path) -> None:
    with held_elsewhere(path):
        # As from another container: the same file, but not the same processes.
        text = b'{"pid": 4194305, "command": "\\u001b[2Jwatchdog daemon", "boot_id": "b", "boottime_ns": 0}'
        path.with_name("history.db.lock").write_bytes(text)
        with pytest.raises(HistoryError, match=r"process 4194305 \(\?\[2Jwatchdog daemon\)"):
            acquire(path, wait_seconds=0, command="watchdog run")


@pytest.mark.parametrize("text", [b"", b"garbage", b"{}", b'{"pid": "x"}', b"\xff\x00"])
def test_a_holder_who_left_no_name(path: Path, text: bytes) -> None:
    with held_elsewhere(path):
        path.with_name("history.db.lock").write_bytes(text)
        with pytest.raises(HistoryError, match="is held by another process"):
            acquire(path, wait_seconds=0, command="watchdog run")


def test_the_second_gets_it_when_the_first_lets_go(path: Path) -> None:
    first = acquire(path, wait_seconds=0, command="first")
    pid = fork(lambda: acquire(path, wait_seconds=60, command="second"))
    time.sleep(0.2)  # time for the second to begin to wait; without it the test is only weaker
    first.release("closed")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_holder_that_was_killed_holds_nothing(path: Path) -> None:
    with held_elsewhere(path):
        pass
    assert acquire(path, wait_seconds=0, command="next").last_word == ""


def test_the_last_word_reaches_the_next(path: Path) -> None:
    acquire(path, wait_seconds=0, command="first").release("12 34")
    lock = acquire(path, wait_seconds=0, command="second")
    assert lock.last_word == "12 34"
    lock.release("")


def test_a_signal_ends_the_wait(path: Path) -> None:
    def interrupted(action: Callable[[], object]) -> None:
        before = signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        try:
            with pytest.raises(KeyboardInterrupt):
                action()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    with held_elsewhere(path):
        interrupted(lambda: acquire(path, wait_seconds=600, command="second"))


def test_no_folder(path: Path) -> None:
    with pytest.raises(HistoryError, match="No such file or directory"):
        acquire(path.parent / "missing" / "history.db", wait_seconds=0, command="x")


def test_a_lock_that_is_a_link_is_not_followed(path: Path) -> None:
    path.with_name("history.db.lock").symlink_to(path.parent / "elsewhere")
    with pytest.raises(HistoryError, match="cannot be used"):
        acquire(path, wait_seconds=0, command="x")
    assert not (path.parent / "elsewhere").exists()
