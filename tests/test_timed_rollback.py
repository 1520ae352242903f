"""Without somebody who would take it back in time nothing is begun; with one, both ends hear of each other."""

import os
import socket
import sys
from collections.abc import Sequence
from threading import Thread

import pytest

from tests.stand_ins import StandInJournal
from watchdog.errors import Refused
from watchdog.healing.timed_rollback import ENDED, READY, Keeper, timed_rollback
from watchdog.host import Host
from watchdog.steps import Outcome, Plan

PLAN = Plan(summary="", steps=(), undone_after_seconds=60.0)


def begun(journal: StandInJournal) -> int:
    return journal.begin_attempt(7, "x", "propose", PLAN, Outcome.RUNNING, "", Host().stamp())


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        pytest.param(["/bin/false"], "it ended at once", id="it-ends"),
        pytest.param(["/nowhere/at/all"], "cannot start /nowhere/at/all: No such file", id="it-is-not-there"),
        pytest.param(
            [sys.executable, "-c", "import os, sys; os.write(int(sys.argv[1]), b'what?')"],
            "it ended at once",
            id="it-says-something-else",
        ),
    ],
)
def test_no_keeper_no_step(argv: Sequence[str], why: str) -> None:
    journal = StandInJournal()
    attempt = begun(journal)
    with (
        pytest.raises(Refused, match="nothing is changed that nobody could take back in time"),
        timed_rollback(Host(), journal, lambda n, s, channel, h: [*argv, str(channel)], attempt, PLAN),
    ):
        raise AssertionError("the block must not be entered")
    assert journal.kept[-1].outcome is Outcome.REFUSED
    assert why in journal.kept[-1].reason


def test_a_plan_that_needs_none_starts_none() -> None:
    plan = Plan(summary="", steps=())
    with timed_rollback(Host(), StandInJournal(), lambda *_: ["/nowhere"], 1, plan):
        pass


def keeper() -> tuple[Keeper, socket.socket]:
    ours, theirs = socket.socketpair()
    return Keeper(host=Host(), channel=theirs, healer=os.pidfd_open(os.getpid())), ours


def test_the_keeper_says_that_it_is_there_and_hears_the_end() -> None:
    waiting, healer = keeper()
    heard: list[bool] = []
    thread = Thread(target=lambda: heard.append(waiting.wait(60)))
    thread.start()
    assert healer.recv(10) == READY
    healer.send(ENDED)
    thread.join(20)
    assert heard == [True]


def test_a_healer_that_dies_has_not_ended_the_attempt() -> None:
    waiting, healer = keeper()
    healer.close()
    assert not waiting.wait(0.2)
