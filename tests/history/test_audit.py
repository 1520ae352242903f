"""What is told in the audit, that it cannot be untold, and that meddling shows."""

# ruff: noqa: S608 - the statements are our own

import contextlib
import hashlib
import json
import shutil
import sqlite3
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.history.audited import HEALER, KINDS, NO_PLAN, PLAN, UP, forge, meddle, prove, unguard, write_audited
from tests.history.make import at, cycle, incident, message, open_history, resolved, result
from watchdog.errors import HistoryError
from watchdog.history.chain import GENESIS, Head, link
from watchdog.history.models import AUDIT
from watchdog.history.read import Reader
from watchdog.steps import JournalEntry, Outcome

pytestmark = pytest.mark.usefixtures("made_once")

LAST = len(KINDS)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audited") / "history.db"
    write_audited(path)
    return path


@pytest.fixture
def audited(path: Path, template: Path) -> Path:
    """A copy of a history in which something of every kind was told."""
    shutil.copy(template, path)
    return path


def told(path: Path) -> list[dict[str, Any]]:
    with sqlite3.connect(path) as raw:
        raw.row_factory = sqlite3.Row
        rows = [dict(row) for row in raw.execute("SELECT * FROM audit ORDER BY seq")]
    raw.close()
    return rows


def test_everything_is_told(audited: Path) -> None:
    rows = told(audited)
    assert [row["kind"] for row in rows] == KINDS
    assert [row["seq"] for row in rows] == list(range(1, LAST + 1))
    assert [(row["attempt_id"], row["incident_id"]) for row in rows] == [
        *[(1, 1), (2, 1), (3, 1), (4, 1), (1, 1)],
        *[(4, 1)] * 6,
        *[(5, 2)] * 4,
        *[(None, None)] * 4,
    ]
    assert [(row["boot_id"], row["boottime_ns"], row["wall_ns"]) for row in rows] == [
        (now.boot_id, now.boottime_ns, now.wall_ns) for now in map(at, range(20, 39))
    ]
    payloads = [json.loads(row["payload"]) for row in rows]
    step = {"step": "LinkChange", "link": "eth1", "up": True}
    assert payloads[3] == {
        "remediation": HEALER,
        "mode": "propose",
        "outcome": "running",
        "reason": "",
        "permission": "alice",
        "plan": json.loads(json.dumps(payloads[0]["plan"])),
        "ended": None,
    }
    assert payloads[3]["plan"]["steps"][0] == step
    assert payloads[6] == {"seq": 0, "step": step, "undo": {**step, "up": False}, "state": "done", "output": "up"}
    assert payloads[8] == {"problem": "the fault is still there"}
    ended = at(30)
    assert payloads[10] == {
        "outcome": "rolled_back",
        "reason": "could not be seen",
        "ended": [ended.boot_id, ended.boottime_ns, ended.wall_ns],
    }
    assert payloads[16] == {"hold": 2, "pattern": "bond0", "who": "bob", "why": "known", "seconds": 3600}
    assert payloads[18] == {"hold": 1, "who": "carol"}


def test_what_ended_and_what_is_told_of_that_are_one(path: Path) -> None:
    """The message of an end is in the outbox, or nothing of that end is anywhere."""
    write_audited(path)
    with open_history(path) as history:
        assert [due.message.key for due in history.due_messages(at(60), 10)] == ["4:over"]
        running = history.begin_attempt(1, HEALER, "propose", PLAN, Outcome.RUNNING, "", at(50))
        with pytest.raises(HistoryError, match="FOREIGN KEY"):
            history.end_attempt(running, Outcome.HEALED, "", at(51), messages=[message("x", incident_id=99)])
        assert [one.id for one in history.attempts(None, Outcome.RUNNING)] == [running]
    assert [row["kind"] for row in told(path)] == [*KINDS, "begun"]
    assert prove(path).proven


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda h: h.write_entry(9, 0, JournalEntry(step=UP, undo=None), at(40)), id="step"),
        pytest.param(lambda h: h.write_verification(9, "", at(40)), id="verification"),
        pytest.param(lambda h: h.end_attempt(9, Outcome.HEALED, "", at(40)), id="end"),
    ],
)
def test_of_an_attempt_that_is_not_there_nothing_is_told(audited: Path, write: Callable[[Any], object]) -> None:
    with open_history(audited) as history, pytest.raises(HistoryError, match="there is no attempt 9"):
        write(history)
    assert len(told(audited)) == LAST


def test_ending_a_hold_that_is_over_is_not_told(audited: Path) -> None:
    with open_history(audited) as history:
        assert not history.end_hold(1, "dave", at(40))
        assert not history.end_hold(77, "dave", at(40))
    assert len(told(audited)) == LAST


def test_the_chain_as_its_docstring_says_it() -> None:
    """Written out once more, and pinned: every row that was ever written is proven by this very encoding."""
    values = [1, "step", None, 7, '{"a":"\\u00fc"}', "boot-a", 10, 1790000000000000000]
    text = '[1,"step",null,7,"{\\"a\\":\\"\\\\u00fc\\"}","boot-a",10,1790000000000000000]'
    expected = hashlib.sha256(("0" * 64 + "\n" + text).encode()).hexdigest()
    assert link(GENESIS, values) == expected
    assert expected == "efe3a6900252fe5c4f4d57f7f146c59a69ab66facd7c40775c27ba9670350a97"


def test_an_audit_that_nobody_touched(audited: Path) -> None:
    proof = prove(audited)
    assert proof.proven
    assert (proof.broken, proof.differences, proof.attempts, proof.attempts_gone) == (None, (), 5, 0)
    assert proof.head == Head(count=LAST, hash=told(audited)[-1]["hash"])
    assert Head.parse(str(proof.head)) == proof.head


def test_an_attempt_that_was_cut_off_keeps_its_verdict_as_it_was_told(audited: Path) -> None:
    with open_history(audited) as history:
        number = history.begin_attempt(1, HEALER, "auto", PLAN, Outcome.RUNNING, "", at(40))
        history.write_verification(number, "something new is wrong", at(41))
    with open_history(audited) as history:
        (attempt,) = history.attempts(None, Outcome.RUNNING)
    assert attempt.reason == "something new is wrong"
    assert prove(audited).differences == ()


def test_a_new_history(path: Path) -> None:
    open_history(path).close()
    proof = prove(path)
    assert (proof.proven, proof.head, proof.attempts) == (True, Head(), 0)
    assert prove(path, Head()).proven


SWAP = (
    "UPDATE audit SET seq = -1 WHERE seq = 6",
    "UPDATE audit SET seq = 6 WHERE seq = 7",
    "UPDATE audit SET seq = 7 WHERE seq = -1",
)
CLOSE_RANKS = "UPDATE audit SET seq = -seq WHERE seq > {0}", "UPDATE audit SET seq = -seq - 1 WHERE seq < 0"
MAKE_ROOM = "UPDATE audit SET seq = -seq WHERE seq >= {0}", "UPDATE audit SET seq = -seq + 1 WHERE seq < 0"
COPY = (
    "INSERT INTO audit SELECT {0}, kind, attempt_id, incident_id, payload, boot_id, boottime_ns, wall_ns, hash"
    " FROM audit WHERE seq = {1}"
)


@pytest.mark.parametrize(
    ("statements", "row", "what"),
    [
        *(
            pytest.param((f"UPDATE audit SET {name} = {value} WHERE seq = 9",), 9, "altered", id=f"altered-{name}")
            for name, value in {
                "kind": "'begun'",
                "attempt_id": "1",
                "incident_id": "NULL",
                "payload": """'{"problem":""}'""",
                "boot_id": "'boot-b'",
                "boottime_ns": "boottime_ns + 1",
                "wall_ns": "wall_ns - 1",
                "hash": f"'{GENESIS}'",
            }.items()
        ),
        pytest.param(("UPDATE audit SET payload = '{}' WHERE seq = 1",), 1, "altered", id="altered-first"),
        pytest.param((f"UPDATE audit SET wall_ns = 0 WHERE seq = {LAST}",), LAST, "altered", id="altered-last"),
        pytest.param(("UPDATE audit SET wall_ns = 1.5 WHERE seq = 9",), 9, "altered", id="foreign-number"),
        pytest.param(("UPDATE audit SET payload = x'ff00' WHERE seq = 9",), 9, "altered", id="foreign-bytes"),
        pytest.param(
            ("UPDATE audit SET payload = CAST(x'ff41' AS TEXT) WHERE seq = 9",), 9, "altered", id="no-utf"
        ),
        pytest.param(("UPDATE audit SET hash = x'00' WHERE seq = 9",), 9, "altered", id="foreign-hash"),
        pytest.param(("UPDATE audit SET hash = 9e999 WHERE seq = 9",), 9, "altered", id="infinite-hash"),
        pytest.param(("UPDATE audit SET kind = 17 WHERE seq = 9",), 9, "altered", id="a-number-for-a-kind"),
        pytest.param(("DELETE FROM audit WHERE seq = 9",), 9, "missing", id="removed"),
        pytest.param(("DELETE FROM audit WHERE seq BETWEEN 9 AND 12",), 9, "missing", id="removed-several"),
        pytest.param(("DELETE FROM audit WHERE seq = 1",), 1, "missing", id="removed-first"),
        pytest.param((f"DELETE FROM audit WHERE seq = {LAST}",), LAST, "cut_off", id="removed-last"),
        pytest.param(("DELETE FROM audit WHERE seq > 4",), 5, "cut_off", id="cut-off"),
        pytest.param(("DELETE FROM audit",), 1, "cut_off", id="emptied"),
        pytest.param(
            ("DELETE FROM audit WHERE seq = 9", *(text.format(9) for text in CLOSE_RANKS)),
            9,
            "altered",
            id="removed-and-ranks-closed",
        ),
        pytest.param(SWAP, 6, "out_of_order", id="swapped"),
        pytest.param(
            (*(text.format(9) for text in MAKE_ROOM), COPY.format(9, 3)), 9, "out_of_order", id="put-in-between"
        ),
        pytest.param((COPY.format(LAST + 1, 3),), LAST + 1, "altered", id="put-behind"),
        pytest.param((COPY.format(0, 3),), 0, "added", id="put-before"),
        pytest.param((COPY.format(-7, 3),), -7, "added", id="put-far-before"),
        pytest.param(
            ("UPDATE upkeep SET audit_count = 5, audit_hash = (SELECT hash FROM audit WHERE seq = 5)",),
            6,
            "added",
            id="head-set-back",
        ),
        pytest.param(("UPDATE upkeep SET audit_hash = upper(audit_hash)",), LAST, "altered", id="head-altered"),
        pytest.param(("UPDATE upkeep SET audit_hash = NULL",), 1, "added", id="head-removed"),
        pytest.param(("DELETE FROM upkeep",), 1, "added", id="upkeep-removed"),
    ],
)
def test_meddling_shows(audited: Path, statements: tuple[str, ...], row: int, what: str) -> None:
    meddle(audited, *statements)
    proof = prove(audited)
    assert proof.broken is not None
    assert (proof.broken.row, proof.broken.what, proof.proven) == (row, what, False)
    assert proof.broken.text


@pytest.mark.parametrize("row", range(1, LAST + 1))
def test_no_row_can_be_lost_or_changed(audited: Path, row: int) -> None:
    altered = audited.with_name("altered.db")
    shutil.copy(audited, altered)
    meddle(audited, f"DELETE FROM audit WHERE seq = {row}")
    meddle(altered, f"UPDATE audit SET payload = replace(payload, '{{', '{{ ') WHERE seq = {row}")
    for path in (audited, altered):
        broken = prove(path).broken
        assert broken is not None
        assert broken.row == row


@pytest.mark.parametrize("number", [4, LAST])
def test_what_is_written_after_a_break_does_not_cover_it(audited: Path, number: int) -> None:
    """The chain goes on from the head as it was, behind whatever is there."""
    meddle(audited, f"DELETE FROM audit WHERE seq = {number}")
    with open_history(audited) as history:
        history.begin_attempt(1, HEALER, "propose", PLAN, Outcome.PROPOSED, "", at(60))
    broken = prove(audited).broken
    assert broken is not None
    assert (broken.row, broken.what) == (number, "missing")
    assert told(audited)[-1]["seq"] == LAST + 1


def test_what_others_put_behind_the_head_does_not_keep_us_from_telling(audited: Path) -> None:
    meddle(audited, COPY.format(LAST + 1, 3))
    with open_history(audited) as history:
        history.add_hold(kind="pause", who="x", why="y", seconds=None, now=at(60))
    assert told(audited)[-1]["seq"] == LAST + 2
    broken = prove(audited).broken
    assert broken is not None
    assert (broken.row, broken.what) == (LAST + 1, "altered")


def test_a_chain_that_was_forged_whole_shows_against_a_head_that_was_noted(audited: Path) -> None:
    noted = prove(audited).head
    with open_history(audited) as history:
        history.add_hold(kind="pause", who="x", why="y", seconds=None, now=at(60))
    assert prove(audited, noted).proven
    assert prove(audited, Head(count=4, hash=told(audited)[3]["hash"])).proven
    meddle(audited, "UPDATE audit SET boottime_ns = 1 WHERE seq = 9")
    forge(audited)
    assert prove(audited).proven
    broken = prove(audited, noted).broken
    assert broken is not None
    assert (broken.row, broken.what) == (noted.count, "altered")


def test_an_end_that_was_cut_off_with_the_head_shows_against_a_head_that_was_noted(audited: Path) -> None:
    noted = prove(audited).head
    meddle(audited, "DELETE FROM audit WHERE seq > 15", "DELETE FROM holds")
    forge(audited)
    assert prove(audited).proven
    broken = prove(audited, noted).broken
    assert broken is not None
    assert (broken.row, broken.what) == (16, "cut_off")
    assert prove(audited, Head(count=4, hash=told(audited)[3]["hash"])).proven


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param(
            "UPDATE attempts SET outcome = 'healed' WHERE id = 4",
            "attempt 4: the outcome of it is 'healed', and the audit tells 'rolled_back'",
            id="outcome",
        ),
        pytest.param(
            "UPDATE attempts SET reason = 'x' WHERE id = 5", "attempt 5: the reason of it is 'x'", id="reason"
        ),
        pytest.param(
            "UPDATE attempts SET plan = '{}' WHERE id = 1", "attempt 1: the plan of it is '{}'", id="plan"
        ),
        pytest.param("UPDATE attempts SET mode = 'auto' WHERE id = 1", "attempt 1: the mode of it", id="mode"),
        pytest.param("UPDATE attempts SET remediation = '' WHERE id = 1", "attempt 1: the remediation", id="name"),
        pytest.param("UPDATE attempts SET permission = 'eve' WHERE id = 4", "attempt 4: the permission", id="who"),
        pytest.param("UPDATE attempts SET incident_id = 2 WHERE id = 4", "attempt 4: the incident", id="incident"),
        pytest.param(
            "UPDATE attempts SET started_wall_ns = 1 WHERE id = 4", "attempt 4: the beginning", id="began"
        ),
        pytest.param(
            "UPDATE attempts SET ended_boottime_ns = 1 WHERE id = 4", "attempt 4: the end of it", id="ended"
        ),
        pytest.param(
            "UPDATE attempts SET ended_boot = NULL, ended_boottime_ns = NULL, ended_wall_ns = NULL WHERE id = 1",
            "attempt 1: the end of it is (None, None, None)",
            id="not-ended",
        ),
        pytest.param(
            "UPDATE attempts SET plan = x'ff' WHERE id = 4", "attempt 4: the plan of it", id="foreign-plan"
        ),
        pytest.param(
            "UPDATE attempts SET reason = 7 WHERE id = 4", "attempt 4: the reason of it is", id="foreign"
        ),
        pytest.param(
            "DELETE FROM attempts WHERE id = 4", "attempt 4: the audit tells of it, and it is gone", id="gone"
        ),
        pytest.param(
            "INSERT INTO attempts SELECT 6, incident_id, remediation, mode, outcome, reason, plan, started_boot,"
            " started_boottime_ns, started_wall_ns, ended_boot, ended_boottime_ns, ended_wall_ns, permission"
            " FROM attempts WHERE id = 5",
            "attempt 6: the audit does not tell how it began",
            id="put-in",
        ),
        pytest.param("DELETE FROM journal WHERE seq = 1", "attempt 4: its step 1 is gone", id="step-gone"),
        pytest.param(
            "INSERT INTO journal SELECT attempt_id, 2, step, undo, state, output, written_boot,"
            " written_boottime_ns, written_wall_ns, changed_boot, changed_boottime_ns, changed_wall_ns"
            " FROM journal WHERE seq = 1",
            "attempt 4: the audit tells of no step 2",
            id="step-put-in",
        ),
        pytest.param(
            "UPDATE journal SET state = 'done' WHERE attempt_id = 4 AND seq = 0",
            "attempt 4: the state of its step 0 is 'done', and the audit tells 'undone'",
            id="step-state",
        ),
        pytest.param(
            "UPDATE journal SET step = replace(step, 'eth1', 'eth2') WHERE seq = 1",
            "attempt 4: the command of its step 1 is",
            id="step-command",
        ),
        pytest.param(
            "UPDATE journal SET undo = NULL WHERE attempt_id = 5", "attempt 5: the undo of", id="step-undo"
        ),
        pytest.param(
            "UPDATE journal SET output = '' WHERE attempt_id = 5", "attempt 5: the output", id="step-output"
        ),
        pytest.param(
            "UPDATE journal SET step = x'ff' WHERE seq = 1", "attempt 4: the command of", id="foreign-step"
        ),
        pytest.param(
            "UPDATE holds SET seconds = 1 WHERE id = 3", "the length of hold 3 is 1.0, and", id="hold-length"
        ),
        pytest.param("UPDATE holds SET who = 'eve' WHERE id = 3", "the owner of hold 3 is 'eve'", id="hold-owner"),
        pytest.param(
            "UPDATE holds SET ended_by = 'eve', ended_boot = 1, ended_boottime_ns = 1, ended_wall_ns = 1"
            " WHERE id = 3",
            "the who-ended-it of hold 3 is 'eve', and the audit tells ''",
            id="hold-ended",
        ),
        pytest.param(
            "DELETE FROM holds WHERE id = 1", "hold 1: the audit tells of it, and it is gone", id="hold-gone"
        ),
        pytest.param(
            "UPDATE holds SET id = 9 WHERE id = 1", "hold 9: the audit does not tell of it", id="hold-put-in"
        ),
    ],
)
def test_the_tables_are_held_against_the_audit(audited: Path, statement: str, expected: str) -> None:
    meddle(audited, statement)
    proof = prove(audited)
    assert proof.broken is None
    assert not proof.proven
    assert [text for text in proof.differences if text.startswith(expected)], proof.differences


def test_an_attempt_that_went_with_its_incident_is_gone_by_right(audited: Path) -> None:
    with open_history(audited) as history:
        history.record(cycle(at(100), result(), incidents=[resolved(2, opened=at(10), ended=at(100))], next_id=3))
        history.prune(at(200), 50, 50)
        assert {attempt.incident_id for attempt in history.attempts()} == {1}
    proof = prove(audited)
    assert (proof.proven, proof.attempts, proof.attempts_gone) == (True, 4, 1)
    assert len(told(audited)) == LAST


def test_an_attempt_never_gets_the_id_of_one_that_is_gone(audited: Path) -> None:
    """The audit still tells of that one."""
    with open_history(audited) as history:
        history.record(cycle(at(100), result(), incidents=[resolved(2, opened=at(10), ended=at(100))], next_id=3))
        history.prune(at(200), 50, 50)
        assert history.begin_attempt(1, HEALER, "propose", PLAN, Outcome.PROPOSED, "", at(200)) == 6
    assert prove(audited).proven


def test_a_thousand_differences_are_counted_and_a_few_are_shown(audited: Path) -> None:
    with open_history(audited) as history:
        for number in range(60):
            history.begin_attempt(1, HEALER, "propose", NO_PLAN, Outcome.REFUSED, "", at(100 + number))
    meddle(audited, "UPDATE attempts SET reason = 'x'")
    proof = prove(audited)
    assert len(proof.differences) == 20
    assert proof.more_differences == 65 - 20


@pytest.mark.parametrize(
    "payload",
    ["", "{", "[]", "null", "7", '"x"', "{}", '{"seq":[],"step":1,"undo":1,"state":1,"output":1}', "[" * 100_000],
)
@pytest.mark.parametrize("row", [1, 4, 6, 11, 16, 19])
def test_a_row_that_means_nothing_is_an_answer(audited: Path, row: int, payload: str) -> None:
    """Even where somebody made the chain fit."""
    with sqlite3.connect(audited) as raw:
        unguard(raw)
        raw.execute("UPDATE audit SET payload = ? WHERE seq = ?", (payload, row))
    raw.close()
    forge(audited)
    proof = prove(audited)
    assert proof.broken is None
    assert proof.differences


def test_payloads_nested_deeply_are_an_answer(audited: Path) -> None:
    deep = f'{{"remediation":{"[" * 900}{"]" * 900}}}'
    with sqlite3.connect(audited) as raw:
        unguard(raw)
        raw.execute("UPDATE audit SET payload = json_patch(payload, ?) WHERE seq = 4", (deep,))
    raw.close()
    forge(audited)
    assert prove(audited).differences


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit",
        "DELETE FROM audit WHERE seq = 3",
        "UPDATE audit SET payload = '{}'",
        "UPDATE OR REPLACE audit SET seq = 4 WHERE seq = 3",
        COPY.format(3, 4).replace("INSERT", "INSERT OR REPLACE"),
        "REPLACE INTO audit SELECT * FROM audit WHERE seq = 4",
    ],
)
def test_the_database_itself_refuses(audited: Path, statement: str) -> None:
    before = told(audited)
    with (
        contextlib.closing(sqlite3.connect(audited)) as raw,
        pytest.raises(sqlite3.IntegrityError, match="audit is never"),
    ):
        raw.execute(statement)
    assert told(audited) == before
    with (
        open_history(audited) as history,
        pytest.raises(HistoryError, match="the audit is never"),
        history._transaction() as connection,
    ):
        connection.execute(AUDIT.delete())
    assert prove(audited).proven


def test_a_hostile_name_is_told_as_it_is(path: Path) -> None:
    text = "\udcff\udc80 \x00 \u202e '; DROP TABLE audit; --"
    with open_history(path) as history:
        history.record(cycle(at(10), result(), incidents=[incident(1, subject=text)]))
        attempt = history.begin_attempt(1, text, "propose", PLAN, Outcome.RUNNING, text, at(20), permission=text)
        history.write_entry(attempt, 0, JournalEntry(step=UP, undo=None, state="failed", output=text), at(21))
        history.end_attempt(attempt, Outcome.STEP_FAILED, text, at(22))
        history.add_hold(kind="silence", who=text, why=text, seconds=60, pattern=text, now=at(23))
    assert prove(path).proven
    assert [json.loads(row["payload"]).get("reason") for row in told(path)] == [text, None, text, None]


def test_it_takes_no_memory(path: Path) -> None:
    """Ten thousand rows in the room of a few."""
    write_audited(path)
    with sqlite3.connect(path) as raw:
        unguard(raw)
        raw.executemany(
            "INSERT INTO audit VALUES (?, 'verified', ?, 99, ?, 'b', 1, 1, '')",
            [(LAST + n, 100 + n // 5, json.dumps({"problem": "x" * 1000})) for n in range(1, 10_001)],
        )
    raw.close()
    forge(path)
    with Reader.open(path) as reader:
        reader.prove_audit()
        tracemalloc.start()
        try:
            assert reader.prove_audit().head.count == LAST + 10_000
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 200_000
