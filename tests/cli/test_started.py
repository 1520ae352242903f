"""Every command as a program that is really started.

The other tests fork their commands from a process that has everything imported (tests/forked.py). What a command
forgot to import, and only works because another did, shows here.
"""

import subprocess
from collections.abc import Callable

import pytest

from tests.cli.command import Cli
from watchdog.cli import COMMANDS

WORDS = (
    ("run", "lamp"),
    ("run", "lamp", "--json"),
    ("status",),
    ("incidents",),
    ("explain", "lamp.out"),
    ("heal", "1"),
    ("rollback", "1"),
    ("pause", "--for", "1h", "--why", "w"),
    ("resume",),
    ("ack", "1"),
    ("silence", "lamp.out", "--for", "1h", "--why", "w"),
    ("maintenance", "--for", "1h", "--why", "w"),
    ("report",),
    ("report", "--format", "html"),
    ("check", "lamp"),
    ("config", "show"),
    ("notify",),
    ("install", "--print"),
)


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_it_starts_and_ends_as_when_it_is_forked(
    cli: Cli, lamp: Callable[[str], None], words: tuple[str, ...]
) -> None:
    lamp("hall")
    twin = Cli(folder=cli.folder / "twin", environment=cli.environment)
    twin.folder.mkdir()
    assert (cli("run", "lamp").code, twin("run", "lamp").code) == (2, 2)
    forked = cli(*words)
    real = subprocess.run(twin.argv(*words), env=twin.environ(), capture_output=True, text=True, timeout=60)
    assert (real.returncode, real.stderr.replace("/twin", "")) == (forked.code, forked.err)
    assert "Traceback" not in real.stderr
    assert len(real.stdout.splitlines()) == len(forked.out.splitlines())


def test_that_is_every_command() -> None:
    """But for the daemon, which all its tests really start."""
    assert {words[0] for words in WORDS} | {"daemon"} == set(COMMANDS)
