"""Runs inside a namespace (tests/in_namespace.py): heals `lo` for real, killed at each write of the journal.

Prints, for each moment, what was in the journal and on the link at death, and again after recovery.
"""

import json
import os
import signal
import sys
from pathlib import Path

from tests.stand_ins import StandInEyes, StandInJournal
from watchdog import actuator
from watchdog.config import Permissions
from watchdog.healing import Brakes, Consent, Healer, Problem, recover
from watchdog.host import Host
from watchdog.model import CheckResult, Fault, Incident, IncidentState, Severity
from watchdog.plugin import Remediation, RemediationSettings
from watchdog.registry import Registry
from watchdog.steps import LinkChange, Outcome, Plan

FAULT = Fault(code="link.down", title="", severity=Severity.WARNING, why="", advice="")
SEEN = CheckResult(check="link", judged=True, findings=(FAULT.on("lo", "down"),))
STILL_THERE = Problem(outcome=Outcome.NO_EFFECT, text="the fault is still there")
RAISE = Plan(summary="raise lo", steps=(LinkChange(link="lo", up=True),), settle_seconds=0.0, lasting=False)
HEALER = Remediation(
    name="raise_link",
    title="",
    heals=(FAULT.code,),
    risk="low",
    settings=RemediationSettings,
    plan=lambda host, finding, settings: RAISE,
)


def heal(host: Host, journal: StandInJournal) -> None:
    """Raise lo; the check is never convinced, so that every write happens, those of the roll-back too."""
    now = host.stamp()
    incident = Incident(
        id=7,
        fault=FAULT.code,
        subject="lo",
        severity=Severity.WARNING,
        state=IncidentState.FIRING,
        summary="down",
        evidence={},
        opened=now,
        last_seen=now,
    )
    registry = Registry(checks={}, remediations={HEALER.name: HEALER}, faults={FAULT.code: FAULT})
    settings = Permissions(remediations={HEALER.name: RemediationSettings()})
    healer = Healer(
        host=host,
        registry=registry,
        permissions=settings,
        journal=journal,
        eyes=StandInEyes(check="link", see=lambda: SEEN),
    )
    healer.heal(incident, (), Brakes(), Consent(asked=True, permission=lambda name: "a test"))


def die_at(journal: StandInJournal, write: int, when: str) -> StandInJournal:
    def die(number: int, moment: str) -> None:
        if (number, moment) == (write, when):
            os.kill(os.getpid(), signal.SIGKILL)

    journal.on_write = die
    return journal


def tell(host: Host, journal: StandInJournal) -> dict[str, object]:
    with host.netlink() as netlink:
        up = bool(netlink.link("get", ifname="lo")[0]["flags"] & 1)
    attempt = journal.kept[-1] if journal.kept else None
    return {
        "up": up,
        "outcome": attempt.outcome.value if attempt else None,
        "steps": [entry.state for entry in attempt.journal] if attempt else [],
        "reason": attempt.reason if attempt else "",
    }


def main(folder: Path) -> list[dict[str, object]]:
    host, told = Host(), []
    for write in range(1, 7):
        for when in ("before", "after"):
            path = folder / f"{write}-{when}"
            actuator.do(LinkChange(link="lo", up=False), host)
            child = os.fork()
            if child == 0:
                heal(host, die_at(StandInJournal(path=path), write, when))
                os._exit(0)
            _, status = os.waitpid(child, 0)
            at_death = tell(host, StandInJournal(path=path))
            recover(host, StandInJournal(path=path), lambda attempt: STILL_THERE)
            recovered = tell(host, StandInJournal(path=path))
            again = recover(host, StandInJournal(path=path), lambda attempt: STILL_THERE)
            told.append(
                {
                    "moment": f"{when} write {write}",
                    "killed": os.WIFSIGNALED(status),
                    "at_death": at_death,
                    "recovered": recovered,
                    "recovered_again": len(again),
                }
            )
    return told


if __name__ == "__main__":
    if tell(Host(), StandInJournal())["up"]:  # in a new namespace it is down
        sys.exit("refused: this looks like the machine's own network namespace")
    print(json.dumps(main(Path(sys.argv[1]))))
