"""What healing counts by: heals of the last day, and how long ago what nobody asked for began, over reboots."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.history.make import at, cycle, incident, open_history
from watchdog.history.store import History
from watchdog.model import Stamp
from watchdog.steps import Outcome, Plan

pytestmark = pytest.mark.usefixtures("made_once")

PLAN = Plan(summary="", steps=())
HOUR, DAY = 3600.0, 86400.0


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with open_history(tmp_path / "history.db") as opened:
        opened.record(cycle(at(10), incidents=[incident(1), incident(2)], next_id=3))
        yield opened


def attempt(
    history: History, began: Stamp, *, outcome: Outcome = Outcome.HEALED, number: int = 1, mode: str = "auto"
) -> None:
    attempt_id = history.begin_attempt(number, "raise_it", mode, PLAN, Outcome.RUNNING, "", began)
    history.end_attempt(attempt_id, outcome, "", began)


def test_heals_are_counted_by_fault_and_subject(history: History) -> None:
    for seconds in (20, 30):
        attempt(history, at(seconds))
    attempt(history, at(40), outcome=Outcome.NO_EFFECT)
    attempt(history, at(50), number=2, mode="propose")
    assert history.heals(DAY, at(60)) == {
        ("bond.member_down", "bond0/eth1"): 2,
        ("bond.member_down", "bond0/eth2"): 1,
    }


def test_heals_of_long_ago_do_not_count(history: History) -> None:
    attempt(history, at(20))
    assert history.heals(HOUR, at(20 + HOUR)) == {("bond.member_down", "bond0/eth1"): 1}
    assert history.heals(HOUR, at(21 + HOUR)) == {}


def test_a_reboot_neither_ends_nor_prolongs_a_budget(history: History) -> None:
    attempt(history, at(1000))
    history.record(cycle(at(3000)))  # so long was that boot watched
    assert history.begun_unasked(HOUR, at(100, "boot-b")) == (2100.0,), "it lasted at least so long"
    history.record(cycle(at(100, "boot-b")))
    assert history.begun_unasked(HOUR, at(1600, "boot-b")) == (3600.0,)
    assert history.begun_unasked(HOUR, at(1601, "boot-b")) == ()


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.DRY_RUN, Outcome.PROPOSED])
def test_what_was_not_tried_spends_nothing(history: History, outcome: Outcome) -> None:
    history.begin_attempt(1, "raise_it", "auto", PLAN, outcome, "", at(20))
    assert history.begun_unasked(HOUR, at(30)) == ()


def test_what_a_person_asked_for_spends_nothing(history: History) -> None:
    attempt(history, at(20), mode="propose")
    assert history.begun_unasked(HOUR, at(30)) == ()
