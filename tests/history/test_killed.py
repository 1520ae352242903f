"""SIGKILL at any moment leaves a readable history, with all in it that was said to be recorded."""

import os
import random
import signal
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

# Here, so that the children need not: it is the writing that is to be killed, not the importing.
import alembic.command  # noqa: F401
import pytest

from tests.history.child import fork
from tests.history.make import at, cycle, incident, message, open_history, result
from watchdog.history.read import Reader
from watchdog.model import Note

KILLS = 30


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
                history.prune(at(number), 40, 20)
                number += 1


def test_kill_9(path: Path) -> None:
    chance = random.Random(9)  # noqa: S311
    recorded = 0
    killed_while_open = 0
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
        # One more than was told may be there: killed between the commit and the telling.
        assert recorded in (promised, promised + 1)
    assert recorded > KILLS
    assert killed_while_open > KILLS / 2
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
        notes = reader.notes(None, at(1e6))
        (record,) = reader.incidents(open_only=True, since_seconds=None, now=at(1e6)) or (None,)
        if record is None:
            assert notes == ()
            return 0
        number = record.incident.occurrences
        assert reader.memories() == {"bond": str(number).encode()}
        assert notes[-1].summary == str(number)
        assert reader.outbox_summary().pending == number
        assert reader.latest_spans()[0].last == at(number)
        return number


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
