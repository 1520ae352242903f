"""What is shown while something takes long: only at a terminal, only after a second, and then taken away again."""

import io
import re

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


def test_the_bar_fills_along_what_can_be_counted_and_moves_along_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(waiting, "_PATIENCE_SECONDS", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with Waiting("reading") as bar:
        bar._timer.join(30)
        assert bar._bar is not None
        shown = []
        for one in bar.along("writing", "abcd"):
            (task,) = bar._bar.tasks
            assert (task.description, task.total) == ("writing", 4)
            shown.append((one, task.completed))
        bar.turn_to("sending")
        (task,) = bar._bar.tasks
        assert (task.description, task.total) == ("sending", None)
        bar._bar.refresh()
    assert shown == [("a", 0), ("b", 1), ("c", 2), ("d", 3)]
    assert re.search(r"sending .*0:00", stream.getvalue())


def test_a_bar_that_comes_late_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with Waiting("reading") as bar:
        work = bar.along("writing", range(10))
        assert [next(work) for _ in range(4)] == [0, 1, 2, 3]
        bar._show()
        assert bar._bar is not None
        (task,) = bar._bar.tasks
        assert (task.description, task.completed, task.total) == ("writing", 3, 10)


def test_what_nobody_waits_for_at_a_terminal_is_yielded_all_the_same() -> None:
    with Waiting("reading") as bar:
        assert [*bar.along("writing", "abc")] == ["a", "b", "c"]
