"""`watchdog heal`, end to end, on the loopback of a network namespace (tests/heal_on_loopback.py)."""

import json
import os
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.in_namespace import run_in_namespace
from tests.needs import need
from watchdog.cli.proposed import command_parts
from watchdog.report.page import render_plain
from watchdog.steps import WriteFile

# Only one heals on a host at a time.
pytestmark = [pytest.mark.program, pytest.mark.xdist_group("heals")]

APPLY = ["heal", "1", "--apply", "--yes"]


@pytest.fixture
def watchdog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that runs commands one after the other in one namespace, with one history."""
    settings = tmp_path / "watchdog.toml"
    settings.touch(mode=0o600)
    monkeypatch.setenv("WATCHDOG_CONFIG", str(settings))

    def run(*commands: list[str], mood: str = "convinced", toml: str = "") -> list[dict[str, Any]]:
        settings.write_text(toml)
        ran: list[dict[str, Any]] = run_in_namespace(
            "tests.heal_on_loopback", str(tmp_path / "history.db"), mood, json.dumps(commands)
        )
        return ran

    return run


def test_an_incident_is_shown_then_healed_then_resolved(watchdog: Any) -> None:
    found, listed, shown, dry, healed, again, after, none, told = watchdog(
        ["run"],
        ["heal"],
        ["heal", "1"],
        ["heal", "1", "--dry-run"],
        APPLY,
        APPLY,
        ["run"],
        ["heal"],
        ["incidents", "--all", "--json"],
    )
    assert (found["exit"], found["up"]) == (2, False)
    for showing in (listed, shown):
        assert (showing["exit"], showing["up"], showing["err"]) == (0, False, "")
        assert showing["out"] == (
            "#1 critical  link.down on lo: lo is down\n"
            "  raise_lo  raise lo\n"
            "    would run  ip link set dev lo up\n"
            "    beware     it does not survive a restart; let the network configuration raise it\n"
            "  to apply it  watchdog heal 1 --apply\n"
        )
    assert (dry["exit"], dry["up"]) == (0, False)
    assert dry["out"].endswith("#1 dry run: it would be permitted; nothing was changed\n")
    assert (healed["exit"], healed["up"]) == (0, True)
    assert "to apply it" not in healed["out"]
    assert "  did ip link set dev lo up: lo is administratively up\n" in healed["out"]
    assert healed["out"].endswith(
        "#1 healed: the check no longer finds the fault; to take it back: watchdog rollback 3\n"
    )
    assert (again["exit"], again["out"].splitlines()[-1]) == (
        0,
        "#1 nothing to do: the incident is resolved; nothing was done",
    )
    assert after["exit"] == 0
    assert (none["exit"], none["out"]) == (
        0,
        "nothing that a remediation could heal; watchdog incidents lists what is open\n",
    )
    outcomes = [attempt["outcome"] for attempt in json.loads(told["out"])[0]["attempts"]]
    assert outcomes == ["closed", "dry_run", "healed"]


def test_what_does_not_help_is_rolled_back(watchdog: Any) -> None:
    _, tried, too_soon, incidents, status = watchdog(
        ["run"], APPLY, APPLY, ["incidents", "--json"], ["status"], mood="never"
    )
    assert (tried["exit"], tried["up"]) == (2, False)
    assert "  undid ip link set dev lo up: lo is administratively down\n" in tried["out"]
    assert tried["out"].endswith("#1 no effect: the fault is still there: lo is down; what was done is undone\n")
    assert (too_soon["exit"], too_soon["up"]) == (3, False)
    assert "the last attempt was" in too_soon["err"]
    outcomes = [attempt["outcome"] for attempt in json.loads(incidents["out"])[0]["attempts"]]
    assert outcomes == ["closed", "no_effect", "refused"]
    assert re.search(
        r"\n    tried {7}ip link set dev lo up at \S+ \S+ UTC, no effect: the fault is still there",
        status["out"],
    )


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_that_ends_us_rolls_back_first(watchdog: Any, name: str) -> None:
    _, ended = watchdog(["run"], APPLY, mood=name)
    assert (ended["exit"], ended["up"]) == (2, False)
    assert ended["out"].endswith(
        "#1 rolled back: interrupted by a signal before it was verified; what was done is undone\n"
    )


def test_what_a_crash_left_behind_is_undone_first(watchdog: Any) -> None:
    _, crashed, refused, incidents = watchdog(
        ["run"], ["crash", "propose"], APPLY, ["incidents", "--json"], mood="never"
    )
    assert crashed["up"]
    assert (refused["exit"], refused["up"]) == (3, False)
    assert "undid ip link set dev lo up" in refused["out"]
    assert "the last attempt was" in refused["err"]
    attempts = json.loads(incidents["out"])[0]["attempts"]
    assert [attempt["outcome"] for attempt in attempts[-2:]] == ["rolled_back", "refused"]
    assert (
        attempts[-2]["reason"]
        == "interrupted before it was verified: the fault is still there: lo is down; what was done is undone"
    )


TOLD = """
[notify.targets.ops]
url = "json://127.0.0.1:9/"
[[notify.routes]]
severity = "warning"
to = ["ops"]
"""


def test_a_person_is_told_how_what_nobody_asked_for_was_cut_off(watchdog: Any, tmp_path: Path) -> None:
    watchdog(["run"], ["crash", "auto"], ["run"], mood="never", toml=TOLD)
    with sqlite3.connect(tmp_path / "history.db") as history:
        bodies = [body for (body,) in history.execute("SELECT body FROM outbox WHERE title LIKE '%rolled back%'")]
    (body,) = bodies
    assert "tried: ip link set dev lo up\nrolled back: interrupted before it was verified" in body


def test_what_has_cured_before_a_crash_stays(watchdog: Any) -> None:
    _, _, after, incidents = watchdog(["run"], ["crash", "propose"], ["run"], ["incidents", "--json", "--all"])
    assert (after["exit"], after["up"]) == (0, True)
    (incident,) = json.loads(incidents["out"])
    assert (incident["state"], incident["attempts"][-1]["outcome"]) == ("resolved", "healed")


def test_nothing_is_undone_because_a_history_says_so_that_others_can_write(watchdog: Any, tmp_path: Path) -> None:
    need(None if os.geteuid() == 0 else "root, which alone is refused what others can write")
    watchdog(["run"], ["crash", "propose"])
    (tmp_path / "history.db").chmod(0o666)
    ran, back, incidents = watchdog(["run"], ["rollback", "2", "--yes"], ["incidents", "--json"], mood="never")
    assert "undid" not in ran["err"]
    for told in (ran, back):
        assert "history.db: expected a file that only root can write" in told["err"]
    assert ran["exit"] == 2, "what the checks say is said all the same"
    (incident,) = json.loads(incidents["out"])
    assert incident["attempts"][-1]["outcome"] == "running"


def test_only_the_plan_that_was_shown_is_carried_out(watchdog: Any) -> None:
    _, refused = watchdog(["run"], APPLY, mood="wavering")
    assert (refused["exit"], refused["up"]) == (3, False)
    assert "another plan than the one shown (ip link set dev lo up; ip link set dev lo up; " in refused["err"]


def test_json(watchdog: Any) -> None:
    _, listed, healed, again = watchdog(["run"], ["heal", "--json"], [*APPLY, "--json"], [*APPLY, "--json"])
    assert json.loads(listed["out"]) == [
        {
            "id": 1,
            "fault": "link.down",
            "subject": "lo",
            "severity": "critical",
            "state": "firing",
            "summary": "lo is down",
            "proposals": [
                {
                    "remediation": "raise_lo",
                    "refused": None,
                    "summary": "raise lo",
                    "steps": ["ip link set dev lo up"],
                    "lasting": False,
                    "note": "let the network configuration raise it",
                }
            ],
        }
    ]
    told = json.loads(healed["out"])
    assert (told["incident"], told["outcome"]) == (1, "healed")
    assert told["steps"] == [
        {"step": "ip link set dev lo up", "state": "done", "output": "lo is administratively up"}
    ]
    assert json.loads(again["out"])["outcome"] is None


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param(["heal", "9"], "there is no incident 9", id="unknown-incident"),
        pytest.param(["heal", "one"], "'one' is not a valid integer", id="not-a-number"),
        pytest.param(["heal", "--apply"], "watchdog heal INCIDENT --apply", id="apply-what"),
        pytest.param(["heal", "1", "--apply", "--dry-run"], "exclude each other", id="both"),
        pytest.param(["heal", "1", "--apply"], "watchdog heal 1 --apply --yes", id="nobody-to-ask"),
        pytest.param(["heal", str(10**30), "--apply", "--yes"], "there is no incident", id="huge"),
    ],
)
def test_refused_with_exit_code_3_and_nothing_changed(watchdog: Any, arguments: list[str], error: str) -> None:
    _, refused = watchdog(["run"], arguments)
    assert (refused["exit"], refused["up"]) == (3, False)
    assert error in refused["err"]


def test_without_a_history_it_says_how_to_begin_one(watchdog: Any) -> None:
    (refused,) = watchdog(["heal"])
    assert refused["exit"] == 3
    assert "watchdog run" in refused["err"]


AUTO = """
[remediations.raise_lo]
attempts = 2
mode = "auto"
"""


def test_where_the_owner_opted_in_a_run_heals_alone(watchdog: Any) -> None:
    ran, incidents = watchdog(["run"], ["incidents", "--all", "--json"], toml=AUTO)
    assert (ran["exit"], ran["up"]) == (0, True), "the cycle after the cure is what it says"
    assert "#1 link.down on lo: healed: the check no longer finds the fault" in ran["err"]
    (incident,) = json.loads(incidents["out"])
    assert incident["state"] == "resolved"
    (attempt,) = incident["attempts"]
    assert (attempt["mode"], attempt["outcome"]) == ("auto", "healed")
    assert re.fullmatch(r'mode = "auto", /\S+/watchdog.toml line 4, sha256 [0-9a-f]{64}', attempt["permission"])


def test_what_a_run_cannot_heal_it_undoes_and_leaves_to_a_person(watchdog: Any) -> None:
    ran, again, incidents = watchdog(["run"], ["run"], ["incidents", "--json"], mood="never", toml=AUTO)
    assert (ran["exit"], ran["up"]) == (2, False)
    assert "no effect: the fault is still there" in ran["err"]
    assert (again["exit"], again["up"], again["err"]) == (2, False, "")
    outcomes = [attempt["outcome"] for attempt in json.loads(incidents["out"])[0]["attempts"]]
    assert outcomes == ["no_effect", "proposed", "refused"], "the cooldown holds it back, and that is recorded"


def test_what_was_done_can_be_taken_back_once(watchdog: Any) -> None:
    back = ["rollback", "2", "--yes"]
    _, _, taken, twice, unknown, nobody, incidents = watchdog(
        ["run"], APPLY, back, back, ["rollback", "99"], ["rollback", "1"], ["incidents", "--all", "--json"]
    )
    assert (taken["exit"], taken["up"]) == (0, False)
    assert "would run  ip link set dev lo down" in taken["out"]
    assert re.search(r"rolled back: taken back by \S+ \(uid \d+\).*; what was done is undone\n$", taken["out"])
    assert (twice["exit"], "there is nothing to take back: it is rolled back" in twice["err"]) == (3, True)
    assert (unknown["exit"], "there is no attempt 99" in unknown["err"]) == (3, True)
    assert (nobody["exit"], "there is nothing to take back: it is closed" in nobody["err"]) == (3, True)
    states = {one["id"]: one["state"] for one in json.loads(incidents["out"])}
    assert states == {1: "resolved", 2: "firing"}, "what it had healed is found again at once"


def test_what_a_person_took_back_is_not_done_again_unasked(watchdog: Any) -> None:
    healed, taken, again, incidents, asked = watchdog(
        ["run"],
        ["rollback", "1", "--yes"],
        ["run"],
        ["incidents", "--json"],
        ["heal", "2", "--apply", "--yes"],
        toml=AUTO,
    )
    assert (healed["up"], taken["up"], again["up"]) == (True, False, False)
    (incident,) = json.loads(incidents["out"])
    assert incident["attempts"][-1]["outcome"] == "refused"
    assert "a person undid the same (taken back by" in incident["attempts"][-1]["reason"]
    assert (asked["exit"], asked["up"]) == (0, True)


def test_a_change_to_a_file_is_shown_line_by_line() -> None:
    step = WriteFile(path="/etc/a.conf", before="one\n", after="two\n")
    assert render_plain(command_parts(step, 4)) == (
        "    would run  patch /etc/a.conf <<'END'\n"
        "      --- /etc/a.conf\n      +++ /etc/a.conf\n      @@ -1 +1 @@\n      -one\n      +two\n      END"
    )


def test_taking_back_is_asked_for(watchdog: Any) -> None:
    _, _, refused = watchdog(["run"], APPLY, ["rollback", "2"])
    assert (refused["exit"], refused["up"]) == (3, True)
    assert "watchdog rollback 2 --yes" in refused["err"]


def test_what_is_healed_again_and_again_is_an_incident_of_its_own(watchdog: Any) -> None:
    first, _, second, after, incidents = watchdog(
        ["run"], ["down"], ["run"], ["run"], ["incidents", "--json"], toml=AUTO + "[healing]\nchronic = 2\n"
    )
    assert (first["exit"], second["up"]) == (0, True)
    assert (second["exit"], after["exit"]) == (1, 1), "healed, but not well"
    (chronic,) = json.loads(incidents["out"])
    assert (chronic["fault"], chronic["subject"]) == ("watchdog.remediation_chronic", "link.down/lo")
    assert "was healed 2 times within the last day" in chronic["summary"]
