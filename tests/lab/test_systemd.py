"""The shipped units under the real systemd, as the first process of a container in the lab's kernel."""

import json
from collections.abc import Callable

import pytest

from tests.lab.contract import incidents
from tests.lab.uml import Transcript

pytestmark = pytest.mark.xdist_group("systemd")


@pytest.fixture(scope="module")
def told(story: Callable[[str], Transcript]) -> Transcript:
    return story("systemd")


def said(told: Transcript, name: str) -> str:
    return told.files[f"{name}.txt"].strip()


def test_what_install_puts_in_place_systemd_starts_and_is_told_of(told: Transcript) -> None:
    assert told.code("install") == 0
    assert (said(told, "state"), said(told, "type")) == ("active", "notify")
    assert said(told, "says").endswith(" checks")
    assert told.json("status")["kept_by"] == "daemon"
    assert told.json("status")["daemon"]["running"]


def test_before_it_is_switched_on_status_says_how(told: Transcript) -> None:
    assert told.code("in_place") == 3
    assert "the daemon is in place and not switched on; systemctl enable --now" in told.files["in_place.stderr"]


def test_it_runs_as_nobody_else_with_two_capabilities_behind_a_filter(told: Transcript) -> None:
    status = dict(line.split(":\t", 1) for line in said(told, "process").splitlines())
    assert "0" not in status["Uid"].split()
    # CAP_NET_ADMIN (12) and CAP_NET_RAW (13), and none that it could win.
    assert {status[f"Cap{kind}"] for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0000000000003000"}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert "4" in status["Groups"].split(), "adm, to read the logs of files"
    assert said(told, "root").split(",")[0] == "ro", "ProtectSystem=strict"


def test_it_sees_what_squid_listens_on_by_its_control_group(told: Transcript) -> None:
    """Its descriptors are for root's eyes; in which service a socket was made, the kernel tells everybody."""
    (proxy,) = (one for one in told.json("status")["checks"] if one["check"] == "proxy_port")
    assert (proxy["verdict"], proxy["reason"]) == ("ok", "")
    assert json.loads(said(told, "measured")), "it was asked, and took so long to answer"


def test_a_reload_takes_up_the_settings_in_the_same_process(told: Transcript) -> None:
    assert said(told, "pid_reloaded") == said(told, "pid")
    before, after = (int(said(told, name).split()[0]) for name in ("says", "reloaded"))
    assert after == before - 1


def test_what_it_must_not_change_root_s_hands_heal(told: Transcript) -> None:
    (member,) = (one for one in told.json("incidents") if one["fault"] == "bond.member_down")
    assert member["state"] == "resolved"
    assert [(one["remediation"], one["mode"], one["outcome"]) for one in member["attempts"]] == [
        ("bond_raise_member", "auto", "healed")
    ]
    assert said(told, "heal_state") == "active"
    assert "asked DoStep ip link set dev eth0 up: Done" in said(told, "heal_said")


def test_a_step_of_the_clock_is_recorded_under_it(told: Transcript) -> None:
    assert ("clock_step.backward", "clock", "firing") in incidents(told, "incidents")


def test_one_that_stands_still_is_started_anew_and_looks_on(told: Transcript) -> None:
    assert said(told, "state_again") == "active"


def test_once_it_is_stopped_status_says_what_to_do_and_it_can_be_taken_away(told: Transcript) -> None:
    assert said(told, "result") == "success"
    assert "the daemon is not running; systemctl status host-watchdog" in told.files["stopped.txt"]
    assert told.code("remove") == 0


def test_it_hears_two_masters_on_a_link_that_came_after_it(story: Callable[[str], Transcript]) -> None:
    told = story("systemd-routers")
    assert incidents(told, "before") == []
    (split,) = told.json("incidents")
    assert (split["fault"], split["subject"], split["state"]) == ("vrrp.split_brain", "eth0/vrid51", "firing")
    assert {"192.168.100.1", "192.168.100.2"} <= set(split["summary"].replace(":", " ").split())
    uid, capabilities = said(told, "process").splitlines()
    assert "0" not in uid.split()
    assert capabilities.split()[1] == "0000000000003000"
    assert ("vrrp.split_brain", "eth0/vrid51", "resolved") in incidents(told, "ended")
