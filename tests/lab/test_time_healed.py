"""The outage healed by the watchdog, with the real daemons: in the right order, and not at any price."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.lab.contract import findings, incidents
from tests.lab.uml import Transcript

Tell = Callable[[str], Transcript]

UNLIMITED = ("ntp_can_step.unlimited", "ntpd", "warning")
LARGE_ONLY = ("ntp_can_step.large_only", "ntpd", "warning")
VMWARE = ("vmware_timesync.enabled", "vmware-tools", "warning")
DOWN = ("service.down", "dovecot.service", "critical")
STEPPED = ("clock_step.backward", "clock", "critical")
KILLED = ("service.killed_by_clock_step", "dovecot.service", "critical")


def attempts(told: Transcript, name: str, fault: str) -> list[tuple[str, str, str]]:
    """Return what was tried on an incident by the watchdog: (remediation, mode, outcome), proposals left out."""
    (one,) = (incident for incident in told.json(name) if incident["fault"] == fault)
    tried = ((one["remediation"], one["mode"], one["outcome"]) for one in one["attempts"])
    return [one for one in tried if one[2] not in ("proposed", "closed")]


def steps(told: Transcript, name: str) -> list[tuple[str, str]]:
    """Return the steps of an attempt: (the first words of what was to be done, how it ended)."""
    return [(one["step"].splitlines()[0], one["state"]) for one in told.json(name)["steps"]]


def offset(told: Transcript, name: str) -> float:
    return float(told.files[f"{name}.txt"])


def argv(told: Transcript, name: str) -> list[str]:
    """Return the one process's command line, without its pid."""
    (line,) = told.files[f"{name}.txt"].splitlines()
    return line.split()[1:]


@pytest.mark.long(40)
def test_the_causes_are_healed_first_and_dovecot_when_the_clock_is_steady(story: Tell) -> None:
    told = story("dovecot-healed")
    assert offset(told, "offset_after") - offset(told, "offset_before") == pytest.approx(-18, abs=0.2)
    assert set(findings(told, "killed")) == {STEPPED, KILLED, UNLIMITED, VMWARE, DOWN}
    assert findings(told, "down") == [UNLIMITED, DOWN, VMWARE]

    assert told.code("too_early") == 3
    assert "the clock may be set back at any time" in told.files["too_early.stderr"]

    assert findings(told, "first") == [LARGE_ONLY, DOWN, VMWARE], "-x raises the threshold, and that is accepted"
    assert told.files["difference.txt"].splitlines() == [
        "1c1",
        '< NTPD_OPTS="-g -N"',
        "---",
        '> NTPD_OPTS="-g -N -x"',
    ]
    before, after = argv(told, "argv_before"), argv(told, "argv_after")
    assert [word for word in after if word != "-x"] == before
    assert "-x" in after

    assert findings(told, "second") == [LARGE_ONLY, DOWN]
    said = told.files["toolbox.txt"].splitlines()
    assert said.count("timesync disable") == 1
    assert set(said) == {"timesync status", "timesync disable", "-v"}, "never enable"

    assert findings(told, "third") == [LARGE_ONLY, DOWN], "the causes are gone, and Dovecot still has to wait"
    assert "it counts as steady after 30 min" in " ".join(told.files["not_steady.txt"].split())

    assert findings(told, "fourth") == findings(told, "after") == [LARGE_ONLY], "and a client logged in"
    assert attempts(told, "incidents", "ntp_can_step.unlimited") == [("forbid_ntp_step", "auto", "healed")]
    assert attempts(told, "incidents", "vmware_timesync.enabled") == [
        ("disable_vmware_timesync", "auto", "healed")
    ]
    assert attempts(told, "incidents", "service.down") == [
        ("restart_service", "propose", "refused"),
        ("restart_service", "auto", "refused"),
        ("restart_service", "auto", "healed"),
    ]
    assert attempts(told, "incidents", "clock_step.backward") == []
    moved = offset(told, "offset_end") - offset(told, "offset_after")
    assert moved == pytest.approx(0, abs=0.001), "no restart has stepped the clock"
    states = {fault: state for fault, _, state in incidents(told, "incidents")}
    assert [states[one[0]] for one in (UNLIMITED, VMWARE, DOWN)] == ["resolved"] * 3


def test_what_would_harm_is_refused_and_what_does_not_help_is_undone(story: Tell) -> None:
    told = story("time-not-healed")
    assert findings(told, "found") == [UNLIMITED, VMWARE]

    refused = {"unknown": "how far off the clock is, is not known", "far_off": r"the clock is off by 1[78]\.\d+ s"}
    for name, reason in refused.items():
        assert told.code(name) == 3
        assert re.search(reason, told.files[f"{name}.stderr"])

    tried: Any = told.json("rolled_back")
    assert (told.code("rolled_back"), tried["outcome"]) == (2, "step_failed")
    assert tried["reason"] == "systemctl restart ntpsec: exit 2: unknown option -x; what was done is undone"
    assert steps(told, "rolled_back") == [
        ("patch /etc/default/ntpsec <<'END'", "undone"),
        ("systemctl restart ntpsec", "undone"),
    ]
    assert told.files["file.txt"] == "same\n", "to the last byte"
    assert told.files["owner.txt"] == "root 644\n"
    assert argv(told, "argv_after") == argv(told, "argv_before"), "it runs again, as before"

    deaf: Any = told.json("deaf")
    assert (told.code("deaf"), deaf["outcome"]) == (2, "no_effect")
    assert "nothing takes back: vmware-toolbox-cmd timesync disable" in deaf["reason"]
    assert steps(told, "deaf") == [("vmware-toolbox-cmd timesync disable", "done")]
    assert "timesync enable" not in told.files["toolbox.txt"]

    assert {state for _, _, state in incidents(told, "incidents")} == {"firing"}
    assert offset(told, "offset_after") == pytest.approx(offset(told, "offset_before"), abs=0.001)


def test_chronyd_is_told_in_the_line_that_decides(story: Tell) -> None:
    told = story("chrony-forbidden")
    assert findings(told, "found") == [("ntp_can_step.unlimited", "chronyd", "warning")]
    assert told.code("slip") == 3
    assert "chronyd would not start again with its configuration as it is" in told.files["slip.stderr"]
    assert "Invalid directive at line" in told.files["slip.stderr"], "chronyd's own word"
    assert (told.code("healed"), told.json("healed")["outcome"]) == (0, "healed")
    assert told.files["difference.txt"].splitlines()[1:] == ["< makestep 1 -1", "---", "> makestep 1 3"]
    assert ("ntp_can_step.unlimited", "chronyd", "warning") not in findings(told, "after")
    moved = offset(told, "offset_after") - offset(told, "offset_before")
    assert moved == pytest.approx(0, abs=0.001), "neither the restart nor the server has stepped the clock"
