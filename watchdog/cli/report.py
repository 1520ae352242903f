"""`watchdog report`: what happened over a period."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from watchdog.cli.app import App
from watchdog.cli.durations import DURATION
from watchdog.history.chain import Head
from watchdog.model import Json
from watchdog.report.page import Part, render_json, render_plain, write, write_text
from watchdog.report.period import period_json, read_period, render_page
from watchdog.report.proof import proof_json, render_proof
from watchdog.units import Duration

BROKEN = 2


class _HeadType(click.ParamType[Head]):
    name = "COUNT:HASH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        if isinstance(value, Head):
            return value
        try:
            return Head.parse(value)
        except ValueError as error:
            self.fail(f"expected {error}, found {value!r}", param, ctx)


HEAD = _HeadType()


@click.command("report")
@click.option("--since", type=DURATION, default="30d", show_default=True, help="How far back, such as 24h or 30d.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write there instead of stdout.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--verify", is_flag=True, help="Prove instead that nobody changed what was recorded of healing.")
@click.option(
    "--head",
    "noted",
    type=HEAD,
    help="With --verify: a head that was noted before, up to which all must be as then.",
)
@click.pass_context
def command(
    ctx: click.Context,
    since: Duration,
    form: str,
    output: Path | None,
    as_json: bool,
    verify: bool,
    noted: Head | None,
) -> None:
    """Report what was watched, what happened and what was done about it.

    With --verify: every proposal, attempt, step, verification, pause and silence stands in a chain of
    SHA-256 hashes, which is never pruned. Exit codes: 0 proven; 2 not, and it says which row is altered,
    missing, out of order or cut off, or what the rest of the history says else than the chain.
    """
    app: App = ctx.obj
    form = "json" if as_json else form
    if verify:
        ctx.exit(0 if _verify(app, form, output, noted) else BROKEN)
    if noted is not None:
        raise click.UsageError("--head goes with --verify")
    with app.read_history() as reader:
        period = read_period(reader, app.host.name(), since, app.host.stamp(), app.config.history.gap)
    _put(output, [*render_page(period)], period_json(period) if form == "json" else None)


def _verify(app: App, form: str, output: Path | None, noted: Head | None) -> bool:
    """Prove the audit and say how that went; True when it is proven."""
    with app.read_history() as reader:
        proof = reader.prove_audit(noted)
    page = [*render_proof(proof, app.history_path, noted)]
    _put(output, page, proof_json(proof, noted) if form == "json" else None)
    return proof.proven


def _put(output: Path | None, page: list[Part], json: Mapping[str, Json] | None) -> None:
    """Write JSON, or without it a page, to a file or to stdout."""
    if output is not None:
        _write_file(output, render_plain(page) if json is None else render_json(json))
    elif json is None:
        write(page)
    else:
        write_text(render_json(json))


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
