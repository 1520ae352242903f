"""A test whose machine lacks something is skipped with words, or fails where the lack must be mended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import MISSING

pytestmark = pytest.mark.program

ROOT = Path(__file__).parent.parent
LACKING = """
import pytest
from tests.needs import need

@pytest.mark.parametrize("number", range(3))
def test_one(number):
    need("warp drive (package warp)")

def test_two():
    need(None)

def test_three():
    pytest.skip("for another reason")
"""


def _run(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it where there is no apt, unless the environment says otherwise."""
    (tmp_path / "test_lacking.py").write_text(LACKING)
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-p", "tests.conftest"]
    inherited = {name: value for name, value in os.environ.items() if name != "CI" and "PYTEST" not in name}
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", *arguments, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=inherited | {"PATH": "/nowhere"} | environment,
        timeout=60,
    )


@pytest.mark.parametrize("workers", [pytest.param(["-n0"], id="alone"), pytest.param(["-n2"], id="xdist")])
def test_what_could_not_run_is_listed_with_the_one_command(tmp_path: Path, workers: list[str]) -> None:
    ran = _run(tmp_path, *workers)
    assert ran.returncode == 0, ran.stdout
    *_, why, _, missing, _, remedy, result = filter(None, ran.stdout.splitlines())
    assert "4 tests skipped" in ran.stdout
    assert (why, missing) == ("for another reason", "missing: warp drive (package warp)")
    assert remedy == "To run what is missing something: sudo make test"
    assert "1 passed, 4 skipped" in result
    assert ran.stdout.count("warp drive") == 1, "said twice"


def test_nothing_skipped_nothing_said(tmp_path: Path) -> None:
    ran = _run(tmp_path, "-n0", "-k", "test_two")
    assert "skipped" not in ran.stdout


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"CI": "true"}, id="in-ci"),
        pytest.param(
            {"PATH": "/usr/bin:/bin"},
            id="root-with-apt",
            marks=pytest.mark.skipif(os.geteuid() != 0, reason=f"{MISSING}root, which alone is held to this"),
        ),
    ],
)
def test_where_it_can_be_mended_it_fails(tmp_path: Path, environment: dict[str, str]) -> None:
    ran = _run(tmp_path, "-n0", **environment)
    assert ran.returncode == 1
    assert "3 failed, 1 passed, 1 skipped" in ran.stdout
    assert "missing: warp drive (package warp); on Debian and Ubuntu `sudo make test` brings it" in ran.stdout
