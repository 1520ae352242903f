"""How the clock, the watch and everything that is watched fared. Pure."""

from collections.abc import Iterator, Sequence

from watchdog.report.audit.shape import Availability, Report, Spread
from watchdog.report.bars import cells, legend, state_bar
from watchdog.report.page import Bar, Cell, Part, Table, item, line
from watchdog.report.told.words import count, share, signed
from watchdog.report.zone import Eyes
from watchdog.units import render_seconds

_MOST_STEPS = 20
_MOST_GAPS = 20


def clock(report: Report, eyes: Eyes) -> Iterator[Part]:
    """Yield how often the clock was set, by how much and by whom, and how far off it was."""
    told = report.clock
    if not (told.steps or told.offset or told.drift):
        return
    yield line("the clock", "heading")
    number = len(told.steps) + told.steps_left_out
    if told.steps:
        yield line(
            f"set {count(number, 'time')}, {told.steps_back:,} back and {told.steps_ahead:,} ahead"
            f", together {signed(told.sum_seconds)}; in the order in which it happened, whatever the clock showed"
        )
    shown = told.steps[-_MOST_STEPS:]
    if number > len(shown):
        last = f"the last {len(shown)}" if len(shown) > 1 else "the last"
        yield line(f"{last} of them; all: --format csv --table steps", "dim")
    rows = [
        [
            Cell(eyes.moment(step.at)),
            Cell(signed(step.seconds), "warning"),
            Cell(f"{render_seconds(abs(step.seconds))} too {'early' if step.seconds > 0 else 'late'}"),
            Cell(step.author or "unknown"),
        ]
        for step in shown
    ]
    if rows:
        yield Table(("then it showed", "set by", "stamps before read", "author"), rows)
    for name, spread, unit in (("offset", told.offset, "s"), ("drift", told.drift, "ppm")):
        if spread:
            yield item(name, _spread(spread, unit))


def _spread(spread: Spread, unit: str) -> str:
    def say(value: float) -> str:
        return render_seconds(value) if unit == "s" else f"{value:.3f} {unit}"

    ends = f"{say(spread.minimum)} to {say(spread.maximum)}"
    return f"{ends}, on average {say(spread.mean)} ({count(spread.samples, 'sample')})"


def coverage(report: Report, eyes: Eyes) -> Iterator[Part]:
    """Yield which checks ran, what they could not see and why, and when nobody was watching."""
    yield line("what was watched", "heading")
    if not report.coverage:
        yield line("nothing: no check has looked", "unknown")
    rows = [
        [
            Cell(one.check),
            Cell(render_seconds(one.watched_seconds)),
            Cell(share(one.share)),
            Cell(f"{one.runs:,}"),
            Cell(
                ", ".join(
                    f"{what.replace('_', ' ')} {render_seconds(s)}" for what, s in one.verdict_seconds.items()
                )
            ),
        ]
        for one in report.coverage
    ]
    if rows:
        yield Table(("check", "watched", "share", "runs", "said"), rows)
    for one in report.coverage:
        for reason in one.reasons:
            yield item(one.check, reason)
    for gap in report.gaps[-_MOST_GAPS:]:
        text = f"{eyes.moment(gap.began_at)} to {eyes.until(gap.ended_at, gap.began_at)}"
        yield item("not watched", f"{text} ({render_seconds(gap.seconds)}): {gap.why}", 2, "unknown")
    if len(report.gaps) > _MOST_GAPS:
        yield line(f"and {count(len(report.gaps) - _MOST_GAPS, 'earlier gap')}", "dim")


def availability(report: Report, number: int) -> Iterator[Part]:
    """Yield how each check, and each subject, fared."""
    if not (report.checks or report.subjects):
        return
    yield line("how available it was", "heading")
    for title, those in (("check", report.checks), ("subject", report.subjects)):
        if those:
            yield Table(*_table(title, those, report.since_seconds, number))
            yield line()
    yield legend()


def _table(
    title: str, those: Sequence[Availability], seconds: float, number: int
) -> tuple[list[str], list[list[Cell | Bar]]]:
    header = [
        title,
        *(["check"] if title != "check" else []),
        "up",
        "ok",
        "degraded",
        "down",
        "not watched",
        "over the period",
    ]
    rows: list[list[Cell | Bar]] = [
        [
            Cell(one.name),
            *([Cell(one.check)] if title != "check" else []),
            Cell(share(one.up)),
            Cell(_length(one.ok_seconds)),
            Cell(_length(one.degraded_seconds), "warning"),
            Cell(_length(one.down_seconds), "critical"),
            Cell(_length(one.unknown_seconds), "dim"),
            state_bar(cells(((s.begins_seconds, s.seconds, s.state) for s in one.strip), seconds, number)),
        ]
        for one in those
    ]
    return header, rows


def _length(seconds: float) -> str:
    return render_seconds(seconds) if seconds else "-"
