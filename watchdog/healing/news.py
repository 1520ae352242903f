"""What a person must be told of healing that nobody asked for: put into words, one message to each target. Pure.

A cure is told with the recovery (watchdog/messages.py). What is told here is that the watchdog could not help.
"""

import hashlib
from collections.abc import Iterable, Iterator

from watchdog.messages import MOST_NAMED, Route, one_line
from watchdog.model import Fault, Incident, Message
from watchdog.steps import Outcome, Plan


def compose_news(
    incident: Incident,
    outcome: Outcome,
    reason: str,
    plan: Plan | None,
    *,
    fault: Fault | None,
    routes: Iterable[Route],
    host: str,
) -> tuple[Message, ...]:
    """Return the messages of an attempt that ended so, or (no plan) of a refusal; none of a cure.

    The key is of the incident and of what is said, without its numbers: the same is told once.
    """
    if outcome is Outcome.HEALED:
        return ()
    targets = dict.fromkeys(target for route in routes if route.takes(incident.severity) for target in route.to)
    words = without_numbers(f"{outcome.value} {reason}").encode(errors="backslashreplace")
    said = hashlib.sha256(words).hexdigest()[:12]
    opened = f"{incident.opened.boot_id}+{incident.opened.boottime_ns}"
    what = "not healed" if plan is None else outcome.value.replace("_", " ")
    title = f"[{incident.severity.value}] {host}: {what}: {incident.fault} {incident.subject}"
    body = "\n".join(map(one_line, _lines(incident, what, reason, plan, fault)))
    return tuple(
        Message(
            key=f"{host}/{incident.id}/heal-{said}/{target}/{opened}",
            target=target,
            incident_id=incident.id,
            title=one_line(title),
            body=body,
            severity=incident.severity,
        )
        for target in targets
    )


def without_numbers(text: str) -> str:
    """Return a text without its numbers: `12 s ago` and `72 s ago` say the same."""
    return "".join("#" if char.isdigit() or char == "." else char for char in text)


def _lines(incident: Incident, what: str, reason: str, plan: Plan | None, fault: Fault | None) -> Iterator[str]:
    yield incident.summary
    steps = plan.steps if plan else ()
    for step in steps[:MOST_NAMED]:
        yield f"tried: {step.brief()}"
    if len(steps) > MOST_NAMED:
        yield f"tried: {len(steps) - MOST_NAMED} more"
    yield f"{what}: {reason}"
    if fault is not None:
        yield f"what to do: {incident.advice(fault)}"
    yield f"more: `watchdog heal {incident.id}`, `watchdog incidents`, `watchdog explain {incident.fault}`"
