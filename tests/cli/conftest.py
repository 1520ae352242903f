"""Fixtures of the command line's tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import LAMP, Cli


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return Cli(folder=tmp_path)


@pytest.fixture
def lamp(cli: Cli) -> Callable[[str], None]:
    """Install the lamp check; the fixture is a function that says which lamps are out."""
    cli.plugin("lamp", LAMP)
    switch = cli.folder / "lamp.txt"
    cli.environment["LAMP"] = str(switch)
    return lambda words: switch.write_text(words) and None
