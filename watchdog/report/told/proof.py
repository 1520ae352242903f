"""How anyone can be sure: what came of proving the audit. Pure."""

from collections.abc import Iterator

from watchdog.report.audit.shape import Report
from watchdog.report.page import Part, item, line


def proof(report: Report) -> Iterator[Part]:
    """Yield whether what was recorded of healing is as it was written, and how to prove that later."""
    told = report.proof
    if told is None:
        return
    yield line("proof", "heading")
    if told.proven:
        yield line(f"nobody changed what was recorded of healing: {told.rows:,} rows in a chain of SHA-256", "ok")
    if told.broken:
        yield item("not proven", told.broken, 2, "critical")
    for text in told.differences:
        yield item("not proven", text, 2, "critical")
    yield item("head", f"{told.head}; keep it elsewhere: watchdog report --verify --head {told.head}")
