"""SIGKILL at any moment leaves a readable history, with all in it that was said to be recorded."""

import itertools
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Here, so that the children need not: it is the writing that is to be killed, not the importing.
import alembic.command  # noqa: F401
import pytest
from msgspec.structs import replace

from tests.history.child import fork
from tests.history.make import at, cycle, incident, message, open_history, result
from watchdog.history import holding, journal
from watchdog.history.audit import append
from watchdog.history.read import Reader
from watchdog.history.store import History
from watchdog.model import Note, Stamp
from watchdog.steps import JournalEntry, LinkChange, Outcome, Plan

KILLS = 30
PLAN = Plan(summary="raise eth1", steps=(LinkChange(link="eth1", up=True),))


def write_until_killed(path: Path, first: int, tell: int) -> None:
    """Record cycles, each with a note that bears its number, and tell each number when it is recorded."""
    number = first
    while True:
        with open_history(path, at(number)) as history:
            for _ in range(5):
                note = Note(subject="s", summary=str(number), evidence={"x": "x" * 3000})
                said = replace(result(offset_seconds=number), notes=(note,))
                found = incident(1, opened=at(10), occurrences=number)
                history.record(
                    cycle(
                        at(number),
                        said,
                        incidents=[found],
                        messages=(message(f"{number}"),),
                        memories={"bond": str(number).encode()},
                    )
                )
                os.write(tell, f"{number}\n".encode())
                heal(history, at(number))
                history.prune(at(number), 40, 20)
                number += 1


def heal(history: History, now: Stamp) -> None:
    """Do all that is told in the audit, each a write of its own."""
    attempt = history.begin_attempt(1, "x", "auto", PLAN, Outcome.RUNNING, "", now, permission="auto")
    for state in ("planned", "done", "undone"):
        history.write_entry(attempt, 0, JournalEntry(step=PLAN.steps[0], undo=None, state=state), now)
    history.write_verification(attempt, "still there", now)
    history.end_attempt(attempt, Outcome.NO_EFFECT, "", now, messages=[message(f"healed {attempt}")])
    history.end_hold(history.add_hold(kind="pause", who="x", why="y", seconds=None, now=now), "x", now)


@pytest.mark.program
def test_kill_9(path: Path) -> None:
    chance = random.Random(9)  # noqa: S311
    recorded = 0
    killed_while_open = 0
    killed_while_healing = 0
    for _ in range(KILLS):
        reader, writer = os.pipe()
        pid = fork(lambda first=recorded + 1, tell=writer: write_until_killed(path, first, tell))
        os.close(writer)
        with os.fdopen(reader) as pipe:
            # By what it has done, however slow this machine is; then at any moment of what it does next.
            numbers = [int(pipe.readline()) for _ in range(chance.randrange(8))]
            time.sleep(chance.uniform(0, 0.03))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            numbers += map(int, pipe)
        promised = numbers[-1] if numbers else recorded
        if not path.exists():
            continue
        killed_while_open += path.with_name("history.db-wal").exists()
        recorded = found_in(path)
        killed_while_healing += is_healing(path)
        # One more than was told may be there: killed between the commit and the telling.
        assert recorded in (promised, promised + 1)
    assert recorded > KILLS
    assert killed_while_open > KILLS / 2
    assert killed_while_healing > 1
    with open_history(path, at(recorded)) as history:
        assert history.set_aside is None
        assert {i.occurrences for i in history.load_state().incidents.values()} == {recorded}
    assert not list(path.parent.glob("*.damaged*"))
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    raw.close()


def found_in(path: Path) -> int:
    """Return the number of the last cycle that is there, having seen that it is there whole."""
    with Reader.open(path) as reader:
        notes = reader.period(1e9, at(1e6)).notes
        (record,) = reader.incidents(open_only=True, since_seconds=None, now=at(1e6)) or (None,)
        if record is None:
            assert notes == ()
            return 0
        number = record.incident.occurrences
        assert reader.memories() == {"bond": str(number).encode()}
        assert notes[-1].summary == str(number)
        healed = reader.attempts(None, Outcome.NO_EFFECT)
        assert reader.outbox_summary().pending == number + len(healed)
        assert reader.latest_spans()[0].last == at(number)
        proof = reader.prove_audit()
        assert (proof.broken, proof.differences) == (None, ())
        assert proof.attempts == len(reader.attempts())
        return number


def is_healing(path: Path) -> bool:
    """Tell whether what it was killed in the middle of was an attempt."""
    with Reader.open(path) as reader:
        return bool(reader.attempts(None, Outcome.RUNNING))


@pytest.mark.parametrize("delay", [n * 0.01 for n in range(12)])
def test_kill_9_while_it_is_made(path: Path, delay: float) -> None:
    """It is there whole or not at all; what was begun is in nobody's way."""
    pid = fork(lambda: open_history(path).close())
    time.sleep(delay)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    if path.exists():
        with Reader.open(path) as reader:
            assert reader.latest_spans() == ()
    with open_history(path) as history:
        assert history.set_aside is None
        history.record(cycle(at(10), result()))
    assert sorted(p.name for p in path.parent.iterdir()) == ["history.db", "history.db.lock"]


def die_at(call: int, when: str) -> Callable[..., None]:
    """Return what tells the audit, and kills us before or after the call of that number."""
    calls = itertools.count()

    def tell(*args: Any, **kwargs: Any) -> None:
        here = next(calls) == call
        if here and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        append(*args, **kwargs)
        if here:
            os.kill(os.getpid(), signal.SIGKILL)

    return tell


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", range(8))
def test_kill_9_within_a_write_that_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: int, when: str
) -> None:
    """What is done and what is told of it are there together or not at all."""
    with open_history(path) as history:
        history.record(cycle(at(10), result(), incidents=[incident(1)]))
    tell = die_at(call, when)
    for module in (journal, holding):
        monkeypatch.setattr(module, "append", tell)

    def work() -> None:
        with open_history(path) as history:
            heal(history, at(20))

    assert os.waitstatus_to_exitcode(os.waitpid(fork(work), 0)[1]) == -signal.SIGKILL
    monkeypatch.undo()
    with Reader.open(path) as reader:
        proof = reader.prove_audit()
    assert (proof.proven, proof.head.count) == (True, call)
    with open_history(path) as history:
        heal(history, at(30))
    with Reader.open(path) as reader:
        proof = reader.prove_audit()
    assert (proof.proven, proof.head.count) == (True, call + 8)
