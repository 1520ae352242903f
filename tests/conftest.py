"""Ends a run with what it could not test here, and the one command that changes that."""

from collections import Counter

import pytest

from tests.needs import MISSING, REMEDY


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what was skipped for something that this machine lacks."""
    lacking: dict[str, Counter[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        # A skipped report carries (path, line, reason), over xdist too.
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        _, found, lacks = reason.partition(MISSING)
        if found:
            lacking.setdefault(lacks.partition(";")[0], Counter())[report.nodeid.partition("::")[0]] += 1
    if not lacking:
        return
    count = sum(files.total() for files in lacking.values())
    terminalreporter.section(f"{count} tests could not run here", yellow=True)
    for lacks, files in sorted(lacking.items()):
        terminalreporter.line(f"missing: {lacks}")
        for file, number in sorted(files.items()):
            terminalreporter.line(f"  {number:3} in {file}")
    terminalreporter.line(f"To run them: {REMEDY}")
