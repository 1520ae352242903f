"""`watchdog notify`: the notifications that wait in the outbox."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import get_args

import click

from watchdog.cli.app import App
from watchdog.history.records import WaitingRecord
from watchdog.model import Json
from watchdog.notify import Drained
from watchdog.notify.contracts import Fate
from watchdog.report.page import Cell, Part, Table, line, write, write_json
from watchdog.report.story import moment
from watchdog.units import render_seconds


@click.group("notify", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print what waits as one JSON object.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the notifications that wait: for whom, since when, until when, and what the target said last."""
    if ctx.invoked_subcommand is not None:
        if as_json:
            raise click.UsageError("--json goes with `watchdog notify` alone")
        return
    app: App = ctx.obj
    with app.read_history() as reader:
        now = app.host.stamp()
        waiting = reader.waiting(now)
    if as_json:
        write_json({"host": app.host.name(), "at": now.wall_text, "waiting": [_json(one) for one in waiting]})
    else:
        write(_page(waiting))


@command.command("drain", short_help="Send what is due now and say how it went.")
@click.pass_context
def drain(ctx: click.Context) -> None:
    """Send what is due now and say how it went; `run` does the same at its end. Exit code 1 when some failed."""
    app: App = ctx.obj
    with app.open_history() as history:
        drained = app.deliver(history)
        with app.read_history() as reader:
            now = app.host.stamp()
            waiting = reader.waiting(now)
    write(_by_target(drained, waiting))
    ctx.exit(1 if drained.total("failed") or drained.total("refused") else 0)


def _by_target(drained: Drained, waiting: Sequence[WaitingRecord]) -> Iterator[Part]:
    """Yield a line for each target: what became of what was due, and what still waits."""
    names = sorted({*drained.fates, *(one.message.target for one in waiting)})
    for name in names:
        fates = drained.fates.get(name, Counter())
        words = [f"{fates[fate]} {fate}" for fate in get_args(Fate) if fates[fate]]
        left = [one for one in waiting if one.message.target == name]
        if left:
            words.append(f"{len(left)} wait, the next {_wait(min(left, key=lambda one: one.waits_seconds))}")
        error = drained.errors.get(name)
        yield line(f"{name}: {', '.join(words)}{f': {error}' if error else ''}")
    if not names:
        yield line("nothing waits to be sent")


def _page(waiting: Sequence[WaitingRecord]) -> Iterator[Part]:
    if not waiting:
        yield line("nothing waits to be sent", "ok")
        return
    rows = [
        [
            Cell(one.message.target),
            Cell(moment(one.created)),
            Cell(_wait(one)),
            Cell(str(one.attempts)),
            Cell(one.message.title),
            Cell(one.last_error),
        ]
        for one in waiting
    ]
    yield Table(("target", "since", "tried again", "tries", "what", "last error"), rows)


def _wait(one: WaitingRecord) -> str:
    return f"in {render_seconds(one.waits_seconds)}" if one.waits_seconds else "now"


def _json(one: WaitingRecord) -> dict[str, Json]:
    return {
        "id": one.id,
        "target": one.message.target,
        "incident": one.message.incident_id,
        "title": one.message.title,
        "severity": one.message.severity.value,
        "recovery": one.message.recovery,
        "since": one.created.wall_text,
        "attempts": one.attempts,
        "waits_seconds": round(one.waits_seconds, 3),
        "last_error": one.last_error,
    }
