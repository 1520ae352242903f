"""The outbox, delivered through apprise: each target with its own result, time limit and retries.

Delivery is at least once: a message that was sent when the history failed, or that a target took after its time
limit, is sent again. Nothing is given up because a target is away or says no: it is tried again, ever more
seldom. Only what no retry can cure is refused for good: a target that is configured no longer, an address that
apprise cannot read.

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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from watchdog.errors import WatchdogError
from watchdog.model import Message, Severity, Stamp
from watchdog.secret import Secret
from watchdog.units import render_seconds

# At most this many a round; what is left is due in the next.
BATCH = 1000
FIRST_RETRY_SECONDS = 30.0
LAST_RETRY_SECONDS = 3600.0
# How a plugin of apprise ends its warning; nothing else of it may be quoted.
_STATUS = re.compile(r"error=([1-5]\d\d)\b")
_jitter = random.SystemRandom()


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
        """Return messages to be tried now, oldest first."""

    def mark_sent(self, id: int, now: Stamp) -> None:  # noqa: A002 - the history's word
        """Record a delivery."""

    def mark_failed(self, id: int, now: Stamp, error: str, retry_after_seconds: float | None) -> None:  # noqa: A002
        """Record a failure, and when to try again (None: never)."""


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


@dataclass(slots=True, kw_only=True)
class _Round:
    """What is known of one target in this round: the time it has used, and why it is tried no more."""

    used_seconds: float = 0.0
    over: Failure | None = None


def drain(
    outbox: Outbox, targets: Mapping[str, Callable[[], Secret]], now: Callable[[], Stamp], limit_seconds: float
) -> Drained:
    """Send what is due and mark each message; `targets` gives, by name, the function that reads its apprise URL.

    A target has `limit_seconds` for all its messages in a round; once it is away, the rest of its messages wait
    with the first. Raises HistoryError.
    """
    counts = {"sent": 0, "failed": 0, "refused": 0}
    rounds = {name: _Round() for name in targets}
    for due in outbox.due_messages(now(), BATCH):
        failure = _deliver(due.message, targets, rounds, now, limit_seconds)
        if failure is None:
            outbox.mark_sent(due.id, now())
            counts["sent"] += 1
            continue
        retry = None if failure.lasting else retry_seconds(due.attempts)
        outbox.mark_failed(due.id, now(), failure.error, retry)
        counts["refused" if failure.lasting else "failed"] += 1
    return Drained(**counts)


def retry_seconds(attempts: int, random: Callable[[], float] = _jitter.random) -> float:
    """Return how long to wait after `attempts` earlier failures: doubling from 30 s to 1 h, less up to a half.

    The jitter keeps a fleet that lost its network together from coming back all at once.
    """
    whole = min(FIRST_RETRY_SECONDS * 2.0 ** min(max(attempts, 0), 30), LAST_RETRY_SECONDS)
    return whole * (1.0 - random() / 2)


def send(message: Message, read_url: Callable[[], Secret], limit_seconds: float) -> Failure | None:
    """Deliver one message through apprise; None when the target took it, else why not. Never raises."""
    _load_apprise()
    answer: queue.SimpleQueue[Failure | None] = queue.SimpleQueue()
    # A thread of our own that may be left behind: apprise's pool would keep the process from ending.
    threading.Thread(target=lambda: answer.put(_send(message, read_url)), name="notify", daemon=True).start()
    try:
        return answer.get(timeout=limit_seconds)
    except queue.Empty:
        return Failure(error=f"{message.target} did not answer within {render_seconds(limit_seconds)}", away=True)


def _deliver(
    message: Message,
    targets: Mapping[str, Callable[[], Secret]],
    rounds: Mapping[str, _Round],
    now: Callable[[], Stamp],
    limit_seconds: float,
) -> Failure | None:
    name = message.target
    if name not in targets:
        return Failure(error=f"{name} is configured no longer; its messages cannot be delivered", lasting=True)
    this = rounds[name]
    if this.over:
        return this.over
    _load_apprise()
    started = now()
    failure = send(message, targets[name], max(limit_seconds - this.used_seconds, 0.0))
    this.used_seconds += now().seconds_since(started)
    if failure and failure.away:
        this.over = failure
    elif this.used_seconds >= limit_seconds:
        this.over = Failure(
            error=f"{name} took all of its {render_seconds(limit_seconds)}; the rest waits", away=True
        )
    return failure


def _send(message: Message, read_url: Callable[[], Secret]) -> Failure | None:
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
    except Exception as error:  # noqa: BLE001 - its text may hold the URL: only its kind is told
        return Failure(error=f"sending to {message.target} raised {type(error).__name__}")


def _apprise(message: Message, url: str) -> Failure | None:
    """Send through apprise and read its answer."""
    import apprise

    # Without a limit of its own apprise sends in this thread, which `send` leaves behind when it must.
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

    Before the clock of a target starts, so that a slow machine is not taken for a slow target.
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
