"""Sends a report: the message says the gist, the HTML goes with it. Nothing is recorded in the outbox."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path

from watchdog.cli.app import App
from watchdog.cli.stdout import write_text
from watchdog.errors import WatchdogError
from watchdog.model import Stamp
from watchdog.notify import trying
from watchdog.notify.errands import Answer, Errand
from watchdog.report.audit.shape import Report
from watchdog.report.page import inert
from watchdog.report.told.letter import compose, file_name
from watchdog.report.zone import Eyes
from watchdog.units import render_seconds

SendNow = Callable[
    [Sequence[Errand], float, Mapping[str, str], Callable[[], Stamp]], Iterator[tuple[Answer, float]]
]


def send_report(
    app: App,
    report: Report,
    zone: tzinfo,
    targets: Sequence[str],
    html: str,
    send_now: SendNow = trying.send_now,
) -> bool:
    """Send a report to targets of the settings and say what each answered; True when all of them took it.

    The HTML goes with it; it lies in a folder that only we can read until all have answered.
    """
    taken = 0
    with tempfile.TemporaryDirectory(prefix="watchdog-report-") as folder:
        file = Path(folder) / file_name(report)
        file.write_text(html, encoding="utf-8")
        errands = list(_errands(app, report, Eyes(zone), targets, file))
        for answer, seconds in send_now(errands, float(app.config.notify.drain_limit), os.environ, app.host.stamp):
            taken += answer.outcome == "sent"
            write_text(inert(_line(targets[answer.id], answer, seconds)))
    return taken == len(targets)


def _errands(app: App, report: Report, eyes: Eyes, targets: Sequence[str], file: Path) -> Iterator[Errand]:
    """Yield what is to be sent; a target whose URL cannot be had is told of and left out."""
    content = compose(report, eyes)
    for number, name in enumerate(targets):
        try:
            url = app.targets[name]()
        except WatchdogError as error:
            write_text(inert(f"{name}: its URL cannot be read: {error}"))
            continue
        yield Errand(
            id=number,
            target=name,
            url=url.reveal(),
            content=content,
            limit_seconds=float(app.config.notify.drain_limit),
            templates=str(app.config.notify.templates or ""),
            attach=(str(file),),
        )


def _line(name: str, answer: Answer, seconds: float) -> str:
    if answer.outcome == "sent":
        return f"{name}: sent, accepted in {render_seconds(seconds)}"
    return f"{name}: {answer.error.removeprefix(f'{name} ')}"
