"""Root's own healing where the history is the daemon's: done as ever, but taken back by root's own list only.

What stands in that history its user can write, so what it says would undo an attempt may be anything.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from watchdog import actuator as real_actuator
from watchdog.actuator import StepFailed
from watchdog.config import Permissions
from watchdog.healing import Actuator
from watchdog.host import Host
from watchdog.model import Severity
from watchdog.plugin import Case, RemediationSettings
from watchdog.privileged.ledger import Entry, Healed, Ledger
from watchdog.registry import AnyRemediation, Registry
from watchdog.steps import AnyStep, Plan, Prepared

_BY_A_PERSON = Healed(fault="", subject="", severity=Severity.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHands:
    """Does what this very process planned and prepared, and what takes back what stands in root's list.

    `attempt` returns what the history calls the attempt under way, 0 where there is none.
    """

    ledger: Ledger
    actuator: Actuator = real_actuator
    attempt: Callable[[], int] = lambda: 0
    _name: str = field(default_factory=lambda: secrets.token_hex(16), init=False)
    _planned: dict[AnyStep, tuple[str, Healed]] = field(default_factory=dict, init=False)
    _prepared: dict[AnyStep, Prepared] = field(default_factory=dict, init=False)

    def lend(self, registry: Registry, permissions: Permissions) -> Registry:
        """Return the plugins, so that it is noted which of them plans which step, and for what."""
        watched = {name: self._watched(one) for name, one in registry.remediations.items()}
        return replace(registry, remediations=watched)

    def prepare(self, step: AnyStep, host: Host) -> Prepared:
        """Prepare a step of what was planned here; StepFailed for any other."""
        if step not in self._planned:
            raise StepFailed(f"{step.describe()} was not planned here")
        self._prepared[step] = self.actuator.prepare(step, host)
        return self._prepared[step]

    def do(self, step: AnyStep, host: Host) -> str:
        """Do a step that was prepared here, or what takes one back that root did; StepFailed for any other."""
        prepared = self._prepared.pop(step, None)
        if prepared is None:
            return self._undo(step, host)
        remediation, healed = self._planned.get(step, ("", _BY_A_PERSON))
        entry = Entry(
            plan=self._name,
            remediation=remediation,
            healed=healed,
            step=step,
            undo=prepared.undo,
            at=host.stamp(),
            attempt=self.attempt(),
            undo_within_seconds=0.0,  # what a person did is not the daemon's to take back
        )
        return self.ledger.have_done(entry, lambda: self.actuator.do(step, host))

    def _undo(self, step: AnyStep, host: Host) -> str:
        entry = self.ledger.takes_back(step)
        if entry is None:
            raise StepFailed(
                f"{step.describe()}: so the history says, which is the daemon's; root's own list of what was done "
                "does not know it"
            )
        return self.ledger.have_undone(entry, lambda: self.actuator.do(step, host))

    def _watched(self, remediation: AnyRemediation) -> AnyRemediation:
        inner: Callable[[Host, Case, RemediationSettings], Plan] = remediation.plan

        def plan(host: Host, case: Case, settings: RemediationSettings) -> Plan:
            made = inner(host, case, settings)
            self._planned.update(dict.fromkeys(made.steps, (remediation.name, Healed.of(case.finding))))
            return made

        return replace(remediation, plan=plan)
