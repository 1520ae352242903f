"""Bonds for real: what each story's watchdog finds, step by step, and nothing else."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from checks._bond.faults import FAULTS
from tests.lab.contract import NO_SERVER, Finding, exit_code, findings, incidents, unknown
from tests.lab.uml import Transcript
from tests.report.recorded import told_as_recorded
from watchdog.notify.pace import FIRST_RETRY_SECONDS

Tell = Callable[[str], Transcript]


def down(subject: str) -> Finding:
    return ("bond.member_down", subject, "warning")


CLEAN: list[Finding] = []
MISSING = ("bond.member_missing", "bond0/eth1", "warning")
SINGLE = ("bond.single_member", "bond0", "warning")
UNMONITORED = ("bond.no_link_monitoring", "bond0", "warning")
PRIMARY = ("bond.primary_not_active", "bond0", "warning")
NO_PARTNER = ("bond.lacp_not_negotiated", "bond0", "warning")
CROSSED = ("bond.aggregator_mismatch", "bond0/eth2", "warning")
OUTAGE = ("bond.down", "bond0", "critical")

UP, DOWN = "0x1803\n", "0x1802\n"  # /sys/class/net/*/flags: MULTICAST, SLAVE, BROADCAST, and UP or not


def test_a_member_set_down_is_healed_and_a_cure_that_does_not_help_is_rolled_back(
    story: Tell, tmp_path: Path
) -> None:
    told = story("bond-member-admin-down-healed")

    assert findings(told, "healthy") == CLEAN
    assert findings(told, "down") == [down("bond0/eth0")]
    (proposed,) = told.json("proposals")
    assert [proposal["steps"] for proposal in proposed["proposals"]] == [["ip link set dev eth0 up"]]
    assert told.files["before_heal.txt"] == DOWN, "a proposal changes nothing"

    assert (told.code("cured"), told.json("cured")["outcome"]) == (0, "healed")
    assert told.files["after_heal.txt"] == UP
    assert findings(told, "after") == CLEAN

    assert findings(told, "down_again") == [down("bond0/eth0")]
    assert (told.code("not_cured"), told.json("not_cured")["outcome"]) == (2, "no_effect")
    assert told.files["after_rollback.txt"] == DOWN, "a roll-back leaves what it found"

    assert incidents(told, "incidents") == [
        ("bond.member_down", "bond0/eth0", "resolved"),
        ("bond.member_down", "bond0/eth0", "firing"),
    ]
    assert [
        [a["outcome"] for a in incident["attempts"] if a["outcome"] in ("healed", "no_effect")]
        for incident in sorted(told.json("incidents"), key=lambda one: one["id"])
    ] == [["healed"], ["no_effect"]]
    for words in ("bond.member_down", "bond0/eth0", "healed", "no effect", "undone"):
        assert words in told.files["report.txt"]
    now, recorded = told_as_recorded("bond", told.files["history.sql"], tmp_path / "history.db")
    assert now == recorded, "what is recorded is what happens: `python -m tests.report.record` records it anew"


@pytest.mark.long(30)
def test_a_fault_goes_through_every_room(story: Tell) -> None:
    """Found, told (when the target is there, by BOOTTIME), planned, healed, verified, told again, reported."""
    told = story("bond-member-down-from-alert-to-report")

    assert (told.code("settings"), told.files["settings.txt"]) == (0, "ok: /etc/watchdog/watchdog.toml\n")
    assert findings(told, "healthy") == CLEAN
    assert (told.code("down"), findings(told, "down")) == (1, [down("bond0/eth0")])
    assert told.files["down.stderr"] == "", "a target that is away is no fault of the run"
    (opened,) = told.json("open")
    assert (opened["id"], opened["fault"], opened["state"]) == (1, "bond.member_down", "firing")
    assert "0 sent, 1 waiting, 0 refused" in told.files["waiting.txt"]

    alert, recovery = map(json.loads, told.files["notifications.jsonl"].splitlines())
    waited = alert["boottime_seconds"] - float(told.files["before.txt"].split()[0])
    assert waited >= FIRST_RETRY_SECONDS / 2, "an hour of the wall clock is not an hour"
    assert (told.code("too_soon"), told.code("in_time")) == (1, 1)
    assert (alert["body"]["title"], alert["body"]["type"]) == (
        "[warning] lab: a bond member is down (bond0/eth0)",
        "warning",
    )
    said = alert["body"]["message"].splitlines()
    assert said[0] == opened["summary"]
    fault = {fault.code: fault for fault in FAULTS}["bond.member_down"]
    assert f"what to do: {fault.advice}" in said
    assert "proposed: bond_raise_member: set eth0 administratively up" in alert["body"]["message"]
    assert "  to approve it: watchdog heal 1 --apply" in said
    labels = [line.partition(":")[0] for line in said]
    assert [one for one in ("since", "so what", "what to do", "more", "reference") if one not in labels] == []

    (proposed,) = told.json("proposals")
    assert [(p["remediation"], p["steps"]) for p in proposed["proposals"]] == [
        ("bond_raise_member", ["ip link set dev eth0 up"])
    ]
    assert (told.code("cured"), told.json("cured")["outcome"]) == (0, "healed")
    assert told.files["after_heal.txt"] == UP
    assert (recovery["body"]["title"], recovery["body"]["type"]) == (
        "[recovered] lab: a bond member is down (bond0/eth0)",
        "success",
    )
    assert f"it was: {opened['summary']}" in recovery["body"]["message"].splitlines()
    assert "healed by bond_raise_member (try 2)" in recovery["body"]["message"]

    (incident,) = told.json("incidents")
    assert (incident["state"], [a["outcome"] for a in incident["attempts"]]) == ("resolved", ["closed", "healed"])
    for words in ("bond.member_down on bond0/eth0, resolved", "bond_raise_member healed", "2 sent, 0 waiting"):
        assert words in told.files["report.txt"]


@pytest.mark.long(60)
def test_the_primary_is_brought_back_and_what_does_not_last_or_harms_is_undone(story: Tell) -> None:
    told = story("bond-primary-healed")

    assert findings(told, "healthy") == CLEAN
    assert findings(told, "still_on_spare") == [PRIMARY]
    (proposed,) = told.json("proposals")
    assert [(p["remediation"], p["steps"]) for p in proposed["proposals"]] == [
        ("bond_use_primary", ["ip link set dev bond0 type bond active_slave eth0"])
    ]
    assert told.files["before_heal.txt"] == "eth1\n", "a proposal changes nothing"

    assert (told.code("cured"), told.json("cured")["outcome"]) == (0, "healed")
    assert told.files["after_heal.txt"] == "eth0\n"
    assert findings(told, "after") == CLEAN

    assert findings(told, "again_firing") == [PRIMARY]
    assert (told.code("not_cured"), told.json("not_cured")["outcome"]) == (2, "no_effect")
    assert told.files["after_not_cured.txt"] == "eth1\n"

    assert (told.code("harmed"), told.json("harmed")["outcome"]) == (2, "harmed")
    assert "bond.member_down on bond0/eth0" in told.json("harmed")["reason"]
    assert told.files["after_harmed.txt"] == "eth1\n"
    assert findings(told, "primary_down") == [down("bond0/eth0")]

    assert findings(told, "flapped") == [("bond.flapping", "bond0/eth0", "warning"), PRIMARY]
    assert told.code("refused") == 3
    assert "bond.flapping is open" in told.files["refused.stderr"]
    assert told.files["after_refused.txt"] == "eth1\n", "traffic stays where it is steady"


def test_a_bond_is_given_eyes_and_what_shows_then_is_no_harm(story: Tell) -> None:
    told = story("bond-monitoring-healed")

    assert findings(told, "blind") == [down("bond0/eth1"), UNMONITORED]
    assert told.files["kernel_blind.txt"] == "up\n", "the kernel calls a dead member up"
    (proposed,) = told.json("proposals")
    (proposal,) = proposed["proposals"]
    assert proposal["steps"] == ["ip link set dev bond0 type bond miimon 100"]
    assert "eth1 without a carrier will be taken out of service" in proposal["summary"]

    assert (told.code("cured"), told.json("cured")["outcome"]) == (0, "healed")
    assert told.files["miimon_after.txt"] == "100\n"
    assert told.files["kernel_seeing.txt"] == "down\n"
    assert findings(told, "after") == [down("bond0/eth1")], "and its loss of long ago is no flapping"

    assert findings(told, "outage") == [OUTAGE, down("bond0/eth0"), UNMONITORED]
    assert (told.code("outage_cured"), told.json("outage_cured")["outcome"]) == (0, "healed")
    assert told.files["active_after.txt"] == "eth1\n", "the kernel moves on once it sees"
    assert findings(told, "outage_over") == [down("bond0/eth0")]

    assert findings(told, "all_dead") == [OUTAGE, down("bond0/eth0"), down("bond0/eth1"), UNMONITORED]
    assert told.code("refused") == 3
    assert "monitoring would take all of them" in told.files["refused.stderr"]
    assert told.files["miimon_refused.txt"] == "0\n"


def test_the_owner_s_command_heals_and_is_taken_back_when_it_does_not(story: Tell) -> None:
    told = story("bond-own-command")
    up, back = "up --member=eth0\n", "down --member=eth0\n"

    assert (told.code("settings"), told.code("typo")) == (0, 3)
    assert "{evidence.KEY}" in told.files["typo.stderr"]

    assert findings(told, "down") == [down("bond0/eth0")]
    (proposed,) = told.json("proposals")
    raises, own = proposed["proposals"]
    assert (raises["remediation"], own["remediation"]) == ("bond_raise_member", "run_command")
    assert "no command here can cure" in raises["refused"]
    assert own["steps"] == ["/opt/site/switch-port up --member=eth0"]
    assert "/opt/site/switch-port down --member=eth0" in own["note"]

    assert (told.code("cured"), told.json("cured")["outcome"]) == (0, "healed")
    assert told.files["calls_cured.txt"] == up
    assert findings(told, "after") == CLEAN

    assert (told.code("failed"), told.json("failed")["outcome"]) == (2, "step_failed")
    assert "exit 3: the switch at https://***@switch/ does not answer" in told.json("failed")["reason"]
    assert told.files["calls_failed.txt"] == up + back, "it may have done half of it"

    assert (told.code("useless"), told.json("useless")["outcome"]) == (2, "no_effect")
    assert told.files["calls_useless.txt"] == up + back

    assert told.code("refused") == 3
    assert "a file that only root can write" in told.files["refused.stderr"]
    assert told.files["calls_refused.txt"] == ""
    assert "secret" not in "".join(told.files.values())


@pytest.mark.parametrize(
    ("name", "steps", "lists"),
    [
        pytest.param(
            "bond-member-down",
            {"healthy": CLEAN, "down": [down("bond0/eth0")], "back": CLEAN},
            {"incidents": [("bond.member_down", "bond0/eth0", "resolved")]},
            id="member-down-and-back",
        ),
        pytest.param(
            "bond-member-removed",
            {"healthy": CLEAN, "removed": [MISSING, SINGLE], "back": CLEAN},
            {
                "incidents": [
                    ("bond.member_missing", "bond0/eth1", "resolved"),
                    ("bond.single_member", "bond0", "resolved"),
                ]
            },
            id="member-removed-and-put-back",
        ),
        pytest.param(
            "bond-no-link-monitoring",
            {
                "unmonitored": [UNMONITORED],
                "spare_down": [down("bond0/eth1"), UNMONITORED],
                "all_down": [OUTAGE, down("bond0/eth0"), down("bond0/eth1"), UNMONITORED],
                "monitored": CLEAN,
            },
            {},
            id="nothing-monitors-the-links",
        ),
        pytest.param(
            "bond-primary-not-active",
            {"healthy": CLEAN, "on_spare": [PRIMARY], "still_on_spare": [PRIMARY], "back": CLEAN},
            {
                "pending": [("bond.primary_not_active", "bond0", "pending")],
                "firing": [("bond.primary_not_active", "bond0", "firing")],
                "incidents": [("bond.primary_not_active", "bond0", "resolved")],
            },
            id="primary-up-but-not-active",
        ),
        pytest.param("lacp-up", {"negotiated": CLEAN}, {}, id="lacp-with-a-partner"),
        pytest.param(
            "lacp-no-partner",
            {"alone": [NO_PARTNER]},
            {"incidents": [("bond.lacp_not_negotiated", "bond0", "pending")]},
            id="lacp-without-a-partner",
        ),
        pytest.param("lacp-two-partners", {"crossed": [CROSSED]}, {}, id="lacp-with-two-partners"),
    ],
)
def test_each_step_finds_what_is_wrong_and_nothing_else(
    story: Tell,
    name: str,
    steps: Mapping[str, list[Finding]],
    lists: Mapping[str, list[Finding]],
) -> None:
    told = story(name)
    assert {step: findings(told, step) for step in steps} == steps
    assert {step: unknown(told, step) for step in steps} == dict.fromkeys(steps, NO_SERVER)
    codes = {step: exit_code(found, NO_SERVER) for step, found in steps.items()}
    assert {step: told.code(step) for step in steps} == codes
    assert {kind: incidents(told, kind) for kind in lists} == lists
    _hold_the_premise(name, told)


def _hold_the_premise(name: str, told: Transcript) -> None:
    """Prove that the story showed what it says, whatever the watchdog made of it."""
    no_partner = "00:00:00:00:00:00\n"
    if name == "bond-no-link-monitoring":
        assert told.files["kernel_on_spare.txt"] == "up\n", "the kernel calls a dead member up"
        assert told.files["kernel_on_active.txt"] == "up\n"
    elif name == "lacp-up":
        assert told.files["partner.txt"] != no_partner
    elif name == "lacp-no-partner":
        assert told.files["partner.txt"] == no_partner
    elif name == "lacp-two-partners":
        first, second, crossed = (line.rpartition(":")[2] for line in told.files["aggregators.txt"].split())
        assert first == second != crossed
    elif name == "bond-member-down":
        (proposed,) = told.json("proposals")
        assert all(proposal["refused"] for proposal in proposed["proposals"]), "no command cures a dead cable"
