"""The outbox on disk: what is due when, what takes whose place, and what became of each message."""

import sqlite3
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.history.make import at, cycle, incident, message, open_history, resolved, result
from watchdog.content import Content
from watchdog.history.connect import source_of
from watchdog.history.read import Reader
from watchdog.history.store import History
from watchdog.history.trouble import Damaged
from watchdog.model import LONGEST_WAIT_SECONDS, Message, Severity, Stamp

pytestmark = pytest.mark.usefixtures("made_once")

CONTENT = Content(kind="fired", host="mx1", summary="first")


def tell(history: History, now: Stamp, *messages: Message) -> None:
    history.record(cycle(now, result(), incidents=[incident(1), incident(2)], messages=messages))


def keys(history: History, now: Stamp) -> list[str]:
    return [due.message.key for due in history.due_messages(now, 100)]


def fates(path: Path) -> dict[str, tuple[str, int | None]]:
    with sqlite3.connect(path) as file:
        rows = file.execute("SELECT key, state, merged_into FROM outbox ORDER BY id").fetchall()
    return {key: (state, into) for key, state, into in rows}


def test_until_it_is_tried_a_newer_message_takes_its_place_and_waits_as_it_says(path: Path) -> None:
    first = message("k", content=CONTENT, wait_seconds=30)
    newer = message(
        "k", 2, title="newer", body="n", severity=Severity.CRITICAL, content=replace_summary(), wait_seconds=10
    )
    with open_history(path) as history:
        tell(history, at(100), first)
        tell(history, at(120), newer)
        assert keys(history, at(129)) == []
        (due,) = history.due_messages(at(130), 10)
        assert due.message == replace(newer, wait_seconds=0.0)
        assert due.age_seconds == 30
        assert history.claim(due.message.key, at(130), 25)
        tell(history, at(131), first)
        (due,) = history.due_messages(at(160), 10)
        assert due.message.title == "newer", "what may have been sent stays what it was"
        history.mark_sent(due.message.key, at(161))
        tell(history, at(170), first)
        assert keys(history, at(10_000)) == []


def replace_summary() -> Content:
    return Content(kind="fired", host="mx1", summary="newer", others_left_out=3)


@pytest.mark.parametrize(
    ("wait", "asked", "due"),
    [
        pytest.param(30, at(129.9), False, id="not-yet"),
        pytest.param(30, at(130), True, id="its-time-has-come"),
        pytest.param(30, at(5, "boot-b"), True, id="after-a-reboot-at-once"),
        pytest.param(LONGEST_WAIT_SECONDS, at(100 + LONGEST_WAIT_SECONDS - 1), False, id="a-day"),
        pytest.param(9e9, at(100 + LONGEST_WAIT_SECONDS), True, id="a-day-at-most"),
        pytest.param(9e9, at(1), True, id="back-at-a-snapshot"),
    ],
)
def test_a_message_that_is_held_back(path: Path, wait: float, asked: Stamp, due: bool) -> None:
    with open_history(path) as history:
        tell(history, at(100), message("k", wait_seconds=wait))
        assert keys(history, asked) == (["k"] if due else [])
        expected = None if due else at(100 + min(wait, LONGEST_WAIT_SECONDS)).boottime_ns
        assert history.next_due_ns(asked) == expected


@pytest.mark.parametrize("tried", [False, True])
def test_what_its_recovery_would_come_before_is_due_with_it(path: Path, tried: bool) -> None:
    with open_history(path) as history:
        tell(
            history,
            at(100),
            message("fired", wait_seconds=0 if tried else 60),
            message("other", 2, wait_seconds=60),
        )
        if tried:
            (due,) = history.due_messages(at(100), 10)
            history.mark_failed(due.message.key, 60.0, at(100), "away", 30.0)
        tell(history, at(110), message("over", recovery=True), message("mail", 1, target="mail", recovery=True))
        assert keys(history, at(120)) == (["mail"] if tried else ["fired", "over", "mail"])
        assert keys(history, at(130)) == ["fired", "over", "mail"]
        over = history.due_messages(at(130), 10)[1]
        history.mark_failed(over.message.key, 100.0, at(130), "no")
        assert keys(history, at(131)) == ["mail"], "no recovery is due, so nothing is over yet"


def test_what_is_told_anew_behind_a_recovery_waits_its_own_time(path: Path) -> None:
    with open_history(path) as history:
        tell(history, at(100), message("over", recovery=True))
        tell(history, at(110), message("again", wait_seconds=60))
        assert keys(history, at(120)) == ["over"]
        assert keys(history, at(170)) == ["over", "again"]


def test_a_claimed_message_is_nobody_elses_until_its_lease_is_over(path: Path) -> None:
    with open_history(path) as history:
        tell(history, at(100), message("k"))
        (due,) = history.due_messages(at(100), 10)
        assert history.claim(due.message.key, at(100), 25)
    with open_history(path) as history:  # who had it was killed
        assert keys(history, at(124)) == []
        assert history.next_due_ns(at(124)) == at(125).boottime_ns
        (again,) = history.due_messages(at(125), 10)
        assert (again.id, again.attempts) == (due.id, 1)
        assert keys(history, at(1, "boot-b")) == ["k"]
        history.mark_sent(due.message.key, at(126))
        assert not history.claim(due.message.key, at(127), 25)


def test_a_target_that_is_held_costs_the_others_nothing(path: Path) -> None:
    with open_history(path) as history:
        tell(history, at(100), message("a"), message("b"), message("c", target="mail"))
        first = history.due_messages(at(100), 10)[0]
        history.mark_failed(first.message.key, 30.0, at(100), "away", 15.0)
        assert keys(history, at(114)) == ["c"]
        with Reader.open(path) as reader:
            assert [one.waits_seconds for one in reader.waiting(at(114))] == [16.0, 1.0, 0.0]
        assert history.next_due_ns(at(114)) == at(115).boottime_ns
        assert keys(history, at(115)) == ["b", "c"], "another one is tried first"
        assert keys(history, at(130)) == ["a", "b", "c"]
        assert keys(history, at(1, "boot-b")) == ["a", "b", "c"]
        history.mark_failed(first.message.key, 30.0, at(200), "away", 1000.0)
        history.mark_sent(first.message.key, at(201))
        assert keys(history, at(201)) == ["b", "c"], "it takes messages again"


def test_in_a_history_that_began_anew_nothing_is_marked_by_a_number_of_the_old_one(path: Path) -> None:
    """What was under way then has the number of another message now."""
    with open_history(path) as history:
        tell(history, at(100), message("old", title="old"))
        (old,) = history.due_messages(at(100), 10)
        assert history.claim(old.message.key, at(100), 25)
        history._begin_afresh(Damaged(path, "a page is torn"))
        tell(history, at(110), message("new", title="new"))
        (new,) = history.due_messages(at(110), 10)
        assert new.id == old.id
        history.mark_sent(old.message.key, at(111))
        history.mark_failed(old.message.key, None, at(112), "no")
        assert not history.claim(old.message.key, at(113), 25)
        assert (keys(history, at(114)), history.targets(at(114))) == (["new"], ())
    assert fates(path) == {"new": ("pending", None)}


def test_who_delivers_sees_that_a_history_began_anew(path: Path) -> None:
    """What it read before has other numbers now."""
    with open_history(path) as history:
        tell(history, at(100), message("old"))
        written = history.written
        history._begin_afresh(Damaged(path, "a page is torn"))
        assert history.written > written


def test_one_message_for_several_in_one_transaction(path: Path) -> None:
    with open_history(path) as history:
        tell(history, at(100), *(message(f"{n}") for n in range(3)))
        tell(history, at(200), message("3"))
        ids = [due.id for due in history.due_messages(at(200), 10)]
        digest = _digest()
        history.merge(ids[1:], digest, at(300), into=None, expired=False)
        assert keys(history, at(300)) == ["0", "digest"]
        assert history.due_messages(at(300), 10)[1].age_seconds == 200, "as old as the oldest"
        summary = replace(digest, body="more")
        new = history.due_messages(at(300), 10)[1].id
        history.merge(ids[:1], summary, at(310), into=new, expired=True)
        (left,) = history.due_messages(at(310), 10)
        assert (left.id, left.message.body) == (new, "more")
        history.mark_sent("digest", at(320))
        tell(history, at(330), message("0"), message("1"))
        assert keys(history, at(330)) == [], "each keeps its key, so nothing is told twice"
    assert fates(path) == {
        "0": ("expired", new),
        "1": ("merged", new),
        "2": ("merged", new),
        "3": ("merged", new),
        "digest": ("sent", None),
    }


def _digest() -> Message:
    return Message(
        key="digest",
        target="ops",
        incident_id=None,
        title="3 messages",
        body="b",
        severity=Severity.WARNING,
        content=CONTENT,
    )


def test_which_recipients_have_it_is_kept_until_all_have(path: Path) -> None:
    with open_history(path) as history:
        tell(history, at(100), message("k"))
        history.mark_failed("k", 30.0, at(100), "450", taken=("a1", "b2"))
        (due,) = history.due_messages(at(130), 10)
        assert due.taken == ("a1", "b2")


def test_what_waits_to_be_tried_again_is_brought_forward_and_nothing_else(path: Path) -> None:
    with open_history(path) as history:
        told = (message("failed"), message("claimed", target="mail"), message("held", wait_seconds=600))
        tell(history, at(100), *told)
        history.claim("failed", at(100), 25)
        history.mark_failed("failed", 3000.0, at(101), "away", 1500.0)
        history.claim("claimed", at(101), 25)
        assert keys(history, at(102)) == []
        assert history.bring_forward(at(102)) == 1
        assert keys(history, at(102)) == ["failed"]
        assert keys(history, at(126)) == ["failed", "claimed"], "who was killed with it costs its lease"


def test_what_was_to_go_into_one_that_was_sent_meanwhile_stays(path: Path) -> None:
    with open_history(path) as history:
        tell(history, at(100), message("0"), message("1"))
        one, two = (due.id for due in history.due_messages(at(100), 10))
        history.mark_sent("0", at(100))
        history.merge([two], _digest(), at(101), into=one, expired=False)
        assert keys(history, at(102)) == ["1"]


def test_how_a_target_has_been_answering(path: Path) -> None:
    with open_history(path) as history:
        tell(history, at(100), *(message(f"{n}") for n in range(4)))
        assert history.targets(at(100)) == ()
        ids = [due.message.key for due in history.due_messages(at(100), 10)]
        history.mark_failed(ids[0], 30.0, at(110), "no")
        history.mark_failed(ids[0], 30.0, at(150), "still no")
        (state,) = history.targets(at(160))
        assert (state.failures, state.refused, state.failing_since) == (2, False, at(110))
        assert (state.failing_seconds, state.last_error, state.last_sent) == (50, "still no", None)
        (later,) = history.targets(at(30, "boot-b"))
        assert later.failing_seconds == 70, "the ledger's 40 s of the boot before, and these 30 s"
        history.mark_failed(ids[1], None, at(170), "413")
        assert not history.targets(at(170))[0].refused, "one message was refused, and not all that may come"
        history.mark_failed(ids[3], 30.0, at(171), "401", closed=True)
        assert history.targets(at(171))[0].refused
        history.mark_sent(ids[2], at(180))
        (state,) = history.targets(at(200))
        assert (state.failures, state.refused, state.failing_since, state.last_sent) == (0, False, None, at(180))
    with Reader.open(path) as reader:
        assert [one.name for one in reader.targets(at(220))] == ["ops"]


def test_what_was_told_and_what_became_of_it(path: Path) -> None:
    with open_history(path) as history:
        tell(history, at(100), message("0"), message("1", 2, target="mail"), message("2", wait_seconds=60))
        history.claim("0", at(101), 25)
        history.mark_sent("0", at(102))
        history.claim("1", at(101), 25)
        history.mark_failed("1", None, at(103), "no such channel")
        tell(history, at(140), message("3", 2, target="mail"))
    with Reader.open(path) as reader:
        assert [(one.message.key, one.waits_seconds) for one in reader.waiting(at(150))] == [
            ("2", 10.0),
            ("3", 0.0),
        ]
        assert [one.waits_seconds for one in reader.waiting(at(5, "boot-b"))] == [0.0, 0.0]
    assert {key: state for key, (state, _) in fates(path).items()} == {
        "0": "sent",
        "1": "refused",
        "2": "pending",
        "3": "pending",
    }


def test_who_knows_of_what(path: Path) -> None:
    with open_history(path) as history:
        tell(history, at(100))
        history.acknowledge(1, Severity.WARNING, "ann", "on it", at(110))
        history.acknowledge(1, Severity.CRITICAL, "bob", "worse now", at(120))
        history.acknowledge(2, Severity.WARNING, "ann", "known", at(130))
        acks = history.acks()
        assert {number: (one.who, one.severity, one.at) for number, one in acks.items()} == {
            1: ("bob", Severity.CRITICAL, at(120)),
            2: ("ann", Severity.WARNING, at(130)),
        }
        history.record(cycle(at(140), incidents=[resolved(1, opened=at(10), ended=at(140)), incident(2)]))
        assert history.acks().keys() == {2}
    with Reader.open(path) as reader:
        assert reader.acks().keys() == {2}
        assert reader.prove_audit().proven
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT kind, incident_id FROM audit ORDER BY seq").fetchall() == [
            ("ack", 1),
            ("ack", 1),
            ("ack", 2),
        ]


def test_settings_in_force_are_recorded_when_they_are_others_than_before(path: Path) -> None:
    with open_history(path) as history:
        for seconds, digest in ((10, "a"), (20, "a"), (30, "b"), (40, "a")):
            history.note_configuration("/etc/w.toml", digest, at(seconds))
        history.note_configuration("", "a", at(50))
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT path, sha256, at_boottime_ns / 1000000000 FROM configurations").fetchall() == [
            ("/etc/w.toml", "a", 10),
            ("/etc/w.toml", "b", 30),
            ("/etc/w.toml", "a", 40),
            ("", "a", 50),
        ]


def test_a_waiting_message_of_no_incident_does_not_keep_old_incidents_for_ever(path: Path) -> None:
    with open_history(path) as history:
        over = resolved(1, opened=at(10), ended=at(20))
        history.record(cycle(at(20), incidents=[over, incident(2)], messages=(_digest(),)))
        history.prune(at(1000), 100, 100)
    with Reader.open(path) as reader:
        found = reader.incidents(open_only=False, since_seconds=None, now=at(1000))
        assert [record.incident.id for record in found] == [2]
        assert len(reader.waiting(at(1000))) == 1


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("due", id="due"),
        pytest.param("next_due", id="next-due"),
        pytest.param("heard", id="heard"),
        pytest.param("state", id="state"),
    ],
)
def test_no_question_reads_all_that_was_ever_told_or_over(path: Path, query: str) -> None:
    """However many messages were sent, and incidents were open, in a year."""
    with open_history(path) as history:
        tell(history, at(100), message("k"))
        source = source_of(history._connected())
        asked: list[str] = []
        source.set_trace_callback(asked.append)
        {
            "due": lambda: history.due_messages(at(100), 10),
            "next_due": lambda: history.next_due_ns(at(100)),
            "heard": lambda: history.heard(at(100)),
            "state": history.load_state,
        }[query]()
        source.set_trace_callback(None)
        plans = [
            row[3]
            for text in asked
            if "outbox" in text or "incidents" in text
            for row in source.execute(f"EXPLAIN QUERY PLAN {text}")
        ]
    assert plans
    of_open_ones = {"SCAN outbox USING INDEX outbox_pending", "SCAN incidents USING INDEX one_open_incident"}
    assert not [
        plan for plan in plans if plan.startswith(("SCAN outbox", "SCAN incidents")) and plan not in of_open_ones
    ]
