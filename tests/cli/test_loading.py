"""What a command loads before it says anything: who is in a hurry at night must not wait for libraries."""

import subprocess
import sys

import pytest

from tests.cli.command import Cli
from tests.history.make import at, cycle, open_history, result

READING = (("status",), ("incidents",), ("report",), ("report", "--format", "html"), ("report", "--verify"))


@pytest.fixture
def kept(cli: Cli) -> Cli:
    with open_history(cli.history, at(10)) as history:
        history.record(cycle(at(10), result()))
    return cli


def loaded(cli: Cli, *words: str) -> set[str]:
    """Return the names of all modules that the real program loads for a command."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *cli.argv(*words)],
        env=cli.environ(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip() for line in lines}


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_who_only_looks_at_the_history_loads_no_sqlalchemy(kept: Cli, words: tuple[str, ...]) -> None:
    names = loaded(kept, *words)
    assert "watchdog.history.read" in names
    assert not {name for name in names if name.split(".")[0] in ("sqlalchemy", "alembic")}


def test_who_writes_it_does(kept: Cli) -> None:
    """So that the test above would see it."""
    assert "sqlalchemy" in loaded(kept, "pause", "--why", "a test")
