"""Offset, drift and latencies as SVG, drawn by pygal without its scripts and styles: the page's own apply."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import msgspec
from markupsafe import Markup, escape
from msgspec.structs import replace

from watchdog.report.audit.shape import Point, Report, Series
from watchdog.report.html.words import Dial, shorten, ticks
from watchdog.units import render_seconds

MOST_SERIES = 6
MOST_POINTS = 240
_TITLES = {
    "offset_seconds": "Offset of the clock",
    "drift_ppm": "Drift of the clock",
    "connect_seconds": "Time to connect",
    "first_byte_seconds": "Time to the first byte",
    "answer_seconds": "Time to an answer",
    "round_trip_seconds": "Round trip",
}
_ABOUT_THE_CLOCK = ("offset_seconds", "drift_ppm")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A series in numbers."""

    label: str
    minimum: str
    mean: str
    maximum: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A picture with its title and its text equivalent; `left_out` counts the series that are not drawn."""

    title: str
    svg: Markup
    curves: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: int
    about_the_clock: bool


def draw_charts(report: Report, dial: Dial) -> tuple[Chart, ...]:
    """Return a chart of each measured value."""
    by_name: dict[str, list[Series]] = defaultdict(list)
    for one in report.series:
        if points := _within(one.points, report.since_seconds):
            by_name[one.name].append(replace(one, points=points))
    return tuple(_chart(name, own, report.since_seconds, dial) for name, own in by_name.items())


def _within(points: Sequence[Point], since_seconds: float) -> list[Point]:
    """Return the points of the period; of those that began before it, and say 0, only the last is in it."""
    first = max((nth for nth, point in enumerate(points) if point.begins_seconds <= 0), default=0)
    return [point for point in points[first:] if point.begins_seconds <= since_seconds]


def _chart(name: str, own: Sequence[Series], since_seconds: float, dial: Dial) -> Chart:
    worst = sorted(own, key=lambda one: -max(max(abs(p.maximum), abs(p.minimum)) for p in one.points))
    title = _TITLES.get(name, shorten(name, 60))
    drawn = worst[:MOST_SERIES]
    if len(drawn) == 1:
        points = _thin(drawn[0].points)
        curves = [
            ("highest", [(p.begins_seconds, p.maximum) for p in points]),
            ("mean", [(p.begins_seconds, p.mean) for p in points]),
            ("lowest", [(p.begins_seconds, p.minimum) for p in points]),
        ]
    else:
        curves = [(_label(one), [(p.begins_seconds, p.mean) for p in _thin(one.points)]) for one in drawn]
    rows = tuple(_row(one) for one in worst[:50])
    spoken = "; ".join(
        f"{row.label}: {row.minimum} to {row.maximum}, mean {row.mean}" for row in rows[:MOST_SERIES]
    )
    return Chart(
        title=title,
        svg=_draw(name, curves, since_seconds, dial, f"{title}. {spoken}"),
        curves=tuple(label for label, _ in curves),
        rows=rows,
        left_out=len(own) - len(drawn),
        about_the_clock=name in _ABOUT_THE_CLOCK,
    )


def _draw(
    name: str,
    curves: Sequence[tuple[str, list[tuple[float, float]]]],
    since_seconds: float,
    dial: Dial,
    label: str,
) -> Markup:
    # Late, as nothing else needs it and it takes a tenth of a second.
    import pygal
    from pygal.etree import etree

    chart = pygal.XY(
        js=[],
        css=[],
        width=960,
        height=250,
        show_dots=False,
        show_legend=False,
        margin=8,
        margin_left=32,  # a small screen's letters are larger
        margin_right=40,
        xrange=(0, since_seconds),
        x_labels=[place for place, _ in ticks(since_seconds, dial)],
        x_value_formatter=dict(ticks(since_seconds, dial)).get,
        value_formatter=lambda value: _value(name, value),
        max_scale=6,
    )
    for title, points in curves:
        chart.add(title, _with_gaps(points), allow_interruptions=True)
    tree = chart.render_tree()
    for parent in list(tree.iter()):
        for unwanted in ("id", "style"):
            parent.attrib.pop(unwanted, None)
        for child in list(parent):
            if not isinstance(child.tag, str) or _unwanted(child.tag.rpartition("}")[2], child.get("class", "")):
                parent.remove(child)
    drawn = etree.tostring(tree, encoding="unicode").partition(">")
    opening = f'<svg class="chart" role="img" aria-label="{escape(label)}" viewBox="0 0 960 250">'
    # pygal escapes what it draws, and every label came to it inert.
    return Markup(opening + drawn[2])  # noqa: S704


def _unwanted(tag: str, kind: str) -> bool:
    """Tell whether it is a style, a script or what only pygal's script uses: the figure has a name and a table."""
    return tag in {"defs", "title", "desc"} or "overlay" in kind


def _with_gaps(points: Sequence[tuple[float, float]]) -> list[tuple[float | None, float | None]]:
    """Break the line where nothing was measured."""
    usual = median([here[0] - before[0] for before, here in pairwise(points)]) if len(points) > 1 else 0
    broken: list[tuple[float | None, float | None]] = list(points[:1])
    for before, here in pairwise(points):
        if here[0] - before[0] > 1.5 * usual:
            broken.append((None, None))
        broken.append(here)
    return broken


def _thin(points: Sequence[Point]) -> list[Point]:
    """Return at most MOST_POINTS, each for several: their mean, their lowest and their highest."""
    size = -(-len(points) // MOST_POINTS)
    return [_together(points[start : start + size]) for start in range(0, len(points), size)]


def _together(points: Sequence[Point]) -> Point:
    return Point(
        begins_seconds=points[0].begins_seconds,
        at=points[0].at,
        minimum=min(p.minimum for p in points),
        mean=sum(p.mean for p in points) / len(points),
        maximum=max(p.maximum for p in points),
    )


def _row(one: Series) -> Row:
    whole = _together(one.points)
    return Row(
        label=_label(one),
        minimum=_value(one.name, whole.minimum),
        mean=_value(one.name, whole.mean),
        maximum=_value(one.name, whole.maximum),
    )


def _label(one: Series) -> str:
    return shorten(one.subject or one.check, 40)


def _value(name: str, value: float) -> str:
    if name.endswith("_seconds"):
        return "0 s" if value == 0 else render_seconds(value)
    return f"{value:.4g} ppm" if name.endswith("_ppm") else f"{value:.4g}"
