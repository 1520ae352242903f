import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.history.make import at, cycle, incident, message, open_history, resolved, result
from watchdog.history import upkeep
from watchdog.history.read import Reader
from watchdog.history.records import HOUR_SECONDS, MINUTE_SECONDS
from watchdog.history.store import History
from watchdog.model import IncidentState, Note, Stamp, Transition
from watchdog.steps import Outcome, Plan

pytestmark = pytest.mark.usefixtures("made_once")

HOUR, DAY = 3600.0, 86400.0


def fill(history: History) -> None:
    """One day and a half in two boots (24 h and 12 h), a cycle every 10 minutes, an incident every 6 hours."""
    number = 0
    for boot, seconds in (("boot-a", 24 * HOUR), ("boot-b", 12 * HOUR)):
        for n in range(1, int(seconds / 600) + 1):
            now = at(n * 600, boot)
            said = result(verdict="ok" if n % 2 else "warning", offset_seconds=n)
            said = replace(said, notes=(Note(subject="s", summary=f"{boot} {n}"),))
            incidents, transitions, messages = [], (), ()
            if n % 36 == 0:
                number += 1
                incidents = [resolved(number, opened=at(n * 600 - 60, boot), ended=now)]
                transitions = (
                    Transition(incident_id=number, at=now, before=None, after=IncidentState.RESOLVED, reason="x"),
                )
                messages = (message(f"{number}", incident_id=number),)
            history.record(
                cycle(
                    now, said, incidents=incidents, transitions=transitions, messages=messages, next_id=number + 1
                )
            )
    for due in history.due_messages(at(12 * HOUR, "boot-b"), 100):
        history.mark_sent(due.message.key, at(12 * HOUR, "boot-b"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "history.db"
    with open_history(path, at(10)) as history:
        fill(history)
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    """A copy of the filled history."""
    copy = tmp_path / "history.db"
    copy.write_bytes(filled.read_bytes())
    return copy


NOW = at(12 * HOUR, "boot-b")


@pytest.mark.parametrize(
    ("retention", "minutes", "expected"),
    [
        # A day and a half in cycles of 10 minutes: 144 + 72 of them, and as many minutes; 25 + 13 hours.
        pytest.param(9 * DAY, 9 * DAY, (216, 216, 38, 6), id="all-is-young"),
        pytest.param(9 * DAY, 12 * HOUR, (216, 72, 38, 6), id="minutes-of-this-boot"),
        pytest.param(9 * DAY, 6 * HOUR, (216, 37, 38, 6), id="minutes-of-half-of-this-boot"),
        pytest.param(24 * HOUR, 24 * HOUR, (72 + 73, 72 + 73, 13 + 13, 5), id="half-of-the-boot-before"),
        pytest.param(6 * HOUR, 9 * DAY, (37, 216, 7, 2), id="minutes-may-outlive-the-rest"),
        pytest.param(0, 0, (1, 1, 1, 1), id="only-this-very-moment"),
    ],
)
def test_what_is_older_goes(
    path: Path, retention: float, minutes: float, expected: tuple[int, int, int, int]
) -> None:
    with open_history(path, NOW) as history:
        gone = history.prune(NOW, retention, minutes)
        assert (gone > 0) == (expected != (216, 216, 38, 6))
        assert history.prune(NOW, retention, minutes) == 0
    with Reader.open(path) as reader:
        records = reader.incidents(open_only=False, since_seconds=None, now=NOW)
        left = (
            len(reader.spans(None, None, NOW)),
            len(reader.metrics("bond", None, NOW, MINUTE_SECONDS)),
            len(reader.metrics("bond", None, NOW, HOUR_SECONDS)),
            len(records),
        )
        assert left == expected
        with closing(sqlite3.connect(path)) as plain:  # the reader tells of some of them only
            assert plain.execute("SELECT count(*) FROM notes").fetchone() == (expected[0],)
        assert reader.outbox_summary().sent == expected[3]
        assert all(len(record.transitions) == 1 for record in records)
        assert len(reader.boots()) == 2


def test_the_wall_clock_has_no_say(path: Path) -> None:
    """A host whose clock jumped ahead by a century forgets nothing."""
    jumped = Stamp(boot_id=NOW.boot_id, boottime_ns=NOW.boottime_ns, wall_ns=NOW.wall_ns + 10**18 * 3)
    with open_history(path, jumped) as history:
        assert history.prune(jumped, 36 * HOUR, 36 * HOUR) == 0


def test_a_boot_that_is_not_recorded_yet_makes_nothing_old(path: Path) -> None:
    now = at(60, "boot-c")
    with open_history(path, now) as history:
        assert history.prune(now, 36 * HOUR + 60, 36 * HOUR + 60) == 0


@pytest.mark.parametrize(
    "hold",
    [
        pytest.param(
            lambda history: history.record(cycle(at(20), incidents=[incident(99, opened=at(20))])), id="it-is-open"
        ),
        pytest.param(
            lambda history: history.record(
                cycle(
                    at(20),
                    incidents=[resolved(99, opened=at(20), ended=at(30))],
                    messages=(message("99", incident_id=99),),
                )
            ),
            id="a-message-waits",
        ),
        pytest.param(
            lambda history: (
                history.record(cycle(at(20), incidents=[resolved(99, opened=at(20), ended=at(30))])),
                history.begin_attempt(99, "x", "propose", Plan(summary="", steps=()), Outcome.RUNNING, "", at(20)),
            ),
            id="an-attempt-runs",
        ),
    ],
)
def test_an_incident_that_is_not_over_stays(path: Path, hold: Callable[[History], object]) -> None:
    with open_history(path, NOW) as history:
        hold(history)
        history.prune(NOW, 0, 0)
    with Reader.open(path) as reader:
        records = reader.incidents(open_only=False, since_seconds=None, now=NOW)
        assert 99 in [record.incident.id for record in records]


def test_who_heard_of_what_is_still_open_is_not_forgotten(path: Path) -> None:
    with open_history(path, NOW) as history:
        history.record(
            cycle(
                at(20),
                incidents=[incident(99, opened=at(20)), resolved(98, opened=at(20), ended=at(30))],
                messages=(
                    message("99", incident_id=99),
                    message("98", incident_id=98),
                    message("0", incident_id=None),
                ),
            )
        )
        for due in history.due_messages(NOW, 100):
            history.mark_sent(due.message.key, NOW)
        history.prune(at(9 * DAY, "boot-b"), 0, 0)
        assert [one.key for one in history.heard(NOW).written] == ["99"]


def test_an_id_never_comes_again(path: Path) -> None:
    with open_history(path, NOW) as history:
        before = history.load_state().next_id
        history.prune(at(9 * DAY, "boot-b"), 0, 0)
        assert history.load_state().next_id == before == 7


def test_names_of_series_go_with_their_last_number(path: Path) -> None:
    with open_history(path, NOW) as history:
        history.record(cycle(at(12 * HOUR + 1, "boot-b"), result("vrrp", adverts=1)))
        history.prune(at(36 * HOUR, "boot-b"), HOUR * 20, HOUR * 20)
        with history._transaction() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM series").scalar() == 0


def test_record_prunes_once_an_hour_of_boottime(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pruned: list[float] = []

    def note(connection: object, now: Stamp, *keep: float) -> int:
        pruned.append(now.boottime_ns / 1e9)
        return real(connection, now, *keep)

    real = upkeep.prune
    monkeypatch.setattr(upkeep, "prune", note)
    with open_history(path, NOW) as history:
        for n in range(0, 9000, 300):
            history.record(cycle(at(12 * HOUR + n, "boot-b"), result()))
        history.record(cycle(at(60, "boot-c"), result()))
    # The last time was at 40,200 s.
    assert pruned == [43_800, 47_400, 51_000, 60]


def test_the_room_is_used_again(path: Path) -> None:
    """Pruning does not shrink the file; what comes after fits into what went."""
    with open_history(path, NOW) as history:
        history.prune(at(9 * DAY, "boot-b"), 0, 0)
    size = path.stat().st_size
    with open_history(path, at(10, "boot-c")) as history:
        fill_less(history)
    assert path.stat().st_size == size


def fill_less(history: History) -> None:
    for n in range(1, 70):
        history.record(cycle(at(n * 600, "boot-c"), result(offset_seconds=n)))
