import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.history.make import at, cycle, incident, message, open_history, resolved, result
from watchdog.errors import HistoryError
from watchdog.history.read import Reader
from watchdog.model import IncidentState, Lasted, Stamp, Transition
from watchdog.steps import JournalEntry, LinkChange, Outcome, Plan

pytestmark = pytest.mark.usefixtures("made_once")

PLAN = Plan(summary="x", steps=(LinkChange(link="eth1", up=True),))


def test_no_history_yet(path: Path) -> None:
    with pytest.raises(HistoryError, match=r"there is no history at .* yet: `watchdog run` begins one"):
        Reader.open(path)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("opened", "ended", "now", "expected"),
    [
        pytest.param(at(10), at(70), at(500), Lasted(seconds=60, exact=True), id="over"),
        pytest.param(at(10), None, at(500), Lasted(seconds=490, exact=True), id="still-open"),
        pytest.param(
            at(10), None, at(20, "boot-c"), Lasted(seconds=90 + 50 + 20, exact=False), id="open-for-boots"
        ),
        pytest.param(
            at(10), at(30, "boot-b"), at(20, "boot-c"), Lasted(seconds=120, exact=False), id="over-boots"
        ),
        pytest.param(
            at(10),
            None,
            at(5, "boot-d"),
            Lasted(seconds=90 + 50 + 20 + 5, exact=False),
            id="this-boot-is-not-recorded",
        ),
    ],
)
def test_how_long_it_lasted(path: Path, opened: Stamp, ended: Stamp | None, now: Stamp, expected: Lasted) -> None:
    found = incident(1, opened=opened) if ended is None else resolved(1, opened=opened, ended=ended)
    with open_history(path) as history:
        for seen in (at(100), at(50, "boot-b"), at(20, "boot-c")):
            history.record(cycle(seen, result()))
        history.record(cycle(at(20, "boot-c"), incidents=[found]))
    with Reader.open(path) as reader:
        (record,) = reader.incidents(open_only=False, since_seconds=None, now=now)
    assert record.lasted == expected


def fill(path: Path, incidents: int) -> None:
    """Incidents resolved at 100 s, 200 s ..., with all that can hang on them, and one that is open."""
    with open_history(path) as history:
        for n in range(1, incidents + 1):
            over = resolved(n, opened=at(n * 100 - 50), ended=at(n * 100))
            changes = tuple(
                Transition(incident_id=n, at=at(n * 100 - 50 + k), before=None, after=state, reason="x")
                for k, state in enumerate(IncidentState)
            )
            history.record(
                cycle(
                    at(n * 100),
                    result(),
                    incidents=[over],
                    transitions=changes,
                    messages=(message(str(n), incident_id=n),),
                )
            )
            attempt = history.begin_attempt(n, "x", "propose", PLAN, Outcome.RUNNING, "", at(n * 100))
            for seq in range(3):
                history.write_entry(attempt, seq, JournalEntry(step=PLAN.steps[0], undo=None), at(n * 100))
        history.record(cycle(at(incidents * 100 + 1), incidents=[incident(99, opened=at(5))]))


@pytest.mark.parametrize(
    ("open_only", "since", "expected"),
    [
        pytest.param(True, None, [99], id="open"),
        pytest.param(True, 1, [99], id="open-whenever-it-began"),
        pytest.param(False, None, [1, 2, 3, 4, 99], id="ever"),
        pytest.param(False, 200, [3, 4, 99], id="just-within-the-period"),
        pytest.param(False, 199, [4, 99], id="just-not"),
        pytest.param(False, 0, [99], id="now"),
    ],
)
def test_which_incidents(path: Path, open_only: bool, since: float | None, expected: list[int]) -> None:
    fill(path, 4)
    with Reader.open(path) as reader:
        records = reader.incidents(open_only=open_only, since_seconds=since, now=at(500))
    assert [record.incident.id for record in records] == expected
    for record in records[:-1]:
        assert [change.after for change in record.transitions] == list(IncidentState)
        assert [len(attempt.journal) for attempt in record.attempts] == [3]


QUESTIONS: dict[str, Callable[[Reader], object]] = {
    "incidents": lambda r: r.incidents(open_only=False, since_seconds=9e9, now=at(9000)),
    "spans": lambda r: r.spans(None, 9e9, at(9000)),
    "latest_spans": lambda r: r.latest_spans(),
    "period": lambda r: r.period(9e9, at(9000)),
    "metrics": lambda r: r.metrics("bond", 9e9, at(9000)),
    "memories": lambda r: r.memories(),
    "outbox_summary": lambda r: r.outbox_summary(),
    "boots": lambda r: r.boots(),
}


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_more_rows_need_no_more_queries(path: Path, ask: Callable[[Reader], object]) -> None:
    counts = []
    for incidents in (2, 12):
        path.unlink(missing_ok=True)
        fill(path, incidents)
        with Reader.open(path) as reader:
            asked: list[str] = []
            reader._source.set_trace_callback(asked.append)
            ask(reader)
        counts.append(len(asked))
    assert counts[0] == counts[1] > 0


def test_beside_a_writer(path: Path) -> None:
    """A reader sees what was recorded, as soon as it is; it neither waits nor makes the writer wait."""
    with open_history(path) as history:
        history.record(cycle(at(10), result()))
        with Reader.open(path) as reader:
            assert [span.count for span in reader.latest_spans()] == [1]
            with history._transaction() as connection:
                connection.exec_driver_sql("UPDATE spans SET count = 77")
                assert [span.count for span in reader.latest_spans()] == [1]
            history.record(cycle(at(20), result()))
            assert [span.count for span in reader.latest_spans()] == [78]
            with pytest.raises(HistoryError, match="cannot be written"):
                reader._read(lambda source: source.execute("DELETE FROM spans"))


def test_a_reader_outlives_the_writer(path: Path) -> None:
    with open_history(path) as history:
        history.record(cycle(at(10), result()))
        reader = Reader.open(path)
    with reader, open_history(path) as history:
        history.record(cycle(at(40), result()))
        assert [span.count for span in reader.latest_spans()] == [2]
        assert history.set_aside is None


def test_one_process_may_read_what_it_writes(path: Path) -> None:
    """Closing a reader must not cost the writer its locks: an SQLite shell from elsewhere finds them held."""
    with open_history(path) as history:
        history.record(cycle(at(10), result()))
        with Reader.open(path) as reader:
            reader.latest_spans()
        with history._transaction():
            program = f"import sqlite3; sqlite3.connect({str(path)!r}, timeout=0).execute('BEGIN IMMEDIATE')"
            ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
            assert "database is locked" in ran.stderr


def test_held_by_another_program(path: Path) -> None:
    open_history(path).close()
    program = (
        f"import sqlite3; c = sqlite3.connect({str(path)!r}, isolation_level=None); c.execute('BEGIN IMMEDIATE');"
        "print('held', flush=True); input()"
    )
    shell = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with shell:
        assert shell.stdout is not None
        shell.stdout.readline()
        with pytest.raises(HistoryError, match=r"is held by another program .*`fuser -v "):
            open_history(path)
    with Reader.open(path) as reader:
        assert reader.boots() != ()
