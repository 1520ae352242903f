"""The report on a terminal: in colour, with pictures, and nothing foreign in it acts."""

import io
from datetime import UTC
from pathlib import Path

import pytest

from tests.report.histories import Recorder, bond
from watchdog.report.bars import legend
from watchdog.report.page import Bar, Cell, Table, item, line
from watchdog.report.terminal import draw
from watchdog.report.told.whole import render_report
from watchdog.report.zone import Eyes


@pytest.fixture(autouse=True)
def _colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm-256color")


def test_the_report_has_bars_as_high_as_an_outage_was_long(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host: Recorder = bond(tmp_path / "history.db")
    host.history.close()
    draw(render_report(host.report(), Eyes(UTC), cells=40))
    out = capsys.readouterr().out
    assert "\x1b[33m█\x1b[0m" in out  # degraded, all of its time
    assert "\x1b[32m▁\x1b[0m" in out
    assert "\x1b[2m░\x1b[0m" in out
    assert "what happened" in out


def test_a_table_wider_than_the_terminal_is_told_row_by_row_and_nothing_is_cut(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table(
        ("subject", "check", "down", "picture"),
        [[Cell("dovecot.service"), Cell("service"), Cell("5 min 24 s"), Bar("#" * 24, "█" * 24, ("",) * 24)]],
    )
    monkeypatch.setenv("FORCE_COLOR", "")
    monkeypatch.setenv("NO_COLOR", "1")
    shown = {}
    for columns in ("80", "40"):
        monkeypatch.setenv("COLUMNS", columns)
        draw([table])
        shown[columns] = [text.rstrip() for text in capsys.readouterr().out.splitlines()]
    assert shown["80"] == [
        "subject          check    down        picture",
        f"dovecot.service  service  5 min 24 s  {'#' * 24}",  # without colour, in letters
    ]
    assert shown["40"] == ["dovecot.service", "    check service  down 5 min 24 s", f"    {'#' * 24}"]


def test_a_word_longer_than_the_terminal_is_told_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = "4a089cfdd0b4c599c5e7382f0f8905cf77d908d7aaa1f8b0dfa51634275fbbd9"
    monkeypatch.setenv("COLUMNS", "40")
    draw([item("allowed by", f"line 7, sha256 {digest}", 4)])
    out = capsys.readouterr().out
    assert "…" not in out
    assert digest in "".join(text[4 + len("allowed by") + 2 :].strip() for text in out.splitlines())


def test_what_the_terminal_has_no_letters_for_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(
        "sys.stdout", io.TextIOWrapper(written, "iso8859-1", "backslashreplace", write_through=True)
    )
    draw([Table(("picture",), [[Bar("##", "▂█", ("critical",) * 2)]]), legend()])
    assert b"\\u" not in written.getvalue()
    assert b"# down" in written.getvalue()


def test_only_our_own_escapes_reach_it(capsys: pytest.CaptureFixture[str]) -> None:
    bad = "\x1b[2Jx[bold]y[/]"
    draw([line(bad), item(bad, bad), Table((bad,), [[Cell(bad)], [Bar("#", "█", ("critical",))]])])
    out = capsys.readouterr().out
    assert "\x1b[2J" not in out
    assert out.count("[bold]y[/]") == 5
