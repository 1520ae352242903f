"""`watchdog status`: what is wrong now, and why, from the record; nothing is looked at."""

import json
from collections.abc import Iterator

import click

from watchdog.cli.app import App
from watchdog.history.records import IncidentRecord, Span
from watchdog.model import IncidentState, Severity, Stamp, Verdict
from watchdog.report.contract import incidents_json
from watchdog.report.page import Cell, Part, Table, line, write
from watchdog.report.story import story
from watchdog.units import render_seconds


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Say what is wrong now and why, as last recorded. Exit codes as `run`."""
    app: App = ctx.obj
    now = app.host.stamp()
    with app.read_history() as reader:
        records = reader.incidents(open_only=True, since_seconds=None, now=now)
        latest = reader.latest_spans()
    worst = _worst(records, latest)
    if as_json:
        checks = [
            {"check": span.check, "verdict": span.verdict.value, "reason": span.reason, "at": span.last.wall_text}
            for span in latest
        ]
        report = {
            "host": app.host.name(),
            "at": now.wall_text,
            "worst": worst.value,
            "incidents": incidents_json(records),
            "checks": checks,
        }
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        write(_page(app, records, latest, now))
    ctx.exit(worst.exit_code)


def _worst(records: tuple[IncidentRecord, ...], latest: tuple[Span, ...]) -> Verdict:
    firing = (r.incident.severity for r in records if r.incident.state is IncidentState.FIRING)
    worst = Severity.worst(firing)
    if worst is not None:
        return Verdict(worst.value)
    return Verdict.UNKNOWN if any(span.verdict is Verdict.UNKNOWN for span in latest) else Verdict.OK


def _page(app: App, records: tuple[IncidentRecord, ...], latest: tuple[Span, ...], now: Stamp) -> Iterator[Part]:
    yield line(app.host.name(), "heading")
    yield line()
    if records:
        yield from story(records, app.registry.faults)
    else:
        yield line("no open incident", "ok")
    yield line()
    rows = []
    for span in latest:
        verdict = span.verdict.value.replace("_", " ")
        rows.append([Cell(verdict, verdict), Cell(span.check), Cell(_age(span, now), "dim"), Cell(span.reason)])
    yield Table(("verdict", "check", "last looked", "reason"), rows)


def _age(span: Span, now: Stamp) -> str:
    """Say how long ago a check last ran; before this boot only the wall clock can tell."""
    if span.last.boot_id != now.boot_id:
        return f"before the last reboot ({span.last.wall:%Y-%m-%d %H:%M})"
    return f"{render_seconds(now.seconds_since(span.last))} ago"
