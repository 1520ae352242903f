"""`watchdog notify`: the notifications that wait in the outbox, and whether a target takes one."""

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import get_args

import click

from watchdog.cli.app import App
from watchdog.cli.stdout import write, write_json, write_text
from watchdog.errors import ConfigError, WatchdogError
from watchdog.history.records import WaitingRecord
from watchdog.model import Json
from watchdog.notify import Drained
from watchdog.notify.contracts import Fate
from watchdog.notify.errands import Answer, Errand
from watchdog.report.page import Cell, Part, Table, inert, line
from watchdog.report.story import moment
from watchdog.settings import Place
from watchdog.units import render_seconds

_UNKNOWN = "the settings have no target of this name"


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
        rows = [_json(one, known=one.message.target in app.targets) for one in waiting]
        write_json({"host": app.host.name(), "at": now.wall_text, "waiting": rows})
    else:
        write(_page(waiting, app.targets))


@command.command("drain", short_help="Send what is due now and say how it went.")
@click.option(
    "--now", "at_once", is_flag=True, help="Also what waits to be tried again; for who has just mended it."
)
@click.pass_context
def drain(ctx: click.Context, *, at_once: bool) -> None:
    """Send what is due now and say how it went; `run` does the same at its end. Exit code 1 when some failed."""
    app: App = ctx.obj
    with app.open_history() as history:
        if at_once:
            history.bring_forward(app.host.stamp())
        drained = app.deliver(history)
        with app.read_history() as reader:
            now = app.host.stamp()
            waiting = reader.waiting(now)
    write(_by_target(drained, waiting, app.targets))
    ctx.exit(1 if drained.total("failed") or drained.total("refused") else 0)


def _by_target(drained: Drained, waiting: Sequence[WaitingRecord], known: Collection[str]) -> Iterator[Part]:
    """Yield a line for each target: what became of what was due, and what still waits."""
    names = sorted({*drained.fates, *(one.message.target for one in waiting)})
    for name in names:
        fates = drained.fates.get(name, Counter())
        words = [f"{fates[fate]} {fate}" for fate in get_args(Fate) if fates[fate]]
        left = [one for one in waiting if one.message.target == name]
        if left:
            soonest = _wait(min(left, key=lambda one: one.waits_seconds))
            why = f", the next {soonest}" if name in known else f": {_UNKNOWN}"
            words.append(f"{len(left)} {'waits' if len(left) == 1 else 'wait'}{why}")
        error = drained.errors.get(name)
        yield line(f"{name}: {', '.join(words)}{f': {error}' if error else ''}")
    if not names:
        yield line("nothing waits to be sent")


def _page(waiting: Sequence[WaitingRecord], known: Collection[str]) -> Iterator[Part]:
    if not waiting:
        yield line("nothing waits to be sent", "ok")
        return
    rows = [
        [
            Cell(one.message.target),
            Cell(moment(one.created)),
            Cell(_wait(one) if one.message.target in known else "not here"),
            Cell(str(one.attempts)),
            Cell(one.message.title),
            Cell(one.last_error if one.message.target in known else _unknown(one)),
        ]
        for one in waiting
    ]
    yield Table(("target", "since", "next try", "tries", "what", "why"), rows)


def _wait(one: WaitingRecord) -> str:
    return f"in {render_seconds(one.waits_seconds)}" if one.waits_seconds else "now"


def _unknown(one: WaitingRecord) -> str:
    return "; ".join(filter(None, (_UNKNOWN, one.last_error)))


def _json(one: WaitingRecord, *, known: bool) -> dict[str, Json]:
    return {
        "id": one.id,
        "target": one.message.target,
        "target_known": known,
        "incident": one.message.incident_id,
        "title": one.message.title,
        "severity": one.message.severity.value,
        "recovery": one.message.recovery,
        "since": one.created.wall_text,
        "attempts": one.attempts,
        "waits_seconds": round(one.waits_seconds, 3),
        "last_error": one.last_error,
    }


@command.command("test", short_help="Send a real message and say what each target answered.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.pass_context
def test(ctx: click.Context, as_json: bool, targets: tuple[str, ...]) -> None:
    """Send a real message to each TARGET (default: to all) and say what it answered; nothing is recorded.

    Exit code 0 when all of them took it, 1 when one did not.
    """
    app: App = ctx.obj
    names = _names(app, targets)
    app.try_templates(app.config)
    results = []
    for name, answer, seconds in _try(app, names):
        results.append((name, answer))
        if not as_json:
            write_text(inert(_line(name, answer, seconds)))
    if as_json:
        order = {name: number for number, name in enumerate(names)}
        results.sort(key=lambda one: order[one[0]])
        write_json({"targets": [_object(name, answer) for name, answer in results]})
    elif not names:
        write_text("no target is configured, so nobody is told anything: see [notify] in the settings")
    ctx.exit(0 if results and all(answer.outcome == "sent" for _, answer in results) else 1)


def _names(app: App, wanted: tuple[str, ...]) -> tuple[str, ...]:
    known = app.config.notify.targets
    place = Place("command line", "TARGET")
    if unknown := [place.unknown("the name of a target", name, known) for name in wanted if name not in known]:
        raise ConfigError(unknown)
    return tuple(dict.fromkeys(wanted)) or tuple(known)


def _try(app: App, names: tuple[str, ...]) -> Iterator[tuple[str, Answer, float]]:
    """Yield each target's answer when it comes; one whose URL cannot be had has answered before."""
    from watchdog.notify.trying import send_now, test_content

    limit, stamp = float(app.config.notify.drain_limit), app.host.stamp()
    templates = app.config.notify.templates
    errands = []
    for number, name in enumerate(names):
        try:
            url = app.targets[name]()
        except WatchdogError as error:
            yield name, Answer(id=number, outcome="failed", error=f"its URL cannot be read: {error}"), 0.0
            continue
        errands.append(
            Errand(
                id=number,
                target=name,
                url=url.reveal(),
                content=test_content(app.host.name(), name, stamp),
                limit_seconds=limit,
                templates=str(templates or ""),
            )
        )
    for answer, seconds in send_now(errands, limit, os.environ, app.host.stamp):
        yield names[answer.id], answer, seconds


def _line(name: str, answer: Answer, seconds: float) -> str:
    if answer.outcome == "sent":
        but = f" ({answer.error})" if answer.error else ""
        return f"{name}: sent, accepted in {render_seconds(seconds)}{but}"
    said = answer.error.removeprefix(f"{name} ")
    again = (
        f"; it asks to be left alone for {render_seconds(answer.retry_after_seconds)}"
        if answer.retry_after_seconds
        else ""
    )
    return f"{name}: {said}{again}"


def _object(name: str, answer: Answer) -> dict[str, object]:
    return {
        "target": name,
        "outcome": answer.outcome,
        "error": answer.error,
        "retry_after_seconds": answer.retry_after_seconds,
    }
