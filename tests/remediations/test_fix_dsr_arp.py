"""fix_dsr_arp: what sysctls cannot cure, and what they would take off the link, comes first."""

from pathlib import Path
from typing import Any

import pytest

from remediations.fix_dsr_arp import REMEDIATION, FixDsrArpSettings
from watchdog.host import Host
from watchdog.model import Finding, Severity
from watchdog.plugin import Case, Plan, Refused

VIP, BALANCER, OWN = "192.168.100.10", "02:00:00:00:00:02", "192.168.100.30"
FACING: dict[str, Any] = {
    "interface": "eth0",
    "arp_ignore": 0,
    "arp_announce": 0,
    "owners_elsewhere": [BALANCER],
    "silences": [],
}
QUIET = FACING | {"arp_ignore": 1, "arp_announce": 2}


def leak(*facing: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"on_interface": "lo", "facing": "eth0", "leaking": list(facing)} | more


def missing(*facing: dict[str, Any], interface: str = "lo") -> dict[str, Any]:
    return {"interface": interface, "expected_by": "memory", "facing": list(facing)}


def plan(root: Path, evidence: dict[str, Any], subject: str = VIP, may_silence: tuple[str, ...] = ()) -> Plan:
    for name, flags in {"lo": "0x9", "dummy0": "0x83", "down0": "0x82"}.items():
        folder = root / "sys/class/net" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "flags").write_text(f"{flags}\n")
    fault = "vip_missing" if "expected_by" in evidence else "arp_leak"
    finding = Finding(
        fault=f"dsr_real_server.{fault}",
        subject=subject,
        severity=Severity.CRITICAL,
        summary="x: move it",
        evidence=evidence,
    )
    return REMEDIATION.plan(Host(root), Case(finding=finding), FixDsrArpSettings(may_silence=may_silence))


@pytest.mark.parametrize(
    ("evidence", "subject", "reason"),
    [
        pytest.param(
            {"seen_from": "the balancer"}, f"{VIP}/192.168.100.22", "another host", id="the-balancer-hears-it"
        ),
        pytest.param({"on_interface": "eth0"}, VIP, "move it yourself", id="the-address-is-on-the-link-itself"),
        pytest.param(
            leak(FACING | {"owners_elsewhere": []}), VIP, "no other host answers", id="the-balancer-is-gone"
        ),
        pytest.param(leak(QUIET), VIP, "a program here sends that", id="a-program-sends-it"),
        pytest.param(leak(FACING | {"arp_ignore": 5}), VIP, "outweighs 1", id="a-reserved-value"),
        pytest.param(leak(FACING | {"silences": [OWN]}), VIP, OWN, id="it-would-silence-another-address"),
        pytest.param(leak(FACING | {"interface": "../all"}), VIP, "no name", id="hostile-name"),
        pytest.param(leak(FACING | {"interface": "eth0 x"}), VIP, "no name", id="a-space-in-a-name"),
        pytest.param(leak(FACING | {"arp_ignore": -1}), VIP, "not usable", id="a-value-below-0"),
        pytest.param(leak(FACING | {"arp_ignore": "0"}), VIP, "not usable", id="text-for-a-number"),
        pytest.param({"on_interface": "lo", "facing": "eth0"}, VIP, "`leaking`", id="recorded-by-an-older-one"),
        pytest.param(leak(FACING), "eth0", "about an address", id="about-no-address"),
        pytest.param(leak(FACING), "192.168.100.010", "about an address", id="an-address-written-oddly"),
        pytest.param(missing(), VIP, "which to keep quiet is not known", id="missing-and-no-network"),
        pytest.param(missing(QUIET, interface="dummy9"), VIP, "is gone or down", id="its-dummy-is-gone"),
        pytest.param(missing(QUIET, interface="down0"), VIP, "is gone or down", id="its-dummy-is-down"),
        pytest.param(missing(QUIET, interface="../lo"), VIP, "is gone or down", id="missing-from-a-hostile-name"),
        pytest.param(missing(FACING | {"silences": [OWN]}), VIP, OWN, id="missing-and-would-silence-another"),
    ],
)
def test_refused(tmp_path: Path, evidence: dict[str, Any], subject: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        plan(tmp_path, evidence, subject)
    assert reason in str(refused.value)


IGNORE, ANNOUNCE = (f"sysctl -w net/ipv4/conf/eth0/{name}" for name in ("arp_ignore=1", "arp_announce=2"))
ADD = f"ip address add {VIP}/32 dev lo"


@pytest.mark.parametrize(
    ("evidence", "subject", "commands", "left"),
    [
        pytest.param(leak(FACING), VIP, [IGNORE, ANNOUNCE], 1, id="both"),
        pytest.param(leak(FACING | {"arp_announce": 2}), VIP, [IGNORE], 1, id="it-answers"),
        pytest.param(leak(QUIET | {"arp_announce": 1}), VIP, [ANNOUNCE], 1, id="it-asks-in-its-name"),
        pytest.param(leak(QUIET | {"arp_ignore": 8, "arp_announce": 0}), VIP, [ANNOUNCE], 1, id="quieter-already"),
        pytest.param(
            leak(FACING, FACING | {"interface": "eth0.100", "owners_elsewhere": []}),
            VIP,
            [IGNORE, ANNOUNCE, *(one.replace("eth0", "eth0.100") for one in (IGNORE, ANNOUNCE))],
            1,
            id="two-interfaces-face-it",
        ),
        pytest.param(missing(QUIET), VIP, [ADD], None, id="missing-and-quiet"),
        pytest.param(
            missing(FACING), VIP, [IGNORE, ANNOUNCE, ADD], None, id="missing-first-the-silence-then-the-address"
        ),
        pytest.param(
            missing(QUIET, interface="dummy0"), VIP, [ADD.replace("lo", "dummy0")], None, id="on-a-dummy"
        ),
        pytest.param(
            missing(FACING), "2001:db8::10", ["ip address add 2001:db8::10/128 dev lo"], None, id="ipv6-is-quiet"
        ),
    ],
)
def test_planned(
    tmp_path: Path, evidence: dict[str, Any], subject: str, commands: list[str], left: int | None
) -> None:
    made = plan(tmp_path, evidence, subject)
    assert [step.describe() for step in made.steps] == commands
    assert (made.healthy_left, made.lasting) == (left, False)
    assert ("/etc/sysctl.d" in made.note) == any("sysctl" in command for command in commands)
    for system in ("ifupdown", "systemd-networkd", "netplan", "NetworkManager"):
        assert (system in made.note) == any("address add" in command for command in commands)


def test_what_the_owner_allows_is_silenced(tmp_path: Path) -> None:
    assert len(plan(tmp_path, leak(FACING | {"silences": [OWN]}), may_silence=(OWN,)).steps) == 2


def test_only_addresses_can_be_allowed() -> None:
    with pytest.raises(ValueError, match="address"):
        FixDsrArpSettings(may_silence=("eth0",))
