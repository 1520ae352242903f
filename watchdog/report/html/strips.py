"""Availability as a strip: states over the period as SVG, with the same in words. Pure."""

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup, escape

from watchdog.report.audit.availability import State
from watchdog.report.audit.shape import Availability, ClockStep, Stretch
from watchdog.report.html.words import NAME_CHARACTERS, count, length, share, shorten, signed

MOST_STRETCHES = 600
# For all strips together: a stretch is some 16 bytes.
ALL_STRETCHES = 24_000
WIDTH, HEIGHT = 1000, 20
# The worst is drawn where several share a place. The height says the state where no colour can be told apart.
WORST: tuple[State, ...] = ("down", "degraded", "unknown", "ok")
_HEIGHTS: dict[State, int] = {"down": 20, "degraded": 13, "ok": 7, "unknown": 2}
# Narrower would not be seen.
_NARROWEST = 2


def merge(strip: Sequence[Stretch], since_seconds: float, most: int) -> list[Stretch]:
    """Return at most so many stretches: where there are more, cells of equal length with the worst of each."""
    if len(strip) <= most or since_seconds <= 0:
        return list(strip)
    cell = since_seconds / most
    worst: list[State] = ["ok"] * most
    for one in strip:
        first = min(most - 1, int(one.begins_seconds / cell))
        last = min(most - 1, max(first, int((one.begins_seconds + one.seconds) / cell - 1e-9)))
        for place in range(first, last + 1):
            worst[place] = min(worst[place], one.state, key=WORST.index)
    merged: list[Stretch] = []
    for place, state in enumerate(worst):
        goes_on = merged and merged[-1].state == state
        begins = merged.pop().begins_seconds if goes_on else place * cell
        merged.append(Stretch(begins_seconds=begins, seconds=(place + 1) * cell - begins, state=state))
    return merged


def draw(one: Availability, since_seconds: float, most: int) -> Markup:
    """Return the strip of a subject."""
    paths: dict[State, list[str]] = {state: [] for state in reversed(WORST)}
    scale = WIDTH / since_seconds if since_seconds > 0 else 0.0
    for stretch in merge(one.strip, since_seconds, most):
        begins = round(stretch.begins_seconds * scale)
        ends = round((stretch.begins_seconds + stretch.seconds) * scale)
        wide, high = max(ends - begins, _NARROWEST), _HEIGHTS[stretch.state]
        paths[stretch.state].append(f"M{min(begins, WIDTH - wide)} {HEIGHT}v-{high}h{wide}v{high}z")
    drawn = "".join(f'<path class="{state}" d="{"".join(pieces)}"/>' for state, pieces in paths.items() if pieces)
    return _svg("strip", describe(one), drawn)


def describe(one: Availability) -> str:
    """Return in words what the strip shows."""
    often = Counter(stretch.state for stretch in one.strip)
    states: tuple[tuple[State, float], ...] = (
        ("down", one.down_seconds),
        ("degraded", one.degraded_seconds),
        ("unknown", one.unknown_seconds),
        ("ok", one.ok_seconds),
    )
    parts = [
        f"{state} {length(seconds)}" + (f" ({often[state]} times)" if state != "ok" and often[state] > 1 else "")
        for state, seconds in states
        if seconds
    ]
    return f"{shorten(one.name, NAME_CHARACTERS)}: up {share(one.up)}; {', '.join(parts) or 'nothing on record'}"


def draw_steps(steps: Sequence[ClockStep], since_seconds: float) -> Markup:
    """Return where in the period the clock was set."""
    scale = WIDTH / since_seconds if since_seconds > 0 else 0.0
    places = sorted({min(WIDTH - _NARROWEST, round(step.begins_seconds * scale)) for step in steps})
    marks = "".join(f"M{place} 0h{_NARROWEST}v{HEIGHT}h-{_NARROWEST}z" for place in places)
    sizes = ", ".join(signed(step.seconds) for step in steps[:10])
    more = f" and {len(steps) - 10:,} more" if len(steps) > 10 else ""
    return _svg(
        "strip",
        f"the clock was set {count(len(steps), 'time')}: {sizes}{more}",
        f'<path class="step" d="{marks}"/>',
    )


def _svg(kind: str, label: str, drawn: str) -> Markup:
    # All that is put in as it is are numbers and words of our own; the label is escaped.
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none"'
    return Markup(f'<svg class="{kind}" role="img" aria-label="{escape(label)}" {box}>{drawn}</svg>')  # noqa: S704
