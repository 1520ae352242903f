"""What the daemon asks, and what it is answered. Both are read strictly: another word is an error."""

from typing import Annotated

import msgspec

from watchdog.model import Incident, IncidentState, Severity, Stamp
from watchdog.steps import AnyStep, Plan, Prepared

USER = "host-watchdog"
# More than a host's checks remember, by far.
MOST_BYTES = 4 << 20

Name = Annotated[str, msgspec.Meta(max_length=100)]
Text = Annotated[str, msgspec.Meta(max_length=500)]


class _Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="say", tag=str.lower):
    """Base of what is said."""


class OpenIncident(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An incident that the daemon says is open: enough to make a remediation careful."""

    id: int
    fault: Name
    subject: Text
    severity: Severity
    state: IncidentState
    opened: Stamp
    last_seen: Stamp
    flapping: bool = False

    @classmethod
    def of(cls, one: Incident) -> "OpenIncident":
        """Return what is said of an incident."""
        return cls(
            id=one.id,
            fault=one.fault,
            subject=one.subject,
            severity=one.severity,
            state=one.state,
            opened=one.opened,
            last_seen=one.last_seen,
            flapping=one.flapping,
        )

    def believed(self) -> Incident:
        """Return it as a remediation knows incidents; without words and evidence, which nobody here has seen."""
        return Incident(
            id=self.id,
            fault=self.fault,
            subject=self.subject,
            severity=self.severity,
            state=self.state,
            summary="",
            evidence={},
            opened=self.opened,
            last_seen=self.last_seen,
            flapping=self.flapping,
        )


class MakePlan(_Said, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks how to heal this. `memories` is what the checks remember, as they encoded it."""

    remediation: Name
    fault: Name
    subject: Text
    incidents: Annotated[tuple[OpenIncident, ...], msgspec.Meta(max_length=1000)] = ()
    memories: dict[Name, bytes] = {}


class PrepareStep(_Said, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks whether this step of that plan is needed, and what would undo it."""

    plan: Name
    step: AnyStep


class DoStep(_Said, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Do this step of that plan, which is prepared. `attempt` is what the daemon's history calls it."""

    plan: Name
    step: AnyStep
    attempt: Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)] = 0


class UndoStep(_Said, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Do this, which takes back what was done."""

    step: AnyStep


Request = MakePlan | PrepareStep | DoStep | UndoStep


class Planned(_Said, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The plan, and what it is called from now on."""

    name: Name
    plan: Plan


class Ready(_Said, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The step is prepared."""

    prepared: Prepared


class Done(_Said, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It is done; `output` is what was said."""

    output: str


class Denied(_Said, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It is not done, and nothing was changed: not allowed, not planned, or the remediation refuses."""

    reason: str


class Failed(_Said, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The step failed, as the actuator says."""

    reason: str


Reply = Planned | Ready | Done | Denied | Failed
