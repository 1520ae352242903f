"""What is shown while something takes long: only at a terminal, only after a second, and then taken away again."""

import io

import pytest

from watchdog.cli import waiting
from watchdog.cli.waiting import Waiting


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "patience_seconds", "shown"),
    [
        pytest.param(Terminal(), 0.0, True, id="long-at-a-terminal"),
        pytest.param(Terminal(), 60.0, False, id="short-at-a-terminal"),
        pytest.param(io.StringIO(), 0.0, False, id="long-into-a-file"),
    ],
)
def test_a_bar_only_where_somebody_waits(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, patience_seconds: float, shown: bool
) -> None:
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(waiting, "_PATIENCE_SECONDS", patience_seconds)
    monkeypatch.setenv("TERM", "xterm")
    with Waiting("reading the history") as bar:
        if shown:
            bar._timer.join(30)
    assert ("reading the history" in stream.getvalue()) is shown
