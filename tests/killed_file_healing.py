"""Runs as a process of its own: heals by changing files for real, and is killed by SIGKILL at every moment.

A moment is each write of the journal (before it, and after it), and each system call of the actuator that Python's
audit hooks see. Prints, for each, what was in the folder and in the history after the next start.
"""

import json
import os
import shutil
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.history import make
from tests.stand_ins import StandInEyes
from watchdog import actuator
from watchdog.actuator import StepFailed
from watchdog.config import Permissions
from watchdog.healing import Brakes, Consent, Healer, Problem, recover
from watchdog.history.store import History
from watchdog.host import Host
from watchdog.model import CheckResult, Fault, Incident, IncidentState, Severity
from watchdog.plugin import Remediation, RemediationSettings
from watchdog.registry import Registry
from watchdog.steps import AnyStep, Attempt, Outcome, Plan, Prepared, RunCommand, WriteFile

FAULT = Fault(code="files.wrong", title="", severity=Severity.WARNING, why="", advice="")
OLD, NEW = '# kept\nNTPD_OPTS="-g"\n', '# kept\nNTPD_OPTS="-g -x"\n'
OWNER, MODE = 12345, 0o640


def build(folder: Path) -> None:
    """Make what is there before: a file with an owner and a mode of its own, and one that will go."""
    (folder / "ntpsec").write_text(OLD)
    (folder / "gone.conf").write_text("goes\n")
    os.chown(folder / "ntpsec", OWNER, OWNER)
    (folder / "ntpsec").chmod(MODE)


def plan_for(folder: Path) -> Plan:
    steps = (
        WriteFile(path=str(folder / "ntpsec"), before=OLD, after=NEW),
        WriteFile(path=str(folder / "new.conf"), before=None, after="new\n", mode=0o600),
        WriteFile(path=str(folder / "gone.conf"), before="goes\n", after=None),
        RunCommand(argv=("touch", str(folder / "ran")), undo=("rm", "-f", str(folder / "ran"))),
    )
    return Plan(summary="change files", steps=steps, settle_seconds=0.0)


def seen(folder: Path) -> dict[str, list[object]]:
    """Return every file but the backups: its content, mode and owner."""
    found = {}
    for file in sorted(folder.iterdir()):
        status = file.stat()
        if not file.name.endswith(".before-watchdog"):
            found[file.name] = [file.read_text(), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid]
    return found


class Mortal:
    """Dies at the moment numbered `at`."""

    def __init__(self, at: int) -> None:
        self.at, self.passed = at, 0

    def pass_moment(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def mortal(*arguments: Any, **keywords: Any) -> Any:
            self.pass_moment()
            answer = method(*arguments, **keywords)
            self.pass_moment()
            return answer

        return mortal


class MortalActuator:
    """The real actuator, in which each system call that is audited is a moment."""

    def __init__(self, mortal: Mortal) -> None:
        self.acting = False
        sys.addaudithook(lambda event, _: mortal.pass_moment() if self.acting and event in EVENTS else None)

    def prepare(self, step: AnyStep, host: Host) -> Prepared:
        return actuator.prepare(step, host)

    def do(self, step: AnyStep, host: Host) -> str:
        self.acting = True
        try:
            return actuator.do(step, host)
        finally:
            self.acting = False


EVENTS = ("open", "os.rename", "os.remove", "os.link", "os.chmod", "os.chown", "os.setxattr", "subprocess.Popen")


def open_history(path: Path) -> History:
    return History.open(path, now=Host().stamp(), wait_seconds=10.0, command="test")


def heal(folder: Path, history_path: Path, convinced: bool, at: int) -> None:
    """Heal what is in the folder; the check is convinced of what it finds there, or of nothing."""
    host, mortal = Host(), Mortal(at)
    plan = plan_for(folder)

    def look() -> CheckResult:
        cured = convinced and (folder / "ran").exists()
        return CheckResult(check="files", judged=True, findings=() if cured else (FAULT.on("files", "wrong"),))

    healer = Remediation(
        name="change_files",
        title="",
        heals=(FAULT.code,),
        risk="low",
        settings=RemediationSettings,
        plan=lambda host, case, settings: plan,
    )
    now = host.stamp()
    incident = Incident(
        id=1,
        fault=FAULT.code,
        subject="files",
        severity=Severity.WARNING,
        state=IncidentState.FIRING,
        summary="wrong",
        evidence={},
        opened=now,
        last_seen=now,
    )
    with open_history(history_path) as history:
        for name in ("begin_attempt", "write_entry", "write_verification", "end_attempt"):
            setattr(history, name, mortal.around(getattr(history, name)))
        Healer(
            host=host,
            registry=Registry(checks={}, remediations={healer.name: healer}, faults={FAULT.code: FAULT}),
            permissions=Permissions(remediations={healer.name: RemediationSettings()}),
            journal=history,
            eyes=StandInEyes(check="files", see=look),
            actuator=MortalActuator(mortal),
        ).heal(incident, (incident,), Brakes(), Consent(asked=True, permission=lambda name: "a test"))


def start_again(folder: Path, history_path: Path, convinced: bool) -> list[str]:
    """Do what the next start does first; return how the attempts ended."""

    def problem_of(attempt: Attempt) -> Problem | None:
        cured = convinced and (folder / "ran").exists()
        return None if cured else Problem(outcome=Outcome.NO_EFFECT, text="still wrong")

    with open_history(history_path) as history:
        recover(Host(), history, problem_of)
        return [attempt.outcome.value for attempt in history.attempts()]


def main(top: Path, convinced: bool, pristine: Path) -> list[dict[str, object]]:
    told = []
    for at in range(1, 1000):
        folder, history_path = top / "etc", top / "history" / "history.db"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(history_path.parent, ignore_errors=True)
        shutil.copytree(pristine, history_path.parent)
        folder.mkdir()
        build(folder)
        child = os.fork()
        if child == 0:
            try:
                heal(folder, history_path, convinced, at)
            except StepFailed as error:
                print(error, file=sys.stderr)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        at_death = seen(folder)
        outcomes = start_again(folder, history_path, convinced)
        told.append({"at": at, "at_death": at_death, "outcomes": outcomes, "left": seen(folder)})
        if not os.WIFSIGNALED(status):
            return told
    raise SystemExit("it never ends")


def make_pristine(folder: Path) -> None:
    """Make a history once, with the incident that attempts are about: a fresh one takes half a second."""
    with open_history(folder / "history.db") as history:
        now = Host().stamp()
        history.record(make.cycle(now, incidents=[make.incident(1, opened=now)], next_id=2))


if __name__ == "__main__":
    where = Path(sys.argv[1])
    make_pristine(where / "pristine")
    print(json.dumps({mood: main(where, mood == "cured", where / "pristine") for mood in ("cured", "not cured")}))
