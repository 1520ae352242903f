"""Has a report gathered as somebody asked for it, and told in the form they asked for."""

import gc
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from pathlib import Path

import click
import msgspec

from watchdog.cli.app import App
from watchdog.cli.waiting import Waiting
from watchdog.cli.writing import put
from watchdog.errors import ConfigError, Problem, WatchdogError
from watchdog.history.read import Reader
from watchdog.holds import covers
from watchdog.report.audit.gather import Wish, gather
from watchdog.report.audit.scene import Filters
from watchdog.report.audit.shape import Report
from watchdog.report.audit.when import parse_when
from watchdog.report.page import render_plain
from watchdog.report.told.whole import render_report
from watchdog.report.zone import Eyes, find_zone, own_zone
from watchdog.settings import Place
from watchdog.units import Duration

# More of them nobody reads on a page; --limit says otherwise.
_USUAL = {"text": 50, "markdown": 50}
_CELLS, _MOST_CELLS = 24, 96
_READING = "reading the history and adding it up"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What stood on the command line."""

    since: str
    until: str | None
    zone: str | None
    checks: tuple[str, ...]
    subjects: tuple[str, ...]
    faults: tuple[str, ...]
    hosts: tuple[str, ...]
    limit: int | None
    details: bool
    form: str
    table: str | None
    targets: tuple[str, ...]

    @property
    def most(self) -> int | None:
        """How many incidents are told of; None: all."""
        usual = None if self.targets else _USUAL.get(self.form)  # what is sent is HTML
        return (usual if self.limit is None else self.limit) or None

    @property
    def deep(self) -> bool:
        """Tell whether the timeline and evidence of each incident are wanted."""
        return self.details or self.form in ("json", "html") or self.table == "notifications"


def tell(app: App, asked: Asked, output: Path | None, environ: Mapping[str, str]) -> None:
    """Write the report to a file or to stdout. Raises WatchdogError."""
    zone = _zone(app, asked, environ)
    with Waiting(_READING) as waiting:
        report = _gather(app, asked, zone)
        pieces = _pieces(report, asked, zone, waiting)
        if output is not None:
            waiting.turn_to("writing the file")
            put(output, pieces)
            return
        if asked.form == "html":
            pieces = iter([*pieces])
    # The bar is gone: what is written piece by piece would meet it on the same terminal.
    page = None
    if asked.form == "text":
        cells = _cells() if sys.stdout and sys.stdout.isatty() else _CELLS
        page = [*render_report(report, Eyes(zone), details=asked.details, cells=cells)]
    put(None, pieces, page)


def deliver(app: App, asked: Asked, environ: Mapping[str, str]) -> bool:
    """Send the report to the targets that were asked for and say how that went; True when all of them took it."""
    from watchdog.cli.sending_report import send_report

    place = Place("command line", "--send")
    known = app.config.notify.targets
    if unknown := [
        place.unknown("the name of a target", name, known) for name in asked.targets if name not in known
    ]:
        raise ConfigError(unknown)
    zone = _zone(app, asked, environ)
    with Waiting(_READING) as waiting:
        report = _gather(app, asked, zone)
        html = _html(report, zone, waiting)
    return send_report(app, report, zone, tuple(dict.fromkeys(asked.targets)), html)


def _pieces(report: Report, asked: Asked, zone: tzinfo, waiting: Waiting) -> Iterator[str]:
    match asked.form:
        case "text":
            yield f"{render_plain(render_report(report, Eyes(zone), details=asked.details, cells=_CELLS))}\n"
        case "markdown":
            from watchdog.report.markdown import render_markdown

            page = render_report(report, Eyes(zone), details=asked.details)
            yield from (f"{text}\n" for text in render_markdown(page))
        case "json":
            from watchdog.report.told.json_parts import render_json_parts

            yield from render_json_parts(report)
        case "csv":
            from watchdog.report.told.tables import render_csv

            yield from render_csv(report, asked.table or "incidents")
        case _:
            yield _html(report, zone, waiting)


def _html(report: Report, zone: tzinfo, waiting: Waiting) -> str:
    from watchdog.report.html import render_html  # its templates and charts take a while to load

    return render_html(report, zone, waiting.along)


def _gather(app: App, asked: Asked, zone: tzinfo) -> Report:
    if "" in asked.subjects:
        raise click.BadParameter("expected the name of a subject, found ''", param_hint="'--subject'")
    wish = Wish(
        since=_when("--since", asked.since, zone),
        until=None if asked.until is None else _when("--until", asked.until, zone),
        filters=Filters(checks=asked.checks, subjects=asked.subjects, faults=asked.faults, hosts=asked.hosts),
        most_incidents=asked.most,
        details=asked.deep or bool(asked.targets),
        whole_only=asked.form == "html" or bool(asked.targets),
        series=asked.form in ("json", "html") or bool(asked.targets),
    )
    # A year is half a million small objects, none of them in a circle: to look for circles costs a fifth of it.
    gc.disable()
    with app.read_history() as reader:
        return _gathered(app, reader, wish)


def _gathered(app: App, reader: Reader, wish: Wish) -> Report:
    faults = app.registry.faults
    report = gather(reader, wish, app.host.name(), faults, app.host.stamp(), app.config.history.gap)
    if not report.since_seconds:
        raise WatchdogError(
            "the period is empty: nothing is on record between --since and --until; "
            f"the last moment on record is {report.ended_at}"
        )
    # What no plugin knows any more may still be on record, so only what nothing is known of is a slip.
    filters, hosts = wish.filters, {*report.hosts, app.host.name()}
    unknown = [
        *_unknown("--check", "the name of a check", filters.checks, app.registry.checks, report),
        *_unknown("--fault", "the code of a fault", filters.faults, faults, report),
        *_unknown("--host", "a name that this host had", filters.hosts, hosts, report),
    ]
    if unknown:
        raise ConfigError(unknown)
    return report


def _unknown(
    option: str, what: str, names: Iterable[str], known: Iterable[str], report: Report
) -> Iterator[Problem]:
    """Yield those that nobody knows: no plugin, and no row of this period. Only a fault may be a pattern."""
    seen = dict.fromkeys(
        [*known, *(one.check for one in report.coverage), *(one.fault for one in report.incidents)]
    )
    for name in names:
        if name not in seen and not (option == "--fault" and any(covers(name, one, "") for one in seen)):
            yield Place("command line", option).unknown(what, name, dict.fromkeys(known))


def _zone(app: App, asked: Asked, environ: Mapping[str, str]) -> tzinfo:
    if asked.zone is None:
        return own_zone(environ, app.host.path("/etc/localtime"))
    try:
        return find_zone(asked.zone)
    except ValueError as error:
        raise click.BadParameter(f"expected {error}, found {asked.zone!r}", param_hint="'--zone'") from error


def _when(option: str, text: str, zone: tzinfo) -> Duration | datetime:
    try:
        return parse_when(text, zone)
    except ValueError as error:
        raise click.BadParameter(f"expected {error}, found {text!r}", param_hint=f"'{option}'") from error


def _cells() -> int:
    """Return how wide a picture may be on this terminal, beside the other columns."""
    return max(_CELLS, min(_MOST_CELLS, shutil.get_terminal_size().columns - 90))
