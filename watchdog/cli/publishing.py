"""Makes the record known to others: a file for node_exporter after each cycle, and HTTP from the daemon."""

import os
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from watchdog.cli.app import App
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


def write_metrics(app: App, path: Path | None, tell: Callable[[str], None]) -> None:
    """Write the metrics to that file; one that cannot be written costs only a word."""
    if path is None:
        return
    try:
        write_whole(path, render_metrics(app))
    except (WatchdogError, OSError) as error:
        tell(f"the metrics are not written to {path}: {_reason(error)}")


class Publication:
    """Where the daemon's metrics go: where the settings last said a place that could be had."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._app: App | None = None
        self._server: MetricsServer | None = None
        self._address: tuple[str, int] | None = None
        self._textfile: Path | None = None

    def begin(self, app: App) -> None:
        """Serve and write where the settings say. Raises WatchdogError when the port is not to be had."""
        self._app, self._textfile = app, app.config.metrics.textfile
        self._serve(app.config.metrics.address)

    def take_up(self, app: App) -> None:
        """Serve and write where the settings say now; where that fails, go on as before and say why."""
        self._app = app
        wanted = app.config.metrics
        try:
            self._serve(wanted.address)
        except WatchdogError as error:
            where = f"they are served where they were, {_spoken(self._address)}" if self._address else "nowhere"
            self._tell(f"[metrics] listen is not taken up: {error}; {where}")
        self._write_to(app, wanted.textfile)

    def publish(self, app: App) -> None:
        """Write the file anew after a cycle."""
        write_metrics(app, self._textfile, self._tell)

    def close(self) -> None:
        """Serve no more."""
        if self._server:
            self._server.stop()
        self._server = self._address = None

    def _serve(self, address: tuple[str, int] | None) -> None:
        """Have the other port before the one we have is let go."""
        if address == self._address:
            return
        server = None
        if address is not None:
            from watchdog.report.scraping import MetricsServer

            server = MetricsServer(*address, self._render)
            server.start()
        self.close()
        self._server, self._address = server, address

    def _render(self) -> str:
        return render_metrics(self._app) if self._app else ""

    def _write_to(self, app: App, path: Path | None) -> None:
        """Write there from now on, once it has been written; what nobody renews any more is taken away."""
        before = self._textfile
        if path == before:
            return
        if path is not None:
            try:
                write_whole(path, render_metrics(app))
            except OSError as error:
                where = f"they are written where they were, {before}" if before else "nowhere"
                self._tell(f"[metrics] textfile is not taken up: {path}: {_reason(error)}; {where}")
                return
            except WatchdogError as error:  # the history, not the file
                self._tell(f"the metrics are not written to {path}: {error}")
        self._textfile = path
        if before is not None:
            with suppress(OSError):
                before.unlink()


def _reason(error: WatchdogError | OSError) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _spoken(address: tuple[str, int]) -> str:
    return f"{address[0]} port {address[1]}"


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
