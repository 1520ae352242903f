"""What the message says that a report goes with: enough to know whether to open it. Pure."""

from watchdog.content import Content, Fact
from watchdog.report.audit.shape import Report
from watchdog.report.page import Item, inert
from watchdog.report.told.overview import headline
from watchdog.report.told.words import count
from watchdog.report.zone import Eyes
from watchdog.units import render_seconds

_MOST_TALKERS = 5


def compose(report: Report, eyes: Eyes) -> Content:
    """Return the message."""
    facts = [
        Fact(name=inert(part.label.text), value=inert(part.text))
        for part in headline(report, eyes, 0)
        if isinstance(part, Item)
    ]
    worst = sorted(report.subjects, key=lambda one: (-one.down_seconds, one.name))[:_MOST_TALKERS]
    facts += [
        Fact(
            name=inert(one.name),
            value=f"down {render_seconds(one.down_seconds)}, {count(one.incidents, 'incident')}",
        )
        for one in worst
        if one.down_seconds
    ]
    number = report.open.incidents
    nothing = "nothing is open now" if report.ended_at == report.at else "nothing of it is open now"
    return Content(
        kind="report",
        host=report.host,
        title=f"report of {render_seconds(report.since_seconds)}: {count(report.totals.incidents, 'incident')}",
        summary=f"{eyes.moment(report.began_at)} to {eyes.moment(report.ended_at)}; "
        + (f"{count(number, 'incident')} still open" if number else nothing),
        facts=tuple(facts),
        reason="somebody, or the timer host-watchdog-report, ran `watchdog report --send`",
        more=("watchdog report", "watchdog status"),
    )


def file_name(report: Report) -> str:
    """Return what the attached file is called: whose report, and of which day; nothing of it is foreign."""
    host = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "-.") else "_" for letter in report.host
    )
    return f"watchdog-{host.lstrip('.')[:64] or 'host'}-{report.ended_at[:10]}.html"
