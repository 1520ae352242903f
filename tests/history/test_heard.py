"""What was told, as it is read back to decide what is to be told: across reboots, of an older watchdog too."""

import sqlite3
from pathlib import Path

import pytest

from tests.history.make import at, cycle, incident, message, open_history, resolved, result
from watchdog.content import Content
from watchdog.heard import kind_of, number_of
from watchdog.history.read import Reader
from watchdog.model import Ack, Severity

pytestmark = pytest.mark.usefixtures("made_once")

FIRED = Content(kind="fired", host="mx1", thread="mx1/1")


def test_what_waits_is_read_whole_and_of_what_was_sent_only_who_heard_it_when(path: Path) -> None:
    with open_history(path) as history:
        told = message("sent", content=FIRED)
        waits = message("waits", 2, content=FIRED, wait_seconds=60, bundle="quiet")
        history.record(cycle(at(100), result(), incidents=[incident(1), incident(2)], messages=(told, waits)))
        (due,) = history.due_messages(at(101), 10)
        history.mark_sent(due.message.key, at(110))
        sent, waiting = history.heard(at(130)).written
    assert (sent.key, sent.kind, sent.thread, sent.waiting) == ("sent", "fired", "mx1/1", None)
    assert (sent.age_seconds, sent.told_seconds) == (30, 20)
    assert (waiting.age_seconds, waiting.told_seconds, waiting.due_seconds) == (30, None, 30)
    assert waiting.waiting is not None
    assert (waiting.waiting.content, waiting.waiting.bundle) == (FIRED, "quiet")


def test_after_a_reboot_it_is_as_old_as_what_passed_for_certain_and_its_time_is_not_known(path: Path) -> None:
    with open_history(path) as history:
        waits = message("waits", content=FIRED, wait_seconds=600)
        history.record(cycle(at(100), result(), incidents=[incident(1)], messages=(waits,)))
        history.record(cycle(at(150), result(), incidents=[incident(1)]))
        (waiting,) = history.heard(at(20, "boot-b")).written
    assert (waiting.age_seconds, waiting.due_seconds) == (70, None)


def test_what_was_told_of_what_is_over_is_not_asked_for_unless_it_waits(path: Path) -> None:
    with open_history(path) as history:
        messages = (message("sent"), message("waits", 2, wait_seconds=900))
        history.record(cycle(at(100), result(), incidents=[incident(1), incident(2)], messages=messages))
        (due,) = history.due_messages(at(101), 10)
        history.mark_sent(due.message.key, at(101))
        over = [resolved(number, opened=at(10), ended=at(120)) for number in (1, 2)]
        history.record(cycle(at(120), result(), incidents=over))
        assert [one.key for one in history.heard(at(130)).written] == ["waits"]


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        pytest.param("web1/1/fired/ops/boot+5", "fired", id="fired"),
        pytest.param("web1/1/heal-0f3c/ops/boot+5", "not_healed", id="not-healed"),
        pytest.param("web1/1/reminder-12/ops/boot+5", "reminder", id="reminder"),
        pytest.param("k", "", id="of-no-watchdog"),
    ],
)
def test_the_kind_of_a_message_of_an_older_watchdog_stands_in_its_key(key: str, kind: str) -> None:
    assert kind_of(key) == kind


def test_content_that_is_none_is_no_damage(path: Path) -> None:
    with open_history(path) as history:
        history.record(cycle(at(100), result(), incidents=[incident(1)], messages=(message("a/1/fired/ops/x"),)))
        (due,) = history.due_messages(at(101), 10)
        history.mark_sent(due.message.key, at(101))
    with sqlite3.connect(path) as file:
        file.execute("UPDATE outbox SET content = '{', kind = ''")
    with open_history(path) as history:
        (sent,) = history.heard(at(130)).written
    assert (sent.kind, sent.thread) == ("fired", "")


def test_an_acknowledgement_is_shown_until_the_outage_is_worse(path: Path) -> None:
    effect = incident(2, caused_by=(1,), inhibited=True)
    with open_history(path) as history:
        history.record(cycle(at(100), result(), incidents=[incident(1), effect, incident(3)]))
        history.acknowledge(1, Severity.WARNING, "anna", "on it", at(110))
        ack = Ack(incident_id=1, severity=Severity.WARNING, who="anna", why="on it", at=at(110))
        assert history.heard(at(111)).acks == {1: ack}
    with Reader.open(path) as reader:
        records = reader.incidents(open_only=True, since_seconds=None, now=at(120))
        assert [one.ack for one in records] == [ack, ack, None], "it is of the whole outage, and of no other"
    with open_history(path) as history:
        worse = incident(2, caused_by=(1,), inhibited=True, severity=Severity.CRITICAL)
        history.record(cycle(at(130), result(), incidents=[incident(1), worse, incident(3)]))
    with Reader.open(path) as reader:
        records = reader.incidents(open_only=True, since_seconds=None, now=at(140))
        assert [one.ack for one in records] == [None, None, None]


def reminded(path: Path, days: int) -> int:
    """Let an incident go on for days; return how many steps SQLite takes to say what was told of it."""
    reminder = Content(kind="reminder", host="mx1", thread="mx1/1")
    with open_history(path) as history:
        told = (message("mx1/1/fired/ops/x", content=FIRED), message("mx1/2/fired/ops/x", 2, content=FIRED))
        history.record(cycle(at(100), result(), incidents=[incident(1), incident(2)], messages=told))
        for first in range(1, days + 1, 50):
            history.record(
                cycle(
                    at(100 + first),
                    result(),
                    incidents=[incident(1), incident(2)],
                    messages=tuple(
                        message(f"mx1/1/reminder-{day}/{target}/x", content=reminder, target=target)
                        for day in range(first, min(first + 50, days + 1))
                        for target in ("ops", "mail")
                    ),
                )
            )
        for due in history.due_messages(at(1000), 10_000):
            history.claim(due.message.key, at(1000), 25)
            history.mark_sent(due.message.key, at(1000))
        steps = [0]

        def step() -> None:
            steps[0] += 1

        raw = history._connected().connection.dbapi_connection
        assert raw is not None
        raw.set_progress_handler(step, 1)
        heard = history.heard(at(1001))
        raw.set_progress_handler(None, 1)
        written = [one for one in heard.written if one.target == "ops"]
        assert [one.kind for one in written] == ["fired", "fired", "reminder"]
        assert number_of(written[-1].key) == days
        history.prune(at(10_000), 1000, 1000)
        assert len(history.heard(at(10_001)).written) == len(heard.written), "the last of each stays"
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT count(*) FROM outbox WHERE kind = 'reminder'").fetchone() == (2,)
    return steps[0]


def test_what_was_told_of_a_long_outage_costs_no_more_than_of_a_short_one(tmp_path: Path) -> None:
    short, long = reminded(tmp_path / "short.db", 2), reminded(tmp_path / "long.db", 60)
    assert long < 1.2 * short


def test_the_boots_of_years_are_read_once_and_not_for_each_question(path: Path) -> None:
    with open_history(path, at(10)) as history:
        for number in range(26):
            history.record(cycle(at(100, f"boot-{chr(ord('a') + number)}"), result(), incidents=[incident(1)]))
        now = at(200, "boot-z")
        history.heard(now)
        connection, rows = history._connected(), 0

        def count(row: object) -> object:
            nonlocal rows
            rows += 1
            return row

        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.row_factory = lambda cursor, row: (
            count(tuple(row)) if cursor.description[0][0] == "ordinal" else tuple(row)
        )
        history.heard(now)
        history.record(cycle(now, result(), incidents=[incident(1)]))
        assert 0 < rows < 26
        raw.row_factory = None
    with Reader.open(path) as reader:
        assert len(reader.boots()) == 26
