"""`watchdog actuator` as systemd starts it, by systemd-socket-activate: killed half-way, and misled."""

import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.cli.command import WATCHDOG, Cli
from tests.needs import need
from tests.privileged.house import PLUGINS
from watchdog.actuator import StepFailed
from watchdog.config import Permissions
from watchdog.errors import Refused
from watchdog.host import Host
from watchdog.model import Finding, Severity
from watchdog.plugin import Case, Remediation, RemediationSettings
from watchdog.privileged.client import Hands
from watchdog.steps import RunCommand

# Only one heals on a host at a time.
pytestmark = [pytest.mark.program, pytest.mark.xdist_group("heals")]


LAMP_AND_BULB = """
import sys
from pathlib import Path
from watchdog.plugin import *

FOLDER = Path("{folder}")
OUT = Fault(code="lamp.out", title="a lamp is out", severity=Severity.CRITICAL, why="Dark.", advice="Change it.")

class LampFacts(Facts, frozen=True, kw_only=True):
    said: str

def observe(host, settings, before):
    return LampFacts(said=(FOLDER / "lamp").read_text().strip())

def judge(facts, before, settings):
    if facts.said == "dark":
        yield OUT.on("hall", "lamp hall is out")

CHECK = Check(name="lamp", title="lamps", faults=(OUT,), settings=CheckSettings, facts=LampFacts, memory=LampFacts,
              observe=observe, judge=judge, remember=lambda facts, before, settings: facts)

def plan(host, case, settings):
    begun, undone = FOLDER / "begun", FOLDER / "undone"
    script = f"import time, pathlib; pathlib.Path('{{begun}}').touch(); time.sleep({sleep})"
    step = RunCommand(argv=(sys.executable, "-c", script), undo=("touch", str(undone)), timeout_seconds=60.0)
    return Plan(summary="change it", steps=(step,))

REMEDIATION = Remediation(name="change_bulb", title="change", heals=("lamp.out",), risk="low",
                          settings=RemediationSettings, plan=plan)
"""


@dataclass
class Program:
    """`watchdog actuator`, started by systemd's own systemd-socket-activate at the first connection."""

    cli: Cli
    path: Path

    def start(self) -> subprocess.Popen[str]:
        activate = shutil.which("systemd-socket-activate")
        need(None if activate else "systemd-socket-activate (package systemd)")
        environment = {
            "STATE_DIRECTORY": str(self.cli.folder / "state"),
            "WATCHDOG_CONFIG": self.cli.environment["WATCHDOG_CONFIG"],
            "PYTHONPATH": self.cli.environment["PYTHONPATH"],
        }
        self.path.unlink(missing_ok=True)
        passed = [f"--setenv={name}={value}" for name, value in environment.items()]
        process = subprocess.Popen(
            [str(activate), f"--listen={self.path}", *passed, str(WATCHDOG), "actuator"],
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_for(self.path.exists)
        return process

    def hands(self) -> Hands:
        return Hands(memories=dict, path=self.path)


def wait_for(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        threading.Event().wait(0.05)
    pytest.fail("it did not come true within 30 s")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    need(None if os.geteuid() == 0 else "root, whose hands they are")
    cli = Cli(folder=tmp_path)
    (cli.folder / "lamp").write_text("dark\n")
    (cli.folder / "state").mkdir(mode=0o700)
    cli.settings('[remediations.change_bulb]\nmode = "auto"\n')
    return Program(cli=cli, path=tmp_path / "heal.sock")


def test_killed_in_the_middle_it_can_still_be_taken_back(program: Program) -> None:
    cli = program.cli
    cli.plugin("bulb", LAMP_AND_BULB.format(folder=cli.folder, sleep=60))
    first = program.start()
    answers: list[str] = []
    daemon = threading.Thread(target=lambda: answers.append(heal(program)))
    daemon.start()
    wait_for((cli.folder / "begun").exists)
    first.kill()
    first.wait(30)
    daemon.join(30)
    assert answers == ["root cannot be asked: the message ended half-way"]

    second = program.start()
    try:
        undo = RunCommand(argv=("touch", str(cli.folder / "undone")), timeout_seconds=60.0)
        assert program.hands().do(undo, Host()) == "done"
        assert (cli.folder / "undone").exists()
        forged = RunCommand(argv=("touch", str(cli.folder / "forged")), timeout_seconds=60.0)
        with pytest.raises(StepFailed, match="takes back nothing"):
            program.hands().do(forged, Host())
        assert not (cli.folder / "forged").exists()
    finally:
        second.kill()
        second.wait(30)


def heal(program: Program) -> str:
    """Have it planned and done, as the daemon would; return what kept it."""
    hands = program.hands()
    finding = Finding(fault="lamp.out", subject="hall", severity=Severity.CRITICAL, summary="")
    bulb = Remediation(
        name="change_bulb",
        title="",
        heals=("lamp.out",),
        settings=RemediationSettings,
        plan=lambda host, case, settings: pytest.fail("the daemon planned it itself"),
    )
    opted_in = Permissions(remediations={"change_bulb": RemediationSettings(mode="auto")})
    lent = hands.lend(replace(PLUGINS, remediations={"change_bulb": bulb}), opted_in)
    plan = lent.remediations["change_bulb"].plan(Host(), Case(finding=finding), RemediationSettings())
    (step,) = plan.steps
    assert hands.prepare(step, Host()).needed
    try:
        return hands.do(step, Host())
    except StepFailed as error:
        return str(error)


def test_the_program_heals_once_and_ends_when_it_is_told(program: Program) -> None:
    program.cli.plugin("bulb", LAMP_AND_BULB.format(folder=program.cli.folder, sleep=0))
    process = program.start()
    try:
        assert heal(program) == "done"
        entries = (program.cli.folder / "state/ledger.json").read_bytes()
        assert (b"touch" in entries, b'"done"' in entries) == (True, True)
        process.terminate()
        assert process.wait(30) != 0
        assert process.stderr is not None
        assert "asked MakePlan change_bulb lamp.out hall: Planned" in process.stderr.read()
    finally:
        process.kill()


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        pytest.param("0o777", "in others' hands", id="a-list-that-all-may-write"),
        pytest.param("", "names no folder", id="no-list"),
    ],
)
def test_without_a_list_of_its_own_nothing_is_done(program: Program, mode: str, why: str) -> None:
    program.cli.plugin("bulb", LAMP_AND_BULB.format(folder=program.cli.folder, sleep=0))
    state = program.cli.folder / "state"
    if mode:
        state.chmod(int(mode, 8))
    else:
        state.rmdir()
    process = program.start()
    try:
        with pytest.raises(Refused):
            heal(program)
        process.wait(30)
        assert process.stderr is not None
        assert why in process.stderr.read()
        assert process.returncode == 3
    finally:
        process.kill()
