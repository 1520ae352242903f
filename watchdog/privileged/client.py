"""The daemon's end: remediations that are planned by root, and an actuator that does nothing itself."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from watchdog.actuator import StepFailed
from watchdog.config import Permissions
from watchdog.errors import Refused
from watchdog.host import Host
from watchdog.plugin import Case, RemediationSettings
from watchdog.privileged.framing import Garbled, receive, send
from watchdog.privileged.messages import (
    Denied,
    Done,
    DoStep,
    Failed,
    MakePlan,
    OpenIncident,
    Planned,
    PrepareStep,
    Ready,
    Reply,
    Request,
    UndoStep,
)
from watchdog.registry import AnyRemediation, Registry
from watchdog.steps import AnyStep, Plan, Prepared

# All checks look, one after the other at worst; a command of the owner's, or a service, takes its time.
_PATIENCE_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Root's hands: watchdog.healing.contracts.Actuator. `memories` is what the checks remember.

    `attempt` returns what the history calls the attempt under way, 0 where there is none.
    """

    memories: Callable[[], Mapping[str, bytes]]
    path: Path
    attempt: Callable[[], int] = lambda: 0
    # Which plan a step that is still to be done belongs to.
    _plans: dict[AnyStep, str] = field(default_factory=dict, init=False)

    def lend(self, registry: Registry, permissions: Permissions) -> Registry:
        """Return the plugins, with those remediations that the owner opted in to planned by root."""
        lent = {
            name: replace(one, plan=self._planner(one)) if permissions.remediations[name].mode == "auto" else one
            for name, one in registry.remediations.items()
        }
        return replace(registry, remediations=lent)

    def prepare(self, step: AnyStep, host: Host) -> Prepared:
        """Have a step prepared; StepFailed when root refuses."""
        reply = self._demand(PrepareStep(plan=self._plans.get(step, ""), step=step))
        if not isinstance(reply, Ready):
            raise _unexpected(reply)
        if not reply.prepared.needed:
            self._plans.pop(step, None)
        return reply.prepared

    def do(self, step: AnyStep, host: Host) -> str:
        """Have a step of a plan done, or what takes one back; StepFailed when root refuses."""
        plan = self._plans.pop(step, None)
        request = DoStep(plan=plan, step=step, attempt=self.attempt()) if plan else UndoStep(step=step)
        reply = self._demand(request)
        if not isinstance(reply, Done):
            raise _unexpected(reply)
        return reply.output

    def _planner(self, remediation: AnyRemediation) -> Callable[[Host, Case, RemediationSettings], Plan]:
        def plan(host: Host, case: Case, settings: RemediationSettings) -> Plan:
            request = MakePlan(
                remediation=remediation.name,
                fault=case.finding.fault,
                subject=case.finding.subject,
                incidents=tuple(map(OpenIncident.of, case.incidents)),
                memories=dict(self.memories()),
            )
            try:
                reply = self._ask(request)
            except (OSError, Garbled) as error:
                raise Refused(f"root cannot be asked to heal it: {self._in_words(error)}") from error
            if isinstance(reply, Denied):
                raise Refused(reply.reason)
            if not isinstance(reply, Planned):
                raise Refused(f"root answered otherwise than asked ({type(reply).__name__})")
            self._plans.update(dict.fromkeys(reply.plan.steps, reply.name))
            return reply.plan

        return plan

    def _demand(self, request: Request) -> Reply:
        """Ask about a step. Whatever keeps it from being done, it is a step that failed."""
        try:
            reply = self._ask(request)
        except (OSError, Garbled) as error:
            raise StepFailed(f"root cannot be asked: {self._in_words(error)}") from error
        if isinstance(reply, Denied | Failed):
            raise StepFailed(reply.reason)
        return reply

    def _ask(self, request: Request) -> Reply:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
            channel.settimeout(_PATIENCE_SECONDS)
            channel.connect(str(self.path))
            send(channel, request)
            reply: Reply = receive(channel, Reply, _PATIENCE_SECONDS)
            return reply

    def _in_words(self, error: OSError | Garbled) -> str:
        if isinstance(error, FileNotFoundError | ConnectionRefusedError):
            return f"{self.path} does not answer; systemctl enable --now host-watchdog-heal.socket"
        return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _unexpected(reply: Reply) -> StepFailed:
    return StepFailed(f"root answered otherwise than asked ({type(reply).__name__})")
