"""The linters hold the rules of the house: proven on code that breaks them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
PACKAGES = ("watchdog", "checks", "remediations")
TOOLS = Path(sys.executable).parent


def ruff_says(path: str, code: str) -> list[str]:
    """Return what banned-api says of code as if it stood at `path`."""
    run = subprocess.run(
        [TOOLS / "ruff", "check", "--select=TID251", "--output-format=json", "--stdin-filename", path, "-"],
        input=code,
        capture_output=True,
        text=True,
        check=False,
        cwd=HOUSE,
    )
    return [found["message"] for found in json.loads(run.stdout)]


# Each as a call, however its module is imported: ruff follows the names.
BANNED_CALLS = (
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "time.ctime",
    "time.asctime",
    "time.strftime",
    "time.clock_gettime",
    "time.clock_gettime_ns",
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.clock_settime",
    "time.clock_settime_ns",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "os.system",
    "os.popen",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.posix_spawnp",
    *(f"os.{verb}{how}" for verb in ("exec", "spawn") for how in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")),
    "asyncio.create_subprocess_exec",
    "asyncio.create_subprocess_shell",
    "subprocess",
    "multiprocessing",
    "pty",
)
WAYS = [
    pytest.param("import time as t\n\nt.time()\n", "time.time", id="under-another-name"),
    pytest.param("from time import time as wall\n\nwall()\n", "time.time", id="from-under-another-name"),
    pytest.param("import time\n\nread = time.time\n", "time.time", id="not-called"),
    pytest.param("from datetime import UTC, datetime\n\ndatetime.now(UTC)\n", "datetime.datetime.now", id="class"),
    pytest.param("import subprocess as s\n", "subprocess", id="module-under-another-name"),
    pytest.param("from subprocess import run\n", "subprocess", id="from-module"),
    pytest.param("from os import execv\n", "os.execv", id="from-os"),
]
BANNED = [
    *(pytest.param(f"import {name.partition('.')[0]}\n\n{name}()\n", name, id=name) for name in BANNED_CALLS),
    *WAYS,
]
ONE_OF_EACH = "import subprocess\nimport time\n\ntime.time()\n"


@pytest.mark.parametrize(("code", "banned"), BANNED)
def test_clocks_and_programs_are_banned(code: str, banned: str) -> None:
    assert any(said.startswith(f"`{banned}` is banned") for said in ruff_says("watchdog/x.py", code))


@pytest.mark.parametrize("path", ["checks/x.py", "checks/_x/y.py", "remediations/x.py", "watchdog/cli/x.py"])
def test_they_are_banned_everywhere(path: str) -> None:
    assert len(ruff_says(path, ONE_OF_EACH)) == 2


@pytest.mark.parametrize("path", ["watchdog/host.py", "watchdog/actuator/commands.py"])
def test_but_not_where_they_belong(path: str) -> None:
    assert ruff_says(path, ONE_OF_EACH) == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the house in which a test may build what it likes."""
    for package in PACKAGES:
        shutil.copytree(HOUSE / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HOUSE / "pyproject.toml", tmp_path)
    return tmp_path


def broken_contracts(house: Path) -> list[str]:
    """Return the names of the contracts that the imports of a house break."""
    run = subprocess.run(
        [TOOLS / "lint-imports", "--no-cache", "--no-logo"],
        capture_output=True,
        text=True,
        check=False,
        cwd=house,
        env=os.environ | {"PYTHONPATH": str(house), "COLUMNS": "200"},
    )
    broken = [line.partition(" BROKEN")[0] for line in run.stdout.splitlines() if " BROKEN" in line]
    assert "Contracts:" in run.stdout, run.stdout + run.stderr
    assert bool(broken) == bool(run.returncode)
    return broken


def test_the_house_as_it_stands_keeps_every_contract(copy: Path) -> None:
    assert broken_contracts(copy) == []


ENGINE = "the engine knows no check and no remediation"
PLUGIN = "plugins meet the engine only in watchdog.plugin and watchdog.linux"
APART = "checks and remediations never import one another"
CHECKS = "checks are independent of each other"
REMEDIATIONS = "remediations are independent of each other"
PURE = "judging is pure: the vocabulary and the incident logic do no I/O"
LAYERS = "rooms are stacked: each knows only those below it"
HISTORY = "sqlalchemy and alembic only in history"
NOTIFY = "apprise only in notify"
SCHEDULER = "apscheduler only in scheduler"


@pytest.mark.program
@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        pytest.param("watchdog/engine.py", "import checks.clock_step", ENGINE, id="engine-to-check"),
        pytest.param(
            "watchdog/healing.py", "import remediations.bond_raise_member", ENGINE, id="engine-to-remediation"
        ),
        pytest.param("checks/clock_step.py", "import watchdog.registry", PLUGIN, id="check-to-engine"),
        pytest.param("checks/clock_step.py", "from watchdog import model", PLUGIN, id="check-to-model"),
        pytest.param(
            "remediations/bond_raise_member.py", "import watchdog.host", PLUGIN, id="remediation-to-engine"
        ),
        pytest.param("remediations/bond_raise_member.py", "import checks.bond", APART, id="remediation-to-check"),
        pytest.param("checks/clock_step.py", "import checks.bond", CHECKS, id="check-to-check"),
        pytest.param(
            "remediations/another.py",
            "import remediations.bond_raise_member",
            REMEDIATIONS,
            id="between-remediations",
        ),
        pytest.param("watchdog/incidents.py", "import watchdog.host", PURE, id="pure-to-host"),
        pytest.param("watchdog/model.py", "import watchdog.plugin", LAYERS, id="up-the-stack"),
        pytest.param("watchdog/actuator.py", "import watchdog.notify", LAYERS, id="between-neighbours"),
        pytest.param("watchdog/brand_new.py", "", LAYERS, id="new-module-that-no-layer-names"),
        pytest.param("watchdog/cli/run.py", "import sqlalchemy", HISTORY, id="sqlalchemy-in-a-command"),
        pytest.param("watchdog/settings.py", "import sqlite3", HISTORY, id="sqlite3-in-settings"),
        pytest.param("checks/clock_step.py", "import alembic", HISTORY, id="alembic-in-a-check"),
        pytest.param("watchdog/engine.py", "import apprise", NOTIFY, id="apprise-in-the-engine"),
        pytest.param("watchdog/linux/x.py", "import apprise", NOTIFY, id="apprise-in-a-parser"),
        pytest.param("watchdog/daemon/loop.py", "import apscheduler", SCHEDULER, id="apscheduler-in-the-loop"),
        pytest.param("watchdog/engine.py", "import watchdog.daemon.loop", LAYERS, id="engine-to-daemon"),
    ],
)
def test_an_import_that_is_not_allowed_breaks_its_contract(
    copy: Path, module: str, line: str, contract: str
) -> None:
    with (copy / module).open("a") as file:
        file.write(f"\n{line}\n")
    assert contract in broken_contracts(copy)
