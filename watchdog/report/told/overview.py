"""The top of the report: how it went, what is open, what was down longest. Pure."""

from collections.abc import Iterator

from watchdog.report.audit.shape import Report, Totals
from watchdog.report.bars import cells, legend, spark, state_bar
from watchdog.report.page import Bar, Cell, Part, Table, item, line
from watchdog.report.told.words import count, lasted, opened, share
from watchdog.report.zone import Eyes
from watchdog.units import render_seconds

_MOST_TALKERS = 10
_ALIKE = 0.9
# What was not tried: a proposal, and one that became a try.
_NO_NEWS = ("proposed", "closed")


def headline(report: Report, eyes: Eyes, number: int) -> Iterator[Part]:
    """Yield what the report is about, and how it went."""
    of = ", ".join(report.filters.get("host") or dict.fromkeys((report.host, *report.hosts)))
    yield line(f"{of}: {render_seconds(report.since_seconds)}, {_from_to(report, eyes)}", "heading")
    least = "" if report.exact else f"; {count(report.reboots, 'reboot')} within, so lengths are lower bounds"
    yield line(f"written {eyes.moment(report.at)}; durations count the time this host was up{least}", "dim")
    for name, values in report.filters.items():
        yield item("only", f"{name} {', '.join(values)}")
    yield line()
    yield item("now", _now(report), 0, report.open.worst or "ok")
    totals = report.totals
    yield item(
        "incidents",
        f"{totals.incidents:,}{_critical(totals)}{_than(report.before, 'incidents', totals)}",
        0,
    )
    yield item("up", _up(report), 0)
    watched = share(min(1.0, totals.watched_seconds / totals.seconds) if totals.seconds else None)
    yield item("watched", f"{watched} of the period{_gaps(report)}", 0)
    if totals.steps:
        yield item("clock", f"set {count(totals.steps, 'time')}{_than(report.before, 'steps', totals)}", 0)
    if report.attempts:
        yield item("healed", f"{count(totals.healed, 'time')}{_than(report.before, 'healed', totals)}", 0)
    if report.incidents and not report.incidents_left_out and number:
        yield line()
        yield Table(("incidents over the period",), [[spark(_begun(report, number))]])


def open_now(report: Report, eyes: Eyes) -> Iterator[Part]:
    """Yield what is still open, the worst first; its whole story is told below."""
    still = [one for one in report.incidents if one.resolved_at is None]
    if not still:
        return
    yield line("what is open now", "heading")
    for one in sorted(still, key=lambda one: (one.severity != "critical", one.id)):
        state = "" if one.state == "firing" else f", {one.state}"
        text = f"{one.fault} on {one.subject}{state}, since {opened(one, eyes)} ({lasted(one)})"
        yield item(f"#{one.id} {one.severity}", text, 0, one.severity)
        yield item("", one.summary)
        if one.advice and not one.chain:
            yield item("what to do", one.advice)
        for attempt in one.attempts:
            if attempt.outcome == "proposed":
                yield item("could run", f"{'; '.join(attempt.steps)} (watchdog heal {one.id} --apply)")
        if tried := [attempt for attempt in one.attempts if attempt.outcome not in _NO_NEWS]:
            last = tried[-1]
            yield item("tried", f"{last.remediation} {last.outcome.replace('_', ' ')} (try {last.id}, below)")
    if more := report.open.incidents + report.open.pending - len(still):
        yield line(f"and {more:,} more, left out by --limit", "dim")


def talkers(report: Report, number: int) -> Iterator[Part]:
    """Yield the subjects that were down, or degraded, longest."""
    bad = [one for one in report.subjects if one.down_seconds or one.degraded_seconds]
    bad.sort(key=lambda one: (-one.down_seconds, -one.degraded_seconds, one.name))
    if not bad:
        return
    yield line("what was down or degraded longest", "heading")
    rows: list[list[Cell | Bar]] = [
        [
            Cell(one.name),
            Cell(one.check),
            Cell(render_seconds(one.down_seconds) if one.down_seconds else "-", "critical"),
            Cell(render_seconds(one.degraded_seconds) if one.degraded_seconds else "-", "warning"),
            Cell(f"{one.incidents:,}"),
            Cell(share(one.up)),
            state_bar(
                cells(((s.begins_seconds, s.seconds, s.state) for s in one.strip), report.since_seconds, number)
            ),
        ]
        for one in bad[:_MOST_TALKERS]
    ]
    yield Table(("subject", "check", "down", "degraded", "incidents", "up", "over the period"), rows)
    if len(bad) > _MOST_TALKERS:
        yield line(f"and {len(bad) - _MOST_TALKERS:,} more, which are below", "dim")
    yield legend()


def _from_to(report: Report, eyes: Eyes) -> str:
    return f"{eyes.moment(report.began_at)} to {eyes.moment(report.ended_at)}"


def _now(report: Report) -> str:
    still = report.open
    worst = f", the worst is {still.worst}" if still.worst else ""
    parts = [f"{count(still.incidents, 'incident')} open{worst}"] if still.incidents else []
    parts += [f"{count(still.pending, 'incident')} pending"] if still.pending else []
    # What came after a period that is over is not in it, and may well be open.
    of_then = ", of what was within this period" if report.ended_at != report.at else ""
    return f"{'; '.join(parts) or 'nothing is open'}{of_then}"


def _critical(totals: Totals) -> str:
    match totals.critical:
        case 0:
            return ", none of them critical" if totals.incidents else ""
        case all_of_them if all_of_them == totals.incidents:
            return ", critical" if totals.incidents == 1 else ", all of them critical"
        case some:
            return f", {some:,} of them critical"


def _up(report: Report) -> str:
    """Say for which part of the watched time the subjects, all together, were not down."""
    watched = sum(one.ok_seconds + one.degraded_seconds + one.down_seconds for one in report.subjects)
    if not watched:
        return "not known: nothing was watched long enough to tell"
    totals = report.totals
    words = [f"{share(1 - totals.down_seconds / watched)} of the watched time, over {_subjects(report)}"]
    words += [_long(report, name) for name in ("down", "degraded")]
    return "; ".join(words)


def _subjects(report: Report) -> str:
    return count(len(report.subjects), "subject")


def _long(report: Report, name: str) -> str:
    """Say how long the subjects were down, or degraded, and how long in the period before."""
    now, before = report.totals, report.before
    compared = before is not None and compares(before, now)
    than = f" (before: {_length(getattr(before, f'{name}_seconds'))})" if compared else ""
    return f"{name} {_length(getattr(now, f'{name}_seconds'))}{than}"


def _length(seconds: float) -> str:
    return render_seconds(seconds) if seconds else "never"


def _gaps(report: Report) -> str:
    return f"; {count(len(report.gaps), 'gap')}" if report.gaps else ""


def _than(before: Totals | None, name: str, now: Totals) -> str:
    if before is None or not compares(before, now):
        return ""
    return f" (before: {getattr(before, name):,})"


def compares(before: Totals, now: Totals) -> bool:
    """Tell whether the period before was about as long: at the beginning of a history it is not."""
    return before.seconds >= _ALIKE * now.seconds


def _begun(report: Report, number: int) -> list[int]:
    """Count the incidents by where in the period they began."""
    numbers = [0] * number
    for one in report.incidents:
        numbers[min(number - 1, int(one.begins_seconds / max(report.since_seconds, 1e-9) * number))] += 1
    return numbers
