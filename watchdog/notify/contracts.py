"""What delivering needs of the history, what bounds it, and what it says came of it."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import msgspec

from watchdog.model import Message, Stamp
from watchdog.secret import Secret

ReadUrl = Callable[[], Secret]
Fate = Literal["sent", "failed", "refused", "expired", "merged"]


class Due(Protocol):
    """A message whose time has come."""

    @property
    def id(self) -> int:
        """What `merge` is told; of another message once the history began anew."""

    @property
    def message(self) -> Message:
        """What to send, and to which target. Its key is what the others are told, as it is of no other message."""

    @property
    def taken(self) -> tuple[str, ...]:
        """Which of several recipients have it."""

    @property
    def attempts(self) -> int:
        """How often it was tried."""

    @property
    def target_failures(self) -> int:
        """How often in a row its target has failed."""

    @property
    def age_seconds(self) -> float:
        """How long ago it was written, at least."""


class Outbox(Protocol):
    """What delivering needs of the history. What is marked is on disk when a method returns."""

    @property
    def written(self) -> int:
        """Changes when messages were written, or it began anew: only then something is due that was not before."""

    def due_messages(self, now: Stamp, limit: int) -> Sequence[Due]:
        """Return messages to be tried now, at most `limit` for each target, oldest first."""

    def next_due_ns(self, now: Stamp) -> int | None:
        """Return the CLOCK_BOOTTIME from which on one is due; None: none waits."""

    def claim(self, key: str, now: Stamp, lease_seconds: float) -> bool:
        """Count a try that begins now, and let nobody else try for so long; False when it waits no more."""

    def merge(self, ids: Sequence[int], message: Message, now: Stamp, *, into: int | None, expired: bool) -> None:
        """Let one message stand for several: a new one, or `into`, which then says this."""

    def mark_sent(self, key: str, now: Stamp) -> None:
        """Record a delivery."""

    def mark_failed(
        self,
        key: str,
        retry_after_seconds: float | None,
        now: Stamp,
        error: str,
        hold_seconds: float = 0.0,
        *,
        closed: bool = False,
        taken: Sequence[str] = (),
    ) -> None:
        """Record a failure of a message, and when to try it again (None: never).

        For `hold_seconds` nothing is sent to its target. `closed`: it says that it takes nothing at all. `taken`:
        which of several recipients have it.
        """


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """What bounds delivering, all by CLOCK_BOOTTIME; and `templates`, the owner's, by which it is put into words.

    `limit_seconds` is how long one message, and one drain, may take. Of more than `most_at_once` that are due
    for a target at once the rest becomes one message. What could not be delivered for `expire_after_seconds` is
    told in a summary.
    """

    limit_seconds: float = 20.0
    most_at_once: int = 10
    expire_after_seconds: float = 3 * 86400.0
    templates: str = ""


class Drained(msgspec.Struct, kw_only=True):
    """What came of the messages, by target; `errors` is what each target that failed said last."""

    fates: dict[str, Counter[Fate]] = msgspec.field(default_factory=dict)
    errors: dict[str, str] = msgspec.field(default_factory=dict)

    def count(self, target: str, fate: Fate, number: int = 1) -> None:
        """Count what became of so many messages."""
        self.fates.setdefault(target, Counter())[fate] += number

    def total(self, fate: Fate) -> int:
        """Return how many messages of all targets met with that."""
        return sum(fates[fate] for fates in self.fates.values())
