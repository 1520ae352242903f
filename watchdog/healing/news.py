"""What a person must be told of healing that nobody asked for: put into words, one message to each target. Pure.

A cure is told with the recovery (watchdog/messages.py). What is told here is that the watchdog could not help.
"""

import hashlib

from watchdog.content import Content
from watchdog.contents import MOST_NAMED, reference_of
from watchdog.model import Fault, Incident, Message
from watchdog.routing import Policy, audience
from watchdog.steps import Outcome, Plan
from watchdog.wording import plain_body, plain_title


def compose_news(
    incident: Incident,
    outcome: Outcome,
    reason: str,
    plan: Plan | None,
    *,
    fault: Fault | None,
    policy: Policy,
) -> tuple[Message, ...]:
    """Return the messages of an attempt that ended so, or (no plan) of a refusal; none of a cure.

    The key is of the incident and of what is said, without its numbers: the same is told once.
    """
    if outcome is Outcome.HEALED:
        return ()
    host = policy.host
    words = without_numbers(f"{outcome.value} {reason}").encode(errors="backslashreplace")
    said = hashlib.sha256(words).hexdigest()[:12]
    opened = f"{incident.opened.boot_id}+{incident.opened.boottime_ns}"
    steps = plan.steps if plan else ()
    tried = [step.brief() for step in steps[:MOST_NAMED]]
    tried += [f"{len(steps) - MOST_NAMED} more"] if len(steps) > MOST_NAMED else []
    what = "not healed" if plan is None else outcome.value.replace("_", " ")
    messages = []
    for target in audience(policy.at_once, incident.severity, *incident.key):
        key = f"{host}/{incident.id}/heal-{said}/{target}/{opened}"
        content = Content(
            kind="not_healed",
            host=host,
            severity=incident.severity.value,
            incident=incident.id,
            fault=incident.fault,
            title=fault.title if fault else "",
            subject=incident.subject,
            summary=incident.summary,
            since=incident.opened.wall_text,
            reason=f"{what}: {reason}",
            why=fault.why if fault else "",
            advice=incident.advice(fault) if fault else "",
            tried=tuple(tried),
            more=(f"watchdog heal {incident.id}", "watchdog incidents", f"watchdog explain {incident.fault}"),
            reference=reference_of(key),
            thread=f"{host}/{incident.id}/{opened}",
        )
        messages.append(
            Message(
                key=key,
                target=target,
                incident_id=incident.id,
                title=plain_title(content),
                body=plain_body(content),
                severity=incident.severity,
                content=content,
            )
        )
    return tuple(messages)


def without_numbers(text: str) -> str:
    """Return a text without its numbers: `12 s ago` and `72 s ago` say the same."""
    return "".join("#" if char.isdigit() or char == "." else char for char in text)
