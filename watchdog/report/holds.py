"""What is held back, by whom and why: as a person reads it, and as JSON. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from watchdog.holds import Hold, HoldKind
from watchdog.model import Incident, Json, Stamp
from watchdog.report.page import Part, item

# What each comes to, for who reads it at night.
MEANING: Mapping[HoldKind, str] = {
    "pause": "nothing is healed, not even on request",
    "maintenance": "nobody is told, and nothing is healed by itself",
    "silence": "what it covers is not told, nor healed by itself",
}


def holds_json(holds: Iterable[Hold], incidents: Sequence[Incident], now: Stamp) -> list[Json]:
    """Return holds as JSON: `seconds` and `left_seconds` null mean until somebody ends it."""
    return [hold_json(hold, incidents, now) for hold in holds]


def hold_json(hold: Hold, incidents: Sequence[Incident], now: Stamp) -> Mapping[str, Json]:
    """Return a hold as JSON; `covers` are the open incidents that it is about."""
    left = hold.left_seconds(now)
    return {
        "id": hold.id,
        "kind": hold.kind,
        "pattern": hold.pattern or None,
        "who": hold.who,
        "why": hold.why,
        "began_at": hold.began.wall_text,
        "seconds": hold.seconds,
        "left_seconds": None if left is None else round(left, 3),
        "covers": [incident.id for incident in covered(hold, incidents)],
        "ended_by": hold.ended_by,
    }


def render_holds(holds: Iterable[Hold], incidents: Sequence[Incident], now: Stamp) -> Iterator[Part]:
    """Yield an item for each hold: what, by whom, for how much longer, why, and what that means."""
    for hold in holds:
        about = f"{hold.pattern} " if hold.pattern else ""
        yield item(f"{hold.kind} {hold.id}", f"{about}{hold.describe(now)}", 0, "unknown")
        means = MEANING[hold.kind]
        if hold.kind == "silence":
            ids = ", ".join(f"#{incident.id}" for incident in covered(hold, incidents))
            means += f": {ids}" if ids else "; no open incident is, at present"
        yield item("", means)


def covered(hold: Hold, incidents: Iterable[Incident]) -> list[Incident]:
    """Return those that a hold is about."""
    return [incident for incident in incidents if hold.covers(incident.fault, incident.subject)]
