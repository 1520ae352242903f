import shutil
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.history.make import at, cycle, incident, message, open_history, resolved, result
from watchdog.errors import HistoryError
from watchdog.flapping import Track
from watchdog.history.period import MOST_NOTES
from watchdog.history.read import Reader
from watchdog.incidents import Advanced, State
from watchdog.model import (
    CheckResult,
    Finding,
    Incident,
    IncidentState,
    Lasted,
    Message,
    Metric,
    Note,
    Severity,
    Stamp,
    Transition,
)
from watchdog.steps import Attempt, JournalEntry, LinkChange, Outcome, Plan

pytestmark = pytest.mark.usefixtures("made_once")

# What may come from a file, a daemon or the network and has no business in a database.
HOSTILE = [
    "'; DROP TABLE incidents; --",
    '"quoted" [bracketed] `ticked` %s ? :name {0}',
    "line\nbreak\r\ttab",
    "\x00nul\x00",
    "\x1b[31mred\x1b[0m",
    "\udcff\udc80 not UTF-8",
    "a\ud800",
    "\U0010ffff\ufffe",
    "\u202etfel-ot-thgir",
    "",
    "x" * 100_000,
]


def test_the_folder_and_the_file_are_not_for_everybody(path: Path) -> None:
    deep = path.parent / "state" / "watchdog" / "history.db"
    with open_history(deep) as history:
        history.record(cycle(at(10), result()))
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in [deep.parent, *deep.parent.iterdir()]}
    assert modes == {
        "watchdog": 0o750,
        "history.db": 0o640,
        "history.db-wal": 0o640,
        "history.db-shm": 0o640,
        "history.db.lock": 0o640,
    }
    assert sorted(p.name for p in deep.parent.iterdir()) == ["history.db", "history.db.lock"]


def test_the_second_writer_is_told_of_the_first(path: Path) -> None:
    with open_history(path), pytest.raises(HistoryError, match="is held by process"):
        open_history(path)
    open_history(path).close()


def test_a_new_history_is_empty(path: Path) -> None:
    with open_history(path) as history:
        assert history.load_state() == State()
        assert history.load_memories() == {}
        assert history.due_messages(at(10), 10) == ()
        assert history.attempts() == ()
        assert history.set_aside is None


def test_memories_are_kept_until_they_are_replaced(path: Path) -> None:
    with open_history(path) as history:
        history.record(cycle(at(10), result(), memories={"bond": b'{"a":1}', "vrrp": b"\x00\xff"}))
        history.record(cycle(at(40), result(), memories={"bond": b'{"a":2}'}))
        expected = {"bond": b'{"a":2}', "vrrp": b"\x00\xff"}
        assert history.load_memories() == expected
    with Reader.open(path) as reader:
        assert reader.memories() == expected


def test_an_incident_comes_goes_and_comes_again(path: Path) -> None:
    first = incident(1, opened=at(10))
    over = replace(first, state=IncidentState.RESOLVED, resolved=at(100))
    again = replace(first, id=2, opened=at(100), last_seen=at(100))
    with open_history(path) as history:
        history.record(cycle(at(10), result(), incidents=[first], next_id=2))
        assert history.load_state() == State(incidents={first.key: first}, next_id=2)
        # Resolved and back within one cycle, told in the order that could trip over "one open incident".
        history.record(cycle(at(100), result(), incidents=[again, over], next_id=3))
        assert history.load_state() == State(incidents={again.key: again}, next_id=3)
        history.record(cycle(at(130), result(), incidents=[], next_id=3))
        assert history.load_state() == State(incidents={again.key: again}, next_id=3)
    with Reader.open(path) as reader:
        records = reader.incidents(open_only=False, since_seconds=None, now=at(200))
        assert [(r.incident, r.lasted) for r in records] == [
            (over, Lasted(seconds=90, exact=True)),
            (again, Lasted(seconds=100, exact=True)),
        ]
        assert [r.incident for r in reader.incidents(open_only=True, since_seconds=None, now=at(200))] == [again]


def test_tracks_follow_the_state(path: Path) -> None:
    one, two = ("bond.down", "bond0"), ("bond.down", "bond1")
    before = {one: Track(recent="01"), two: Track(recent="0101", flapping=True)}
    after = {one: Track(recent="011")}
    with open_history(path) as history:
        history.record(cycle(at(10), result(), tracks=before))
        assert history.load_state().tracks == before
        history.record(cycle(at(40), result(), tracks=after))
        assert history.load_state().tracks == after


def test_notes(path: Path) -> None:
    notes = tuple(Note(subject="clock", summary=f"step {n}", evidence={"n": n}) for n in range(3))
    with open_history(path) as history:
        for n, note in enumerate(notes):
            history.record(cycle(at(10 + 30 * n), replace(result("clock_step"), notes=(note,))))
    with Reader.open(path) as reader:
        found = reader.period(1e9, at(100)).notes
        assert [(n.check, n.subject, n.summary, n.evidence, n.at) for n in found] == [
            ("clock_step", "clock", f"step {n}", {"n": n}, at(10 + 30 * n)) for n in range(3)
        ]
        assert reader.period(60, at(100)).notes == found[1:]


def test_of_many_notes_a_period_has_the_newest_and_what_happened_however_old(path: Path) -> None:
    event = Finding(fault="lamp.blinked", subject="hall", severity=Severity.WARNING, summary="it blinked")
    many = tuple(Note(subject="bond0", summary=str(n)) for n in range(MOST_NOTES + 5))
    first = cycle(
        at(10), replace(result("clock_step"), notes=(Note(subject="clock", summary="step"),)), result("lamp")
    )
    with open_history(path) as history:
        history.record(replace(first, happened=(event,)))
        history.record(cycle(at(40), replace(result(), notes=many)))
    with Reader.open(path) as reader:
        record = reader.period(1e9, at(100))
    assert [note.summary for note in record.notes] == [
        "step",
        "it blinked",
        *(str(n) for n in range(5, MOST_NOTES + 5)),
    ]
    assert record.notes_left_out == 5


def test_a_message_is_sent_once(path: Path) -> None:
    with open_history(path) as history:
        told = (message("1:firing"), message("1:firing:mail", target="mail", severity=Severity.CRITICAL))
        history.record(cycle(at(10), result(), incidents=[incident()], messages=told))
        history.record(cycle(at(40), result(), incidents=[incident()], messages=told))  # the keys are known
        due = history.due_messages(at(40), 10)
        assert [(d.message, d.attempts) for d in due] == [(m, 0) for m in told]
        history.mark_sent(due[0].message.key, at(41))
        assert [d.message for d in history.due_messages(at(42), 10)] == [told[1]]
        history.mark_failed(due[0].message.key, None, at(43), "late")  # it is sent; nothing changes that
    with Reader.open(path) as reader:
        summary = reader.outbox_summary()
    assert (summary.pending, summary.sent, summary.refused) == (1, 1, 0)
    assert summary.waiting_since == at(10)


@pytest.mark.parametrize(
    ("failed_at", "retry", "asked_at", "due"),
    [
        pytest.param(at(50), 30, at(79.9), False, id="not-yet"),
        pytest.param(at(50), 30, at(80), True, id="its-time-has-come"),
        pytest.param(at(50), 30, at(60, "boot-b"), True, id="after-a-reboot-at-once"),
        pytest.param(at(500_000), 30, at(60), True, id="back-at-a-snapshot-at-once"),
        pytest.param(at(50), None, at(5000), False, id="refused-for-good"),
        pytest.param(at(50), None, at(50, "boot-b"), False, id="refused-for-good-across-a-reboot"),
    ],
)
def test_a_message_that_failed(
    path: Path, failed_at: Stamp, retry: float | None, asked_at: Stamp, due: bool
) -> None:
    with open_history(path) as history:
        history.record(cycle(at(10), result(), incidents=[incident()], messages=(message(),)))
        (first,) = history.due_messages(at(10), 10)
        history.mark_failed(first.message.key, retry, failed_at, "HTTP status 503")
        found = [(d.message, d.attempts) for d in history.due_messages(asked_at, 10)]
        assert found == ([(first.message, 0)] if due else [])
    with Reader.open(path) as reader:
        summary = reader.outbox_summary()
    waits = (1, 0, "HTTP status 503")
    assert (summary.pending, summary.refused, summary.last_error) == ((0, 1, "") if retry is None else waits)


def test_a_target_with_much_to_wait_for_does_not_keep_the_others_from_being_due(path: Path) -> None:
    told = [message(f"{n}", target="dead") for n in range(5)] + [message("5"), message("6")]
    with open_history(path) as history:
        history.record(cycle(at(10), result(), incidents=[incident()], messages=tuple(told)))
        assert [d.message.key for d in history.due_messages(at(10), 2)] == ["0", "1", "5", "6"]
        assert [d.message.key for d in history.due_messages(at(10), 1)] == ["0", "5"]


def test_messages_that_failed_together_wait_each_its_own_time(path: Path) -> None:
    told = tuple(message(f"{n}") for n in range(3))
    with open_history(path) as history:
        history.record(cycle(at(10), result(), incidents=[incident()], messages=told))
        one, two, _ = (due.id for due in history.due_messages(at(10), 10))
        for key, retry in (("0", 10), ("1", 20), ("2", None)):
            history.mark_failed(key, retry, at(50), "away")
        assert [d.id for d in history.due_messages(at(59), 10)] == []
        assert [d.id for d in history.due_messages(at(60), 10)] == [one]
        assert [(d.id, d.attempts) for d in history.due_messages(at(70), 10)] == [(one, 0), (two, 0)]


PLAN = Plan(summary="raise eth1", steps=(LinkChange(link="eth1", up=True),), lasting=False, note="see netplan")
UP, DOWN = LinkChange(link="eth1", up=True), LinkChange(link="eth1", up=False)


def test_an_attempt_and_its_journal(path: Path) -> None:
    with open_history(path) as history:
        history.record(cycle(at(10), result(), incidents=[incident(1), incident(2)]))
        running = history.begin_attempt(1, "bond_raise_member", "propose", PLAN, Outcome.RUNNING, "", at(20))
        proposed = history.begin_attempt(2, "bond_raise_member", "propose", PLAN, Outcome.PROPOSED, "why", at(21))
        refused = history.begin_attempt(2, "bond_raise_member", "propose", PLAN, Outcome.REFUSED, "no", at(22))
        history.write_entry(running, 0, JournalEntry(step=UP, undo=DOWN), at(23))
        history.write_entry(running, 1, JournalEntry(step=DOWN, undo=None), at(24))
        history.write_entry(running, 0, JournalEntry(step=UP, undo=DOWN, state="done", output="up"), at(25))
        first = Attempt(
            id=running,
            incident_id=1,
            remediation="bond_raise_member",
            mode="propose",
            outcome=Outcome.RUNNING,
            reason="",
            plan=PLAN,
            started=at(20),
            journal=(
                JournalEntry(step=UP, undo=DOWN, state="done", output="up"),
                JournalEntry(step=DOWN, undo=None),
            ),
        )
        second = replace(
            first, id=proposed, incident_id=2, outcome=Outcome.PROPOSED, reason="why", started=at(21), journal=()
        )
        third = replace(second, id=refused, outcome=Outcome.REFUSED, reason="no", started=at(22), ended=at(22))
        assert history.attempts() == (first, second, third)
        assert history.attempts(2) == (second, third)
        assert history.attempts(None, Outcome.RUNNING) == (first,)
        assert history.attempts(2, Outcome.RUNNING) == ()
        history.end_attempt(running, Outcome.HEALED, "the check no longer finds it", at(30))
        healed = replace(first, outcome=Outcome.HEALED, reason="the check no longer finds it", ended=at(30))
        assert history.attempts(1) == (healed,)
    with Reader.open(path) as reader:
        records = reader.incidents(open_only=True, since_seconds=None, now=at(40))
    assert [r.attempts for r in records] == [(healed,), (second, third)]


def test_an_attempt_on_an_incident_that_is_not_there(path: Path) -> None:
    with open_history(path) as history, pytest.raises(HistoryError, match="FOREIGN KEY"):
        history.begin_attempt(7, "bond_raise_member", "propose", PLAN, Outcome.RUNNING, "", at(20))


def test_a_cycle_is_recorded_whole_or_not_at_all(path: Path) -> None:
    with open_history(path) as history:
        history.record(cycle(at(10), result(offset_seconds=1)))
        broken = cycle(at(40), result(offset_seconds=1), messages=(message(incident_id=7),), next_id=9)
        with pytest.raises(HistoryError, match="FOREIGN KEY"):
            history.record(broken)
        assert history.load_state().next_id == 1
        history.record(cycle(at(70), result(offset_seconds=1)))
    with Reader.open(path) as reader:
        assert [span.count for span in reader.spans(None, None, at(70))] == [2]
        assert [m.count for m in reader.metrics("bond", None, at(70))] == [2]


def test_a_step_that_only_a_newer_watchdog_knows(path: Path) -> None:
    with open_history(path) as history:
        history.record(cycle(at(10), result(), incidents=[incident()]))
        attempt = history.begin_attempt(1, "x", "propose", PLAN, Outcome.RUNNING, "", at(20))
        history.write_entry(attempt, 0, JournalEntry(step=UP, undo=DOWN), at(21))
        with history._transaction() as connection:
            connection.exec_driver_sql("UPDATE attempts SET plan = replace(plan, 'LinkChange', 'Teleport')")
            connection.exec_driver_sql("UPDATE journal SET step = replace(step, 'LinkChange', 'Teleport')")
        with pytest.raises(HistoryError, match="or a newer watchdog wrote it"):
            history.attempts()  # healing must not take a journal that it cannot read for an empty one
    with Reader.open(path) as reader:  # people still see the rest
        (record,) = reader.incidents(open_only=True, since_seconds=None, now=at(40))
    assert record.attempts[0].plan.summary.startswith("the plan cannot be read: ")
    assert record.attempts[0].journal == ()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_strings_come_back_as_they_were(path: Path, text: str) -> None:
    found = incident(1, subject=text, summary=text, evidence={text: [text, None, 1.5, True]})
    said = CheckResult(
        check=text,
        judged=False,
        reason=text,
        notes=(Note(subject=text, summary=text, evidence={"e": text}),),
        metrics=(Metric(subject=text, name=text, value=1),),
    )
    plan = Plan(summary=text, steps=(LinkChange(link=text, up=True),), note=text)
    entry = JournalEntry(step=plan.steps[0], undo=plan.steps[0], state="failed", output=text)
    change = Transition(incident_id=1, at=at(10), before=None, after=IncidentState.FIRING, reason=text)
    told = message(text, target=text, title=text, body=text)
    tracks = {found.key: Track(recent="1")}
    whole = cycle(
        at(10),
        said,
        memories={text: b"m"},
        incidents=[found],
        tracks=tracks,
        transitions=(change,),
        messages=(told,),
        next_id=2,
    )
    with open_history(path) as history:
        for _ in range(2):
            history.record(replace(whole, host=text))
        attempt_id = history.begin_attempt(1, text, "propose", plan, Outcome.RUNNING, text, at(20))
        history.write_entry(attempt_id, 0, entry, at(21))
        (due,) = history.due_messages(at(10), 10)
        history.mark_failed(due.message.key, 0, at(10), text)
        assert history.load_state() == State(incidents={found.key: found}, tracks=tracks, next_id=2)
        assert history.load_memories() == {text: b"m"}
        assert history.due_messages(at(10), 10) == (replace(due, message=told, target_failures=1),)
        (attempt,) = history.attempts()
        assert (attempt.remediation, attempt.reason, attempt.plan, attempt.journal) == (text, text, plan, (entry,))
    with Reader.open(path) as reader:
        (record,) = reader.incidents(open_only=True, since_seconds=None, now=at(40))
        assert (record.incident, record.transitions, record.attempts) == (found, (change, change), (attempt,))
        (note, _) = reader.period(1e9, at(40)).notes
        assert (note.check, note.subject, note.summary, note.evidence) == (text, text, text, {"e": text})
        assert [(s.check, s.reason, s.count) for s in reader.latest_spans()] == [(text, text, 2)]
        assert [(m.subject, m.name, m.count) for m in reader.metrics(text, None, at(40))] == [(text, text, 2)]
        assert reader.boots()[0].host == text


TEXT = st.text(st.characters(), max_size=8)  # lone surrogates too
INT64 = st.integers(0, 2**63 - 1)
STAMPS = st.builds(
    Stamp, boot_id=st.sampled_from(["boot-a", "boot-b", "boot-c"]), boottime_ns=INT64, wall_ns=INT64
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
OPEN = st.builds(
    Incident,
    id=INT64,
    fault=TEXT,
    subject=TEXT,
    severity=st.sampled_from(Severity),
    state=st.sampled_from([IncidentState.PENDING, IncidentState.FIRING]),
    summary=TEXT,
    evidence=st.dictionaries(TEXT, JSON, max_size=3),
    opened=STAMPS,
    last_seen=STAMPS,
    fired=st.none() | STAMPS,
    resolved=st.none(),
    occurrences=INT64,
    caused_by=st.lists(INT64, max_size=3).map(tuple),
    inhibited=st.booleans(),
    flapping=st.booleans(),
    told=st.none() | st.sampled_from(Severity),
)
STATES = st.builds(
    State,
    incidents=st.lists(OPEN, max_size=4, unique_by=(lambda i: i.id, lambda i: i.key)).map(
        lambda incidents: {i.key: i for i in incidents}
    ),
    tracks=st.dictionaries(
        st.tuples(TEXT, TEXT),
        st.builds(Track, recent=st.text("01", max_size=20), flapping=st.booleans()),
        max_size=4,
    ),
    next_id=st.integers(1, 2**63 - 1),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(states=st.lists(STATES, min_size=1, max_size=3))
def test_a_state_comes_back_as_it_was(path: Path, states: list[State]) -> None:
    """One after the other into the same file: what an earlier one held must not show through."""
    empty = path.with_name("empty.db")
    if not empty.exists():
        open_history(empty).close()
    shutil.copyfile(empty, path)
    for state in states:
        with open_history(path) as history:
            over = [
                replace(i, state=IncidentState.RESOLVED, resolved=at(10))
                for i in history.load_state().incidents.values()
            ]
            if any(i.id in {o.id for o in over} for i in state.incidents.values()):
                continue  # an id is one incident for ever
            history.record(
                replace(cycle(at(10)), advanced=Advanced(state=state, changed=tuple(over), transitions=()))
            )
            assert history.load_state() == state
        with open_history(path) as history:
            assert history.load_state() == state


def test_evidence_that_json_has_no_word_for_is_kept_as_text(path: Path) -> None:
    odd = incident(evidence={"set": frozenset({1}), "bytes": b"x", "path": Path("/x"), "tuple": (1, 2)})
    with open_history(path) as history:
        history.record(cycle(at(10), incidents=[odd]))
        (found,) = history.load_state().incidents.values()
    assert found.evidence == {"set": [1], "bytes": "b'x'", "path": "/x", "tuple": [1, 2]}


def test_messages_of_a_resolved_incident(path: Path) -> None:
    over = resolved(1, opened=at(10), ended=at(40))
    told: Message = message("1:resolved", recovery=True)
    with open_history(path) as history:
        history.record(cycle(at(40), result(), incidents=[over], messages=(told,)))
        assert [d.message for d in history.due_messages(at(40), 10)] == [told]
