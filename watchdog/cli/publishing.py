"""Makes the record known to others: a file for node_exporter after each cycle, and HTTP from the daemon."""

import os
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from watchdog.cli.app import App, complain
from watchdog.errors import WatchdogError
from watchdog.history.read import Reader
from watchdog.history.records import MINUTE_SECONDS
from watchdog.model import Stamp

if TYPE_CHECKING:  # most hosts publish nothing
    from watchdog.report.openmetrics import Picture
    from watchdog.report.scraping import MetricsServer


def render_metrics(app: App) -> str:
    """Return the record as metrics. Raises HistoryError."""
    from watchdog.report.openmetrics import render_openmetrics

    with app.read_history() as reader:
        return render_openmetrics(read_picture(reader, app.host.stamp(), app.config.history.gap))


def read_picture(reader: Reader, now: Stamp, gap_seconds: float) -> "Picture":
    """Read what the metrics tell; numbers of checks that did not look for longer than `gap_seconds` are old."""
    from watchdog.report.openmetrics import Picture, latest

    spans = reader.latest_spans()
    return Picture(
        version=version("host-watchdog"),
        now=now,
        spans=spans,
        incidents=reader.incidents(open_only=True, since_seconds=None, now=now),
        attempts=reader.attempts(),
        measured={one.check: latest(reader.metrics(one.check, gap_seconds, now, MINUTE_SECONDS)) for one in spans},
        holds=tuple(hold.kind for hold in reader.holds(now)),
        outbox=reader.outbox_summary(),
    )


def publish(app: App, tell: Callable[[str], None] = complain) -> None:
    """Write the metrics where [metrics] textfile says; one that cannot be written costs only a word."""
    path = app.config.metrics.textfile
    if path is None:
        return
    try:
        write_whole(path, render_metrics(app))
    except (WatchdogError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        tell(f"the metrics are not written to {path}: {reason}")


def metrics_server(app: App) -> "MetricsServer | None":
    """Return what serves the metrics where [metrics] listen says, not started yet; None: nowhere."""
    address = app.config.metrics.address
    if address is None:
        return None
    from watchdog.report.scraping import MetricsServer

    return MetricsServer(*address, lambda: render_metrics(app))


def write_whole(path: Path, text: str) -> None:
    """Replace a file, readable by all; a reader finds the old one or the new one. Raises OSError."""
    new = path.with_name(f".{path.name}.watchdog-new")
    with suppress(FileNotFoundError):
        new.unlink()
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            os.fchmod(descriptor, 0o644)
        new.rename(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
