"""Which of the messages that are due for a target at once become one: pure.

Each part keeps its row and its key in the outbox, so nothing of it is told twice; what a digest has no room for
stays on record, and its count is told.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from watchdog.content import Content, Kind
from watchdog.model import Message, Severity
from watchdog.notify.contracts import Due, Pace
from watchdog.units import render_seconds

# A digest is read on a phone; whoever wants the rest has the report.
MOST_PARTS = 50
# The summary of what was not delivered in time is a bundle of its own, and waits for as long as it takes.
UNDELIVERED = "watchdog/undelivered"
_DIGEST = "watchdog/digest"


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """Messages for which one is to stand, a new one or that with the id `into`; `expired`: as nobody took them."""

    ids: tuple[int, ...]
    message: Message
    into: int | None = None
    expired: bool = False


def next_merge(dues: Sequence[Due], pace: Pace) -> Merge | None:
    """Return the next merge of what is due for one target, None when each is to be sent as it is.

    Each leaves fewer messages, so asking again comes to an end.
    """
    return (
        _expired(dues, pace)
        or _came_and_went(dues)
        or _repeated(dues)
        or _bundled(dues)
        or _storm(dues, pace.most_at_once)
    )


def next_stranded(dues: Sequence[Due], pace: Pace, known: str) -> Merge | None:
    """Return the summary by which a `known` target is told of what waited too long for one that nobody knows."""
    late = [due for due in dues if due.age_seconds >= pace.expire_after_seconds]
    if not late:
        return None
    target = late[0].message.target
    told = (
        f"for {target}, which is no target in the settings,"
        f" could not be delivered for {render_seconds(pace.expire_after_seconds)}"
    )
    message = _one_of(late, "undelivered", told, UNDELIVERED)
    return Merge(ids=_ids(late), message=replace(message, target=known), expired=True)


def content_of(message: Message) -> Content:
    """Return what a message says; of one of an older watchdog its plain words."""
    return message.content or Content(
        kind="recovered" if message.recovery else "fired",
        host="",
        severity=message.severity.value,
        incident=message.incident_id,
        title=message.title,
        summary=message.body,
    )


def _expired(dues: Sequence[Due], pace: Pace) -> Merge | None:
    """Let a summary stand for what could not be delivered in time, and for earlier summaries that wait."""
    summaries = [due for due in dues if due.message.bundle == UNDELIVERED]
    late = [due for due in dues if due not in summaries and due.age_seconds >= pace.expire_after_seconds]
    if not late and len(summaries) < 2:
        return None
    told = f"could not be delivered for {render_seconds(pace.expire_after_seconds)}"
    return Merge(
        ids=_ids([*summaries[1:], *late]),
        message=_one_of([*summaries, *late], "undelivered", told, UNDELIVERED),
        into=summaries[0].id if summaries else None,
        expired=bool(late),
    )


def _came_and_went(dues: Sequence[Due]) -> Merge | None:
    """Let a recovery stand for what it is the end of, where nobody heard of that yet."""
    by_incident: dict[int, list[Due]] = defaultdict(list)
    for due in dues:
        if due.message.incident_id is not None:
            by_incident[due.message.incident_id].append(due)
    for group in by_incident.values():
        ends = [due for due in group if due.message.recovery]
        begun = [due for due in group if not due.message.recovery and due.id < max(map(_id, ends), default=0)]
        if begun:
            end = ends[-1]
            news = [due for due in begun if not _repeats(due)]
            return Merge(
                ids=_ids(begun), message=_with_past(end.message, news) if news else end.message, into=end.id
            )
    return None


def _with_past(end: Message, begun: Sequence[Due]) -> Message:
    """Return a recovery that says of what."""
    parts = tuple(content_of(due.message) for due in begun)
    return replace(
        end,
        body="\n".join([end.body, "it came and went:", *(due.message.title for due in begun)]),
        content=msgspec.structs.replace(content_of(end), parts=parts),
    )


def _repeated(dues: Sequence[Due]) -> Merge | None:
    """Let the last reminder stand for those before it: each says the same of one incident, as of its time."""
    by_incident: dict[int | None, list[Due]] = defaultdict(list)
    for due in dues:
        if _repeats(due) and not due.message.bundle:
            by_incident[due.message.incident_id].append(due)
    found = next((group for group in by_incident.values() if len(group) > 1), None)
    return Merge(ids=_ids(found[:-1]), message=found[-1].message, into=found[-1].id) if found else None


def _repeats(due: Due) -> bool:
    return due.message.incident_id is not None and content_of(due.message).kind == "reminder"


def _bundled(dues: Sequence[Due]) -> Merge | None:
    bundles: dict[str, list[Due]] = defaultdict(list)
    for due in dues:
        if due.message.bundle not in ("", _DIGEST, UNDELIVERED):
            bundles[due.message.bundle].append(due)
    found = next((bundle for bundle in bundles.values() if len(bundle) > 1), None)
    return Merge(ids=_ids(found), message=_one_of(found, "digest", "in one message", _DIGEST)) if found else None


def _storm(dues: Sequence[Due], most: int) -> Merge | None:
    """Send the worst and oldest by themselves, and what is beyond as one."""
    if len(dues) <= most:
        return None
    single = [due for due in dues if due.message.bundle not in (_DIGEST, UNDELIVERED)]
    ranked = sorted(single, key=lambda due: (due.message.severity is not Severity.CRITICAL, due.id))
    rest = ranked[max(0, most - 1 - (len(dues) - len(single))) :]
    return Merge(ids=_ids(rest), message=_one_of(rest, "digest", "at once", _DIGEST)) if len(rest) > 1 else None


def _one_of(dues: Sequence[Due], kind: Kind, how: str, bundle: str) -> Message:
    """Return the message that stands for these, the worst first."""
    ranked = sorted(dues, key=lambda due: (due.message.severity is not Severity.CRITICAL, due.id))
    contents = [content_of(due.message) for due in ranked]
    parts = [part for content in contents for part in _flat(content)]
    number = len(parts) + sum(content.left_out for content in contents)
    severity = Severity.worst(due.message.severity for due in dues) or Severity.WARNING
    host = next((part.host for part in parts if part.host), "")
    title = f"{number} messages {how}"
    keys = "\n".join(sorted(due.message.key for due in dues))
    target = dues[0].message.target
    named = [_named(part) for part in parts[:MOST_PARTS]]
    left = number - len(named)
    return Message(
        key=f"{kind}/{target}/{hashlib.sha256(keys.encode(errors='surrogatepass')).hexdigest()[:32]}",
        target=target,
        incident_id=None,
        title=f"[{severity.value}] {f'{host}: ' if host else ''}{title}",
        body="\n".join([*named, *([f"and {left} more: `watchdog report`"] if left else [])]),
        severity=severity,
        bundle=bundle,
        content=Content(
            kind=kind,
            host=host,
            severity=severity.value,
            summary=title,
            parts=tuple(parts[:MOST_PARTS]),
            left_out=left,
            more=("watchdog report",),
        ),
    )


def _flat(content: Content) -> tuple[Content, ...]:
    """Return the messages that one stands for."""
    return content.parts if content.kind in ("digest", "undelivered") else (content,)


def _named(content: Content) -> str:
    what = " ".join(filter(None, (content.fault or content.title, content.subject)))
    return " ".join(f"{content.kind}: {what}: {content.summary}".split())


def _ids(dues: Sequence[Due]) -> tuple[int, ...]:
    return tuple(due.id for due in dues)


def _id(due: Due) -> int:
    return due.id
