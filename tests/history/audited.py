"""A history in which something of every kind was told to the audit; and hands that meddle with it."""

import sqlite3
from pathlib import Path

from tests.history.make import at, cycle, incident, message, open_history, result
from watchdog.history.chain import COLUMNS, GENESIS, Head, link
from watchdog.history.read import Reader
from watchdog.history.records import Proof
from watchdog.steps import JournalEntry, LinkChange, Outcome, Plan

UP, DOWN = LinkChange(link="eth1", up=True), LinkChange(link="eth1", up=False)
PLAN = Plan(summary="raise eth1", steps=(UP, DOWN))
NO_PLAN = Plan(summary="", steps=())
HEALER = "bond_raise_member"
KINDS = [
    "proposed",
    "refused",
    "dry_run",
    "begun",
    "closed",
    "step",
    "step",
    "step",
    "verified",
    "step",
    "rolled_back",
    "begun",
    "step",
    "verified",
    "ended",
    "pause",
    "silence",
    "maintenance",
    "hold_ended",
]


def write_audited(path: Path) -> None:
    """Write a history whose audit has the KINDS, on two incidents and six attempts."""
    with open_history(path) as history:
        history.record(cycle(at(10), result(), incidents=[incident(1), incident(2)], next_id=3))
        proposed = history.begin_attempt(1, HEALER, "propose", PLAN, Outcome.PROPOSED, "", at(20))
        history.begin_attempt(1, HEALER, "auto", NO_PLAN, Outcome.REFUSED, "it is paused", at(21))
        history.begin_attempt(1, HEALER, "propose", PLAN, Outcome.DRY_RUN, "", at(22), permission="alice")
        tried = history.begin_attempt(1, HEALER, "propose", PLAN, Outcome.RUNNING, "", at(23), permission="alice")
        history.end_attempt(proposed, Outcome.CLOSED, "approved", at(24))
        history.write_entry(tried, 0, JournalEntry(step=UP, undo=DOWN), at(25))
        history.write_entry(tried, 0, JournalEntry(step=UP, undo=DOWN, state="done", output="up"), at(26))
        history.write_entry(tried, 1, JournalEntry(step=DOWN, undo=None, state="skipped"), at(27))
        history.write_verification(tried, "the fault is still there", at(28))
        history.write_entry(tried, 0, JournalEntry(step=UP, undo=DOWN, state="undone", output="down"), at(29))
        history.end_attempt(tried, Outcome.ROLLED_BACK, "could not be seen", at(30), messages=[message("4:over")])
        cured = history.begin_attempt(2, HEALER, "auto", PLAN, Outcome.RUNNING, "", at(31), permission="auto")
        history.write_entry(cured, 0, JournalEntry(step=UP, undo=DOWN, state="done", output="up"), at(32))
        history.write_verification(cured, "", at(33))
        history.end_attempt(cured, Outcome.HEALED, "the check no longer finds it", at(34))
        history.add_hold(kind="pause", who="alice (uid 0)", why="moving switches", seconds=None, now=at(35))
        history.add_hold(kind="silence", who="bob", why="known", seconds=3600, now=at(36), pattern="bond0")
        history.add_hold(kind="maintenance", who="bob", why="kernel", seconds=7200, now=at(37))
        history.end_hold(1, "carol", at(38))


def meddle(path: Path, *statements: str) -> None:
    """Do to the file what the triggers would refuse."""
    with sqlite3.connect(path) as raw:
        unguard(raw)
        for statement in statements:
            raw.execute(statement)
    raw.close()


def unguard(raw: sqlite3.Connection) -> None:
    for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {trigger}")


def forge(path: Path) -> None:
    """Chain all rows anew, head and all, as whoever may write to the file can."""
    with sqlite3.connect(path) as raw:
        unguard(raw)
        head = Head()
        for row in raw.execute(f"SELECT {', '.join(COLUMNS)} FROM audit ORDER BY seq").fetchall():  # noqa: S608
            head = Head(count=row[0], hash=link(head.hash if head.count else GENESIS, row))
            raw.execute("UPDATE audit SET hash = ? WHERE seq = ?", (head.hash, row[0]))
        raw.execute("UPDATE upkeep SET audit_count = ?, audit_hash = ?", (head.count, head.hash))
    raw.close()


def prove(path: Path, noted: Head | None = None) -> Proof:
    with Reader.open(path) as reader:
        return reader.prove_audit(noted)
