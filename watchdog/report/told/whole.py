"""The whole report as a page, in the order in which an admin reads it on a Monday. Pure."""

from collections.abc import Iterator

from watchdog.report.audit.shape import Report
from watchdog.report.page import Part, line
from watchdog.report.told.doing import acts, remediations, sayings
from watchdog.report.told.faring import availability, clock, coverage
from watchdog.report.told.outages import incidents
from watchdog.report.told.overview import headline, open_now, talkers
from watchdog.report.told.proof import proof
from watchdog.report.zone import Eyes


def render_report(report: Report, eyes: Eyes, *, details: bool = False, cells: int = 24) -> Iterator[Part]:
    """Yield the report; `cells` is how wide the pictures of a period are."""
    yield from headline(report, eyes, cells)
    sections = (
        open_now(report, eyes),
        talkers(report, cells),
        incidents(report, eyes, details=details),
        clock(report, eyes),
        coverage(report, eyes),
        availability(report, cells),
        remediations(report, eyes),
        sayings(report, eyes),
        acts(report, eyes),
        proof(report),
    )
    for section in sections:
        first = next(section, None)
        if first is not None:
            yield line()
            yield first
            yield from section
