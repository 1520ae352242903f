"""ipvs_drain: every set-up in which a dead server is better left alone comes first."""

from typing import Any

import pytest

from remediations.ipvs_drain import REMEDIATION, IpvsDrainSettings
from watchdog.host import Host
from watchdog.model import Finding, Severity
from watchdog.plugin import Case, Plan, Refused, ServerWeight

POOL, DEAD, ALIVE = "192.168.100.10:8080", "192.168.100.21:8080", "192.168.100.22:8080"
SEEN: dict[str, Any] = {
    "weight": 3,
    "forwarding": "dr",
    "scheduler": "rr",
    "persistent_seconds": 0,
    "alive_besides": [ALIVE],
    "kept_by": "",
    "keeper_unknown": "",
}


def plan(subject: str = f"{POOL}/{DEAD}", least_left: int = 1, **changes: Any) -> Plan:
    evidence = {name: value for name, value in (SEEN | changes).items() if value is not ...}
    finding = Finding(
        fault="ipvs.dead_server_in_pool",
        subject=subject,
        severity=Severity.CRITICAL,
        summary="dead",
        evidence=evidence,
    )
    return REMEDIATION.plan(Host(), Case(finding=finding), IpvsDrainSettings(least_left=least_left))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"kept_by": "keepalived"}, "keepalived keeps 192.168.100.10:8080", id="keepalived-keeps-it"),
        pytest.param({"kept_by": "ldirectord"}, "ldirectord keeps", id="ldirectord-runs"),
        pytest.param({"keeper_unknown": "its file cannot be read"}, "its file cannot be read", id="nobody-knows"),
        pytest.param({"alive_besides": []}, "none of the servers with traffic", id="none-that-answers-is-left"),
        pytest.param({"alive_besides": [DEAD]}, "none of the servers with traffic", id="it-is-not-left-itself"),
        pytest.param({"least_left": 2}, "least_left", id="too-few-are-left"),
        pytest.param({"least_left": 2, "alive_besides": [ALIVE, ALIVE]}, "least_left", id="one-counts-once"),
        pytest.param({"forwarding": "local"}, "this host itself", id="on-the-balancer-itself"),
        pytest.param({"forwarding": "bypass"}, "this host itself", id="transparent"),
        *(
            pytest.param({"scheduler": name}, "take it out instead", id=f"scheduler-{name}")
            for name in ("sh", "dh", "mh")
        ),
        pytest.param({"weight": 0}, "not usable", id="it-is-drained"),
        pytest.param({"weight": "3"}, "not usable", id="text-for-a-number"),
        pytest.param({"alive_besides": 2}, "not usable", id="a-count-for-names"),
        *(pytest.param({name: ...}, f"`{name}`", id=f"no-{name}") for name in SEEN),
        pytest.param({"subject": POOL}, "should be about", id="about-a-pool"),
        pytest.param({"subject": f"fwmark7/{DEAD}"}, "should be about", id="a-firewall-mark"),
        pytest.param({"subject": f"{POOL}/{DEAD}; reboot"}, "should be about", id="more-than-a-server"),
        pytest.param({"subject": f"{POOL}/{DEAD}\n"}, "should be about", id="a-line-break"),
        pytest.param({"subject": f"{POOL}/-A"}, "should be about", id="an-option"),
    ],
)
def test_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        plan(**changes)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "command"),
    [
        pytest.param({}, f"ipvsadm -e -t {POOL} -r {DEAD} -g -w 0", id="direct-routing"),
        pytest.param({"forwarding": "nat"}, f"ipvsadm -e -t {POOL} -r {DEAD} -m -w 0", id="nat"),
        pytest.param({"forwarding": "tun"}, f"ipvsadm -e -t {POOL} -r {DEAD} -i -w 0", id="tunnel"),
        pytest.param(
            {"subject": "[2001:db8::10]:80/[2001:db8::21]:8080"},
            "ipvsadm -e -t [2001:db8::10]:80 -r [2001:db8::21]:8080 -g -w 0",
            id="ipv6",
        ),
        pytest.param({"more": "than we read"}, f"ipvsadm -e -t {POOL} -r {DEAD} -g -w 0", id="newer-evidence"),
    ],
)
def test_drained(changes: dict[str, Any], command: str) -> None:
    made = plan(**changes)
    (step,) = made.steps
    assert isinstance(step, ServerWeight)
    assert (step.describe(), step.weight, made.healthy_left, made.lasting) == (command, 0, 1, False)
    assert "its weight was 3" in made.note


def test_who_is_kept_at_a_server_is_told_to_stay_there() -> None:
    assert "-p" not in plan().note
    assert "go on to it for up to 5 min" in plan(persistent_seconds=300).note


def test_as_many_as_the_owner_wants_are_left() -> None:
    assert plan(least_left=2, alive_besides=[ALIVE, "192.168.100.23:8080"]).healthy_left == 2
