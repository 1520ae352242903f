"""The outbox, delivered through apprise: each target with its own result and retries, all at the same time.

Who drains holds the history's lock, so the whole has one time limit, and a target that is away costs the others
nothing of it. Delivery is at least once: a message that was sent when the history failed, or that a target took
after the limit, is sent again. Nothing is given up because a target is away or says no: it is tried again, ever
more seldom. Only what no retry can cure is refused for good: a target that is configured no longer, an address
that apprise cannot read.

A target's URL holds secrets, so nothing that apprise, an HTTP library or an exception says goes any further: what
is told and recorded is composed here, from the target's name and an HTTP status.
"""

import functools
import logging
import queue
import random
import re
import threading
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from watchdog.errors import WatchdogError
from watchdog.model import Message, Severity, Stamp
from watchdog.secret import Secret
from watchdog.units import render_seconds

# At most this many for a target in one drain; what is left is due in the next.
BATCH = 1000
FIRST_RETRY_SECONDS = 30.0
LAST_RETRY_SECONDS = 3600.0
# How a plugin of apprise ends its warning; nothing else of it may be quoted.
_STATUS = re.compile(r"error=([1-5]\d\d)\b")
_jitter = random.SystemRandom()
_loading = threading.Lock()

ReadUrl = Callable[[], Secret]


class Due(Protocol):
    """A message whose time has come; `attempts` counts the failed ones before."""

    @property
    def id(self) -> int:
        """What `mark_*` are told."""

    @property
    def message(self) -> Message:
        """What to send, and to which target."""

    @property
    def attempts(self) -> int:
        """How often it has failed."""


class Outbox(Protocol):
    """What notifying needs of the history. Each mark is on disk when it returns."""

    def due_messages(self, now: Stamp, limit: int) -> Sequence[Due]:
        """Return messages to be tried now, at most `limit` for each target, oldest first."""

    def mark_sent(self, message_id: int, now: Stamp) -> None:
        """Record a delivery."""

    def mark_failed(self, retry_after_seconds: Mapping[int, float | None], now: Stamp, error: str) -> None:
        """Record a failure of these messages, and when to try each again (None: never)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """How many messages were delivered, failed (and are tried again), and were refused for good."""

    sent: int = 0
    failed: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a message was not delivered. `lasting`: no retry cures it; `away`: the target did not answer at all."""

    error: str
    lasting: bool = False
    away: bool = False


def drain(
    outbox: Outbox, targets: Mapping[str, ReadUrl], now: Callable[[], Stamp], limit_seconds: float
) -> Drained:
    """Send what is due within `limit_seconds`, and mark it; `targets` gives, by name, what reads its apprise URL.

    A target gets its messages one after the other, each when the one before is marked; once it is away the rest
    is not tried. Raises HistoryError.
    """
    work = _Drain(outbox, targets, now)
    work.refuse_unknown()
    if work.waiting:
        _load_apprise()
    started = now()

    def left() -> float:
        return max(limit_seconds - now().seconds_since(started), 0.0)

    for name in work.waiting:
        work.start(name)
    while work.under_way:
        try:
            name, failure = work.answers.get(timeout=left())
        except queue.Empty:
            break
        work.settle(name, failure)
        if work.waiting[name] and left():
            work.start(name)
    for name in tuple(work.under_way):
        work.settle(
            name, Failure(error=f"{name} did not take it within {render_seconds(limit_seconds)}", away=True)
        )
    return Drained(**work.counts)


class _Drain:
    """A drain at work: what waits for each target, which of them has a message under way, what came of it."""

    def __init__(self, outbox: Outbox, targets: Mapping[str, ReadUrl], now: Callable[[], Stamp]) -> None:
        self._outbox, self._targets, self._now = outbox, targets, now
        self.waiting: dict[str, list[Due]] = defaultdict(list)
        self.under_way: set[str] = set()
        self.answers: queue.SimpleQueue[tuple[str, Failure | None]] = queue.SimpleQueue()
        self.counts: Counter[str] = Counter()
        for due in outbox.due_messages(now(), BATCH):
            self.waiting[due.message.target].append(due)

    def refuse_unknown(self) -> None:
        """Give up what is for a target that is configured no longer."""
        for name in [name for name in self.waiting if name not in self._targets]:
            self._fail(self.waiting.pop(name), _unknown(name))

    def start(self, name: str) -> None:
        """Send a target its next message, in a thread of ours: apprise's pool keeps a process from ending."""
        message, read_url = self.waiting[name][0].message, self._targets[name]
        sending = threading.Thread(
            target=lambda: self.answers.put((name, _send(message, read_url))), name=f"notify-{name}", daemon=True
        )
        self.under_way.add(name)
        try:
            sending.start()
        except RuntimeError:  # the host, or our cgroup, has no thread left
            self.answers.put((name, _no_thread(name)))

    def settle(self, name: str, failure: Failure | None) -> None:
        """Mark the message that was under way to a target, and those behind it when the target is away."""
        self.under_way.remove(name)
        count = len(self.waiting[name]) if failure and failure.away else 1
        tried, self.waiting[name] = self.waiting[name][:count], self.waiting[name][count:]
        if failure:
            self._fail(tried, failure)
        else:
            self._outbox.mark_sent(tried[0].id, self._now())
            self.counts["sent"] += 1

    def _fail(self, dues: Sequence[Due], failure: Failure) -> None:
        # Each in its own time: one that the target never takes must not stand before the others for ever.
        retries = {due.id: None if failure.lasting else retry_seconds(due.attempts) for due in dues}
        self._outbox.mark_failed(retries, self._now(), failure.error)
        self.counts["refused" if failure.lasting else "failed"] += len(dues)


class Courier:
    """Delivers beside a loop, which it never holds up: `turn` starts what is due and marks what came of the rest.

    One message at a time is under way to a target. One that a target does not take within the limit has failed;
    while its thread is still stuck nothing more is sent there, so that it stays one thread. `wake` is called from
    the thread of a message that is over.
    """

    def __init__(self, now: Callable[[], Stamp], wake: Callable[[], None]) -> None:
        self._now, self._wake = now, wake
        self._answers: queue.SimpleQueue[tuple[str, Due, Failure | None]] = queue.SimpleQueue()
        self._under_way: dict[str, tuple[Due, Stamp]] = {}
        self._stuck: set[str] = set()

    @property
    def is_busy(self) -> bool:
        """Tell whether a message is under way, or was and is not marked yet."""
        return bool(self._under_way) or not self._answers.empty()

    def turn(self, outbox: Outbox, targets: Mapping[str, ReadUrl], limit_seconds: float) -> None:
        """Mark what is over, and start what is due. Raises HistoryError."""
        while not self._answers.empty():
            self._settle(outbox, *self._answers.get_nowait())
        now = self._now()
        for name, (due, started) in tuple(self._under_way.items()):
            if now.seconds_since(started) >= limit_seconds:
                self._stuck.add(name)
                late = f"{name} did not take it within {render_seconds(limit_seconds)}"
                self._close(outbox, name, due, Failure(error=late, away=True))
        for due in outbox.due_messages(now, 1):
            name = due.message.target
            if name not in targets:
                self._close(outbox, name, due, _unknown(name))
            elif name not in self._under_way and name not in self._stuck:
                self._start(due, targets[name], now)

    def next_ns(self, limit_seconds: float) -> int | None:
        """Return the CLOCK_BOOTTIME at which the limit of a message is over."""
        ends = (stamp.boottime_ns + round(limit_seconds * 1e9) for _, stamp in self._under_way.values())
        return min(ends, default=None)

    def _start(self, due: Due, read_url: ReadUrl, now: Stamp) -> None:
        name = due.message.target

        def send() -> None:
            with _loading:  # two that are the first would load it twice
                _load_apprise()
            self._answers.put((name, due, _send(due.message, read_url)))
            self._wake()

        self._under_way[name] = (due, now)
        try:
            threading.Thread(target=send, name=f"notify-{name}", daemon=True).start()
        except RuntimeError:  # the host, or our cgroup, has no thread left
            self._answers.put((name, due, _no_thread(name)))

    def _settle(self, outbox: Outbox, name: str, due: Due, failure: Failure | None) -> None:
        if name in self._stuck:  # it was given up; should it have been taken after all, it is sent once more
            self._stuck.discard(name)
            return
        self._close(outbox, name, due, failure)

    def _close(self, outbox: Outbox, name: str, due: Due, failure: Failure | None) -> None:
        self._under_way.pop(name, None)
        if failure is None:
            outbox.mark_sent(due.id, self._now())
            return
        # Who is away takes none of the others either.
        waiting = outbox.due_messages(self._now(), BATCH) if failure.away else ()
        failed = {due.id: due} | {one.id: one for one in waiting if one.message.target == name}
        retries = {one.id: None if failure.lasting else retry_seconds(one.attempts) for one in failed.values()}
        outbox.mark_failed(retries, self._now(), failure.error)


def _unknown(target: str) -> Failure:
    return Failure(error=f"{target} is configured no longer; its messages cannot be delivered", lasting=True)


def _no_thread(target: str) -> Failure:
    return Failure(error=f"this host has no thread left to send to {target}", away=True)


def retry_seconds(attempts: int, random: Callable[[], float] = _jitter.random) -> float:
    """Return how long to wait after `attempts` earlier failures: doubling from 30 s to 1 h, less up to a half.

    The jitter keeps a fleet that lost its network together from coming back all at once.
    """
    whole = min(FIRST_RETRY_SECONDS * 2.0 ** min(max(attempts, 0), 30), LAST_RETRY_SECONDS)
    return whole * (1.0 - random() / 2)


def _send(message: Message, read_url: ReadUrl) -> Failure | None:
    """Deliver one message; None when the target took it, else why not. Never raises."""
    try:
        url = read_url().reveal()
    except WatchdogError as error:
        return Failure(error=f"the URL of {message.target} cannot be read: {error}")
    except OSError as error:
        return Failure(error=f"the URL of {message.target} cannot be read: {error.strerror}")
    except Exception as error:  # noqa: BLE001 - its text may hold the URL: only its kind is told
        return Failure(error=f"the URL of {message.target} cannot be read: {type(error).__name__}")
    try:
        return _apprise(message, url)
    except BaseException as error:  # noqa: BLE001 - its text may hold the URL: only its kind is told
        return Failure(error=f"sending to {message.target} raised {type(error).__name__}")


def _apprise(message: Message, url: str) -> Failure | None:
    """Send through apprise and read its answer."""
    import apprise

    # Without a limit of its own apprise sends in this thread, which `drain` leaves behind when it must.
    asset = apprise.AppriseAsset(async_mode=False, service_timeout=0, allow_templates=False)
    service = apprise.Apprise.instantiate(url, asset=asset)
    if service is None:
        return Failure(
            error=f"apprise cannot read the URL of {message.target}; check it in the settings", lasting=True
        )
    # Its throttle of 5.5 s goes by the wall clock: a step back of 8 s would hold an alert for 13.5 s.
    service.request_rate_per_sec = 0
    result = apprise.Apprise([service], asset=asset).notify(
        title=message.title, body=message.body, notify_type=_kind(message), body_format=apprise.NotifyFormat.TEXT
    )
    return None if result else _explain(message.target, result)


def _explain(target: str, result: Any) -> Failure:
    """Say why apprise failed, with nothing of its text but an HTTP status."""
    statuses = [found[1] for entry in result.logs() if (found := _STATUS.search(entry.message))]
    if not statuses:
        return Failure(error=f"{target} could not be reached, or did not take the message", away=True)
    status = statuses[-1]
    hint = {"4": "; check the address and the credentials in its URL"}.get(status[0], "")
    return Failure(error=f"{target} answered with HTTP status {status}{hint}")


def _kind(message: Message) -> str:
    if message.recovery:
        return "success"
    return {Severity.WARNING: "warning", Severity.CRITICAL: "failure"}[message.severity]


@functools.cache
def _load_apprise() -> None:
    """Import apprise and its plugins. It costs 1.5 s and 21 MB: only when there is something to send, and once.

    Before the clock of the targets starts, so that a slow machine is not taken for slow targets.
    """
    import apprise

    _silence()
    apprise.NotificationManager().load_modules()


class _StatusOnly(logging.Filter):
    """Lets nothing of a record through but an HTTP status: the rest can hold the URL, at ERROR even."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Cut the record down to `error=500`; drop it when it says no such thing."""
        try:
            found = _STATUS.search(record.getMessage())
        except (TypeError, ValueError):  # its arguments do not fit its text
            return False
        if found:
            record.msg, record.args = found[0], ()
            record.exc_info = record.exc_text = record.stack_info = None
        return found is not None


def _silence() -> None:
    """Silence apprise and its HTTP library for good: a thread that was left behind goes on logging.

    WARNING stays on for apprise, which hands us in its result what the filter lets through.
    """
    logging.getLogger("apprise").setLevel(logging.WARNING)
    logging.getLogger("apprise").addFilter(_StatusOnly())
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).propagate = False
    for name in ("urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="urllib3")
