"""What the guards must know, gathered from the journal, the settings and what holds healing back."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from watchdog.config import Permissions
from watchdog.guards import DAY_SECONDS, Situation
from watchdog.healing.contracts import Journal
from watchdog.healing.proposing import Proposal
from watchdog.healing.recovering import TAKEN_BACK
from watchdog.model import Incident, Stamp
from watchdog.steps import NOT_TRIED, Attempt, Outcome, Plan


class Brakes(msgspec.Struct, frozen=True, kw_only=True):
    """What holds healing back on this host now: pauses (who, why, until when), and how many checks have faults.

    `silence` and `maintenance` hold back only what nobody asked for.
    """

    pauses: Sequence[str] = ()
    silence: str = ""
    maintenance: str = ""
    families: int = 0


def situations(
    incident: Incident, permissions: Permissions, journal: Journal, brakes: Brakes, now: Stamp, *, asked: bool
) -> Callable[[Proposal], Situation]:
    """Return what makes the situation of a proposal that has a plan."""
    here = [one for one in journal.attempts(incident.id) if one.outcome not in NOT_TRIED]
    by_itself = journal.begun_unasked(DAY_SECONDS, now)
    running = bool(journal.attempts(None, Outcome.RUNNING))

    def situate(proposal: Proposal) -> Situation:
        name, plan = proposal.remediation.name, proposal.plan
        tries = [*here[-1:], *(_in_vain(journal, name, plan) if plan else ())]
        return Situation(
            limits=permissions.limits(name),
            approved=asked,
            state=incident.state,
            flapping=incident.flapping,
            risk=proposal.remediation.risk,
            running=running,
            attempts=sum(one.remediation == name for one in here),
            last_seconds=min((journal.lasted(one.started, now).seconds for one in tries), default=None),
            by_itself_seconds=by_itself,
            families=brakes.families,
            takes_out=plan is not None and plan.takes_out,
            healthy_left=plan.healthy_left if plan else None,
            taken_back=_taken_back(journal, name, plan) if plan and not asked else "",
            pauses=brakes.pauses,
            silence=brakes.silence,
            maintenance=brakes.maintenance,
        )

    return situate


def _same(journal: Journal, remediation: str, plan: Plan, *ends: Outcome) -> Iterator[Attempt]:
    """Yield the tries of these very steps that ended so, on any incident: one that ended may begin anew."""
    ended = (one for outcome in ends for one in journal.attempts(None, outcome))
    return (one for one in ended if (one.remediation, one.plan.steps) == (remediation, plan.steps))


def _in_vain(journal: Journal, remediation: str, plan: Plan) -> Iterator[Attempt]:
    """Yield the tries of these very steps that did not help."""
    return _same(journal, remediation, plan, Outcome.NO_EFFECT, Outcome.HARMED, Outcome.STEP_FAILED)


def _taken_back(journal: Journal, remediation: str, plan: Plan) -> str:
    """Return who took these very steps back, "" when nobody did, or they were done to good effect since."""
    ends = (Outcome.HEALED, Outcome.ROLLED_BACK, Outcome.ROLLBACK_FAILED)
    last = max(_same(journal, remediation, plan, *ends), key=lambda one: one.id, default=None)
    return last.reason if last and last.reason.startswith(TAKEN_BACK) else ""
