"""Names that a file may have on Linux, and things that may stand where a file should."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.history.make import at, cycle, open_history, result
from watchdog.errors import HistoryError
from watchdog.history.read import Reader
from watchdog.history.store import History


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(b"\xff\xfe.db", id="not-utf-8"),
        pytest.param(b"a?mode=memory&x#y%20.db", id="what-a-uri-would-take-apart"),
        pytest.param(b"a\nb \x1b[31m.db", id="control-characters"),
    ],
)
def test_any_name_will_do(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    command = f"watchdog --history {path} run"
    with History.open(path, now=at(10), wait_seconds=0, command=command) as history:
        history.record(cycle(at(10), result()))
        with pytest.raises(HistoryError, match="is held by process"):
            open_history(path)
    with Reader.open(path) as reader:
        assert len(reader.latest_spans()) == 1
    assert path.name in {there.name for there in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda path: path.symlink_to(path), "symbolic links", id="links-in-a-circle"),
        pytest.param(lambda path: os.mkfifo(f"{path}.lock"), "Illegal seek", id="a-pipe-for-a-lock"),
        pytest.param(lambda path: Path(f"{path}.lock").mkdir(), "Is a directory", id="a-folder-for-a-lock"),
        pytest.param(lambda path: Path(f"{path}.fresh").mkdir(), "Is a directory", id="a-folder-where-it-is-made"),
    ],
)
def test_what_stands_in_the_way_is_told_and_stays(path: Path, make: Callable[[Path], object], said: str) -> None:
    make(path)
    before = sorted(tmp.name for tmp in path.parent.iterdir())
    with pytest.raises(HistoryError, match=said):
        open_history(path)
    assert set(before) <= {tmp.name for tmp in path.parent.iterdir()}
    assert not list(path.parent.glob("*damaged*"))
