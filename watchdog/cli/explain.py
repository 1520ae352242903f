"""`watchdog explain`: the catalogue of faults, for people."""

from collections.abc import Iterator

import click

from watchdog.cli.app import App
from watchdog.cli.stdout import write
from watchdog.errors import ConfigError, Problem
from watchdog.model import Fault
from watchdog.registry import Registry, nearest
from watchdog.report.page import Cell, Part, Table, item, line
from watchdog.units import render_seconds


@click.command("explain")
@click.argument("fault", required=False)
@click.pass_obj
def command(app: App, fault: str | None) -> None:
    """Say what FAULT means, why it hurts, what to do and what may cause it; without FAULT, list them all."""
    faults = app.registry.faults
    if fault is None:
        rows = [[Cell(f.severity.value, f.severity.value), Cell(f.code), Cell(f.title)] for f in faults.values()]
        write([Table(("severity", "fault", "what"), rows)])
        return
    if fault not in faults:
        raise ConfigError(
            [
                Problem(
                    source="command line",
                    key="FAULT",
                    expected="a fault code (watchdog explain lists them)",
                    found=repr(fault),
                    nearest=nearest(fault, faults),
                )
            ]
        )
    write(_page(faults[fault], app.registry))


def _page(fault: Fault, registry: Registry) -> Iterator[Part]:
    yield line(f"{fault.code}: {fault.title}", "heading")
    yield item("severity  ", fault.severity.value, tone=fault.severity.value)
    yield item("so what   ", fault.why)
    yield item("what to do", fault.advice)
    if fault.event:
        yield item("resolves  ", f"after {render_seconds(fault.quiet_seconds)} without another")
    elif fault.pending_seconds:
        yield item("fires     ", f"when it has lasted {render_seconds(fault.pending_seconds)}")
    for cause in fault.causes:
        yield item("caused by ", f"{cause.fault}: {registry.faults[cause.fault].title}")
    for other in registry.faults.values():
        if any(cause.fault == fault.code for cause in other.causes):
            yield item("may cause ", f"{other.code}: {other.title}")
    healers = registry.healers(fault.code)
    for remediation in healers:
        yield item("could heal", f"{remediation.name}: {remediation.title}")
    if not healers:
        yield item("could heal", "nothing here by itself: it takes a person")
