"""Rows that somebody edited by hand, or a disk: never a crash, and nothing is deleted."""

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.history.make import at, cycle, incident, message, open_history, result
from watchdog.errors import HistoryError
from watchdog.flapping import Track
from watchdog.history.models import METADATA
from watchdog.history.read import Reader
from watchdog.history.upkeep import CHECK_SECONDS
from watchdog.model import CheckResult, IncidentState, Note, Transition
from watchdog.steps import JournalEntry, LinkChange, Outcome, Plan

pytestmark = pytest.mark.usefixtures("made_once")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history with a row in every table that a cycle writes."""
    path = tmp_path_factory.mktemp("template") / "history.db"
    noted = CheckResult(check="clock_step", judged=True, notes=(Note(subject="clock", summary="a step"),))
    opened = Transition(incident_id=1, at=at(10), before=None, after=IncidentState.FIRING, reason="found")
    with open_history(path) as history:
        history.record(
            cycle(
                at(10),
                result(offset_seconds=1.0),
                noted,
                incidents=[incident(1, opened=at(10))],
                transitions=(opened,),
                messages=(message(),),
                memories={"bond": b"{}"},
                tracks={("bond.member_down", "bond0/eth1"): Track(recent="01")},
            )
        )
        step = LinkChange(link="eth1", up=True)
        plan = Plan(summary="raise eth1", steps=(step,))
        attempt = history.begin_attempt(1, "bond_raise_member", "propose", plan, Outcome.PROPOSED, "", at(10))
        history.write_entry(attempt, 0, JournalEntry(step=step, undo=None), at(10))
        history.add_hold(kind="silence", who="alice", why="x", seconds=60, pattern="bond0", now=at(10))
    return path


@pytest.fixture
def path(path: Path, template: Path) -> Path:
    """A copy of the template."""
    shutil.copy(template, path)
    return path


def edit(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA foreign_keys=OFF")
        for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {trigger}")
        raw.execute(statement)
    raw.close()


def read_all(path: Path) -> None:
    """Ask what every command asks."""
    now = at(20)
    with Reader.open(path) as reader:
        reader.incidents(open_only=False, since_seconds=None, now=now)
        reader.incidents(open_only=True, since_seconds=None, now=now)
        reader.memories()
        reader.latest_spans()
        reader.period(3600, now)
        reader.metrics("bond", 3600, now)
        reader.boots()
        reader.outbox_summary()
        reader.holds(now)
        reader.attempts()
        reader.prove_audit()


CELLS = [
    (table.name, column.name)
    for table in METADATA.sorted_tables
    for column in table.columns
    if table.name != "upkeep" or column.name != "id"
]


@pytest.mark.parametrize(("table", "column"), [pytest.param(*cell, id=".".join(cell)) for cell in CELLS])
def test_whatever_a_cell_holds_a_cycle_is_recorded(path: Path, template: Path, table: str, column: str) -> None:
    """Each reader gets an answer or a HistoryError; the writer goes on, if need be with a fresh file."""
    for nonsense in ("x'ff00'", "9e999"):
        for left in path.parent.iterdir():
            left.unlink()
        shutil.copy(template, path)
        try:
            edit(path, f"UPDATE OR REPLACE {table} SET {column} = {nonsense}")  # noqa: S608 - our own names
        except sqlite3.IntegrityError:
            continue  # a key that SQLite itself keeps whole numbers in
        with contextlib.suppress(HistoryError):
            read_all(path)
        with open_history(path, at(30)) as history:
            history.load_state()
            history.load_memories()
            history.due_messages(at(30), 10)
            with contextlib.suppress(HistoryError):  # healing must know that its journal is gone
                history.attempts()
            with contextlib.suppress(HistoryError):
                history.holds(at(30))
            with contextlib.suppress(HistoryError):
                history.add_hold(kind="pause", who="alice", why="x", seconds=None, now=at(30))
            history.record(cycle(at(30), result()))
        with Reader.open(path) as reader:
            assert reader.latest_spans()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("UPDATE notes SET evidence = '{'", id="note"),
        pytest.param("UPDATE transitions SET after = 'x'", id="transition"),
        pytest.param("UPDATE spans SET verdict = 'x'", id="span"),
        pytest.param("UPDATE incidents SET state = 'resolved', severity = 'x'", id="resolved-incident"),
    ],
)
def test_what_only_a_reader_reads_is_looked_at_once_a_day(path: Path, damage: str) -> None:
    """So that it comes true what a reader says: `watchdog run` sets the file aside."""
    edit(path, damage)
    with pytest.raises(HistoryError, match="`watchdog run` sets it aside"):
        read_all(path)
    with open_history(path, at(20)) as history:
        history.record(cycle(at(CHECK_SECONDS + 20), result()))
        assert history.set_aside is not None
    read_all(path)
