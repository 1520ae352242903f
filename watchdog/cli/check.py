"""`watchdog check`: one check now; nothing is recorded."""

from collections.abc import Mapping
from pathlib import Path

import click

from watchdog.cli.app import App
from watchdog.cli.stdout import write, write_json, write_text
from watchdog.errors import HistoryError, NotApplicable
from watchdog.model import CheckResult
from watchdog.report.contract import results_json
from watchdog.report.page import Part, Table
from watchdog.report.results import result_rows


@click.command("check")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, as in `run --json`.")
@click.option("--dump-facts", is_flag=True, help="Print what was observed, as a file for --replay.")
@click.option(
    "--replay", type=click.Path(path_type=Path), metavar="FILE", help="Judge saved facts; look at nothing."
)
@click.pass_context
def command(ctx: click.Context, name: str, as_json: bool, dump_facts: bool, replay: Path | None) -> None:
    """Run the check NAME once and say what it finds; nothing is recorded. Exit codes as `run`."""
    from watchdog import recording

    if dump_facts and (replay is not None or as_json):
        raise click.UsageError(
            "--dump-facts goes with neither --replay nor --json: it prints facts, judges nothing"
        )
    app: App = ctx.obj
    (name,) = app.check_names((name,))
    check = app.registry.checks[name]
    if replay is not None:
        try:
            result = recording.replay(check, replay)
        except NotApplicable as verdict:
            result = CheckResult(check=name, judged=True, applicable=False, reason=str(verdict))
    elif dump_facts:
        settings = app.config.checks[name]
        write_text(recording.record(app.host, check, settings, _memories(app).get(name)).decode())
        return
    else:
        result = app.engine.look_at((name,), _memories(app))[name]
    if as_json:
        report = results_json(app.host.name(), app.host.stamp(), [result])
        write_json(report)
    else:
        write(_page(app, result))
    ctx.exit(result.verdict.exit_code)


def _memories(app: App) -> Mapping[str, bytes]:
    """Return what the checks remember; a check can look without a past, and then says less."""
    try:
        with app.read_history() as reader:
            return reader.memories()
    except HistoryError:
        return {}


def _page(app: App, result: CheckResult) -> list[Part]:
    return [Table(("verdict", "check", "what"), list(result_rows([result], app.registry.checks, {})))]
