"""`watchdog report`: what happened over a period."""

import os
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from watchdog.cli.app import App
from watchdog.cli.writing import put
from watchdog.history.chain import Head
from watchdog.report.page import render_json, render_plain
from watchdog.report.proof import proof_json, render_proof

BROKEN = 2
NOT_SENT = 1
FORMATS = ("text", "markdown", "json", "csv", "html")
TABLES = ("incidents", "availability", "steps", "attempts", "notifications")


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
@click.option(
    "--since", default="30d", show_default=True, metavar="WHEN", help="30d, or 2026-10-01, or with a time."
)
@click.option("--until", metavar="WHEN", help="As --since; without it: now.")
@click.option("--zone", metavar="NAME", help="Of the dates you give and read (Europe/Berlin); else this host's.")
@click.option("--check", "checks", multiple=True, metavar="NAME", help="Only what this check found; repeatable.")
@click.option("--subject", "subjects", multiple=True, metavar="NAME", help="Only this (bond0, eth*); repeatable.")
@click.option("--fault", "faults", multiple=True, metavar="CODE", help="Only this (bond.*); repeatable.")
@click.option("--host", "hosts", multiple=True, metavar="NAME", help="Only while the host was called so.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Incidents told of; 0: all.  [50 in text]")
@click.option("--details", is_flag=True, help="In text: the timeline, evidence and steps of each incident.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--table", type=click.Choice(TABLES), help="With --format csv: which table.  [incidents]")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write there instead of stdout (-)."
)
@click.option("--send", "targets", multiple=True, metavar="TARGET", help="Send it there, as HTML; repeatable.")
@click.option("--send-as-set", is_flag=True, help="Send it to the targets of [report] to.")
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
    /,
    form: str,
    as_json: bool,
    output: Path | None,
    verify: bool,
    noted: Head | None,
    **asked: Any,
) -> None:
    """Report what was watched, what happened and what was done about it.

    \b
    watchdog report --since 7d
    watchdog report --since 2026-10-01 --until 2026-11-01 --zone Europe/Berlin
    watchdog report --since 24h --subject bond0 --details
    watchdog report --format csv --table availability --output october.csv
    watchdog report --since 7d --send ops-mail

    With --verify: every proposal, attempt, step, verification, pause and silence stands in a chain of
    SHA-256 hashes, which is never pruned; it says which row is altered, missing, out of order or cut off, or
    what the rest of the history says else than the chain.

    Exit codes: 0 written, sent, proven; 1 a target of --send did not take it; 2 with --verify: not proven;
    3 an error.
    """  # noqa: D301 - click wants the character itself
    app: App = ctx.obj
    chosen = ctx.get_parameter_source("form") is not ParameterSource.DEFAULT
    if as_json and chosen and form != "json":
        raise click.UsageError(f"--json or --format {form}, one at a time")
    form = "json" if as_json else form
    output = None if output == Path("-") else output
    if verify:
        if asked["targets"] or asked["send_as_set"]:
            raise click.UsageError("--verify is not sent: --output FILE keeps what it says")
        ctx.exit(0 if _verify(app, form, output, noted) else BROKEN)
    if noted is not None:
        raise click.UsageError("--head goes with --verify")
    if asked["table"] and form != "csv":
        raise click.UsageError("--table goes with --format csv")
    from watchdog.cli.telling_report import Asked, deliver, tell

    if asked.pop("send_as_set"):
        asked["targets"] += app.config.report.to
        if not asked["targets"]:
            raise click.UsageError('the settings name nobody to send it to: [report] to = ["NAME"]')
    wanted = Asked(form=form, **asked)
    if wanted.targets:
        if output is not None:
            raise click.UsageError("--send or --output, one at a time")
        ctx.exit(0 if deliver(app, wanted, os.environ) else NOT_SENT)
    tell(app, wanted, output, os.environ)


def _verify(app: App, form: str, output: Path | None, noted: Head | None) -> bool:
    """Prove the audit and say how that went; True when it is proven."""
    if form not in ("text", "json"):
        raise click.UsageError(f"--verify speaks text and json, not {form}")
    with app.read_history() as reader:
        proof = reader.prove_audit(noted)
    page = [*render_proof(proof, app.history_path, noted)]
    text = render_json(proof_json(proof, noted)) if form == "json" else render_plain(page)
    put(output, [f"{text}\n"], page if form == "text" else None)
    return proof.proven
