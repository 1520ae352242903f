"""`watchdog run`: one cycle now, from cron, a timer or a person."""

from collections.abc import Iterator, Mapping

import click
from msgspec.structs import replace

from watchdog.cli.app import App, complain
from watchdog.cli.cycle import run_cycle
from watchdog.cli.stdout import write, write_json
from watchdog.daemon.visiting import Looked, have_looked
from watchdog.engine import Ran
from watchdog.errors import HistoryError
from watchdog.history.records import IncidentRecord
from watchdog.model import CheckResult, Fault, Verdict
from watchdog.report.contract import results_json
from watchdog.report.page import Part, Table, line
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
    if (looked := _by_daemon(app, names)) is not None:
        records = _records(app, looked)
    else:
        looked, records = _by_ourselves(app, names)
    if app.pinger:
        app.pinger.wait()
    if as_json:
        write_json(results_json(looked.host, looked.ended, looked.results))
    else:
        write(_page(app, looked, records))
    ctx.exit(Verdict.worst(result.verdict for result in looked.results).exit_code)


def _by_daemon(app: App, names: tuple[str, ...]) -> Looked | None:
    """Have the daemon that keeps the history look, in its own settings; None: there is none."""
    limit = max(app.config.checks[name].time_limit for name in names) + app.config.history.lock_wait
    looked = have_looked(app.history_path, names, limit)
    if looked is None:
        return None
    if looked.unrecorded:
        complain(f"{looked.unrecorded}; nothing is recorded this time")
    said = {result.check: result for result in looked.results}
    reason = "not looked at: disabled in the settings of the daemon that keeps the history"
    results = [
        said.pop(name, CheckResult(check=name, judged=True, applicable=False, reason=reason)) for name in names
    ]
    return replace(looked, results=(*results, *said.values()))


def _by_ourselves(app: App, names: tuple[str, ...]) -> tuple[Looked, tuple[IncidentRecord, ...]]:
    with app.try_history() as history:
        ran = run_cycle(app, history, names)
        looked = _looked(ran)
        records = _records(app, looked)  # beside the writer: alone, a reader leaves a WAL behind
    if ran.unrecorded and history:
        complain(f"{ran.unrecorded}; nothing is recorded this time")
    return looked, records


def _looked(ran: Ran) -> Looked:
    cycle = ran.cycle
    return Looked(
        host=cycle.host,
        started=cycle.started,
        ended=cycle.ended,
        results=cycle.results,
        unrecorded=ran.unrecorded,
    )


def _records(app: App, looked: Looked) -> tuple[IncidentRecord, ...]:
    """Read back what is open now, as `status` would."""
    if looked.unrecorded:
        return ()
    try:
        with app.read_history() as reader:
            return reader.incidents(open_only=True, since_seconds=None, now=looked.ended)
    except HistoryError as error:
        complain(str(error))
        return ()


def _page(app: App, cycle: Looked, records: tuple[IncidentRecord, ...]) -> Iterator[Part]:
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
    if not cycle.unrecorded:
        yield line(f"recorded in {app.history_path}", "dim")


def _briefly(records: tuple[IncidentRecord, ...], faults: Mapping[str, Fault]) -> Mapping[tuple[str, str], str]:
    """Return what the table says of a finding that is told whole as an incident below it."""
    incidents = [record.incident for record in records if record.incident.fault in faults]
    return {incident.key: f"{faults[incident.fault].title} (#{incident.id})" for incident in incidents}


def _conclusion(cycle: Looked, records: tuple[IncidentRecord, ...]) -> str:
    worst = Verdict.worst(result.verdict for result in cycle.results)
    unknown = [result.check for result in cycle.results if result.verdict is Verdict.UNKNOWN]
    blind = f"; could not see: {', '.join(unknown)}" if unknown else ""
    if worst in (Verdict.OK, Verdict.UNKNOWN):
        if records:  # a step that happened earlier, or what this run did not look at
            return f"no fault seen in this run, but before: {tally(records)}{blind}"
        return f"nothing wrong that can be seen from here{blind}"
    found = sum(len(result.findings) for result in cycle.results)
    return f"{found} fault{'s' if found != 1 else ''} found, the worst is {worst.value}{blind}"
