"""The courier delivers beside a loop: nothing that a target does holds it up."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.test_notify import StandInOutbox, Target, Waiting, message

from tests.stand_ins import Clock
from watchdog.notify import Courier
from watchdog.secret import Secret

LIMIT_SECONDS = 30.0


def url_of(target: Target) -> Callable[[], Secret]:
    return lambda: Secret(f"json://127.0.0.1:{target.server_address[1]}/?rto=60")


class Loop:
    """A courier, and what wakes it."""

    def __init__(self, outbox: StandInOutbox, **targets: Target) -> None:
        self.outbox, self.clock = outbox, Clock()
        self.urls = {name: url_of(target) for name, target in targets.items()}
        self.woken = threading.Semaphore(0)
        self.courier = Courier(self.clock.stamp, lambda: self.woken.release() and None)

    def turn(self) -> None:
        self.courier.turn(self.outbox, self.urls, LIMIT_SECONDS)

    def settle(self, times: int = 1) -> None:
        for _ in range(times):
            assert self.woken.acquire(timeout=30)
            self.turn()


@pytest.fixture
def target() -> Target:
    return Target(200)


def test_messages_go_out_one_after_the_other_and_the_loop_waits_for_none(target: Target) -> None:
    outbox = StandInOutbox([Waiting(n, replace(message(), target="ops", title=f"{n}")) for n in (1, 2, 3)])
    loop = Loop(outbox, ops=target)
    loop.turn()
    assert loop.courier.is_busy
    loop.settle(3)
    assert (outbox.sent, outbox.failed, loop.courier.is_busy) == ([1, 2, 3], [], False)
    assert [one["title"] for one in target.received] == ["1", "2", "3"]
    target.close()


def test_one_that_hangs_costs_its_own_messages_once_and_one_thread(target: Target) -> None:
    hanging = Target("hang")
    waiting = [Waiting(n, replace(message(), target=name)) for n, name in ((1, "slow"), (2, "slow"), (3, "ops"))]
    loop = Loop(StandInOutbox(waiting), slow=hanging, ops=target)
    loop.turn()
    loop.settle()
    assert (loop.outbox.sent, loop.outbox.failed) == ([3], [])
    assert loop.courier.next_ns(LIMIT_SECONDS) == round((1000 + LIMIT_SECONDS) * 1e9)
    loop.clock.wait(LIMIT_SECONDS)
    loop.turn()
    assert {(number, error) for number, error, _ in loop.outbox.failed} == {
        (n, "slow did not take it within 30.0 s") for n in (1, 2)
    }
    threads = threading.active_count()
    loop.outbox.due = list(waiting[:2])
    loop.turn()
    assert threading.active_count() == threads, "nothing more is sent where a thread is stuck"
    hanging.answers[:] = [200]
    hanging.over.set()
    assert loop.woken.acquire(timeout=30)
    loop.turn()
    loop.settle(2)
    assert loop.outbox.sent == [3, 1, 2]
    hanging.close()
    target.close()


def test_who_says_no_is_tried_again_and_who_is_gone_never() -> None:
    refusing = Target(500)
    waiting = [Waiting(1, replace(message(), target="ops")), Waiting(2, replace(message(), target="nobody"))]
    loop = Loop(StandInOutbox(waiting), ops=refusing)
    loop.turn()
    loop.settle()
    by_id = {number: (error, retry is None) for number, error, retry in loop.outbox.failed}
    assert by_id == {
        1: ("ops answered with HTTP status 500", False),
        2: ("nobody is configured no longer; its messages cannot be delivered", True),
    }
    refusing.close()


def test_nothing_to_send_is_nothing_to_do() -> None:
    loop = Loop(StandInOutbox([]))
    loop.turn()
    assert (loop.courier.is_busy, loop.courier.next_ns(LIMIT_SECONDS)) == (False, None)
