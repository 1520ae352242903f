from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from remediations.restart_service import REMEDIATION, RestartServiceSettings
from tests.remediations.clocks import OFFSET_UNKNOWN, Tree, case, finding, incident, offset_is, result, tree
from watchdog.model import CheckResult, Unseen
from watchdog.plugin import Duration, Plan, Refused, UnitAction

DOWN, DOVECOT = "service.down", "dovecot.service"
UNLIMITED, VMWARE = "ntp_can_step.unlimited", "vmware_timesync.enabled"
STEADY = (
    result("clock_step"),
    result("ntp_can_step", finding("ntp_can_step.large_only", "ntpd")),
    result("vmware_timesync", judged=False, applicable=False, reason="not a VMware guest"),
    offset_is(0.002),
)
SETTINGS = RestartServiceSettings()


def but(*others: CheckResult) -> tuple[CheckResult, ...]:
    """Return what a steady clock looks like, but for these."""
    return tuple({one.check: one for one in (*STEADY, *others)}.values())


def without(check: str) -> tuple[CheckResult, ...]:
    return tuple(one for one in STEADY if one.check != check)


def plan(
    host: Tree,
    results: Sequence[CheckResult] = STEADY,
    *,
    subject: str = DOVECOT,
    settings: RestartServiceSettings = SETTINGS,
    incidents: Sequence[tuple[str, float]] = (),
    **evidence: Any,
) -> Plan:
    opened = [incident(host, fault, seconds_ago=ago) for fault, ago in incidents]
    found = finding(DOWN, subject, **{"restarts": 0, "crashed": True, **evidence})
    return REMEDIATION.plan(host, case(found, *results, incidents=opened), settings)


@pytest.mark.parametrize(
    ("results", "incidents"),
    [
        pytest.param(STEADY, [], id="no-step-is-known"),
        pytest.param(STEADY, [("clock_step.backward", 301.0)], id="the-last-step-is-long-enough-ago"),
        pytest.param(
            STEADY, [(DOWN, 0.0), ("service.killed_by_clock_step", 0.0)], id="what-it-died-of-is-no-step"
        ),
        pytest.param(STEADY, [("ntp_can_step.large_only", 0.0)], id="beyond-600-s-is-accepted"),
        pytest.param(but(offset_is(0.499)), [], id="offset-just-small-enough"),
        pytest.param(but(offset_is(0.1, "offset_limit_seconds")), [], id="offset-bounded-by-the-last-look"),
        pytest.param(
            but(result("ntp_can_step", judged=False, applicable=False, reason="no NTP daemon runs here")),
            [],
            id="no-ntp-daemon",
        ),
    ],
)
def test_plan(tmp_path: Path, results: Sequence[CheckResult], incidents: Sequence[tuple[str, float]]) -> None:
    made = plan(tree(tmp_path, {}), results, incidents=incidents)
    assert made.steps == (UnitAction(unit=DOVECOT, action="start"),)
    assert made.healthy_left is None


@pytest.mark.parametrize(
    ("results", "incidents", "reason"),
    [
        pytest.param(
            STEADY, [("clock_step.backward", 10.0)], "the clock was stepped 10.0 s ago", id="stepped-lately"
        ),
        pytest.param(STEADY, [("clock_step.forward", 10.0)], "the clock was stepped 10.0 s ago", id="or-ahead"),
        pytest.param(
            STEADY,
            [("clock_step.backward", 900.0), ("clock_step.forward", 299.0)],
            "it counts as steady after 5 min",
            id="the-latest-step-counts",
        ),
        pytest.param(
            but(result("clock_step", finding("clock_step.backward", "clock"))),
            [],
            "stepped just now",
            id="at-this-look",
        ),
        pytest.param(without("clock_step"), [], "clock_step could not tell", id="nobody-looked-for-steps"),
        pytest.param(
            but(result("clock_step", judged=False, reason="no boot_id")),
            [],
            "no boot_id",
            id="steps-cannot-be-seen",
        ),
        pytest.param(STEADY, [(UNLIMITED, 0.0)], f"may be set back at any time ({UNLIMITED})", id="ntp-may-step"),
        pytest.param(STEADY, [(VMWARE, 0.0)], f"may be set back at any time ({VMWARE})", id="vmware-may-step"),
        pytest.param(
            but(result("ntp_can_step", finding(UNLIMITED, "ntpd"))), [], "heal that first", id="seen-at-this-look"
        ),
        pytest.param(without("ntp_can_step"), [], "ntp_can_step could not tell", id="nobody-looked-at-ntp"),
        pytest.param(
            but(result("ntp_can_step", unseen=(Unseen(subject="ntpd", reason="needs root"),))),
            [],
            "ntp_can_step could not tell (needs root)",
            id="an-ntpd-nobody-could-look-into",
        ),
        pytest.param(
            but(result("vmware_timesync", unseen=(Unseen(subject="vmware-tools", reason="no answer"),))),
            [],
            "vmware_timesync could not tell (no answer)",
            id="vmware-did-not-answer",
        ),
        pytest.param(but(offset_is(-0.51)), [], "the clock is off by 0.510 s", id="offset-too-large"),
        pytest.param(but(OFFSET_UNKNOWN), [], "how far off the clock is, is not known", id="offset-unknown"),
        pytest.param(without("clock_sync"), [], "clock_sync did not run", id="nobody-measured"),
    ],
)
def test_a_clock_that_is_not_steady(
    tmp_path: Path, results: Sequence[CheckResult], incidents: Sequence[tuple[str, float]], reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        plan(tree(tmp_path, {}), results, incidents=incidents)
    assert reason in str(refused.value)


def test_only_what_the_owner_named(tmp_path: Path) -> None:
    host = tree(tmp_path, {})
    with pytest.raises(
        Refused, match=r"haproxy is not one of those that may be started \(units: dovecot.service\)"
    ):
        plan(host, subject="haproxy")
    assert plan(host, subject="haproxy", settings=RestartServiceSettings(units=("haproxy",))).steps
    with pytest.raises(Refused, match="units: none"):
        plan(host, settings=RestartServiceSettings(units=()))


@pytest.mark.parametrize("evidence", [{"crashed": None}, {"crashed": 1}, {"crashed": "true"}])
def test_evidence_that_is_not_usable(tmp_path: Path, evidence: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="not usable"):
        plan(tree(tmp_path, {}), **evidence)


def test_under_systemd_what_did_not_fail_was_stopped(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"does not seem to have crashed \(systemd does not call it failed\)"):
        plan(tree(tmp_path, {}), crashed=False)


@pytest.mark.parametrize(
    ("program", "code", "crashed"),
    [
        pytest.param("service", 1, True, id="dead-with-its-pid-file"),
        pytest.param("service", 2, True, id="dead-with-its-lock-file"),
        pytest.param("service", 3, False, id="stopped"),
        pytest.param("service", 0, False, id="it-runs"),
        pytest.param("service", 4, False, id="its-script-does-not-know"),
        pytest.param("rc-service", 32, True, id="openrc-crashed"),
        pytest.param("rc-service", 3, False, id="openrc-stopped"),
    ],
)
def test_without_systemd_the_init_script_tells(tmp_path: Path, program: str, code: int, crashed: bool) -> None:
    script = f'#!/bin/sh\n[ "$*" = "dovecot status" ] || exit 99\nexit {code}\n'
    host = tree(tmp_path, {f"/bin/{program}": script}, systemd=False)
    if crashed:
        assert plan(host).steps
        return
    with pytest.raises(Refused, match=f"`{program} dovecot status` ended with {code}"):
        plan(host)


def test_without_an_init_system_nobody_can_tell(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"whether dovecot\.service crashed or was stopped is not known"):
        plan(tree(tmp_path, {}, systemd=False))


@pytest.mark.parametrize(
    ("service", "stays"),
    [
        pytest.param([result("service")], "dovecot.service runs again", id="it-runs"),
        pytest.param(
            [result("service", finding(DOWN, "haproxy"))], "dovecot.service runs again", id="another-is-down"
        ),
        pytest.param([result("service", finding(DOWN, DOVECOT))], "", id="it-does-not"),
        pytest.param([result("service", judged=False, reason="x")], "", id="nobody-can-tell"),
        pytest.param([result("service", unseen=(Unseen(subject=DOVECOT, reason="x"),))], "", id="it-is-not-seen"),
        pytest.param([], "", id="nobody-looked"),
    ],
)
def test_what_runs_again_is_not_stopped(service: list[CheckResult], stays: str) -> None:
    assert REMEDIATION.stays(case(finding(DOWN, DOVECOT), *service)) == stays


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        pytest.param({"steady_for": Duration(3601)}, "a step is forgotten after that", id="steps-are-forgotten"),
        pytest.param({"max_offset": Duration(0)}, "above zero", id="no-offset-is-zero"),
        pytest.param({"units": ("--now",)}, "names of units", id="an-option"),
        pytest.param({"units": ("a b",)}, "names of units", id="two-words"),
        pytest.param({"units": ("../x",)}, "names of units", id="a-path"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        RestartServiceSettings(**settings)
    assert msgspec.structs.asdict(SETTINGS)["units"] == (DOVECOT,)
