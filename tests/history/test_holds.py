"""Holds on disk: who, why, how long, over reboots; and how long ago something was."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.history.audited import write_audited
from tests.history.make import at, cycle, open_history, result
from watchdog.errors import HistoryError
from watchdog.history.read import Reader
from watchdog.history.store import History
from watchdog.holds import Hold, HoldKind
from watchdog.model import Lasted, Stamp

pytestmark = pytest.mark.usefixtures("made_once")

HOUR = 3600.0


def pause(history: History, now: Stamp, **fields: Any) -> int:
    plain: dict[str, Any] = {"kind": "pause", "who": "alice (uid 0)", "why": "moving switches", "seconds": HOUR}
    return history.add_hold(**(plain | fields), now=now)


def test_a_hold_comes_back_as_it_was(path: Path) -> None:
    kinds: tuple[HoldKind, ...] = ("pause", "silence", "maintenance")
    with open_history(path) as history:
        assert history.holds(at(10)) == ()
        for kind in kinds:
            pause(history, at(10), kind=kind, pattern="bond0" if kind == "silence" else "")
        pause(history, at(11), seconds=None, who="\udcff", why="\x00'; --")
        held = history.holds(at(20))
    assert held == (
        *(
            Hold(
                id=n,
                kind=kind,
                who="alice (uid 0)",
                why="moving switches",
                began=at(10),
                seconds=HOUR,
                pattern="bond0" if kind == "silence" else "",
            )
            for n, kind in enumerate(kinds, 1)
        ),
        Hold(id=4, kind="pause", who="\udcff", why="\x00'; --", began=at(11), seconds=None),
    )
    with Reader.open(path) as reader:
        assert reader.holds(at(20)) == held


def test_one_that_is_ended_leaves_the_others(path: Path) -> None:
    with open_history(path) as history:
        one, two = pause(history, at(10)), pause(history, at(11), who="bob")
        assert history.end_hold(one, "carol", at(20))
        assert [(hold.id, hold.who) for hold in history.holds(at(21))] == [(two, "bob")]
        assert not history.end_hold(one, "dave", at(22))
        assert not history.end_hold(99, "dave", at(22))
        assert pause(history, at(23)) == 3
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT id, ended_by FROM holds").fetchall() == [(1, "carol"), (2, ""), (3, "")]
    raw.close()


def watch(history: History, now: Stamp) -> None:
    """Let the ledger know that this boot was seen until now."""
    history.record(cycle(now, result()))


def ids(history: History, now: Stamp) -> list[int]:
    return [hold.id for hold in history.holds(now)]


def test_its_time_is_counted_over_reboots_by_what_the_ledger_knows(path: Path) -> None:
    """A lower bound of what passed: it may hold too long, never too short."""
    with open_history(path) as history:
        pause(history, at(1000))
        watch(history, at(1600))  # 600 s
        assert ids(history, at(0, "boot-b")) == [1]
        watch(history, at(1500, "boot-b"))  # and 1500 s
        left = [hold.left_seconds(at(0, "boot-c")) for hold in history.holds(at(0, "boot-c"))]
        assert left == pytest.approx([HOUR - 600 - 1500])
        assert ids(history, at(1499, "boot-c")) == [1]
        assert ids(history, at(1501, "boot-c")) == []
        # Nobody saw boot-c before; the hold is as old as if it had begun in the boot before.
        assert ids(history, at(1501, "boot-d")) == []


def test_a_boot_that_nobody_watched_does_not_count(path: Path) -> None:
    with open_history(path) as history:
        pause(history, at(1000))
        for boot in ("boot-b", "boot-c", "boot-d"):
            watch(history, at(1, boot))
        left = [hold.left_seconds(at(100, "boot-e")) for hold in history.holds(at(100, "boot-e"))]
        assert left == pytest.approx([HOUR - 3 - 100])


def test_the_wall_clock_has_no_say(path: Path) -> None:
    jumped = Stamp(boot_id="boot-a", boottime_ns=at(20).boottime_ns, wall_ns=at(20).wall_ns + 10**18)
    with open_history(path) as history:
        pause(history, at(10))
        assert ids(history, jumped) == [1]


def test_a_hold_that_a_person_ended_stays_ended_over_a_reboot(path: Path) -> None:
    with open_history(path) as history:
        pause(history, at(10), seconds=None)
        history.end_hold(1, "alice", at(20))
        assert ids(history, at(5, "boot-b")) == []


@pytest.mark.parametrize("seconds", ["9e999", "-9e999", "-1"])
def test_a_length_that_is_none(path: Path, seconds: str) -> None:
    with open_history(path) as history:
        pause(history, at(10))
        with history._transaction() as connection:
            connection.exec_driver_sql(f"UPDATE holds SET seconds = {seconds}")  # noqa: S608 - our own number
        with pytest.raises(HistoryError, match="is no length of time"):
            history.holds(at(20))


def test_a_kind_that_only_a_newer_watchdog_knows_is_not_overlooked(path: Path) -> None:
    """What is held back must not be healed because we do not know the word."""
    with open_history(path) as history:
        pause(history, at(10))
        with history._transaction() as connection:
            connection.exec_driver_sql("UPDATE holds SET kind = 'truce'")
        with pytest.raises(HistoryError, match="truce"):
            history.holds(at(20))


def test_holds_are_not_pruned(path: Path) -> None:
    with open_history(path) as history:
        pause(history, at(10), seconds=None)
        history.prune(at(99_999, "boot-b"), 1, 1)
        assert ids(history, at(99_999, "boot-b")) == [1]


def test_lasted(path: Path) -> None:
    """So that what was tried in a boot long gone is not within the last hour for ever."""
    with open_history(path) as history:
        watch(history, at(5000))
        watch(history, at(4000, "boot-b"))
        assert history.lasted(at(1000), at(1060)) == Lasted(seconds=60, exact=True)
        assert history.lasted(at(1000), at(60, "boot-c")) == Lasted(seconds=4000 + 4000 + 60, exact=False)
        assert history.lasted(at(4900), at(30, "boot-b")) == Lasted(seconds=130, exact=False)


def test_attempts_as_a_reader_sees_them(path: Path) -> None:
    write_audited(path)
    with Reader.open(path) as reader, open_history(path) as history:
        assert reader.attempts() == history.attempts()
        assert [one.id for one in reader.attempts(1)] == [1, 2, 3, 4]
        assert reader.attempt(4) == history.attempt(4) == history.attempts()[3]
        assert reader.attempt(4).permission == "alice"  # type: ignore[union-attr]
        assert reader.attempt(99) is history.attempt(99) is None
        with history._transaction() as connection:
            connection.exec_driver_sql("UPDATE journal SET step = replace(step, 'LinkChange', 'Teleport')")
        with pytest.raises(HistoryError, match="or a newer watchdog wrote it"):
            reader.attempt(4)
