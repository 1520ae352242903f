"""A daemon whose files are rolled back must run with them again: with the real actuator and a real file.

The service is a script that starts nothing but keeps what it was started with, as a daemon would.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.stand_ins import StandInJournal
from watchdog import actuator
from watchdog.healing.attempt import Run, Treatment
from watchdog.healing.verifying import Problem
from watchdog.host import Host
from watchdog.steps import AnyStep, Outcome, Plan, UnitAction, WriteFile

# It notes each start; `bad` makes it fail, and then it is down.
SERVICE = """#!/bin/sh
cd {root}
case $2 in
  status) [ -e up ] || exit 3 ;;
  restart) rm -f up; grep -q bad conf other && {{ echo "no such option" >&2; exit 1; }}
    cat conf other | tr '\\n' ' ' >>started; echo >>started; touch up ;;
esac
"""
RESTART = UnitAction(unit="ntpsec", action="restart", again_on_undo=True)


def write(path: str, after: str) -> WriteFile:
    return WriteFile(path=path, before="old\n", after=f"{after}\n")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "bin").mkdir()
    service = tmp_path / "bin/service"
    service.write_text(SERVICE.format(root=tmp_path))
    service.chmod(0o755)
    for name in ("conf", "other"):
        (tmp_path / name).write_text("old\n")
    (tmp_path / "up").touch()
    proc = tmp_path / "proc/sys/kernel/random"
    proc.mkdir(parents=True)
    (proc / "boot_id").write_text("a\n")
    return Host(tmp_path, f"{tmp_path}/bin:/usr/bin:/bin")


def heal(host: Host, steps: Sequence[AnyStep], verify: Callable[[], Problem | str]) -> Treatment:
    journal, plan = StandInJournal(), Plan(summary="", steps=tuple(steps))
    attempt = journal.begin_attempt(1, "x", "propose", plan, Outcome.RUNNING, "", host.stamp())
    run = Run(host=host, journal=journal, actuator=actuator, tell=lambda _: None, attempt_id=attempt, plan=plan)
    return run.heal(verify)


def started(host: Host) -> list[str]:
    text = host.read_text("/started") or ""
    return [line.strip() for line in text.splitlines()]


def no_effect() -> Problem:
    return Problem(outcome=Outcome.NO_EFFECT, text="the fault is still there")


def test_it_is_restarted_when_all_its_files_are_as_they_were(host: Host) -> None:
    ended = heal(host, [write("/conf", "new"), write("/other", "new"), RESTART], no_effect)
    assert (ended.outcome, ended.reason) == (
        Outcome.NO_EFFECT,
        "the fault is still there; what was done is undone",
    )
    assert started(host) == ["new new", "old old"]
    assert [entry.state for entry in ended.journal] == ["undone"] * 3


def test_also_when_a_file_comes_behind_it(host: Host) -> None:
    ended = heal(host, [write("/conf", "new"), RESTART, write("/other", "new")], no_effect)
    assert ended.outcome is Outcome.NO_EFFECT
    assert started(host) == ["new old", "old old"]


def test_a_restart_that_failed_has_stopped_it_and_is_done_again(host: Host) -> None:
    ended = heal(host, [write("/conf", "bad"), RESTART], no_effect)
    assert ended.outcome is Outcome.STEP_FAILED
    assert "no such option" in ended.reason
    assert host.path("/conf").read_text() == "old\n"
    assert started(host) == ["old old"]
    assert host.path("/up").exists()


def test_a_file_that_could_not_be_written_restarts_nothing(host: Host) -> None:
    ended = heal(host, [WriteFile(path="/conf", before="other", after="new\n"), RESTART], no_effect)
    assert ended.outcome is Outcome.STEP_FAILED
    assert "somebody changed it" in ended.reason
    assert started(host) == []


def test_one_that_nothing_takes_back_is_said(host: Host) -> None:
    ended = heal(host, [UnitAction(unit="ntpsec", action="restart")], no_effect)
    assert ended.reason.endswith("nothing takes back: systemctl restart ntpsec")


def test_it_is_told_what_a_person_must_do_when_it_does_not_come_up_again(host: Host) -> None:
    def broken() -> Problem:
        host.path("/other").write_text("bad\n")
        return no_effect()

    ended = heal(host, [write("/conf", "new"), RESTART], broken)
    assert ended.outcome is Outcome.ROLLBACK_FAILED
    assert "when it is possible again, run: systemctl restart ntpsec" in ended.reason
    assert host.path("/conf").read_text() == "old\n"
