"""restart_proxy: what must not be started, or would not be cured by it, comes first."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from remediations.restart_proxy import REMEDIATION, RestartProxySettings
from watchdog.host import Host
from watchdog.model import Finding, Severity
from watchdog.plugin import Case, Plan, Refused

SUBJECT = "[::]:3128"
DIED: dict[str, Any] = {"why": "refused", "program": "squid", "here": True, "service": "squid.service"}
HANGS = DIED | {"why": "unanswered", "pids": [78]}
STOPPED = HANGS | {"why": "stopped", "stopped": [78]}
FAILED = {
    "Id": "squid.service",
    "LoadState": "loaded",
    "ActiveState": "failed",
    "SubState": "failed",
    "UnitFileState": "enabled",
    "Result": "signal",
}
RUNS = FAILED | {"ActiveState": "active", "SubState": "running", "Result": "success"}
INACTIVE = FAILED | {"ActiveState": "inactive", "SubState": "dead", "Result": "success"}

Planner = Callable[..., Plan]


@pytest.fixture
def make(tmp_path: Path) -> Planner:
    """Return what plans on a host of files; `unit` is what systemd says of the service, None: init scripts.

    `programs` are the exit codes of programs that are installed.
    """

    def planned(
        evidence: Mapping[str, Any],
        unit: Mapping[str, str] | None = None,
        programs: Mapping[str, int] | None = None,
        files: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> Plan:
        root, folder = tmp_path / "root", tmp_path / "bin"
        folder.mkdir()
        for path, text in {"/proc/78/stat": "78 (squid) S 77 77", **(files or {})}.items():
            (root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
            (root / path[1:]).write_text(text)
        scripts = {
            name: f"echo {name} $@ >> {tmp_path}/asked; exit {code}" for name, code in (programs or {}).items()
        }
        if unit is not None:
            (root / "run/systemd/system").mkdir(parents=True)
            scripts["systemctl"] = "echo '" + "\n".join(f"{key}={value}" for key, value in unit.items()) + "'"
        for name, script in scripts.items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
        finding = Finding(
            fault="proxy_port.dead", subject=SUBJECT, severity=Severity.CRITICAL, summary="dead", evidence=evidence
        )
        host = Host(root, program_folders=f"{folder}:{Path(sys.executable).parent}:/usr/bin:/bin")
        return REMEDIATION.plan(host, Case(finding=finding), RestartProxySettings(**settings))

    return planned


SCRIPT = {"/etc/init.d/squid": "", "/etc/rc2.d/S02squid": ""}
CRASHED = SCRIPT | {"/run/squid.pid": "77\n"}
SCRIPT_RUNS = CRASHED | {"/proc/77/stat": "77 (squid) S 1 77"}


@pytest.mark.parametrize(
    ("evidence", "host", "reason"),
    [
        pytest.param({"why": "refused", "program": "squid"}, {}, "another host", id="elsewhere"),
        pytest.param(DIED | {"here": False}, {"unit": FAILED}, "another host", id="elsewhere-in-so-many-words"),
        pytest.param(HANGS | {"contained": True}, {"unit": RUNS}, "container", id="in-a-container"),
        pytest.param(DIED, {"unit": INACTIVE}, "it was stopped", id="stopped-on-purpose"),
        pytest.param(
            DIED, {"unit": FAILED | {"UnitFileState": "disabled"}}, "does not want it to run", id="disabled"
        ),
        pytest.param(
            DIED, {"unit": INACTIVE | {"LoadState": "masked", "UnitFileState": "masked"}}, "masked", id="masked"
        ),
        pytest.param(
            DIED, {"unit": INACTIVE | {"LoadState": "not-found"}}, "not-found", id="the-package-was-removed"
        ),
        pytest.param(
            DIED,
            {"unit": FAILED | {"ActiveState": "activating", "SubState": "auto-restart"}},
            "systemd is at it already",
            id="systemd-restarts-it",
        ),
        pytest.param(
            HANGS, {"unit": RUNS | {"ActiveState": "reloading"}}, "systemd is at it already", id="it-is-reloading"
        ),
        pytest.param(
            DIED, {"unit": FAILED | {"Job": "1234"}}, "systemd is at it already", id="its-start-is-queued"
        ),
        pytest.param(
            HANGS | {"why": "refused"}, {"unit": RUNS}, "a firewall on this host", id="it-listens-and-is-refused"
        ),
        pytest.param(
            HANGS | {"answers_besides": ["[::]:3129"]}, {"unit": RUNS}, "[::]:3129", id="its-other-port-answers"
        ),
        pytest.param(HANGS, {"unit": FAILED}, "not this service's", id="somebody-else-has-its-port"),
        pytest.param(
            HANGS | {"pids": []},
            {"unit": RUNS},
            "no proxy that is known",
            id="a-stranger-listens",
        ),
        *(
            pytest.param(HANGS | {"why": why}, {"unit": RUNS}, "no restart cures that", id=why)
            for why in ("tls_failed", "unreachable", "not_http", "status", "a word of tomorrow")
        ),
        pytest.param(HANGS, {"unit": RUNS, "programs": {"squid": 1}}, "would not start again", id="broken-conf"),
        pytest.param(HANGS | {"service": ""}, {"unit": RUNS}, "was started by hand", id="started-by-hand"),
        pytest.param(HANGS | {"service": "--now"}, {"unit": RUNS}, "is not known", id="an-option-for-a-unit"),
        pytest.param(DIED, {"unit": {"Id": "x"}}, "is not known", id="systemd-says-nothing-of-use"),
        pytest.param(DIED, {"files": SCRIPT}, "left no pid file", id="script-stopped-on-purpose"),
        pytest.param(
            DIED,
            {"files": {"/etc/init.d/squid": "", "/etc/rc2.d/K01squid": "", "/run/squid.pid": "77"}},
            "not started at boot",
            id="script-disabled",
        ),
        pytest.param(DIED, {"files": {"/run/squid.pid": "77"}}, "no /etc/init.d/squid", id="no-script"),
        pytest.param(
            HANGS,
            {"files": SCRIPT_RUNS | {"/proc/78/stat": "78 (squid) S 1 78"}},
            "by hand",
            id="not-the-script's",
        ),
        pytest.param(HANGS, {"files": SCRIPT}, "by hand", id="script-without-a-pid-file"),
        pytest.param(
            STOPPED, {"files": {"/proc/78/stat": "78 (squid) t 77 77"}}, "a debugger holds it", id="traced"
        ),
        pytest.param(STOPPED, {}, "goes on again", id="it-goes-on-already"),
        pytest.param(STOPPED | {"stopped": [99]}, {}, "goes on again", id="it-ended"),
        pytest.param(STOPPED | {"stopped": [-1]}, {}, "not stopped by a signal", id="everybody-for-a-process"),
        pytest.param(STOPPED | {"stopped": []}, {}, "is not known", id="nobody-for-a-process"),
        pytest.param({"program": "squid", "here": True}, {}, "`why`", id="no-reason"),
        pytest.param(HANGS | {"pids": "78"}, {}, "not usable", id="text-for-processes"),
        pytest.param(HANGS | {"here": "yes"}, {}, "not usable", id="text-for-a-truth"),
    ],
)
def test_refused(make: Planner, evidence: dict[str, Any], host: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        make(evidence, **host)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("evidence", "host", "command"),
    [
        pytest.param(DIED, {"unit": FAILED}, "systemctl start squid.service", id="killed"),
        pytest.param(DIED, {"unit": RUNS}, "systemctl restart squid.service", id="runs-and-does-not-listen"),
        pytest.param(HANGS, {"unit": RUNS}, "systemctl restart squid.service", id="hangs"),
        pytest.param(
            HANGS,
            {"unit": RUNS | {"UnitFileState": "disabled"}},
            "systemctl restart squid.service",
            id="disabled-and-started-on-purpose",
        ),
        *(
            pytest.param(HANGS | {"why": why}, {"unit": RUNS}, "systemctl restart squid.service", id=why)
            for why in ("silent", "closed", "reset")
        ),
        pytest.param(
            HANGS, {"unit": RUNS, "programs": {"squid": 0}}, "systemctl restart squid.service", id="sound-conf"
        ),
        pytest.param(
            HANGS | {"program": "haproxy", "service": "haproxy.service"},
            {"unit": RUNS | {"Id": "haproxy.service"}},
            "systemctl restart haproxy.service",
            id="haproxy",
        ),
        pytest.param(
            DIED | {"service": ""},
            {"unit": FAILED, "units": {SUBJECT: "squid@lan.service"}},
            "systemctl start squid@lan.service",
            id="the-owner-names-the-unit",
        ),
        pytest.param(DIED, {"files": CRASHED}, "systemctl start squid", id="script-killed"),
        pytest.param(
            DIED,
            {"files": CRASHED, "programs": {"rc-service": 0}},
            "systemctl restart squid",
            id="openrc-thinks-it-is-started",
        ),
        pytest.param(
            DIED,
            {"files": {"/etc/init.d/squid": "", "/etc/runlevels/default/squid": "", "/run/squid/squid.pid": "77"}},
            "systemctl start squid",
            id="openrc-enabled",
        ),
        pytest.param(HANGS, {"files": SCRIPT_RUNS}, "systemctl restart squid", id="script-hangs-in-a-child"),
        pytest.param(
            HANGS | {"pids": [77]}, {"files": SCRIPT_RUNS}, "systemctl restart squid", id="script-hangs-itself"
        ),
        pytest.param(
            STOPPED, {"files": {"/proc/78/stat": "78 (a) b) T 77 77"}}, "kill -CONT 78", id="stopped-by-a-signal"
        ),
    ],
)
def test_planned(make: Planner, evidence: dict[str, Any], host: dict[str, Any], command: str) -> None:
    made = make(evidence, **host)
    assert [step.describe() for step in made.steps] == [command]
    assert made.healthy_left is None
    assert made.note


def test_its_own_configuration_is_tested_and_no_other(make: Planner, tmp_path: Path) -> None:
    running = "(squid-1)\0--kid\0squid-1\0-YCf\0/etc/squid/lan.conf\0"
    make(HANGS, unit=RUNS, programs={"squid": 0}, files={"/proc/78/cmdline": running})
    assert (tmp_path / "asked").read_text() == "squid -k parse -f /etc/squid/lan.conf\n"


def test_a_process_that_is_not_the_service_s_names_no_file(make: Planner, tmp_path: Path) -> None:
    running = "squid\0-f\0/home/mallory/squid.conf\0"
    make(
        HANGS | {"service": ""},
        unit=RUNS,
        programs={"squid": 0},
        files={"/proc/78/cmdline": running},
        units={SUBJECT: "squid.service"},
    )
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("name", ["", "-H evil", "a/b.service", "two words.service"])
def test_only_names_of_units_can_be_set(name: str) -> None:
    with pytest.raises(ValueError, match="name of a service"):
        RestartProxySettings(units={SUBJECT: name})
