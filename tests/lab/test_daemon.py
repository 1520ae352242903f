"""The daemon for real: the clock of its kernel is stepped, a bond loses a member, an address appears."""

import json
from collections.abc import Callable

import pytest

from tests.lab.contract import alerts, incidents
from tests.lab.uml import Transcript

STEPS = 200
EVERY_SECONDS = 20
GROUP_WAIT_SECONDS = 10  # [notify] group_wait, by default

# All that only read what one boot told, so that only one worker boots it.
ONE_BOOT = pytest.mark.xdist_group("daemon")


@pytest.fixture(scope="module")
def told(story: Callable[[str], Transcript]) -> Transcript:
    return story("daemon")


def seconds(told: Transcript, name: str) -> float:
    return float(told.files[f"{name}.txt"])


@ONE_BOOT
def test_steps_and_a_lost_member_are_on_record_without_a_run(told: Transcript) -> None:
    assert incidents(told, "incidents") == [
        ("clock_step.backward", "clock", "firing"),
        ("clock_step.forward", "clock", "firing"),
        ("bond.member_down", "bond0/eth0", "firing"),
    ]
    backward = told.json("incidents")[0]
    assert backward["occurrences"] == 2, "18 s, and a day"
    assert backward["evidence"]["step_seconds"] == pytest.approx(-86400, abs=0.5)


@ONE_BOOT
def test_who_stepped_the_clock_completes_what_is_on_record(told: Transcript) -> None:
    backward = told.json("incidents")[0]
    assert backward["evidence"]["author_programs"] == ["ntpd"], "it logged a moment after the step was recorded"
    assert told.files["completed.txt"].count("more is known of it") == 2, "for each step once, long before a turn"


@ONE_BOOT
def test_what_the_kernel_told_was_looked_at_long_before_its_turn(told: Transcript) -> None:
    """With `within` asking five times a second, by a Python started anew; how fast it is, is for bench/ to say."""
    for began, ended in (
        ("back_at", "back_recorded_at"),
        ("down_at", "down_recorded_at"),
        ("vip_at", "looked_at_vip"),
    ):
        assert seconds(told, ended) - seconds(told, began) < EVERY_SECONDS / 3


@ONE_BOOT
def test_each_outage_is_told_once_and_with_what_was_found_until_then(told: Transcript) -> None:
    ((kind, title),) = alerts(told)
    assert kind == "failure"
    assert "the clock was set back" in title
    (first,) = map(json.loads, told.files["notifications.jsonl"].splitlines())
    assert first["boottime_seconds"] - seconds(told, "back_at") >= GROUP_WAIT_SECONDS


@ONE_BOOT
def test_every_check_keeps_its_rhythm_while_the_clock_is_a_day_behind(told: Transcript) -> None:
    runs = json.loads(told.files["runs.txt"])
    assert len(runs) == 12
    for name, (count, longest_gap) in runs.items():
        assert count >= 3, f"{name} did not go on"
        assert longest_gap < EVERY_SECONDS * 1.5, f"{name} was not looked at in time"


@ONE_BOOT
def test_it_ends_at_once_and_in_order(told: Transcript) -> None:
    assert told.code("ended") == 0
    assert seconds(told, "ended_after") < 5


def test_what_it_finds_is_proposed_and_healed_beside_it(story: Callable[[str], Transcript]) -> None:
    told = story("daemon-heal")
    (listed,) = told.json("proposals")
    assert (listed["fault"], listed["subject"]) == ("bond.member_down", "bond0/eth0")
    assert [one["remediation"] for one in listed["proposals"] if one["summary"]] == ["bond_raise_member"]
    (found,) = told.json("found")
    assert [(one["remediation"], one["outcome"]) for one in found["attempts"]] == [
        ("bond_raise_member", "proposed")
    ]
    assert (told.code("cured"), told.json("cured")["outcome"]) == (0, "healed")
    assert int(told.files["after_heal.txt"], 16) & 1, "eth0 is up"
    (after,) = told.json("after")
    assert (after["state"], [one["outcome"] for one in after["attempts"]]) == ("resolved", ["closed", "healed"])
    assert told.json("status")["daemon"]["running"]
    assert "held by" not in told.files["daemon.log"], "nobody else was in its way"
    assert told.code("ended") == 0


def test_after_a_suspend_every_check_looks_and_none_makes_up_for_what_it_missed(
    story: Callable[[str], Transcript],
) -> None:
    told = story("suspend")
    assert seconds(told, "awake_at") - seconds(told, "asleep_at") >= 45
    before, after = (json.loads(told.files[f"{name}.txt"]) for name in ("before", "after"))
    looks = {name: after[name] - before[name] for name in before if name != "watchdog"}
    # Once for all that was missed, and perhaps once in its turn; in 50 s that would have been two or three more.
    assert set(looks.values()) <= {1, 2}, looks
    assert incidents(told, "incidents") == []
    assert float(told.files["steps.txt"]) == 0
    assert told.code("ended") == 0


@pytest.mark.long(50)
@pytest.mark.timeout(900)
def test_two_hundred_random_steps_are_each_counted_and_their_sum_is_exact(
    boot: Callable[..., Transcript],
) -> None:
    """In five minutes; from a millisecond to a year, both ways, now and then two within a tenth of a second."""
    told = boot(
        f"""
        daemon
        save stepped "${{WATCHDOG%/*}}/python" -I -S "$LAB_DIRECTORY/stepper.py" {STEPS} 300
        sleep 5
        save steps measured steps
        save sum measured step_seconds
        end_daemon
        """,
        timeout_seconds=600,
    )
    stepped = json.loads(told.files["stepped.txt"])
    assert stepped["steps"] == STEPS
    assert seconds(told, "steps") == STEPS
    assert seconds(told, "sum") == pytest.approx(stepped["seconds"], abs=1e-3)
    assert told.code("ended") == 0
