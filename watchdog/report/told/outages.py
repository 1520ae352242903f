"""The incidents of a report: one outage as one story, its root first, what it caused below. Pure."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

from watchdog.report.audit.shape import Attempt, Incident, Report
from watchdog.report.page import Part, item, line
from watchdog.report.told.timeline import moments
from watchdog.report.told.words import count, lasted, off, opened
from watchdog.report.zone import Eyes
from watchdog.units import render_seconds

# What a step printed, or evidence, can be long; all of it is in --format json.
_MOST_LETTERS = 300
_MOST_NOTES = 30


def incidents(report: Report, eyes: Eyes, *, details: bool) -> Iterator[Part]:
    """Yield what happened, oldest first by the line of time."""
    yield line("what happened", "heading")
    if not report.incidents:
        yield line("no incident", "ok")
    if report.incidents_left_out:
        yield line(
            f"{report.incidents_left_out:,} of {report.incidents_left_out + len(report.incidents):,} incidents"
            " left out here, and counted everywhere: --limit 0 shows all, --subject, --fault and --since fewer",
            "dim",
        )
    for one, depth in _tree(report.incidents):
        yield from _told(one, depth, eyes)
        if details:
            yield from _details(report, one, 2 * depth + 2, eyes)
    if report.notes:
        yield line()
        yield line("noted, below any alert", "heading")
        for note in report.notes[-_MOST_NOTES:]:
            yield item(eyes.moment(note.at), f"{note.check}: {note.subject}: {note.summary}")
        if older := report.notes_left_out + max(0, len(report.notes) - _MOST_NOTES):
            yield line(f"and {count(older, 'older one')}", "dim")


def _tree(records: Sequence[Incident]) -> Iterator[tuple[Incident, int]]:
    """Yield each incident once, with its depth, below its likeliest cause that is among them."""
    here = {one.id: one for one in records}
    below: dict[int | None, list[int]] = defaultdict(list)
    for one in records:
        below[next((cause for cause in one.causes if cause in here and cause != one.id), None)].append(one.id)
    shown: set[int] = set()
    # Foreign data may link in a circle: what no root leads to comes last.
    waiting = [(number, 0) for number in (*reversed(list(here)), *reversed(below[None]))]
    while waiting:
        number, depth = waiting.pop()
        if number not in shown:
            shown.add(number)
            yield here[number], depth
            waiting += ((effect, depth + 1) for effect in reversed(below.get(number, [])))


def _told(one: Incident, depth: int, eyes: Eyes) -> Iterator[Part]:
    indent = 2 * depth + 2
    branch = "  " * depth + ("└ " if depth else "")
    yield item(
        f"{branch}#{one.id} {one.severity}", f"{one.fault} on {one.subject}, {_when(one, eyes)}", 0, one.severity
    )
    yield item("", one.summary, indent)
    if one.causes:
        yield item("", f"caused by {' or '.join(f'#{cause}' for cause in one.causes)}", indent)
    if facts := list(_facts(one)):
        yield item("", "; ".join(facts), indent)
    for attempt in one.attempts:
        # A proposal that became a try, or that nobody needs any more, is below, where all of them are.
        if attempt.outcome != "closed":
            yield item(f"try {attempt.id}", _attempt(attempt), indent)


def _when(one: Incident, eyes: Eyes) -> str:
    words = [] if one.state == "firing" else [one.state]
    words += ["too short to count"] if one.state == "resolved" and not one.fired else []
    words += ["flapping"] if one.flapping else []
    words += [f"{one.occurrences} times"] if one.occurrences > 1 else []
    words += ["not told by itself"] if one.inhibited else []
    stands = "".join(f"{word}, " for word in words)
    if one.resolved_at is None:
        return f"{stands}since {opened(one, eyes)} ({lasted(one)})"
    began, ended = eyes.moment(one.opened_at), eyes.until(one.resolved_at, one.opened_at)
    return f"{stands}{began} to {ended} ({lasted(one)}){off(one.wall_off_seconds)}"


def _facts(one: Incident) -> Iterator[str]:
    if one.detected_within_seconds is not None:
        yield f"found within {render_seconds(one.detected_within_seconds)}"
    if one.acknowledged_after_seconds is not None:
        yield f"acknowledged by {one.acknowledged_by} after {render_seconds(one.acknowledged_after_seconds)}"
    if one.healed_by:
        yield f"healed by {one.healed_by}"


def _attempt(one: Attempt) -> str:
    reason = f": {one.reason}" if one.reason else ""
    allowed = f"; allowed by {one.permission}" if one.permission else ""
    steps = f" ({'; '.join(map(_brief, one.steps))})" if one.steps else ""
    return f"{one.remediation} {one.outcome.replace('_', ' ')}{reason}{steps}{allowed}"


def _details(report: Report, one: Incident, indent: int, eyes: Eyes) -> Iterator[Part]:
    if one.why:
        yield item("so what", one.why, indent)
    for at, after_seconds, state, reason in moments(report, one):
        after = f"+{render_seconds(after_seconds)}" if after_seconds else "+0 s"
        yield item(f"{eyes.moment(at)}  {after}", f"{state}: {reason}", indent)
    if one.evidence:
        yield item("evidence", _short(json.dumps(one.evidence, default=str)), indent)
    for attempt in one.attempts:
        for step in attempt.journal:
            said = f": {_short(step.output)}" if step.output else ""
            undo = f" (undo: {_brief(step.undo)})" if step.undo else ""
            yield item(f"try {attempt.id} {step.state}", f"{_brief(step.step)}{undo}{said}", indent)
            _, *more = step.step.split("\n")
            for text in more:
                yield item("", text, indent + 2)
    for told in one.told:
        fate = f"{told.state}{f' {eyes.moment(told.sent_at)}' if told.sent_at else ''}"
        error = f"{'; before: ' if told.sent_at else ': '}{told.error}" if told.error else ""
        yield item("told", f"{told.target}: {told.title} ({fate}{error})", indent)


def _brief(step: str) -> str:
    """Return the first line of a step; what a file becomes is in its further ones, and below --details."""
    first, *more = step.split("\n")
    return f"{first} ... ({count(len(more), 'more line')})" if more else first


def _short(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]} ... ({len(text):,} letters)"
