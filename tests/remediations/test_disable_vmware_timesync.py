from pathlib import Path
from typing import Any

import pytest

from remediations.disable_vmware_timesync import REMEDIATION
from tests.remediations.clocks import NTPSEC, case, daemon, finding, incident, proc, result, tree
from watchdog.host import Process
from watchdog.plugin import Refused, RemediationSettings, RunCommand

ENABLED = "vmware_timesync.enabled"
ON: dict[str, Any] = {
    "tool_exit_code": 0,
    "tool_said": "Enabled",
    "tools_version": "12.2.0",
    "tools_conf_disables": "",
}
TOOL = {"/bin/vmware-toolbox-cmd": "#!/bin/sh\nexit 64\n"}
NTPD = {**TOOL, **proc(NTPSEC, "ntpsec.service"), "/etc/ntpsec/ntp.conf": "server ntp1\n"}
RUNNING = [daemon("/usr/sbin/ntpd -c /etc/ntpsec/ntp.conf -g")]
TIMESYNCD = [daemon("/lib/systemd/systemd-timesyncd")]
UNKEPT = "clock_sync.unsynchronised"


@pytest.mark.parametrize(
    ("files", "running", "keeper"),
    [
        pytest.param(NTPD, RUNNING, "ntpsec ntpd", id="ntpsec"),
        pytest.param(NTPD, TIMESYNCD, "systemd-timesyncd", id="timesyncd"),
        pytest.param(NTPD, [daemon("/usr/sbin/chronyd -F 1")], "chronyd", id="chronyd"),
    ],
)
def test_plan(tmp_path: Path, files: dict[str, str], running: list[Process], keeper: str) -> None:
    plan = REMEDIATION.plan(
        tree(tmp_path, files, running), case(finding(ENABLED, "vmware-tools", **ON)), RemediationSettings()
    )
    assert plan.steps == (RunCommand(argv=("vmware-toolbox-cmd", "timesync", "disable")),)
    assert f"{keeper} keeps the clock" in plan.summary
    assert "nothing takes this back" in plan.note
    assert "which no guest can read" in plan.note
    assert plan.lasting


@pytest.mark.parametrize(
    ("evidence", "files", "running", "reason"),
    [
        pytest.param(
            ON, {k: v for k, v in NTPD.items() if k not in TOOL}, RUNNING, "is not installed", id="no-tool"
        ),
        pytest.param(ON | {"tool_exit_code": 69}, NTPD, RUNNING, "ended with 69", id="off-already"),
        pytest.param(ON | {"tool_said": "Disabled"}, NTPD, RUNNING, "said 'Disabled'", id="contradicts-itself"),
        pytest.param(ON | {"tool_exit_code": None}, NTPD, RUNNING, "not usable", id="nobody-asked"),
        pytest.param(ON | {"tool_exit_code": False}, NTPD, RUNNING, "not usable", id="a-truth-for-a-number"),
        pytest.param({}, NTPD, RUNNING, "not usable", id="no-evidence"),
        pytest.param(ON, TOOL, [], "no NTP daemon is seen to steer this clock, so", id="no-ntp-daemon"),
        pytest.param(ON, NTPD, [daemon("/usr/sbin/chronyd -x")], "no NTP daemon", id="a-daemon-that-only-serves"),
        pytest.param(
            ON,
            NTPD | {"/etc/ntpsec/ntp.conf": "disable ntp\n"},
            RUNNING,
            "no NTP daemon",
            id="ntpd-does-not-steer",
        ),
        pytest.param(
            ON, NTPD | {"/proc/70/status": "CapEff:\t0\n"}, RUNNING, "no NTP daemon", id="ntpd-is-not-let"
        ),
        pytest.param(ON, NTPD | {"/proc/70/exe": "?"}, RUNNING, "is neither classic ntpd", id="who-is-that"),
    ],
)
def test_refusal(
    tmp_path: Path, evidence: dict[str, Any], files: dict[str, str], running: list[Process], reason: str
) -> None:
    host = tree(tmp_path, files, running)
    with pytest.raises(Refused) as refused:
        REMEDIATION.plan(host, case(finding(ENABLED, "vmware-tools", **evidence)), RemediationSettings())
    assert reason in str(refused.value)


def test_a_clock_that_ntp_does_not_keep_is_left_to_vmware(tmp_path: Path) -> None:
    host, enabled = tree(tmp_path, NTPD, RUNNING), finding(ENABLED, "vmware-tools", **ON)
    seen = case(enabled, result("clock_sync", finding(UNKEPT, "kernel")))
    known = case(enabled, incidents=[incident(host, UNKEPT, "kernel")])
    for one in (seen, known):
        with pytest.raises(Refused, match="the clock is not synchronised"):
            REMEDIATION.plan(host, one, RemediationSettings())


def test_another_agent_is_none_of_its_business(tmp_path: Path) -> None:
    assert REMEDIATION.heals == (ENABLED,)
    with pytest.raises(Refused, match="this is about 'VBoxService'"):
        REMEDIATION.plan(
            tree(tmp_path, NTPD, RUNNING), case(finding(ENABLED, "VBoxService", **ON)), RemediationSettings()
        )
