"""`watchdog notify`: the notifications that wait in the outbox, and whether a target takes one."""

import os
from collections.abc import Iterator

import click

from watchdog.cli.app import App
from watchdog.errors import ConfigError, WatchdogError
from watchdog.notify.errands import Answer, Errand
from watchdog.settings import Place
from watchdog.units import render_seconds


@click.group("notify")
def command() -> None:
    """Send the notifications that wait; try a target."""


@command.command("drain", short_help="Send what is due now and say how it went.")
@click.pass_context
def drain(ctx: click.Context) -> None:
    """Send what is due now and say how it went; `run` does the same at its end. Exit code 1 when some failed."""
    app: App = ctx.obj
    with app.open_history() as history:
        drained = app.deliver(history)
    click.echo(
        f"{drained.sent} sent, {drained.failed} failed and tried again later, {drained.refused} refused for good"
    )
    ctx.exit(1 if drained.failed or drained.refused else 0)


@command.command("test", short_help="Send a real message and say what each target answered.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.pass_context
def test(ctx: click.Context, as_json: bool, targets: tuple[str, ...]) -> None:
    """Send a real message to each TARGET (default: to all) and say what it answered; nothing is recorded.

    Exit code 0 when all of them took it, 1 when one did not.
    """
    from watchdog.report.page import inert, write_json

    app: App = ctx.obj
    names = _names(app, targets)
    app.try_templates(app.config)
    results = []
    for name, answer, seconds in _try(app, names):
        results.append((name, answer))
        if not as_json:
            click.echo(inert(_line(name, answer, seconds)))
    if as_json:
        order = {name: number for number, name in enumerate(names)}
        results.sort(key=lambda one: order[one[0]])
        write_json({"targets": [_object(name, answer) for name, answer in results]})
    elif not names:
        click.echo("no target is configured, so nobody is told anything: see [notify] in the settings")
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
