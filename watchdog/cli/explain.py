"""`watchdog explain`: the catalogue of faults, for people."""

from collections.abc import Iterator

import click

from watchdog.cli.app import App
from watchdog.errors import ConfigError, Problem
from watchdog.model import Fault
from watchdog.registry import Registry, nearest
from watchdog.report.page import Cell, Line, Table, line, write
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


def _page(fault: Fault, registry: Registry) -> Iterator[Line | Table]:
    yield line(f"{fault.code}: {fault.title}", "heading")
    yield line(f"  severity    {fault.severity.value}", fault.severity.value)
    yield line(f"  so what     {fault.why}")
    yield line(f"  what to do  {fault.advice}")
    if fault.event:
        yield line(f"  resolves    after {render_seconds(fault.quiet_seconds)} without another")
    elif fault.pending_seconds:
        yield line(f"  fires       when it has lasted {render_seconds(fault.pending_seconds)}")
    for cause in fault.causes:
        yield line(f"  caused by   {cause.fault}: {registry.faults[cause.fault].title}")
    for other in registry.faults.values():
        if any(cause.fault == fault.code for cause in other.causes):
            yield line(f"  may cause   {other.code}: {other.title}")
    for remediation in registry.healers(fault.code):
        yield line(f"  could heal  {remediation.name}: {remediation.title}")
