"""What a remediation may do, and what it did, as data. Carried out only by the actuator.

A new kind of step is a new class here.
Every step can say itself as the command a person would type, so a dry run and the audit need nothing else.
"""

import enum
from dataclasses import dataclass
from typing import Literal

import msgspec

from watchdog.model import Stamp


class Step(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag=True):
    """Base of the closed union `AnyStep`; the class name is its tag in the journal."""

    def describe(self) -> str:
        """Return the command a person would type to do the same."""
        raise TypeError(f"{type(self).__name__} is not one of the known steps")


class LinkChange(Step, frozen=True, kw_only=True):
    """Set a network interface administratively up or down."""

    link: str
    up: bool

    def describe(self) -> str:
        """Return the `ip link` command."""
        return f"ip link set dev {self.link} {'up' if self.up else 'down'}"


AnyStep = LinkChange


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How one incident could be healed: what will be done, in order, and how long it may take to show.

    `lasting` is False when the change does not survive a restart; `note` then says what would make it last.
    """

    summary: str
    steps: tuple[AnyStep, ...]
    settle_seconds: float = 5.0
    lasting: bool = True
    note: str = ""


class Outcome(enum.Enum):
    """How an attempt ended; PROPOSED and RUNNING are the two that have not.

    CLOSED is a proposal that stands no longer; its reason says why.
    """

    PROPOSED = "proposed"
    CLOSED = "closed"
    RUNNING = "running"
    HEALED = "healed"
    NO_EFFECT = "no_effect"
    STEP_FAILED = "step_failed"
    ROLLED_BACK = "rolled_back"
    ROLLBACK_FAILED = "rollback_failed"
    REFUSED = "refused"


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One step of an attempt, written before it is done: what, and what undoes it (None: nothing to undo).

    `state` is `planned`, then `done`, `failed` or `undone`; `output` is what the kernel or a program said.
    """

    step: AnyStep
    undo: AnyStep | None
    state: Literal["planned", "done", "failed", "undone"] = "planned"
    output: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One recorded try of a remediation on an incident: what was planned, what was done, how it ended and why."""

    id: int
    incident_id: int
    remediation: str
    mode: str
    outcome: Outcome
    reason: str
    plan: Plan
    started: Stamp
    ended: Stamp | None = None
    journal: tuple[JournalEntry, ...] = ()
