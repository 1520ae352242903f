"""What others wrote comes out inert in every format: it is shown, and does nothing."""

import csv
import io
import json
import math
import unicodedata
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.report.histories import Recorder
from watchdog.model import Note
from watchdog.report.audit.shape import Report
from watchdog.report.markdown import escape, render_markdown
from watchdog.report.page import Item, Line, Table, item, render_plain
from watchdog.report.told.json_parts import render_json_parts
from watchdog.report.told.letter import compose, file_name
from watchdog.report.told.tables import TABLES, render_csv
from watchdog.report.told.whole import render_report
from watchdog.report.zone import Eyes
from watchdog.steps import JournalEntry, LinkChange, Outcome, Plan

HOSTILE = {
    "html": "<b onmouseover=alert(1)>x</b>",
    "script": "</td></table><script>alert(1)</script>",
    "ansi": "\x1b[2J\x1b]0;owned\x07",
    "formula": "=cmd|'/C calc'!A0",
    "plus": "+1+1",
    "minus": "-2+3",
    "at": "@SUM(1:9)",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "wide": "\uff1d1+1",
    "blank": "  =1+1",
    "right-to-left": "\u202egpj.exe\u2066",
    "nul": "a\x00b",
    "surrogate": "a\udcffb",
    "lines": "one\ntwo\r\n# three\u2028four",
    "table": "a | b |\n|---|",
    "link": "[click](javascript:alert(1)) ![i](http://evil/x.png) http://evil www.evil.example a@evil.example",
    "code": "`a` ``b`` ~~~ *c* _d_ #e $x$ 1. f",
    "long": "x" * 10_000,
}
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\uff1d")


def history(path: Path, text: str) -> Report:
    """A history in which a text stands wherever others can put one."""
    host = Recorder(path=path, checks=("bond", "clock_step"))
    host.look()
    host.now_seconds += 60
    host.find("bond.member_down", text, text, {"output": text, "advice": text, text: [text], "n": math.nan})
    host.look(blind={"clock_step": text}, notes={"bond": Note(subject=text, summary=text)})
    plan = Plan(summary=text, steps=(LinkChange(link=text, up=True),))
    number = host.history.begin_attempt(
        1, "bond_raise_member", "auto", plan, Outcome.RUNNING, text, host.stamp, permission=text
    )
    host.history.write_entry(
        number, 0, JournalEntry(step=plan.steps[0], undo=None, state="failed", output=text), host.stamp
    )
    host.history.end_attempt(number, Outcome.STEP_FAILED, text, host.stamp)
    host.history.add_hold(kind="silence", who=text, why=text, seconds=60, now=host.stamp, pattern=text)
    host.step(-18.0, text)
    host.history.close()
    return host.report()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(text, id=name, marks=pytest.mark.xdist_group(f"hostile-{name}"))
        for name, text in HOSTILE.items()
    ],
)
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    return history(tmp_path_factory.mktemp("hostile") / "history.db", request.param)


def active(text: str) -> set[str]:
    """The control, format and unpaired characters in a text."""
    return {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}


def test_text(report: Report) -> None:
    page = [*render_report(report, Eyes(UTC), details=True)]
    text = render_plain(page)
    assert active(text) == set()
    text.encode()
    # No line is of somebody else's making.
    assert text.count("\n") < 120


MARKDOWN = MarkdownIt("commonmark").enable("table")
OURS = {"softbreak", "text", "strong_open", "strong_close", "code_inline"}


def test_markdown(report: Report) -> None:
    """A parser finds in it what we put there, and nothing else."""
    page = [*render_report(report, Eyes(UTC), details=True)]
    text = "\n".join(render_markdown(page))
    assert active(text) == set()
    assert "http://" not in text
    tokens = MARKDOWN.parse(text)
    assert {token.type for token in tokens if not token.type.endswith(("_open", "_close"))} == {"inline"}
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= OURS
    assert {set(child.content) <= set(".~#? _-:=+*") for child in inline if child.type == "code_inline"} <= {True}
    headings = [part for part in page if isinstance(part, Line) and part.cell.tone == "heading"]
    assert len([token for token in tokens if token.type == "heading_open"]) == len(headings)
    cells = sum(len(row) for part in page if isinstance(part, Table) for row in [part.header, *part.rows])
    assert len([token for token in tokens if token.type in ("td_open", "th_open")]) == cells


def test_json(report: Report) -> None:
    text = "".join(render_json_parts(report))
    assert text.isascii()
    assert active(text) == set()
    assert "NaN" not in text
    assert json.loads(text)["incidents"][0]["evidence"]["advice"] == report.incidents[0].evidence["advice"]


@pytest.mark.parametrize("table", TABLES)
def test_csv(report: Report, table: str) -> None:
    text = "".join(render_csv(report, table))
    assert active(text.replace("\r\n", "")) == set()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert {len(row) for row in rows} == {len(TABLES[table][0])}
    for cell in (cell for row in rows for cell in row):
        assert not cell.lstrip().startswith(FORMULAS) or is_number(cell), cell


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_the_message_that_it_goes_with(report: Report) -> None:
    message = compose(report, Eyes(UTC))
    words = [message.title, message.summary, *(f"{fact.name}{fact.value}" for fact in message.facts)]
    assert active("".join(words)) == set()
    assert "/" not in file_name(report)


@given(st.text(max_size=60))
def test_markdown_escapes_whatever_it_is_given(text: str) -> None:
    shown = escape(text)
    assert active(shown) == set()
    assert not set("<>\n") & set(shown)
    plain = shown.replace("\\\\", "")
    marks = [place for place, char in enumerate(plain) if char in "`*_[]|~$^"]
    assert all(place and plain[place - 1] == "\\" for place in marks)


INDENTS = st.lists(st.integers(0, 12).map(lambda indent: item("a", "b", indent)), max_size=20)


@given(INDENTS)
def test_a_list_in_markdown_never_becomes_code(items: list[Item]) -> None:
    """A bullet stands at most one level below the one before it."""

    def levels() -> Iterator[int]:
        for line in render_markdown(items):
            yield (len(line) - len(line.lstrip())) // 2

    before = -1
    for level in levels():
        assert level <= before + 1
        before = level
