import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from tests.history.child import fork
from tests.history.make import at, cycle, incident, message, open_history, result
from watchdog.errors import HistoryError
from watchdog.flapping import Track
from watchdog.history import upkeep
from watchdog.history.connect import pragma
from watchdog.history.read import Reader
from watchdog.history.store import History
from watchdog.incidents import State
from watchdog.model import IncidentState, Stamp, Transition
from watchdog.steps import JournalEntry, LinkChange, Outcome, Plan

pytestmark = pytest.mark.usefixtures("made_once")

PAGE = 4096
ASIDE = "history.db.damaged-20260921T141330Z"  # the wall clock of at(10)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history of some 60 pages."""
    path = tmp_path_factory.mktemp("filled") / "history.db"
    with open_history(path) as history:
        for n in range(1, 40):
            found = [incident(k, opened=at(10), summary="x" * 1500) for k in range(1, 20)]
            history.record(
                cycle(at(n * 60), result(offset_seconds=n), incidents=found, memories={"bond": b"x" * 9000})
            )
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    """A copy of it, lock and all."""
    for part in filled.parent.iterdir():
        shutil.copy2(part, tmp_path / part.name)
    return tmp_path / "history.db"


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def pages(path: Path) -> int:
    return path.stat().st_size // PAGE


def page_of(path: Path, table: str) -> int:
    """Where the first page of a table is in the file."""
    with sqlite3.connect(path) as raw:
        (root,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    raw.close()
    return int(root) - 1


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        pytest.param(
            lambda p: p.write_bytes(b"this is not a database\n" * 999), "file is not a database", id="garbage"
        ),
        pytest.param(lambda p: p.write_bytes(b"x"), "it is empty", id="one-byte"),
        pytest.param(lambda p: p.write_bytes(b""), "it is empty", id="emptied"),
        pytest.param(lambda p: p.write_bytes(b"xx"), "file is not a database", id="two-bytes"),
        pytest.param(lambda p: p.write_bytes(bytes(p.stat().st_size)), "file is not a database", id="all-zero"),
        pytest.param(lambda p: os.truncate(p, pages(p) // 2 * PAGE), "malformed", id="cut-at-a-page"),
        pytest.param(lambda p: os.truncate(p, pages(p) // 2 * PAGE + 100), "malformed", id="cut-within-a-page"),
        pytest.param(lambda p: os.truncate(p, 100), "malformed|not a database", id="only-the-header-left"),
        pytest.param(lambda p: overwrite(p, 0, bytes(PAGE)), "not a database", id="first-page-zero"),
        pytest.param(
            lambda p: overwrite(p, pages(p) // 2 * PAGE, bytes(5 * PAGE)), "", id="pages-in-the-middle-zero"
        ),
        pytest.param(
            lambda p: overwrite(p, page_of(p, "incidents") * PAGE, os.urandom(PAGE)), "", id="a-page-of-noise"
        ),
        pytest.param(
            lambda p: overwrite(p, page_of(p, "tracks") * PAGE, bytes(PAGE)),
            "",
            id="a-page-nobody-reads-at-opening",
        ),
    ],
)
def test_a_damaged_file_is_set_aside_and_a_fresh_one_begins(
    path: Path, damage: Callable[[Path], object], reason: str
) -> None:
    damage(path)
    damaged = path.read_bytes()
    with open_history(path) as history:
        assert history.set_aside is not None
        assert history.set_aside.path == path.with_name(ASIDE)
        assert re.search(reason, history.set_aside.reason)
        assert history.load_state() == State()
        history.record(cycle(at(70), result()))
    assert path.with_name(ASIDE).read_bytes() == damaged
    with open_history(path) as history:  # and that is that
        assert history.set_aside is None
    with Reader.open(path) as reader:
        assert len(reader.latest_spans()) == 1


def test_a_reader_says_what_is_wrong_and_changes_nothing(path: Path) -> None:
    overwrite(path, page_of(path, "incidents") * PAGE, bytes(PAGE))
    before = path.read_bytes()
    with Reader.open(path) as reader, pytest.raises(HistoryError, match=r"is damaged .* sets it aside"):
        reader.incidents(open_only=False, since_seconds=None, now=at(100))
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"garbage" * 1000, b""])
def test_a_reader_of_no_history_at_all(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(HistoryError, match=r"not a database|not a watchdog history|is damaged"):
        Reader.open(path)


def test_no_name_is_taken_twice(path: Path) -> None:
    for content in (b"first", b"second", b"third"):
        path.write_bytes(content)
        open_history(path).close()
    assert [path.with_name(ASIDE + suffix).read_bytes() for suffix in ("", "-2", "-3")] == [
        b"first",
        b"second",
        b"third",
    ]


def test_the_wal_goes_with_its_file(path: Path) -> None:
    """The WAL of another file would be played back into the fresh one."""
    path.write_bytes(b"garbage")
    path.with_name("history.db-wal").write_bytes(b"its WAL")
    open_history(path).close()
    assert path.with_name(f"{ASIDE}-wal").read_bytes() == b"its WAL"
    assert not path.with_name("history.db-wal").exists()


def test_a_wal_without_its_file(path: Path) -> None:
    path.unlink()
    path.with_name("history.db-wal").write_bytes(b"its WAL")
    with open_history(path) as history:
        assert history.set_aside is not None
        assert "only its WAL is left" in history.set_aside.reason
    assert path.with_name(f"{ASIDE}-wal").read_bytes() == b"its WAL"


TABLES = ["spans", "metrics", "incidents", "tracks", "boots", "checks", "memories", "upkeep"]
TRACKS = {("bond.down", f"bond{n}"): Track(recent="01") for n in range(3)}
CHANGE = Transition(incident_id=5, at=at(70), before=None, after=IncidentState.FIRING, reason="x")


def zero_behind_its_back(history: History, path: Path, table: str) -> None:
    """Damage a table while the file is open, and make SQLite forget what it still knows of it."""
    assert history._connection is not None
    pragma(history._connection, "wal_checkpoint(TRUNCATE)")
    overwrite(path, page_of(path, table) * PAGE, bytes(PAGE))
    pragma(history._connection, "shrink_memory")


@pytest.mark.parametrize("table", TABLES)
def test_damage_that_shows_only_in_the_writing(path: Path, table: str) -> None:
    """What the cycle holds is recorded whole in the fresh file: open incidents that did not change too."""
    with open_history(path) as history:
        state = history.load_state()
        told = cycle(
            at(70, "boot-b"),
            result(offset_seconds=1),
            incidents=state.incidents.values(),
            tracks=TRACKS,
            transitions=(CHANGE,),
            messages=(message(incident_id=5),),
            memories={"bond": b"new"},
            next_id=state.next_id,
        )
        told = replace(told, advanced=replace(told.advanced, changed=()))
        zero_behind_its_back(history, path, table)
        history.record(told)
        assert history.set_aside is not None
        assert history.set_aside.path.name == ASIDE
        assert history.load_state() == State(incidents=state.incidents, tracks=TRACKS, next_id=state.next_id)
        assert history.load_memories() == {"bond": b"new"}
        assert len(history.due_messages(at(70, "boot-b"), 9)) == 1
    with Reader.open(path) as reader:
        assert [boot.boot_id for boot in reader.boots()] == ["boot-a", "boot-b"]


@pytest.mark.parametrize(
    ("table", "load"),
    [
        pytest.param("incidents", lambda history: history.load_state() == State(), id="state"),
        pytest.param("memories", lambda history: history.load_memories() == {}, id="memories"),
        pytest.param("outbox_pending", lambda history: history.due_messages(at(70), 9) == (), id="outbox"),
    ],
)
def test_damage_that_shows_in_the_reading(path: Path, table: str, load: Callable[[History], bool]) -> None:
    with open_history(path) as history:
        zero_behind_its_back(history, path, table)
        assert load(history)
        assert history.set_aside is not None


def test_a_row_that_makes_no_sense(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE incidents SET state = 'exploded' WHERE id = 3")
    raw.close()
    with open_history(path) as history:
        assert history.load_state() == State()
        assert history.set_aside is not None
        assert (
            history.set_aside.reason
            == "incident 3 cannot be read: ValueError(\"'exploded' is not a valid IncidentState\")"
        )


def test_a_missing_table(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("DROP TABLE tracks")
    raw.close()
    with open_history(path) as history:
        assert history.set_aside is not None
        assert history.set_aside.reason == "tables are missing: tracks"


def test_healing_must_know_that_its_journal_is_gone(path: Path) -> None:
    plan = Plan(summary="x", steps=(LinkChange(link="eth1", up=True),))
    with open_history(path) as history:
        attempt = history.begin_attempt(1, "x", "propose", plan, Outcome.RUNNING, "", at(70))
        zero_behind_its_back(history, path, "journal")
        with pytest.raises(HistoryError, match="is damaged"):
            history.write_entry(attempt, 0, JournalEntry(step=plan.steps[0], undo=None), at(71))
        assert history.set_aside is None
    with open_history(path) as history:
        assert history.set_aside is not None


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When the whole file was looked through, in seconds of BOOTTIME."""
    found: list[float] = []
    real = upkeep.check_soundness

    def look(connection: Connection, path: Path, now: Stamp) -> None:
        found.append(now.boottime_ns / 1e9)
        real(connection, path, now)

    monkeypatch.setattr(upkeep, "check_soundness", look)
    return found


def test_the_whole_file_is_looked_through_only_with_a_reason(path: Path, looks: list[float]) -> None:
    open_history(path, at(70_000)).close()
    looks.clear()  # a copy is another file: that was a reason
    open_history(path, at(80_000)).close()
    assert looks == []  # it was closed in good order, today
    open_history(path, at(160_000)).close()
    assert looks == [160_000]  # a day has passed
    open_history(path, at(160_001)).close()
    open_history(path, at(10, "boot-b")).close()
    assert looks == [160_000, 10]  # the host was started again, perhaps after a power cut
    os.utime(path)
    open_history(path, at(20, "boot-b")).close()
    assert looks == [160_000, 10, 20]  # somebody wrote to it
    assert os.waitstatus_to_exitcode(os.waitpid(fork(lambda: open_and_die(path)), 0)[1]) == -9
    open_history(path, at(40, "boot-b")).close()
    assert looks == [160_000, 10, 20, 40]  # the last one to hold it was killed
    with open_history(path, at(50, "boot-b")) as history:
        history.record(cycle(at(60, "boot-b"), result()))
        history.record(cycle(at(160_000, "boot-b"), result()))
    assert looks == [160_000, 10, 20, 40, 160_000]  # held open for a day


def open_and_die(path: Path) -> None:
    with open_history(path, at(30, "boot-b")) as history:
        history.record(cycle(at(30, "boot-b"), result()))
        os.kill(os.getpid(), 9)
