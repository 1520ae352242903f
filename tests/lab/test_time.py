"""The stories of time, with the real daemons: what each step's watchdog finds, cannot see, and nothing else."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.lab.contract import (
    NO_SERVER,
    Finding,
    alerts,
    causes,
    exit_code,
    findings,
    incidents,
    of_check,
    unknown,
)
from tests.lab.uml import Transcript

Tell = Callable[[str], Transcript]
# What is found at a step, and which checks cannot see.
Step = tuple[list[Finding], list[str]]

STEPPED = ("clock_step.backward", "clock", "critical")
KILLED = ("service.killed_by_clock_step", "dovecot.service", "critical")
VMWARE = ("vmware_timesync.enabled", "vmware-tools", "warning")
UNSYNCHRONISED = ("clock_sync.unsynchronised", "kernel", "warning")
WRONG = ("clock_sync.offset", "clock", "critical")
CONFLICT = ("clock_sync.daemon_conflict", "ntp-daemons", "warning")
# The daemon logs the offset that it measured, the watchdog what the kernel did.
MEASURED_WITHIN_SECONDS = 0.01


def can_step(daemon: str, kind: str = "unlimited") -> Finding:
    return (f"ntp_can_step.{kind}", daemon, "warning")


def hold(told: Transcript, steps: Mapping[str, Step]) -> None:
    """Hold every step against all that is to be found and not to be seen there, and its exit code."""
    assert {name: (findings(told, name), unknown(told, name)) for name in steps} == steps
    assert {name: told.code(name) for name in steps} == {name: exit_code(*step) for name, step in steps.items()}


def step_of(told: Transcript, name: str) -> dict[str, Any]:
    """Return the evidence of the step that was found, whose size must be what the kernel's clocks say."""
    (finding,) = of_check(told, name, "clock_step")["findings"]
    before, after = (float(told.files[f"{name}.txt"]) for name in ("offset_before", "offset_after"))
    assert finding["evidence"]["step_seconds"] == pytest.approx(after - before, abs=MEASURED_WITHIN_SECONDS)
    assert after - before == pytest.approx(-18, abs=0.2), "it was a step of 18 s back"
    return dict(finding["evidence"])


def evidence(told: Transcript, name: str, check: str) -> dict[str, Any]:
    """Return the evidence of the only thing that a check found or noted."""
    (one,) = (lambda seen: seen["findings"] or seen["notes"])(of_check(told, name, check))
    return dict(one["evidence"])


def notes(told: Transcript, name: str, check: str) -> list[str]:
    return [note["summary"] for note in of_check(told, name, check)["notes"]]


def test_dovecot_kills_itself_and_the_chain_leads_to_the_root(story: Tell) -> None:
    told = story("dovecot-killed")
    hold(
        told,
        {
            "before": ([VMWARE], NO_SERVER),
            "killed": ([STEPPED, KILLED, VMWARE], NO_SERVER),
            "after": ([], NO_SERVER),
        },
    )
    step_of(told, "killed")
    died = evidence(told, "killed", "service")
    assert "imap(" in died["line"]
    assert "Fatal: Time just moved backwards by 1" in died["line"]
    assert died["line"] in told.files["dovecot_says.txt"], "Dovecot's own word"
    assert 5 < died["moved_seconds"] <= 18
    assert died["refuses_seconds"] > 0, "and its master starts no new services"

    assert causes(told, "chain") == {
        "vmware_timesync.enabled": [],
        "clock_step.backward": ["vmware_timesync.enabled"],
        "service.killed_by_clock_step": ["clock_step.backward"],
    }
    tree = [
        line.split(",")[0]
        for line in told.files["status.txt"].splitlines()
        if re.search(r"#\d", line.split(" on ")[0])
    ]
    assert tree == [
        "#1 warning  vmware_timesync.enabled on vmware-tools",
        "  └ #2 critical  clock_step.backward on clock",
        "      possibly caused by #1: nothing names who did it",
        "    └ #3 critical  service.killed_by_clock_step on dovecot.service",
    ]
    assert incidents(told, "incidents") == [
        ("vmware_timesync.enabled", "vmware-tools", "resolved"),
        ("clock_step.backward", "clock", "firing"),
        ("service.killed_by_clock_step", "dovecot.service", "firing"),
    ]

    (began, title), (ended, its_title) = alerts(told)
    assert (began, ended) == ("failure", "success"), "exactly one message, and one recovery"
    assert "the clock was set back" in title
    assert "the clock was set back" in its_title


def test_ntpd_is_known_to_step_before_it_does_and_named_afterwards(story: Tell) -> None:
    told = story("ntpsec-steps")
    hold(
        told,
        {
            "never": ([], []),
            "slews": ([can_step("ntpd", "large_only")], []),
            "before": ([can_step("ntpd"), VMWARE], NO_SERVER),
            "stepped": ([STEPPED, can_step("ntpd"), VMWARE], []),
        },
    )
    assert evidence(told, "never", "ntp_can_step")["back_beyond_seconds"] is None
    assert evidence(told, "slews", "ntp_can_step")["back_beyond_seconds"] == 600
    assert evidence(told, "before", "ntp_can_step")["back_beyond_seconds"] == 0.128
    step = step_of(told, "stepped")
    assert step["author_programs"] == ["ntpd"]
    assert told.files["said.txt"].strip() in step["author_lines"], "ntpd's own word"
    # Both could have; ntpd says that it was it.
    assert causes(told, "chain")["clock_step.backward"] == ["ntp_can_step.unlimited", "vmware_timesync.enabled"]


def test_chronyd_steps_when_its_last_makestep_says_so(story: Tell) -> None:
    told = story("chrony-makestep")
    hold(
        told,
        {
            "never": ([], []),
            "at_start": ([], []),
            "before": ([can_step("chronyd")], []),
            "stepped": ([STEPPED, can_step("chronyd")], []),
        },
    )
    at_start, before = (evidence(told, name, "ntp_can_step") for name in ("at_start", "before"))
    assert (at_start["back_beyond_seconds"], at_start["start_beyond_seconds"]) == (None, 1)
    assert at_start["overridden"] == ["makestep 1 -1 in /etc/chrony/conf.d/step.conf line 1"]
    assert before["back_beyond_seconds"] == 1
    assert before["overridden"] == ["makestep 1 3 in /etc/chrony/conf.d/step.conf line 1"]
    step = step_of(told, "stepped")
    assert step["author_programs"] == ["chronyd"]
    assert sorted(step["author_lines"]) == sorted(told.files["said.txt"].splitlines()), "chronyd's own words"


def test_timesyncd_steps_without_a_word(story: Tell) -> None:
    told = story("timesyncd-steps")
    hold(
        told,
        {
            "before": ([can_step("systemd-timesyncd")], []),
            "stepped": ([STEPPED, can_step("systemd-timesyncd")], []),
            "both": ([CONFLICT, can_step("systemd-timesyncd")], []),
        },
    )
    step = step_of(told, "stepped")
    assert "step" not in told.files["said.txt"].lower(), "it says nothing"
    assert (step["author_programs"], step["author_lines"]) == ([], [])
    assert [able.partition(" (")[0] for able in step["able_to_step"]] == ["systemd-timesyncd"]


def test_vmware_tools_count_by_their_exit_code(story: Tell) -> None:
    told = story("vmware-timesync")
    no_answer: Step = ([], [*NO_SERVER, "vmware_timesync"])
    hold(
        told,
        {
            "elsewhere": ([], NO_SERVER),
            "no_answer": no_answer,
            "on": ([VMWARE], NO_SERVER),
            "failed": no_answer,
            "hung": no_answer,
            "off": ([], NO_SERVER),
        },
    )
    assert told.files["real.txt"] == "vmware-toolbox-cmd must be run inside a virtual machine.\n", "the real tool"
    (unseen,) = of_check(told, "no_answer", "vmware_timesync")["unseen"]
    assert "ended with 1 and said: /usr/bin/vmware-toolbox-cmd must be run inside" in unseen["reason"]
    assert of_check(told, "elsewhere", "vmware_timesync")["verdict"] == "not_applicable"
    assert incidents(told, "still_firing") == [("vmware_timesync.enabled", "vmware-tools", "firing")]
    assert incidents(told, "incidents") == [("vmware_timesync.enabled", "vmware-tools", "resolved")]
    (off,) = notes(told, "off", "vmware_timesync")
    assert "not visible from here" in off, "what a guest cannot see is said"


def test_ntp_servers_vote_and_who_does_not_count_is_named(story: Tell) -> None:
    told = story("ntp-servers")
    hold(
        told,
        {
            "wrong": ([WRONG, UNSYNCHRONISED], []),
            "one_lies": ([UNSYNCHRONISED], []),
            "one_answers": ([UNSYNCHRONISED], []),
            "none_answers": ([UNSYNCHRONISED], []),
        },
    )
    offset = next(one for one in of_check(told, "wrong", "clock_sync")["findings"] if one["fault"] == WRONG[0])
    assert offset["evidence"]["offset_seconds"] == pytest.approx(-18, abs=0.2)

    assert notes(told, "one_lies", "clock_sync") == ["192.0.2.13 is outvoted: 2 of 3 servers agree without it"]
    assert notes(told, "one_answers", "clock_sync") == [
        "192.0.2.14 does not count: no answer within 1.0 s",
        "192.0.2.15 does not count: it refuses to serve us (kiss-o'-death RATE)",
        "192.0.2.16 does not count: nothing listens there (port unreachable)",
        "one NTP server answers: nothing would tell if it is wrong; configure four",
    ]
    (unseen,) = of_check(told, "none_answers", "clock_sync")["unseen"]
    assert "it asked not to be asked (kiss-o'-death RATE)" in unseen["reason"]
    assert told.files["requests.txt"] == "1\n", "who asked to be left alone is left alone"
