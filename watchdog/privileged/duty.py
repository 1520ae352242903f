"""What root does for the daemon, and what it does not: the whole of that decision, without sockets."""

import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from watchdog import actuator as real_actuator
from watchdog.actuator import StepFailed
from watchdog.config import Config
from watchdog.errors import Refused, WatchdogError
from watchdog.guards import DAY_SECONDS, Situation, permit
from watchdog.healing import Actuator, propose, why_stays
from watchdog.host import Host
from watchdog.model import CheckResult, Finding, IncidentState, Stamp
from watchdog.plugin import Case
from watchdog.privileged.ledger import Entry, Healed, Ledger
from watchdog.privileged.messages import (
    Denied,
    Done,
    DoStep,
    Failed,
    MakePlan,
    Planned,
    PrepareStep,
    Ready,
    Reply,
    Request,
    UndoStep,
)
from watchdog.registry import Registry
from watchdog.steps import AnyStep, Plan, Prepared

# How long a plan holds, and then each of its steps: what was seen longer ago may be otherwise now.
PLAN_SECONDS = 120.0
# How long the daemon may take back what was done, beyond the time that the plan takes to show. It does so at once,
# or a moment after systemd started it anew; later only root may.
UNDO_SECONDS = 900.0
_MOST_STEPS, _MOST_PLANS = 100, 20

Look = Callable[[Mapping[str, bytes]], Mapping[str, CheckResult]]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The settings as they are now, the plugins under them, and a look by every check that is switched on."""

    config: Config
    registry: Registry
    look: Look


@dataclass(slots=True, kw_only=True)
class _Live:
    """A plan that may be carried out: its next step, and whether that is prepared."""

    remediation: str
    finding: Finding
    plan: Plan
    since: Stamp
    next: int = 0
    prepared: Prepared | None = None


@dataclass(slots=True, kw_only=True)
class Duty:
    """Answers the daemon's requests, one at a time. `load` reads the settings anew: they may have changed.

    `turn` holds the host's turn to heal while a step is done. What takes one back does not wait for it.
    """

    host: Host
    load: Callable[[], House]
    ledger: Ledger
    actuator: Actuator = real_actuator
    turn: Callable[[], AbstractContextManager[object]] = nullcontext
    _live: dict[str, _Live] = field(default_factory=dict, init=False)

    def answer(self, request: Request, *, by_root: bool) -> Reply:
        """Do what is asked, if it may be done; whatever goes wrong is an answer, too."""
        self._forget()
        try:
            match request:
                case MakePlan():
                    return self._plan(request)
                case PrepareStep():
                    return self._prepare(request)
                case DoStep():
                    return self._do(request)
                case UndoStep():
                    return self._undo(request.step, by_root=by_root)
        except StepFailed as error:
            return Failed(reason=str(error))
        except WatchdogError as error:
            return Denied(reason=str(error))

    @property
    def busy(self) -> bool:
        """Whether a plan is still to be carried out."""
        self._forget()
        return bool(self._live)

    def _plan(self, request: MakePlan) -> Reply:
        house = self.load()
        settings = house.config.remediations.get(request.remediation)
        if settings is None or settings.mode != "auto":
            mode = f'its mode is "{settings.mode}"' if settings else "there is no such remediation"
            raise Refused(f"{request.remediation} is nothing that the owner of this host opted in to: {mode}")
        seen = house.look(request.memories)
        finding = _find(request, seen, house.registry)
        case = Case(
            finding=finding,
            incidents=tuple(one.believed() for one in request.incidents),
            results=seen,
            healed=self.ledger.attempts(),
        )
        proposals = propose(self.host, case, house.registry, house.config.permissions)
        proposal = next((one for one in proposals if one.remediation.name == request.remediation), None)
        if proposal is None:
            raise Refused(f"{request.remediation} does not heal {request.fault}")
        if proposal.plan is None:
            raise Refused(proposal.refusal)
        plan = proposal.plan
        if len(plan.steps) > _MOST_STEPS:
            raise Refused(f"a plan of {len(plan.steps)} steps is none (at most {_MOST_STEPS})")
        situation = self._situation(house, request.remediation, finding, plan)
        if refusal := permit(situation):
            raise Refused(refusal.reason)
        name = secrets.token_hex(16)
        self._live[name] = _Live(
            remediation=request.remediation, finding=finding, plan=plan, since=self.host.stamp()
        )
        for stale in list(self._live)[:-_MOST_PLANS]:
            del self._live[stale]
        return Planned(name=name, plan=plan)

    def _situation(self, house: House, remediation: str, finding: Finding, plan: Plan) -> Situation:
        """Return what the guards must know, by root's own list.

        What only the daemon's history tells (pauses, silences, how many checks' faults are not another's effect)
        the daemon has asked its own guards about.
        """
        now = self.host.stamp()
        key = (finding.fault, finding.subject)
        here = self.ledger.begun(now, lambda one: (one.healed.fault, one.healed.subject) == key)
        return Situation(
            limits=house.config.permissions.limits(remediation),
            approved=False,
            state=IncidentState.FIRING,
            flapping=False,
            risk=house.registry.remediations[remediation].risk,
            running=False,
            attempts=0,
            last_seconds=min(here, default=None),
            by_itself_seconds=[one for one in self.ledger.begun(now) if one < DAY_SECONDS],
            families=0,
            takes_out=plan.takes_out,
            healthy_left=plan.healthy_left,
            taken_back="",
            pauses=(),
            silence="",
            maintenance="",
        )

    def _prepare(self, request: PrepareStep) -> Reply:
        live = self._next(request.plan, request.step)
        prepared = self.actuator.prepare(request.step, self.host)
        if prepared.needed:
            live.prepared = prepared
        else:
            self._advance(request.plan, live)
        return Ready(prepared=prepared)

    def _do(self, request: DoStep) -> Reply:
        live = self._next(request.plan, request.step)
        if live.prepared is None:
            raise Refused(f"{request.step.describe()} is not prepared")
        patience = live.plan.settle_seconds + (live.plan.undone_after_seconds or 0.0)
        entry = Entry(
            plan=request.plan,
            remediation=live.remediation,
            healed=Healed.of(live.finding),
            step=request.step,
            undo=live.prepared.undo,
            at=self.host.stamp(),
            undo_within_seconds=UNDO_SECONDS + patience,
            attempt=request.attempt,
        )
        try:
            with self.turn():
                output = self.ledger.have_done(entry, lambda: self.actuator.do(request.step, self.host))
        except StepFailed:
            self._live.pop(request.plan, None)  # what was planned is not what is now
            raise
        self._advance(request.plan, live)
        return Done(output=output)

    def _undo(self, step: AnyStep, *, by_root: bool) -> Reply:
        entry = self.ledger.takes_back(step)
        if entry is None:
            raise StepFailed(f"{step.describe()} takes back nothing that was done here; a person may do it")
        if entry.state == "undone":
            return Done(output="it is undone already")
        passed = self.host.stamp().seconds_since(entry.at)
        if passed > entry.undo_within_seconds and not by_root:
            raise StepFailed(f"{step.describe()}: it is too late for that; a person may: watchdog rollback")
        if step.takes_out and (why := self._why_stays(entry)):
            raise StepFailed(f"{step.describe()}: {why}")
        output = self.ledger.have_undone(entry, lambda: self.actuator.do(step, self.host))
        # What was planned beside it is over.
        self._live.pop(entry.plan, None)
        return Done(output=output)

    def _why_stays(self, entry: Entry) -> str:
        """Look, and ask the remediation whether what it brought into service is the last healthy one by now."""
        house = self.load()
        remediation = house.registry.remediations.get(entry.remediation)
        if remediation is None or remediation.stays is None:
            return ""
        return why_stays(remediation, Case(finding=entry.healed.finding, results=house.look({})))

    def _next(self, name: str, step: AnyStep) -> _Live:
        """Return the plan of which this is the next step; Refused for every other step."""
        live = self._live.get(name)
        if live is None:
            raise Refused("there is no such plan (any more): look again, and ask for another")
        if step != live.plan.steps[live.next]:
            raise Refused(f"{step.describe()} is not the next step of that plan")
        return live

    def _advance(self, name: str, live: _Live) -> None:
        live.next, live.prepared, live.since = live.next + 1, None, self.host.stamp()
        if live.next == len(live.plan.steps):
            del self._live[name]

    def _forget(self) -> None:
        """Let go of plans that are stale."""
        now = self.host.stamp()
        self._live = {
            name: one for name, one in self._live.items() if now.seconds_since(one.since) <= PLAN_SECONDS
        }


def _find(request: MakePlan, seen: Mapping[str, CheckResult], registry: Registry) -> Finding:
    """Return the fault as root sees it; Refused where it does not."""
    fault = registry.faults.get(request.fault)
    result = seen.get(fault.check) if fault else None
    key = (request.fault, request.subject)
    found = next((one for one in result.findings if (one.fault, one.subject) == key), None) if result else None
    if result is None or found is None:
        why = f" ({result.reason})" if result and result.reason else ""
        raise Refused(f"{request.fault} on {request.subject} is not what root sees{why}; nothing was changed")
    if any(one.covers(request.subject) for one in result.unseen):
        raise Refused(f"root cannot see {request.subject} whole; nothing is healed in the dark")
    return found
