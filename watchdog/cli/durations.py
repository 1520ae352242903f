"""A command line option that takes a duration."""

from typing import Any

import click

from watchdog.units import Duration


class _DurationType(click.ParamType[Duration]):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Duration:
        if isinstance(value, Duration):
            return value
        try:
            return Duration.parse(value)
        except ValueError as error:
            self.fail(f"expected {error}, found {value!r}", param, ctx)


DURATION = _DurationType()
