"""`watchdog run`: one cycle now, from cron, a timer or a person."""

from collections.abc import Iterator, Mapping

import click

from watchdog.cli.app import App, complain
from watchdog.cli.cycle import run_cycle
from watchdog.engine import Ran
from watchdog.errors import HistoryError
from watchdog.history.cycle import Cycle
from watchdog.history.records import IncidentRecord
from watchdog.history.store import History
from watchdog.model import Fault, Verdict
from watchdog.report.contract import results_json
from watchdog.report.page import Part, Table, line, write, write_json
from watchdog.report.results import result_rows
from watchdog.report.story import moment, story, tally
from watchdog.units import render_seconds


@click.command("run")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@click.argument("checks", nargs=-1, metavar="[CHECK]...")
@click.pass_context
def command(ctx: click.Context, as_json: bool, checks: tuple[str, ...]) -> None:
    """Run every check (or those named) once now, show what was found and record it.

    Exit codes: 0 ok, 1 warning, 2 critical, 3 unknown.
    """
    app: App = ctx.obj
    names = app.check_names(checks)
    with app.try_history() as history:
        ran = run_cycle(app, history, names)
        records = _records(app, history, ran)
    if ran.unrecorded and history:
        complain(f"{ran.unrecorded}; nothing is recorded this time")
    if as_json:
        cycle = ran.cycle
        write_json(results_json(cycle.host, cycle.ended, cycle.results))
    else:
        write(_page(app, ran, records))
    ctx.exit(Verdict.worst(result.verdict for result in ran.cycle.results).exit_code)


def _records(app: App, history: History | None, ran: Ran) -> tuple[IncidentRecord, ...]:
    """Read back what is open now, as `status` would."""
    if history is None or ran.unrecorded:
        return ()
    try:
        with app.read_history() as reader:
            return reader.incidents(open_only=True, since_seconds=None, now=ran.cycle.ended)
    except HistoryError as error:
        complain(str(error))
        return ()


def _page(app: App, ran: Ran, records: tuple[IncidentRecord, ...]) -> Iterator[Part]:
    cycle = ran.cycle
    took = cycle.ended.seconds_since(cycle.started)
    yield line(
        f"{cycle.host}  {moment(cycle.ended)}"
        f"  up {render_seconds(cycle.ended.boottime_ns / 1e9)}"
        f"  {len(cycle.results)} checks in {render_seconds(took)}",
        "heading",
    )
    yield line()
    rows = result_rows(cycle.results, app.registry.checks, _briefly(records, app.registry.faults))
    yield Table(("verdict", "check", "what"), list(rows))
    if records:
        yield line()
        yield line("incidents", "heading")
        yield from story(records, app.registry.faults)
    yield line()
    yield line(_conclusion(cycle, records), "heading")
    if not ran.unrecorded:
        yield line(f"recorded in {app.history_path}", "dim")


def _briefly(records: tuple[IncidentRecord, ...], faults: Mapping[str, Fault]) -> Mapping[tuple[str, str], str]:
    """Return what the table says of a finding that is told whole as an incident below it."""
    incidents = [record.incident for record in records if record.incident.fault in faults]
    return {incident.key: f"{faults[incident.fault].title} (#{incident.id})" for incident in incidents}


def _conclusion(cycle: Cycle, records: tuple[IncidentRecord, ...]) -> str:
    worst = Verdict.worst(result.verdict for result in cycle.results)
    unknown = [result.check for result in cycle.results if result.verdict is Verdict.UNKNOWN]
    blind = f"; could not see: {', '.join(unknown)}" if unknown else ""
    if worst in (Verdict.OK, Verdict.UNKNOWN):
        if records:  # a step that happened earlier, or what this run did not look at
            return f"no fault seen in this run, but before: {tally(records)}{blind}"
        return f"nothing wrong that can be seen from here{blind}"
    found = sum(len(result.findings) for result in cycle.results)
    return f"{found} fault{'s' if found != 1 else ''} found, the worst is {worst.value}{blind}"
