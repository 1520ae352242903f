"""`watchdog status`: what is wrong now, and why, from the record; nothing is looked at."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence

import click

from watchdog.cli.app import App
from watchdog.cli.keeping import Keeping, advise, describe, keeping_json, missing_daemon, read_keeping
from watchdog.cli.stdout import write, write_json
from watchdog.errors import HistoryError
from watchdog.history.records import IncidentRecord, Span
from watchdog.model import IncidentState, Severity, Stamp, Verdict
from watchdog.report.bars import legend, state_bar
from watchdog.report.contract import incidents_json
from watchdog.report.day import DAY_SECONDS, last_day
from watchdog.report.holds import holds_json, render_holds
from watchdog.report.page import Bar, Cell, Part, Table, item, line
from watchdog.report.story import moment, story, tally
from watchdog.units import render_seconds

Strip = Sequence[tuple[str, float]]


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--watch",
    "every_seconds",
    type=click.FloatRange(min=0.5, max=3600),
    is_flag=False,
    flag_value=2.0,
    metavar="[SECONDS]",
    help="Stay, and show it anew every 2 seconds, or so many; Ctrl-C ends.",
)
@click.pass_context
def command(ctx: click.Context, as_json: bool, every_seconds: float | None) -> None:
    """Say what is wrong now and why, as last recorded, and who looks.

    That is the daemon, since when and when next, or what `watchdog install` put in place of it; where nothing has
    looked for long, what to do.

    Exit codes as `run`, with --watch of what was shown last; 3 also when nobody has looked for longer than
    [history] gap, unless something critical is open.
    """
    if every_seconds is None:
        ctx.exit(_show(ctx.obj, as_json=as_json))
    if as_json:
        raise click.UsageError("--watch is for people; a script calls `status --json` as often as it likes", ctx)
    ctx.exit(_watch(ctx.obj, every_seconds))


def _watch(app: App, every_seconds: float) -> int:
    """Show it again and again, until Ctrl-C; what keeps it from being read is shown in its place."""
    shown = Verdict.UNKNOWN.exit_code
    try:
        while True:
            if sys.stdout.isatty():
                click.clear()
            try:
                shown = _show(app, as_json=False)
            except HistoryError as error:
                shown = Verdict.UNKNOWN.exit_code
                write([line(str(error), "unknown")])
            write([line(), line(f"every {render_seconds(every_seconds)}; Ctrl-C ends", "dim")])
            sys.stdout.flush()
            time.sleep(every_seconds)
    except KeyboardInterrupt:
        return shown


def _show(app: App, *, as_json: bool) -> int:
    """Read the record, show it once, and return the exit code."""
    keeping, now = read_keeping(app), app.host.stamp()
    try:
        with app.read_history() as reader:
            records = reader.incidents(open_only=True, since_seconds=None, now=now)
            latest = reader.latest_spans()
            holds = reader.holds(now)
            day = last_day(
                reader.spans(None, DAY_SECONDS, now), reader.boots(), now, float(app.config.history.gap)
            )
    except HistoryError as error:
        if keeping.variant is None or app.history_path.exists():
            raise
        raise HistoryError(f"{error}; {advise(keeping)}") from error
    incidents = [record.incident for record in records]
    silence = _silence_seconds(latest, now)
    lost = silence is None or silence > app.config.history.gap
    worst = _worst(records, latest, lost)
    if as_json:
        checks = [
            {
                "check": span.check,
                "verdict": span.verdict.value,
                "reason": span.reason,
                "at": span.last.wall_text,
                "last_day": [state for state, _ in day.get(span.check, ())],
            }
            for span in latest
        ]
        report = {
            "host": app.host.name(),
            "at": now.wall_text,
            "worst": worst.value,
            "incidents": incidents_json(records),
            "checks": checks,
            "holds": holds_json(holds, incidents, now),
            **keeping_json(keeping, now),
            "silent_seconds": None if silence is None else round(silence, 3),
            "advice": advise(keeping) if lost else missing_daemon(keeping),
        }
        write_json(report)
    else:
        held = [*render_holds(holds, incidents, now)]
        who = _who_looks(keeping, latest, now, lost=lost)
        write(_page(app, records, latest, [*who], held, day, now))
    return worst.exit_code


def _silence_seconds(latest: tuple[Span, ...], now: Stamp) -> float | None:
    """Return how long nobody has looked, by CLOCK_BOOTTIME; None: nobody ever did."""
    return min((now.seconds_since(span.last) for span in latest), default=None)


def _worst(records: tuple[IncidentRecord, ...], latest: tuple[Span, ...], lost: bool) -> Verdict:
    """Return the worst that fires; unknown when something could not be seen.

    When nobody has looked for long, only what is critical outranks that: a warning that everyone knows may be old,
    and would hide for good that the watchdog is gone.
    """
    firing = (r.incident.severity for r in records if r.incident.state is IncidentState.FIRING)
    worst = Severity.worst(firing)
    if worst is Severity.CRITICAL or (worst is not None and not lost):
        return Verdict(worst.value)
    return Verdict.UNKNOWN if lost or any(span.verdict is Verdict.UNKNOWN for span in latest) else Verdict.OK


def _who_looks(keeping: Keeping, latest: tuple[Span, ...], now: Stamp, *, lost: bool) -> Iterator[Part]:
    """Yield who looks, or that nobody does, and then what to do."""
    silence = _silence_seconds(latest, now)
    if silence is None:
        yield line(f"nothing has looked yet: {_begin(keeping)}", "unknown")
    elif lost:
        least = "" if any(span.last.boot_id == now.boot_id for span in latest) else "at least "
        yield line(f"nothing has looked for {least}{render_seconds(silence)}: {advise(keeping)}", "unknown")
    elif missing := missing_daemon(keeping):
        yield line(missing, "unknown")
    elif who := describe(keeping, now):
        yield line(who, "dim")


def _begin(keeping: Keeping) -> str:
    if keeping.daemon.runs:
        return "the daemon runs, and is about to"
    return advise(keeping) if keeping.variant else "watchdog run, or watchdog install to have it go on by itself"


def _page(
    app: App,
    records: tuple[IncidentRecord, ...],
    latest: tuple[Span, ...],
    who: list[Part],
    held: list[Part],
    day: Mapping[str, Strip],
    now: Stamp,
) -> Iterator[Part]:
    """Yield the page; `who` is who looks, `held` what people asked to be left alone, `day` the last 24 hours."""
    yield line(f"{app.host.name()}  {moment(now)}  {tally(records)}", "heading")
    yield from who
    if held:
        yield line()
        yield from held
    if records:
        yield line()
        yield from story(records, app.registry.faults)
    if latest:
        yield line()
        yield from _checks(latest, day, now)


def _checks(latest: tuple[Span, ...], day: Mapping[str, Strip], now: Stamp) -> Iterator[Part]:
    """Yield what each check says and said; those with nothing to watch here are only named."""
    here = [span for span in latest if span.verdict is not Verdict.NOT_APPLICABLE]
    yield Table(
        ("verdict", "check", "the last 24 hours", "last looked"),
        [_row(span, day.get(span.check, ()), now) for span in here],
    )
    yield legend()
    for span in here:
        if span.reason:
            yield item(span.check, span.reason)
    if elsewhere := [span.check for span in latest if span.verdict is Verdict.NOT_APPLICABLE]:
        yield item("nothing to watch here", f"{', '.join(elsewhere)}; `watchdog check NAME` says why")


def _row(span: Span, day: Strip, now: Stamp) -> list[Cell | Bar]:
    verdict = span.verdict.value.replace("_", " ")
    return [
        Cell(verdict, verdict),
        Cell(span.check),
        state_bar(day),
        Cell(_age(span, now), "dim"),
    ]


def _age(span: Span, now: Stamp) -> str:
    """Say how long ago a check last ran; before this boot only the wall clock can tell."""
    if span.last.boot_id != now.boot_id:
        return f"before the last reboot ({moment(span.last)})"
    return f"{render_seconds(now.seconds_since(span.last))} ago"
