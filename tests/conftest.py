"""Begins a run with what takes longest, and ends it with what it could not test here and what changes that."""

import gc
import signal
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.needs import MISSING, REMEDY

# A shell's background job ignores SIGINT, and so would every program that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect thousands of tests, in each worker, without looking in vain for garbage among them; nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes longest begin first: at the end, all other workers would wait for it."""
    items.sort(key=_seconds, reverse=True)


def _seconds(item: pytest.Item) -> float:
    mark = item.get_closest_marker("long")
    return 0.0 if mark is None else float(mark.args[0])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """List what was skipped and why, after all that pytest has to say: this is what a person should read last."""
    yield
    skipped: dict[str, Counter[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        # A skipped report carries (path, line, reason), over xdist too.
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        _, found, lacks = reason.partition(MISSING)
        why = f"{MISSING}{lacks.partition(';')[0]}" if found else reason.removeprefix("Skipped: ")
        skipped.setdefault(why, Counter())[report.nodeid.partition("::")[0]] += 1
    if not skipped:
        return
    count = sum(files.total() for files in skipped.values())
    terminalreporter.section(f"{count} test{'s' if count != 1 else ''} skipped", yellow=True)
    for why, files in sorted(skipped.items()):
        terminalreporter.line(why)
        for file, number in sorted(files.items()):
            terminalreporter.line(f"  {number:3} in {file}")
    if any(why.startswith(MISSING) for why in skipped):
        terminalreporter.line(f"To run what is missing something: {REMEDY}")
