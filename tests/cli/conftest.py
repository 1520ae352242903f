"""Fixtures of the command line's tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import LAMP, Cli


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs the program as a person does; the hook is handed every item of the run."""
    for item in items:
        if "cli" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.program)


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
