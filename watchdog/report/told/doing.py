"""What was done, by whom and with whose leave: remediations, notifications, holds, settings. Pure."""

from collections.abc import Iterator

from watchdog.report.audit.shape import Hold, Report
from watchdog.report.page import Cell, Part, Table, item, line
from watchdog.report.told.words import count, share
from watchdog.report.zone import Eyes
from watchdog.units import render_seconds

_MOST = 30


def remediations(report: Report, eyes: Eyes) -> Iterator[Part]:
    """Yield how often each remediation was tried and helped, what was refused and why, and who allowed it."""
    if not report.remediations:
        return
    yield line("what was done about it", "heading")
    rows = [
        [
            Cell(one.remediation),
            Cell(f"{one.tried:,}"),
            Cell(f"{one.healed:,}", "ok" if one.healed else ""),
            Cell(f"{one.undone:,}", "warning" if one.undone else ""),
            Cell(f"{one.harmed:,}", "critical" if one.harmed else ""),
            Cell(f"{one.refused:,}"),
            Cell(f"{one.proposed:,}"),
            Cell(share(one.success)),
        ]
        for one in report.remediations
    ]
    yield Table(("remediation", "tried", "healed", "undone", "harmed", "refused", "proposed", "success"), rows)
    told = {one.id for one in report.incidents}
    for one in report.attempts[-_MOST:]:
        took = f", took {render_seconds(one.took_seconds)}" if one.took_seconds and one.journal else ""
        # Why is told above, with its incident, but for what was not tried.
        reason = f": {one.reason}" if one.reason and (one.incident not in told or one.outcome == "closed") else ""
        outcome = one.outcome.replace("_", " ")
        yield item(
            f"try {one.id}",
            f"{eyes.moment(one.at)}, for #{one.incident}: {one.remediation} {outcome}{reason}{took}",
        )
        if one.permission:
            mode = "" if one.mode == "auto" else f" (mode {one.mode})"
            yield item("allowed by", f"{one.permission}{mode}", 4)
    if len(report.attempts) > _MOST:
        yield line(f"and {len(report.attempts) - _MOST:,} before: --format csv --table attempts", "dim")


def sayings(report: Report, eyes: Eyes) -> Iterator[Part]:
    """Yield whom it was told, and what did not arrive."""
    told = report.notifications
    yield line("notifications", "heading")
    late = f", {told.expired:,} not delivered in time" if told.expired else ""
    yield line(f"{told.sent:,} sent, {told.waiting:,} waiting, {told.refused:,} refused{late}")
    if told.targets:
        rows = [
            [
                Cell(one.target),
                Cell(", ".join(f"{n:,} {state.replace('_', ' ')}" for state, n in one.states.items())),
            ]
            for one in told.targets
        ]
        yield Table(("target", "fate"), rows)
    for one in told.not_delivered[-_MOST:]:
        error = f": {one.error}" if one.error else ""
        text = (
            f"to {one.target}, of {eyes.moment(one.at)}: {one.title} (tried {count(one.attempts, 'time')}{error})"
        )
        yield item(one.state, text, 2, "warning")
    if len(told.not_delivered) > _MOST:
        yield line(f"and {len(told.not_delivered) - _MOST:,} before: --format csv --table notifications", "dim")


def acts(report: Report, eyes: Eyes) -> Iterator[Part]:
    """Yield what people did: pauses, silences, acknowledgements, other settings."""
    if not (report.holds or report.acknowledgements or report.configurations):
        return
    yield line("what people did", "heading")
    for hold in report.holds:
        yield item(hold.kind, _hold(hold, eyes))
    for ack in report.acknowledgements:
        why = f": {ack.why}" if ack.why else ""
        yield item("acknowledged", f"#{ack.incident} {eyes.moment(ack.at)} by {ack.who}{why}")
    for one in report.configurations:
        what = f"{one.path} in force" if one.path else "the defaults, of no file, in force"
        yield item("settings", f"{what} since {eyes.moment(one.at)}, SHA-256 {one.sha256}")


def _hold(hold: Hold, eyes: Eyes) -> str:
    about = f" {hold.pattern}" if hold.pattern else ""
    length = "until it is ended" if hold.seconds is None else f"for {render_seconds(hold.seconds)}"
    ended = f"; ended {eyes.moment(hold.ended_at)} by {hold.ended_by}" if hold.ended_at else ""
    return f"#{hold.id}{about}: {eyes.moment(hold.at)} by {hold.who}, {length}: {hold.why}{ended}"
