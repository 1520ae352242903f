"""The report as JSON, a piece at a time: a year of it need not be one string in memory. Pure."""

import json
from collections.abc import Iterator

import msgspec

from watchdog.report.audit.shape import Report


def render_json_parts(report: Report) -> Iterator[str]:
    """Yield pieces that together are what render_json makes of the whole."""
    yield "{"
    for number, name in enumerate(report.__struct_fields__):
        yield f"{',' if number else ''}\n  {json.dumps(name)}: "
        value = getattr(report, name)
        if isinstance(value, list) and value:
            yield "["
            for place, one in enumerate(value):
                yield f"{',' if place else ''}\n    {_text(one, 4)}"
            yield "\n  ]"
        else:
            yield _text(value, 2)
    yield "\n}\n"


def _text(value: object, indent: int) -> str:
    """Write a value so far in; no line end stands in a string of JSON."""
    plain = msgspec.to_builtins(value)
    try:
        # With an indent Python's own writer is not the one in C, and takes several times as long.
        written = msgspec.json.format(json.dumps(plain), indent=2)
    except msgspec.DecodeError:  # it takes no half of a pair of UTF-16
        written = json.dumps(plain, indent=2)
    return written.replace("\n", "\n" + " " * indent)
