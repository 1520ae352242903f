"""How the HTML file says things: pure. What comes from elsewhere is made inert here, once, and cut to a length."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

from markupsafe import Markup, escape

from watchdog.report.audit.shape import Report
from watchdog.report.page import inert
from watchdog.report.told.words import per_cent
from watchdog.units import render_seconds

NAME_CHARACTERS = 160
TEXT_CHARACTERS = 1200
OUTPUT_CHARACTERS = 4000
# Not within what an escape made of one letter.
_JOINTS = re.compile(r"[_./:](?=[^_./:])")
NOTHING = "–"  # noqa: RUF001 - as printed


def finalize(value: object) -> object:
    """Return what a template may print: every text without an active character, None as nothing."""
    if isinstance(value, Markup):
        return value
    if value is None:
        return ""
    return inert(value) if isinstance(value, str) else value


def shorten(text: str, most: int = TEXT_CHARACTERS) -> str:
    """Return the text inert and at most so long, with how much more there is."""
    if len(text) <= most:
        return inert(text)
    return f"{inert(text[:most])} … ({len(text) - most:,} more characters)"


def parts(text: str, most: int) -> Markup:
    """Return a name that breaks where a person would break it: behind its `_`, `.`, `/` and `:`."""
    return Markup(_JOINTS.sub(r"\g<0><wbr>", str(escape(shorten(text, most)))))  # noqa: S704 - escaped before


def clip(text: str, most: int) -> str:
    """Return the text inert and at most so long, where there is no room to say how much more there is."""
    return inert(text) if len(text) <= most else f"{inert(text[:most].rstrip())} …"


def lines(text: str, most: int = OUTPUT_CHARACTERS) -> Markup:
    """Return a text of several lines as such, each inert, for <pre>."""
    kept = text[:most].split("\n")
    more = f"\n… ({len(text) - most:,} more characters)" if len(text) > most else ""
    return escape("\n".join(inert(one) for one in kept) + more)


def flatten(evidence: object) -> list[tuple[str, str]]:
    """Return what evidence holds as (name, text); what is nested as JSON."""
    if not isinstance(evidence, dict):
        return []
    return [
        (
            shorten(str(name), NAME_CHARACTERS),
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=True, default=str),
        )
        for name, value in evidence.items()
    ]


def share(value: float | None) -> str:
    """Return a part of a whole in per cent; it says 100 % only when nothing is missing."""
    if value is None:
        return "not watched"
    if value >= 1:
        return "100 %"
    return f"{per_cent(value) if value > 0 else 0:.3f} %"


def signed(seconds: float) -> str:
    """Return a length with its sign."""
    return f"{'+' if seconds > 0 else ''}{render_seconds(seconds)}"


def length(seconds: float | None) -> str:
    """Return a length of time; None is not known."""
    return NOTHING if seconds is None else "0 s" if seconds == 0 else render_seconds(seconds)


def count(number: int, noun: str) -> str:
    """Return so many of something."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class Dial:
    """Says what the wall clock showed, in a zone: of moments as text, and of places in the period."""

    def __init__(self, report: Report, zone: tzinfo) -> None:
        self._zone = zone
        known = [(0.0, report.began_at), (report.since_seconds, report.ended_at)]
        known += [(step.begins_seconds, step.at) for step in report.clock.steps]
        if report.reboots:
            # Off by up to an hour, which each of them sums up; but only they know how long the host was off.
            known += [(point.begins_seconds, point.at) for series in report.series for point in series.points]
        self._anchors = sorted((place, found) for place, at in known if (found := _read(at)))

    def when(self, at: str | None, seconds: bool = True) -> str:
        """Return a moment in the zone; what is no moment as it stands."""
        found = _read(at)
        if found is None:
            return at or NOTHING
        return f"{found.astimezone(self._zone):{'%Y-%m-%d %H:%M:%S' if seconds else '%Y-%m-%d %H:%M'}}"

    def zone(self, at: str) -> str:
        """Return the zone's name and offset at a moment."""
        found = _read(at)
        if found is None:
            return ""
        local = found.astimezone(self._zone)
        name, offset = inert(local.tzname() or ""), f"{local:%z}"
        return name if name == "UTC" else f"{name} (UTC{offset[:3]}:{offset[3:5]})"

    def place(self, seconds: float, form: str) -> str:
        """Return what the clock showed so long after the period's beginning, by the nearest that is on record."""
        if not self._anchors:
            return ""
        nth = max(0, bisect_right(self._anchors, seconds, key=lambda anchor: anchor[0]) - 1)
        begins, shown = self._anchors[nth]
        return f"{(shown + timedelta(seconds=seconds - begins)).astimezone(self._zone):{form}}"


def ticks(since_seconds: float, dial: Dial, number: int = 6) -> list[tuple[float, str]]:
    """Return evenly spread places of the period with what the clock showed there."""
    form = "%H:%M" if since_seconds < 1.2 * 86400 else "%a %H:%M" if since_seconds < 8 * 86400 else "%Y-%m-%d"
    places: Iterable[float] = (since_seconds * nth / (number - 1) for nth in range(number))
    return [(place, dial.place(place, form)) for place in places]


def _read(at: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(at) if at else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
