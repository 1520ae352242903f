"""`watchdog heal`, end to end, on the loopback of a network namespace (tests/heal_on_loopback.py)."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.in_namespace import run_in_namespace

APPLY = ["heal", "1", "--apply", "--yes"]


@pytest.fixture
def watchdog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that runs commands one after the other in one namespace, with one history."""
    settings = tmp_path / "watchdog.toml"
    settings.touch()
    monkeypatch.setenv("WATCHDOG_CONFIG", str(settings))

    def run(*commands: list[str], mood: str = "convinced") -> list[dict[str, Any]]:
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
    _, crashed, refused, incidents = watchdog(["run"], ["crash"], APPLY, ["incidents", "--json"], mood="never")
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


def test_what_has_cured_before_a_crash_stays(watchdog: Any) -> None:
    _, _, after, incidents = watchdog(["run"], ["crash"], ["run"], ["incidents", "--json", "--all"])
    assert (after["exit"], after["up"]) == (0, True)
    (incident,) = json.loads(incidents["out"])
    assert (incident["state"], incident["attempts"][-1]["outcome"]) == ("resolved", "healed")


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
