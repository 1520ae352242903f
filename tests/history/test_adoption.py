"""A history of before the audit (schema 0001) is brought up to date: its attempts are adopted as they stand."""

import json
import sqlite3
from pathlib import Path

import pytest
from alembic import command

from tests.history.audited import HEALER, PLAN, UP, prove
from tests.history.make import at, cycle, incident, open_history, result
from watchdog.errors import HistoryError
from watchdog.history import schema
from watchdog.history.chain import Head
from watchdog.history.connect import connect_writer, keep_wal, pragma
from watchdog.history.read import Reader
from watchdog.history.rows import encode_struct
from watchdog.history.source import APPLICATION_ID
from watchdog.history.version import HEAD
from watchdog.steps import Attempt, JournalEntry, Outcome

NOT_UTF8 = "\udcff"


@pytest.fixture
def old(path: Path) -> Path:
    """An empty history as the watchdog of schema 0001 made it."""
    path.touch()
    connection = connect_writer(path, foreign_keys=False)
    pragma(connection, f"application_id={APPLICATION_ID}")
    keep_wal(connection)
    with connection.begin():
        command.upgrade(schema.alembic_config(connection), "0001")
    connection.close()
    return path


def fill(path: Path, *, plan: object = None, reason: object = "") -> None:
    """Put in what that watchdog would have recorded: an incident, a try with a step, and a proposal."""
    plan = encode_struct(PLAN) if plan is None else plan
    now = at(10)
    stamp = (1, now.boottime_ns, now.wall_ns)
    with sqlite3.connect(path) as raw:
        raw.execute("INSERT INTO boots VALUES (1, ?, 'mx1', 1, 1, 99, 99)", [now.boot_id])
        raw.execute(
            "INSERT INTO incidents (id, fault, subject, severity, state, summary, evidence, opened_boot,"
            " opened_boottime_ns, opened_wall_ns, last_seen_boot, last_seen_boottime_ns, last_seen_wall_ns,"
            " occurrences, caused_by, inhibited, flapping)"
            " VALUES (1, 'bond.down', 'bond0', 'warning', 'firing', '', '{}', ?, ?, ?, ?, ?, ?, 1, '[]', 0, 0)",
            [*stamp, *stamp],
        )
        columns = "incident_id, remediation, mode, outcome, reason, plan, started_boot, started_boottime_ns,"
        columns += " started_wall_ns, ended_boot, ended_boottime_ns, ended_wall_ns"
        add = f"INSERT INTO attempts ({columns}) VALUES (1, ?, 'propose', ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        raw.execute(add, [HEALER, "healed", reason, plan, *stamp, 1, stamp[1] + 5, stamp[2] + 5])
        raw.execute(add, [HEALER, "proposed", "", plan, *stamp, None, None, None])
        raw.execute(
            "INSERT INTO journal VALUES (1, 0, ?, NULL, 'done', 'up', ?, ?, ?, ?, ?, ?)",
            [encode_struct(UP), *stamp, *stamp],
        )
    raw.close()


def test_what_was_there_is_adopted_and_held_against_the_audit_from_then_on(old: Path) -> None:
    fill(old, reason=NOT_UTF8.encode(errors="surrogatepass"))
    with pytest.raises(HistoryError, match=f"has schema 0001, this watchdog reads {HEAD}"):
        Reader.open(old)
    with open_history(old, at(20)) as history:
        healed, proposed = history.attempts()
        assert healed == Attempt(
            id=1,
            incident_id=1,
            remediation=HEALER,
            mode="propose",
            outcome=Outcome.HEALED,
            reason=NOT_UTF8,
            plan=PLAN,
            started=at(10),
            ended=at(10.000000005),
            journal=(JournalEntry(step=UP, undo=None, state="done", output="up"),),
        )
        history.end_attempt(proposed.id, Outcome.CLOSED, "over", at(30))
        assert history.begin_attempt(1, HEALER, "propose", PLAN, Outcome.PROPOSED, "", at(31)) == 3
    proof = prove(old)
    assert (proof.proven, proof.head.count, proof.attempts) == (True, 4, 3)
    with sqlite3.connect(old) as raw:
        assert [row[0] for row in raw.execute("SELECT kind FROM audit ORDER BY seq")] == [
            *["adopted"] * 2,
            "closed",
            "proposed",
        ]
        (told,) = raw.execute("SELECT payload FROM audit WHERE seq = 1").fetchone()
        raw.execute("UPDATE attempts SET outcome = 'no_effect' WHERE id = 1")
        raw.execute("UPDATE journal SET state = 'undone'")
    raw.close()
    assert json.loads(told)["journal"][0]["step"] == {"step": "LinkChange", "link": "eth1", "up": True}
    assert prove(old).differences == (
        "attempt 1: the outcome of it is 'no_effect', and the audit tells 'healed'",
        "attempt 1: the state of its step 0 is 'undone', and the audit tells 'done'",
    )


def test_nothing_was_there(old: Path) -> None:
    with open_history(old) as history:
        history.record(cycle(at(10), result(), incidents=[incident(1)]))
    assert (prove(old).proven, prove(old).head) == (True, Head())
    with open_history(old) as history:
        history.begin_attempt(1, HEALER, "propose", PLAN, Outcome.PROPOSED, "", at(31))
    assert (prove(old).proven, prove(old).head.count) == (True, 1)


@pytest.mark.parametrize("cell", ["", "{", "{ }", "null", "[" * 5000, 7, 1.5, b"\xff", b"\xed\xb3\xbf"])
def test_what_makes_no_sense_is_adopted_as_it_is(old: Path, cell: object) -> None:
    fill(old, plan=cell, reason=cell)
    with open_history(old, at(20)) as history:
        pass
    if history.set_aside is None:  # nobody had to read it
        assert prove(old).proven


def test_killed_on_the_way_it_is_done_again(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it, adoption too, is one transaction."""
    fill(old)
    with monkeypatch.context() as patch:
        patch.setattr("watchdog.history.chain.link", lambda before, values: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            open_history(old, at(20))
    with sqlite3.connect(old) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert raw.execute("SELECT name FROM sqlite_master WHERE name IN ('audit', 'holds')").fetchall() == []
    raw.close()
    open_history(old, at(20)).close()
    assert (prove(old).proven, prove(old).head.count) == (True, 2)
