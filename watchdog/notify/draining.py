"""Delivers what is due now and waits for it, for a process that ends: `run`, and `watchdog notify drain`."""

from collections.abc import Callable, Mapping

from watchdog.model import Stamp
from watchdog.notify.child import Sender, start_sender
from watchdog.notify.contracts import Drained, Outbox, Pace, ReadUrl
from watchdog.notify.delivery import GRACE_SECONDS, Courier

# A wait does not count what the host sleeps, so it is a short one.
_SLICE_SECONDS = 1.0


def drain(
    outbox: Outbox,
    targets: Mapping[str, ReadUrl],
    now: Callable[[], Stamp],
    pace: Pace,
    start: Callable[[Callable[[], None]], Sender] = start_sender,
) -> Drained:
    """Send what is due, and mark it; `targets` gives, by name, what reads its apprise URL. Raises HistoryError.

    It takes the limit of `pace`, counted from when the sender can send.
    """
    courier = Courier(now, lambda: None, start)
    began = now()
    try:
        courier.turn(outbox, targets, pace)
        while courier.is_busy:
            if courier.is_starting:
                began = now()
            left = pace.limit_seconds - now().seconds_since(began)
            if left <= -GRACE_SECONDS:
                courier.cut(outbox)
                break
            courier.wait(min(max(left, 0.1), _SLICE_SECONDS))
            courier.turn(outbox, targets, pace, start=left > 0)
    finally:
        courier.close(outbox)
    return courier.drained
