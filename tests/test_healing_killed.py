"""A healing process is killed at any moment: the next start leaves the host as before, or healed, and says so."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.killed_file_healing import MODE, NEW, OLD, OWNER
from tests.needs import need

pytestmark = pytest.mark.program
BEFORE = {"gone.conf": ["goes\n", 0o644, 0, 0], "ntpsec": [OLD, MODE, OWNER, OWNER]}
AFTER = {
    "new.conf": ["new\n", 0o600, 0, 0],
    "ntpsec": [NEW, MODE, OWNER, OWNER],
    "ran": ["", 0o644, 0, 0],
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    need(None if os.geteuid() == 0 else "root: a file with an owner of its own; run as root: sudo make test")
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-m", "tests.killed_file_healing", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("mood", ["cured", "not cured"])
def test_killed_at_any_moment(told: dict[str, list[dict[str, Any]]], mood: str) -> None:
    for moment in told[mood]:
        match moment["outcomes"]:
            case [] | ["rolled_back"] | ["no_effect"]:
                assert moment["left"] == BEFORE, moment
            case ["healed"]:
                assert moment["left"] == AFTER, moment
            case _:
                pytest.fail(f"neither before nor after: {moment}")


def test_every_kind_of_end_was_seen(told: dict[str, list[dict[str, Any]]]) -> None:
    """Else the moments above were not what they are meant to be."""
    outcomes = {mood: {tuple(moment["outcomes"]) for moment in moments} for mood, moments in told.items()}
    assert outcomes == {
        "cured": {(), ("rolled_back",), ("healed",)},
        "not cured": {(), ("rolled_back",), ("no_effect",)},
    }
    for mood in ("cured", "not cured"):
        # The last one is the run that nobody killed.
        deaths = [moment["at_death"] for moment in told[mood][:-1]]
        assert any(left not in (BEFORE, AFTER) for left in deaths), (
            "death in the middle leaves something in the middle"
        )
        assert len(deaths) > 30
