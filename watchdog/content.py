"""What a notification says, before it is put into words for a target (text, Markdown, HTML). Pure data.

All text in it is foreign (subjects, summaries, what hosts and daemons said): who renders it makes it inert.
"""

from typing import Literal

import msgspec

Kind = Literal[
    "fired",
    "worse",
    "flapping",
    "recovered",
    "reminder",
    "escalated",
    "not_healed",
    "digest",
    "undelivered",
    "test",
    "report",
]
"""Why it is told: an outage began, got worse, began to flap, is over, still goes on, was acknowledged by nobody;
healing did not help; what was gathered; what could not be delivered in time; somebody tries a target; a report of
a period goes with it."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that is named beside the one that speaks."""

    fault: str
    subject: str
    summary: str = ""
    incident: int | None = None


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One value of the evidence, with its unit in words: `offset`, `18.4 s`."""

    name: str
    value: str


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What could heal it, and the command by which a person approves that."""

    remediation: str
    summary: str
    command: str


class Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message. Empty fields are left out of what is sent.

    `severity` is as bad as the outage is told ("" for what is none). `since` is for people's eyes; `lasted` counts
    by CLOCK_BOOTTIME. `root_word` says how sure the first of `chain` (root first) is the root. `parts` are the
    messages that a digest, or a summary of what was not delivered, is made of; `left_out` counts those beyond.
    """

    kind: Kind
    host: str
    severity: Literal["", "warning", "critical"] = ""
    incident: int | None = None
    fault: str = ""
    title: str = ""
    subject: str = ""
    summary: str = ""
    facts: tuple[Fact, ...] = ()
    since: str = ""
    lasted: str = ""
    reason: str = ""
    root_word: str = ""
    chain: tuple[Named, ...] = ()
    alternatives: tuple[Named, ...] = ()
    others: tuple[Named, ...] = ()
    others_left_out: int = 0
    why: str = ""
    advice: str = ""
    healed: str = ""
    tried: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    acknowledged: str = ""
    more: tuple[str, ...] = ()
    reference: str = ""
    thread: str = ""
    parts: tuple["Content", ...] = ()
    left_out: int = 0
