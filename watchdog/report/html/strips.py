"""Availability as a strip: states over the period as SVG, with the same in words. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup, escape

from watchdog.report.audit.availability import State
from watchdog.report.audit.shape import Availability, ClockStep, Stretch
from watchdog.report.bars import took
from watchdog.report.html.words import NAME_CHARACTERS, count, length, share, shorten, signed

MOST_STRETCHES = 600
# For all subjects together: a stretch is some 17 bytes.
ALL_STRETCHES = 24_000
WIDTH, HEIGHT = 1000, 20
# The worst is drawn over the others. The height says the state where no colour can be told apart.
WORST: tuple[State, ...] = ("down", "degraded", "unknown", "ok")
_HEIGHTS: dict[State, int] = {"down": 20, "degraded": 13, "ok": 7, "unknown": 2}
# Narrower would not be seen.
_NARROWEST = 2
# Of the height of a cell in a crowded strip.
_STEPS = 5


def is_crowded(strip: Sequence[Stretch], since_seconds: float, most: int) -> bool:
    """Tell whether there are more stretches than a strip has room for: it is drawn in cells then."""
    return len(strip) > most and since_seconds > 0


def cells_of(most: int) -> int:
    """Return in how many cells a crowded strip is drawn, so that it is of `most` blocks, or one more.

    A cell may begin one of what was down and one of what was degraded; of ok and *unknown*, which are each of one
    height, only every other cell can.
    """
    return most // 3


def draw(one: Availability, since_seconds: float, most: int) -> Markup:
    """Return the strip of a subject: what it was at each time or, where it is crowded, how much of each cell."""
    scale = WIDTH / since_seconds if since_seconds > 0 else 0.0
    crowded = is_crowded(one.strip, since_seconds, most)
    blocks = in_cells(one.strip, since_seconds, cells_of(most)) if crowded else _each(one.strip)
    paths: dict[State, list[str]] = {state: [] for state in reversed(WORST)}
    for block in blocks:
        begins, ends = round(block.begins_seconds * scale), round(block.ends_seconds * scale)
        wide, high = max(ends - begins, _NARROWEST), block.height
        left = min(begins, WIDTH - wide)
        hangs = crowded and block.state == "degraded"
        outline = f"0v{high}h{wide}v-{high}z" if hangs else f"{HEIGHT}v-{high}h{wide}v{high}z"
        paths[block.state].append(f"M{left} {outline}")
    drawn = "".join(f'<path class="{state}" d="{"".join(pieces)}"/>' for state, pieces in paths.items() if pieces)
    return _svg("strip", describe(one), drawn)


class Block(NamedTuple):
    """What is drawn of a state; `height` is 1 to HEIGHT."""

    state: State
    begins_seconds: float
    ends_seconds: float
    height: int


def _each(strip: Sequence[Stretch]) -> Iterator[Block]:
    for one in strip:
        yield Block(one.state, one.begins_seconds, one.begins_seconds + one.seconds, _HEIGHTS[one.state])


def in_cells(strip: Sequence[Stretch], since_seconds: float, number: int) -> Iterator[Block]:
    """Yield by state the blocks of a crowded strip: what was wrong as high as the share of each cell that it took.

    What was down stands, what was degraded hangs: no colour is needed to tell them apart, and neither is hidden by
    the other, unless what was down took over nine tenths of the cell. Neighbours of one height are one block.
    """
    size = since_seconds / number
    seen = took(((one.begins_seconds, one.seconds, one.state) for one in strip), since_seconds, number)
    for state in WORST:
        wrong = state in ("down", "degraded")
        heights = ((_rise(part / size) if wrong else _HEIGHTS[state]) if part else 0 for part in seen[state])
        place = 0
        for height, run in groupby(heights):
            begins, place = place, place + sum(1 for _ in run)
            if height:
                yield Block(state, begins * size, place * size, height)


def _rise(share: float) -> int:
    """Return how high a share of a cell is drawn: in steps, and never so low that it is not seen."""
    return max(1, min(_STEPS, round(share * _STEPS))) * HEIGHT // _STEPS


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
