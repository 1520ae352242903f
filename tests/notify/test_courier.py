"""The courier delivers beside a loop: nothing that a target or the process that sends does holds it up."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.notify.senders import URL, Senders, StandInOutbox, Waiting, message, outbox_of
from tests.stand_ins import Clock
from watchdog.errors import HistoryError, WatchdogError
from watchdog.notify import Courier, Pace
from watchdog.notify.child import Ended, Ready
from watchdog.notify.delivery import GRACE_SECONDS, IDLE_SECONDS, LEASE_SECONDS, START_SECONDS
from watchdog.notify.errands import Answer

LIMIT = 30.0
LATE = LIMIT + GRACE_SECONDS
PACE = Pace(limit_seconds=LIMIT)


class Loop:
    """A courier, and what wakes it."""

    def __init__(self, outbox: StandInOutbox, *, ready: bool = True, **answers: Any) -> None:
        self.outbox, self.clock, self.woken = outbox, Clock(), 0
        self.senders = Senders(ready=ready, **answers)
        self.courier = Courier(self.clock.stamp, self.wake, self.senders)
        self.targets = {"ops": URL, "slow": URL}

    def wake(self) -> None:
        self.woken += 1

    def turn(self, times: int = 1) -> None:
        for _ in range(times):
            self.courier.turn(self.outbox, self.targets, PACE)


def test_messages_go_out_one_after_the_other_and_the_loop_waits_for_none() -> None:
    loop = Loop(outbox_of("ops", "ops", "ops"))
    loop.turn()
    assert (loop.senders.given, loop.outbox.sent, loop.courier.is_busy) == ([("ops", 1)], [], True)
    loop.turn(3)
    assert (loop.outbox.sent, loop.outbox.failed, loop.courier.is_busy) == ([1, 2, 3], [], False)
    assert loop.woken == 3
    assert len(loop.senders.all) == 1, "one process sends them all"


def test_one_that_hangs_costs_its_own_message_and_the_process_which_is_started_anew() -> None:
    loop = Loop(outbox_of("slow", "slow", "ops"), slow="hang")
    loop.turn(2)
    assert (loop.outbox.sent, loop.outbox.failed) == ([3], [])
    assert loop.courier.next_ns() == round((1000 + LATE) * 1e9)
    loop.clock.wait(LATE)
    loop.turn()
    ((number, error, retry),) = loop.outbox.failed
    assert (number, error, retry is None) == (1, "slow did not take it within 30.0 s", False)
    assert loop.outbox.holds[-1] > 0, "the rest need not find out again"
    assert loop.senders.alive == 0
    loop.outbox.wake()
    loop.turn()
    assert (len(loop.senders.all), loop.senders.given[-1]) == (2, ("slow", 1))


def test_while_one_is_stuck_the_others_end_first_and_nothing_new_is_begun() -> None:
    loop = Loop(outbox_of("slow", "ops", "ops"), slow="hang", ops=["hang", "sent"])
    loop.turn(2)
    loop.clock.wait(LATE - 1)
    ops = loop.courier._under_way["ops"]
    ops.since = loop.clock.stamp()  # as if it had been begun just now
    loop.clock.wait(1)
    loop.turn()
    assert ([number for number, *_ in loop.outbox.failed], loop.senders.alive) == ([1], 1)
    assert len(loop.senders.given) == 2
    loop.clock.wait(LATE)
    loop.turn()
    assert (len(loop.outbox.failed), loop.senders.alive) == (2, 0)


def test_a_message_taken_after_all_is_not_sent_again() -> None:
    loop = Loop(outbox_of("slow", "ops"), slow="hang", ops="hang")
    loop.turn(2)
    loop.courier._under_way["ops"].since = replace(loop.clock.stamp(), boottime_ns=10**15)
    loop.clock.wait(LATE)
    loop.turn()
    assert [number for number, *_ in loop.outbox.failed] == [1]
    loop.senders.all[0].said.append(Answer(id=1, outcome="sent"))
    loop.turn()
    assert loop.outbox.sent == [1]


def test_time_counts_from_when_the_process_can_send() -> None:
    loop = Loop(outbox_of("ops"), ready=False, ops="hang")
    loop.turn()
    loop.clock.wait(START_SECONDS - 1)
    loop.turn()
    assert loop.outbox.failed == []
    loop.senders.all[0].said.append(Ready())
    loop.turn()
    loop.clock.wait(LATE - 1)
    loop.turn()
    assert loop.outbox.failed == []
    loop.clock.wait(1)
    loop.turn()
    assert [error for _, error, _ in loop.outbox.failed] == ["ops did not take it within 30.0 s"]


def test_a_process_that_does_not_start_is_ended() -> None:
    loop = Loop(outbox_of("ops", "slow"), ready=False)
    loop.turn()
    assert loop.courier.next_ns() == round((1000 + START_SECONDS) * 1e9)
    loop.clock.wait(START_SECONDS)
    loop.turn()
    assert sorted(error for _, error, _ in loop.outbox.failed) == [
        "the process that sends did not start within 60.0 s (ops)",
        "the process that sends did not start within 60.0 s (slow)",
    ]
    assert (loop.senders.alive, loop.courier.is_busy, all(loop.outbox.holds)) == (0, False, True)


def test_nothing_is_claimed_before_the_process_can_send() -> None:
    """On a busy machine that takes longer than a claim lasts, and who borrows the history meanwhile sends, too."""
    loop = Loop(outbox_of("ops", "ops"), ready=False)
    loop.turn(2)
    assert (loop.outbox.asleep, loop.senders.given, loop.courier.is_busy) == (set(), [], True)
    other = Loop(loop.outbox)
    other.turn(3)
    assert loop.outbox.sent == [1, 2]
    loop.outbox.written += 1  # as it is another object when it is back
    loop.senders.all[0].said.append(Ready())
    loop.turn(2)
    assert (loop.outbox.sent, loop.senders.given) == ([1, 2], [])


def test_what_takes_too_long_is_ended_before_its_claim_is_over_also_while_the_history_is_lent() -> None:
    loop = Loop(outbox_of("slow"), slow="hang")
    loop.turn()
    assert loop.courier.late_ns == round((1000 + LATE) * 1e9)
    assert LATE < LIMIT + LEASE_SECONDS
    loop.clock.wait(LATE - 1)
    loop.courier.end_late()
    assert loop.senders.alive == 1
    loop.clock.wait(1)
    loop.courier.end_late()
    assert (loop.senders.alive, loop.courier.late_ns, loop.outbox.failed) == (0, None, [])
    loop.turn()
    ((number, _, retry),) = loop.outbox.failed
    assert (number, retry is None, loop.courier.is_busy) == (1, False, False)


def test_a_process_that_dies_loses_no_errand() -> None:
    loop = Loop(outbox_of("slow", "ops"), slow="hang", ops=["die", "sent"])
    loop.turn(2)
    assert {number: retry is None for number, _, retry in loop.outbox.failed} == {1: False, 2: False}
    loop.senders.answers["slow"] = "sent"
    loop.outbox.wake()
    loop.turn(2)
    assert (sorted(loop.outbox.sent), len(loop.senders.all)) == ([1, 2], 2)


def test_who_says_no_is_tried_again_and_who_is_unknown_waits() -> None:
    """Another sender, with other settings, may know the name."""
    loop = Loop(outbox_of("ops", "nobody"), ops={"error": "ops answered with HTTP status 500"})
    loop.turn(2)
    by_id = {number: (error, retry is None) for number, error, retry in loop.outbox.failed}
    assert by_id == {1: ("ops answered with HTTP status 500", False)}
    assert (loop.outbox.merged, "nobody" in loop.courier.drained.fates) == ([], False)
    loop.targets["nobody"] = URL
    loop.turn(2)
    assert loop.outbox.sent == [2]


def test_what_waits_for_an_unknown_target_too_long_is_told_to_another_and_nobody_asks_the_disk_before() -> None:
    loop = Loop(outbox_of("nobody", "nobody"))
    loop.outbox.due = [replace(one, age_seconds=PACE.expire_after_seconds - 100) for one in loop.outbox.due]
    loop.turn(3)
    assert (loop.senders.all, loop.outbox.asked) == ([], 1)
    assert loop.courier.next_ns() == loop.clock.stamp().boottime_ns + 100 * 10**9
    loop.clock.wait(100)
    loop.outbox.due = [replace(one, age_seconds=PACE.expire_after_seconds) for one in loop.outbox.due]
    loop.turn(2)
    assert loop.outbox.merged == [((1, 2), None, True)]
    ((errand,),) = [sender.given for sender in loop.senders.all]
    assert (errand.target, errand.content.kind) == ("ops", "undelivered")
    assert errand.content.summary == (
        "2 messages for nobody, which is no target in the settings, could not be delivered for 3 d"
    )
    assert dict(loop.courier.drained.fates["nobody"]) == {"expired": 2}


def test_with_no_target_at_all_what_waited_too_long_waits_on() -> None:
    loop = Loop(outbox_of("nobody"))
    loop.outbox.due = [replace(loop.outbox.due[0], age_seconds=PACE.expire_after_seconds)]
    loop.targets = {}
    loop.turn(3)
    assert (loop.outbox.merged, loop.outbox.failed, loop.courier.next_ns()) == ([], [], None)


def test_nothing_to_send_starts_no_process_and_asks_the_disk_once() -> None:
    loop = Loop(StandInOutbox([]))
    loop.turn(3)
    assert (loop.senders.all, loop.courier.is_busy, loop.courier.next_ns()) == ([], False, None)
    assert (loop.outbox.asked, loop.courier.is_due(loop.outbox)) == (1, False)
    loop.outbox.written += 1
    assert loop.courier.is_due(loop.outbox)
    loop.turn()
    assert loop.outbox.asked == 2


def test_the_process_ends_when_it_had_nothing_to_do_for_a_while() -> None:
    loop = Loop(outbox_of("ops"))
    loop.turn(2)
    assert loop.senders.alive == 1
    assert loop.courier.next_ns() == round((1000 + IDLE_SECONDS) * 1e9)
    loop.clock.wait(IDLE_SECONDS)
    loop.turn()
    assert (loop.senders.alive, loop.courier.next_ns()) == (0, None)


def test_another_history_is_asked_anew() -> None:
    loop = Loop(StandInOutbox([]))
    loop.turn()
    other = outbox_of("ops")
    assert loop.courier.is_due(other)
    loop.outbox = other
    loop.turn(2)
    assert other.sent == [1]


def test_a_message_that_somebody_else_sent_meanwhile_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Loop(outbox_of("ops", "ops"))
    monkeypatch.setattr(StandInOutbox, "claim", lambda self, key, now, lease: key != "1")
    loop.turn()
    assert loop.senders.given == [("ops", 2)]


def test_a_history_that_fails_is_asked_again_later_and_not_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Loop(outbox_of("ops"))

    def fail(*args: object) -> list[Waiting]:
        raise HistoryError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(StandInOutbox, "due_messages", fail)
        with pytest.raises(HistoryError):
            loop.turn()
    next_ns = loop.courier.next_ns()
    assert next_ns is not None
    assert next_ns > loop.clock.stamp().boottime_ns
    loop.clock.wait(10)
    loop.turn(2)
    assert loop.outbox.sent == [1]


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        pytest.param(WatchdogError("/etc/w/url: not there"), "/etc/w/url: not there", id="settings"),
        pytest.param(PermissionError(13, "Permission denied"), "Permission denied", id="unreadable"),
        pytest.param(ValueError("bad pLaNt3d"), "ValueError", id="anything-else"),
    ],
)
def test_a_url_that_cannot_be_had_now_is_tried_again(trouble: Exception, error: str) -> None:
    def read() -> Any:
        raise trouble

    loop = Loop(outbox_of("ops"))
    loop.targets = {"ops": read}
    loop.turn()
    ((_, said, retry),) = loop.outbox.failed
    assert (said, retry is None) == (f"the URL of ops cannot be read: {error}", False)
    assert not loop.courier.is_busy


def test_no_process_left_on_the_host_is_a_failure_and_no_crash() -> None:
    def refuse(wake: object) -> Any:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    loop = Loop(outbox_of("ops"))
    loop.courier = Courier(loop.clock.stamp, loop.wake, refuse)
    loop.turn()
    ((_, said, retry),) = loop.outbox.failed
    assert "no process or thread left" in said
    assert retry is not None


def test_a_target_that_stays_away_is_tried_ever_more_seldom_whatever_waits_for_it() -> None:
    loop = Loop(outbox_of("ops"), ops={"away": True})
    loop.outbox.due = [replace(loop.outbox.due[0], target_failures=9)]
    loop.turn(2)
    assert loop.outbox.holds[0] >= 900


def test_a_target_that_is_no_longer_in_the_settings_is_not_sent_what_was_read_before() -> None:
    loop = Loop(outbox_of("ops", "ops"))
    loop.turn()
    loop.targets = {}
    loop.turn()
    assert (loop.outbox.sent, loop.outbox.failed, loop.courier.is_busy) == ([1], [], False)


def test_what_the_server_asked_for_holds_for_the_target() -> None:
    loop = Loop(outbox_of("ops", "ops"), ops={"retry_after_seconds": 120.0})
    loop.turn(2)
    assert ([retry for _, _, retry in loop.outbox.failed], loop.outbox.holds) == ([120.0], [120.0])
    assert loop.senders.given == [("ops", 1)]


def test_a_storm_is_merged_before_it_is_sent() -> None:
    told = [Waiting(n, message(key=f"{n}")) for n in range(1, 21)]
    loop = Loop(StandInOutbox(told))
    loop.turn(12)
    assert len(loop.outbox.sent) == 10
    assert loop.outbox.merged == [(tuple(range(10, 21)), None, False)]
    assert loop.courier.drained.total("merged") == 11


def test_a_storm_of_recoveries_is_not_read_again_for_each_of_them() -> None:
    """Each such reading takes as long as there are messages, and the daemon's loop waits for all of them."""
    both = [
        Waiting(n, message(key=f"{n}", incident_id=n % 100, recovery=n >= 100, title=f"{n}")) for n in range(200)
    ]
    loop = Loop(StandInOutbox(both))
    loop.turn()
    assert (loop.courier.drained.total("merged"), len(loop.outbox.merged)) == (191, 101)
    assert loop.outbox.asked <= 4


def test_more_than_can_be_looked_at_together_is_all_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchdog.notify.lines.BATCH", 3)
    loop = Loop(outbox_of(*["ops"] * 8))
    loop.turn(9)
    assert loop.outbox.sent == [*range(1, 9)]


def test_what_is_known_when_it_ends_is_marked() -> None:
    loop = Loop(outbox_of("ops", "slow"), slow="hang")
    loop.turn()
    ticks = iter(range(100))

    def stamp() -> Any:
        loop.clock.wait(next(ticks))
        return Clock.stamp(loop.clock)

    loop.courier._now = stamp
    loop.courier.close(loop.outbox)
    assert (loop.outbox.sent, loop.outbox.failed, loop.senders.alive) == ([1], [], 0)


@pytest.mark.parametrize("answer", ["sent", "die", {"error": "ops answered with HTTP status 500"}])
def test_what_became_of_a_message_is_not_lost_while_the_history_fails(
    answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: what was sent is not sent again when there is room, and until then nobody is kept busy."""
    loop = Loop(outbox_of("ops"), ops=[answer, "never"])
    loop.turn()

    def fail(*args: object, **named: object) -> None:
        raise HistoryError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(StandInOutbox, "mark_sent", fail)
        patch.setattr(StandInOutbox, "mark_failed", fail)
        for _ in range(3):
            with pytest.raises(HistoryError):
                loop.turn()
            next_ns = loop.courier.next_ns()
            assert next_ns is not None
            assert next_ns > loop.clock.stamp().boottime_ns
            assert not loop.courier.is_due(loop.outbox)
            loop.clock.wait(LATE)
            assert loop.courier.is_due(loop.outbox)
    loop.turn()
    assert (loop.outbox.sent, [number for number, *_ in loop.outbox.failed]) == (
        ([1], []) if answer == "sent" else ([], [1])
    )
    assert (loop.senders.given, loop.courier.is_busy) == ([("ops", 1)], False)


def test_before_somebody_else_has_the_history_what_is_sent_is_marked() -> None:
    loop = Loop(outbox_of("ops", "ops", "slow"), slow="hang")
    loop.turn()
    loop.courier.wait = loop.clock.wait  # type: ignore[method-assign]
    loop.courier.settle(loop.outbox)
    assert (loop.outbox.sent, loop.outbox.failed, len(loop.senders.given)) == ([1], [], 2)
    assert loop.courier.is_busy, "who does not answer is not waited for"


def test_a_process_that_cannot_send_at_all_is_not_started_for_each_message() -> None:
    loop = Loop(outbox_of(*["ops"] * 5), ready=False)
    loop.turn()
    loop.senders.all[0].said.append(Ended(error="the process that sends ended"))
    loop.turn(20)
    assert (len(loop.senders.all), [number for number, *_ in loop.outbox.failed]) == (1, [1])
    assert loop.outbox.holds[0] > 0


def test_a_number_that_is_another_messages_in_a_history_that_began_anew_marks_nothing() -> None:
    """What was under way is answered when its number is that of a message of another outage, to somebody else."""
    loop = Loop(outbox_of("ops"), ops="hang", slow="hang")
    loop.turn()
    old, loop.outbox = loop.outbox, StandInOutbox([Waiting(1, message("slow", key="2"))])
    loop.turn()
    first, second = loop.senders.all[0].given
    assert first.id != second.id
    loop.senders.all[0].said.append(Answer(id=first.id, outcome="sent"))
    loop.turn()
    assert (old.sent, loop.outbox.due != [], loop.courier.is_busy) == ([], True, True)
    loop.senders.all[0].said.append(Answer(id=second.id, outcome="sent"))
    loop.turn()
    assert loop.outbox.due == []
