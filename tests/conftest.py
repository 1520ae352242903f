"""Begins a run with what takes longest, and ends it with what failed at first and what it could not test here."""

import gc
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.needs import MISSING, REMEDY

# A shell's background job ignores SIGINT, and so would every program that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# So does what nohup starts with SIGHUP; a handler keeps that for us, and no program inherits it.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)
# A machine that is busy is no fault.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


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


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What an empty history is, as the migrations make it."""
    from watchdog.history import schema

    path = tmp_path_factory.mktemp("made") / "history.db"
    schema.create(path)
    return path.read_bytes()


@pytest.fixture
def made_once(_made: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a new history be a copy of what the migrations made once: for tests of anything but its making."""
    from watchdog.history import schema

    migrate = schema.migrate

    def copy(path: Path) -> None:
        if path.suffix == ".fresh":
            path.write_bytes(_made)
        else:
            migrate(path)

    monkeypatch.setattr(schema, "migrate", copy)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Show what failed at first and list what was skipped and why, after all that pytest has to say.

    This is what a person should read last.
    """
    yield
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"at first {report.nodeid} failed", yellow=True)
        terminalreporter.line(report.longreprtext)
        for name, text in report.sections:
            terminalreporter.line(f"--- {name}\n{text}")
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
