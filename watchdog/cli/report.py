"""`watchdog report`: what happened over a period."""

import tempfile
from pathlib import Path

import click

from watchdog.cli.app import App
from watchdog.cli.durations import DURATION
from watchdog.report.page import render_json, render_plain, write, write_text
from watchdog.report.period import Period, period_json, read_period, render_page
from watchdog.units import Duration


@click.command("report")
@click.option("--since", type=DURATION, default="30d", show_default=True, help="How far back, such as 24h or 30d.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write there instead of stdout.")
@click.pass_obj
def command(app: App, since: Duration, form: str, output: Path | None) -> None:
    """Report what was watched, what happened and what was done about it."""
    with app.read_history() as reader:
        period = read_period(reader, app.host.name(), since, app.host.stamp(), app.config.history.gap)
    if output is not None:
        _write_file(output, _render(period, form))
    elif form == "text":
        write(render_page(period))
    else:
        write_text(_render(period, form))


def _render(period: Period, form: str) -> str:
    if form == "json":
        return render_json(period_json(period))
    return render_plain(render_page(period))


def _write_file(output: Path, text: str) -> None:
    """Write the report whole or not at all; to what is there and no file (a pipe, /dev/stdout), just write."""
    try:
        if output.exists() and not output.is_file():
            output.write_text(f"{text}\n", encoding="utf-8")
            return
        with tempfile.NamedTemporaryFile("w", dir=output.parent, delete=False, encoding="utf-8") as file:
            try:
                file.write(f"{text}\n")
                file.flush()
                Path(file.name).replace(output)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise click.ClickException(f"cannot write {output}: {error.strerror}") from error
