"""The owner's own command: which, filled how, and when it is not run."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from remediations.run_command import REMEDIATION, Command, RunCommandSettings
from watchdog import config, registry, selfwatch
from watchdog.errors import ConfigError
from watchdog.host import Host
from watchdog.model import Finding, Severity
from watchdog.plugin import Case, Duration, Plan, Refused, RunCommand
from watchdog.registry import Registry

PLUGINS = registry.load(selfwatch.FAULTS)
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root is harmed by what others can write")
SUBJECT = "192.168.100.10:8080"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """Return a host with three programs, one of them not executable."""
    for name, mode in (("failover", 0o755), ("back", 0o755), ("text", 0o644)):
        program = tmp_path / "usr/local/sbin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(mode)
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/hostname").write_text("mail1\n")
    return Host(tmp_path)


def command(**changes: Any) -> Command:
    table = {"faults": ("proxy_port.dead",), "argv": ("/usr/local/sbin/failover", "--from={subject}")} | changes
    return Command(**table)


def planned(host: Host, *commands: Command, fault: str = "proxy_port.dead", **evidence: Any) -> Plan:
    finding = Finding(
        fault=fault, subject=SUBJECT, severity=Severity.CRITICAL, summary="it is dead", evidence=evidence
    )
    return REMEDIATION.plan(host, Case(finding=finding), RunCommandSettings(commands=commands))


def test_the_command_with_what_takes_it_back(host: Host) -> None:
    undo = ("/usr/local/sbin/back", "{host}", "{severity}", "{evidence.port}")
    own = command(undo=undo, timeout=Duration(5), settle=Duration(20))
    plan = planned(host, own, port=8080)
    assert plan.steps == (
        RunCommand(
            argv=("/usr/local/sbin/failover", f"--from={SUBJECT}"),
            undo=("/usr/local/sbin/back", "mail1", "critical", "8080"),
            timeout_seconds=5.0,
        ),
    )
    assert plan.settle_seconds == 20.0
    assert plan.note == "should it not help, this is run: /usr/local/sbin/back mail1 critical 8080"
    assert msgspec.json.decode(msgspec.json.encode(plan), type=Plan) == plan, "the journal keeps it as JSON"


def test_what_nothing_takes_back_is_said_to_be_so(host: Host) -> None:
    plan = planned(host, command())
    assert plan.steps[0] == RunCommand(argv=("/usr/local/sbin/failover", f"--from={SUBJECT}"))
    assert plan.note == "nothing takes it back: its settings name no undo"


@pytest.mark.parametrize(
    ("commands", "chosen"),
    [
        pytest.param([command(), command(argv=("/usr/local/sbin/back",))], "failover", id="the-first"),
        pytest.param(
            [command(subject="10.*"), command(argv=("/usr/local/sbin/back",))], "back", id="the-first-for-it"
        ),
        pytest.param(
            [command(faults=("bond.down",)), command(argv=("/usr/local/sbin/back",))], "back", id="for-this-fault"
        ),
        pytest.param([command(subject="192.168.100.*:80[0-9][0-9]")], "failover", id="pattern"),
        pytest.param([command(faults=("bond.down", "proxy_port.dead"))], "failover", id="one-of-several-faults"),
    ],
)
def test_which(host: Host, commands: list[Command], chosen: str) -> None:
    (step,) = planned(host, *commands).steps
    assert isinstance(step, RunCommand)
    assert step.argv[0] == f"/usr/local/sbin/{chosen}"


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        pytest.param([], "no command is set for proxy_port.dead on 192.168.100.10:8080", id="none-is-set"),
        pytest.param([command(faults=("bond.down",))], "no command is set", id="only-for-another-fault"),
        pytest.param([command(subject="10.*")], "no command is set", id="only-for-other-subjects"),
        pytest.param(
            [command(argv=("/usr/local/sbin/failover", "{evidence.port}"))],
            "{evidence.port} is nothing that this finding tells; there are {fault}, {subject}, {severity}, "
            "{host}, {evidence.address}",
            id="evidence-that-is-not-there",
        ),
        pytest.param(
            [command(argv=("/usr/local/sbin/failover", "{evidence.address}"))], "an option", id="hostile-evidence"
        ),
        pytest.param(
            [command(undo=("/usr/local/sbin/back", "{evidence.address}"))], "an option", id="hostile-in-the-undo"
        ),
        pytest.param([command(argv=("/usr/local/sbin/gone",))], "no such program", id="no-program"),
        pytest.param([command(argv=("/usr/local/sbin/text",))], "no file that can be run", id="not-executable"),
        pytest.param([command(argv=("/usr/local/sbin",))], "no file that can be run", id="a-folder"),
        pytest.param(
            [command(undo=("/usr/local/sbin/gone",))], "gone is not run", id="no-program-to-take-it-back"
        ),
    ],
)
def test_refusal(host: Host, commands: list[Command], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        planned(host, *commands, address="-rf")
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("evidence", "left"),
    [
        pytest.param({"alive": 2}, 2, id="number"),
        pytest.param({"alive": 0}, 0, id="none-left-is-for-the-guards"),
        pytest.param({"alive": ["a", "b", "c"]}, 3, id="list"),
        pytest.param({"alive": ()}, 0, id="empty-list"),
        pytest.param({}, None, id="not-told"),
        pytest.param({"alive": None}, None, id="null"),
        pytest.param({"alive": True}, None, id="truth"),
        pytest.param({"alive": "two"}, None, id="text"),
    ],
)
def test_what_stays_in_service(host: Host, evidence: dict[str, Any], left: int | None) -> None:
    if left is None:
        with pytest.raises(Refused, match="what stays in service is not known: healthy_left names 'alive'"):
            planned(host, command(healthy_left="alive"), **evidence)
        return
    assert planned(host, command(healthy_left="alive"), **evidence).healthy_left == left


@ROOT_ONLY
@pytest.mark.parametrize(
    ("path", "mode", "owner"),
    [
        pytest.param("usr/local/sbin/failover", 0o775, 1234, id="another-s-program"),
        pytest.param("usr/local/sbin/failover", 0o757, 0, id="everybody-may-write-it"),
        pytest.param("usr/local/sbin", 0o755, 1234, id="another-s-folder"),
        pytest.param("usr/local/sbin", 0o777, 0, id="everybody-may-write-its-folder"),
        pytest.param("usr/local", 0o777, 0, id="everybody-may-put-another-folder-there"),
    ],
)
def test_a_program_that_others_can_write_is_not_run_as_root(host: Host, path: str, mode: int, owner: int) -> None:
    host.path(path).chmod(mode)
    os.chown(host.path(path), owner, 0)
    with pytest.raises(Refused, match="a file that only root can write, because root is about to trust it"):
        planned(host, command())


@ROOT_ONLY
def test_a_link_is_followed_to_where_others_may_write(host: Host) -> None:
    loose = host.path("/srv/failover")
    loose.parent.mkdir()
    loose.write_text("#!/bin/sh\n")
    loose.chmod(0o757)
    host.path("/usr/local/sbin/link").symlink_to(loose)
    with pytest.raises(Refused, match="srv/failover: expected a file that only root can write"):
        planned(host, command(argv=("/usr/local/sbin/link",)))


def settings_of(text: str, folder: Path) -> config.Config:
    path = folder / "watchdog.toml"
    path.write_text("[[remediations.run_command.commands]]\n" + text)
    path.chmod(0o600)
    return config.load(path, PLUGINS)


GOOD = 'faults = ["proxy_port.dead"]\nargv = ["/bin/x", "{subject}"]\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(GOOD.replace("dead", "deed"), "did you mean 'proxy_port.dead'?", id="unknown-fault"),
        pytest.param(GOOD.replace("{subject}", "{subjekt}"), "one of the placeholders", id="unknown-placeholder"),
        pytest.param(GOOD.replace("{subject}", "{"), "braces in pairs", id="open-brace"),
        pytest.param(GOOD.replace("/bin/x", "x"), "an absolute path without a placeholder", id="relative-program"),
        pytest.param(GOOD.replace("/bin/x", "/bin/{host}"), "without a placeholder", id="program-from-outside"),
        pytest.param(GOOD + 'undo = ["x"]\n', "an absolute path", id="relative-undo"),
        pytest.param(GOOD + 'undo = ["/bin/x", "-{host}"]\n', "the name of an option", id="option-from-outside"),
        pytest.param(GOOD + 'timeout = "0s"\n', "a timeout above zero", id="no-time"),
        pytest.param(GOOD + 'timeout = "11m"\n', "at most 10m", id="endless"),
        pytest.param(GOOD + 'settle = "11m"\n', "at most 10m", id="endless-settling"),
        pytest.param(GOOD + "timout = 1\n", "did you mean 'timeout'?", id="typing-mistake"),
        pytest.param('faults = []\nargv = ["/bin/x"]\n', "at least 1 long", id="no-fault"),
        pytest.param('faults = ["proxy_port.dead"]\nargv = []\n', "at least 1 long", id="no-argv"),
        pytest.param('argv = ["/bin/x"]\n', "commands[0].faults", id="faults-missing"),
    ],
)
def test_settings_that_make_no_sense_are_told_at_the_start(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as refused:
        settings_of(text, tmp_path)
    assert expected in str(refused.value)
    assert "remediations.run_command" in str(refused.value)


def healers(known: Registry, fault: str) -> list[str]:
    return [one.name for one in known.healers(fault)]


def test_it_heals_what_its_settings_name_and_nothing_else(tmp_path: Path) -> None:
    text = GOOD + '[healing.first]\n"proxy_port.dead" = ["run_command"]\n'
    loaded = settings_of(text, tmp_path)
    assert loaded.healing.first == {"proxy_port.dead": ("run_command",)}, "it may be put first"
    known = PLUGINS.as_set(loaded.remediations)
    assert "run_command" in healers(known, "proxy_port.dead")
    assert all("run_command" not in healers(known, fault) for fault in known.faults if fault != "proxy_port.dead")
    untouched = PLUGINS.as_set(config.load(None, PLUGINS).remediations)
    assert all("run_command" not in healers(untouched, fault) for fault in untouched.faults)


def test_the_settings_survive_being_shown(tmp_path: Path) -> None:
    loaded = settings_of(GOOD, tmp_path)
    (shown,) = loaded.tables()["remediations"]["run_command"]["commands"]
    assert list(shown["argv"]) == ["/bin/x", "{subject}"]
    assert msgspec.json.encode(shown)
