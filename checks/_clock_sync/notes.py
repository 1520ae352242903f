"""Notes that are written when they become true, not on every look."""

from collections.abc import Mapping

from watchdog.plugin import Json, Note

Evidence = Mapping[str, Json]

CLOCK, KERNEL, DAEMONS = "clock", "kernel", "ntp-daemons"


def note(about: str, summary: str, evidence: Evidence | None = None, subject: str = CLOCK) -> Note:
    """Return a note; `about` says what it is on, and stays the same while the numbers change."""
    return Note(subject=subject, summary=summary, evidence={"about": about, **(evidence or {})})


def about(one: Note) -> str:
    """Return what a note is on, with its subject."""
    return f"{one.subject}: {one.evidence['about']}"
