import os
from pathlib import Path

import pytest

from tests.history.child import in_child
from tests.needs import need
from watchdog.errors import Refused
from watchdog.healing.turn import my_turn


@pytest.fixture(autouse=True)
def root() -> None:
    need(None if os.geteuid() == 0 else "root, which alone is held to it")


def try_turn(folder: Path) -> str:
    try:
        with my_turn(folder):
            return "mine"
    except Refused as refusal:
        return str(refusal)


def test_one_at_a_time(tmp_path: Path) -> None:
    with my_turn(tmp_path):
        assert "one at a time" in in_child(lambda: try_turn(tmp_path))
        with pytest.raises(Refused), my_turn(tmp_path):
            pass
    assert in_child(lambda: try_turn(tmp_path)) == "mine"
    assert list(tmp_path.iterdir()) == []


def test_who_was_killed_has_let_go(tmp_path: Path) -> None:
    pid = os.fork()
    if pid == 0:
        with my_turn(tmp_path):
            os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)
    assert len(list(tmp_path.iterdir())) == 1, "what it left"
    assert try_turn(tmp_path) == "mine"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    assert "cannot be made" in try_turn(tmp_path / "none")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    name = f"host-watchdog-healing.{Path('/proc/self/ns/net').stat().st_ino}.lock"
    (tmp_path / name).symlink_to(tmp_path / "elsewhere")
    assert "cannot be made" in try_turn(tmp_path)
