"""A page for a person: lines and tables as data, written plainly or, on a terminal, with rich (terminal.py).

What goes on a page may come from anywhere (interface names, logs, database rows), so every control or
direction-changing character is made visible here, once, for all of them.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import click

# Verdicts and severities are their own tones; what has no colour of its own is plain.
COLOURS = {
    "ok": "green",
    "warning": "yellow",
    "critical": "bold red",
    "unknown": "magenta",
    "not applicable": "dim",
    "dim": "dim",
    "heading": "bold",
}


_ACTIVE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of text and its tone, a key of COLOURS or empty."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A picture in one line: `text` in plain letters, and for a terminal as many others, each with its tone."""

    text: str
    drawn: str
    tones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of its own."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class Item:
    """A text that hangs from a label: `what to do  Check the cable ...`, its further lines below its first."""

    label: Cell
    text: str
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of few and short columns under a header; the last one wraps on a terminal."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell | Bar]]


Part = Line | Item | Table
Page = Iterable[Part]


def line(text: str = "", tone: str = "") -> Line:
    """Return a line of text."""
    return Line(Cell(text, tone))


def item(label: str, text: str, indent: int = 2, tone: str = "dim") -> Item:
    """Return a text that hangs from a label."""
    return Item(Cell(label, tone), text, indent)


def inert(text: str) -> str:
    """Return the text with every control, format and line-breaking character made visible (as an escape)."""
    return "".join(_escape(char) if unicodedata.category(char) in _ACTIVE else char for char in text)


def write(page: Page) -> None:
    """Write a page to stdout: with rich on a terminal, else as plain aligned text."""
    if sys.stdout and sys.stdout.isatty():  # None: somebody closed it
        from watchdog.report.terminal import draw  # rich takes a while to load

        draw(page)
    else:
        write_text(render_plain(page))


def write_json(value: object) -> None:
    """Write a JSON value to stdout."""
    write_text(render_json(value))


def write_text(text: str) -> None:
    """Write to stdout. A reader that has gone away (`| head`) has read enough, and does not change how we end."""
    with suppress(BrokenPipeError):
        click.echo(text)


def render_json(value: object) -> str:
    """Return JSON of ASCII, which no locale, and no name that is not UTF-8, can spoil."""
    return json.dumps(value, indent=2)


def render_plain(page: Page) -> str:
    """Return the page as plain text, columns aligned, nothing cut."""
    lines: list[str] = []
    for part in page:
        if isinstance(part, Line):
            lines.append(inert(part.cell.text))
        elif isinstance(part, Item):
            lines.append(f"{'':{part.indent}}{inert(part.label.text)}  {inert(part.text)}")
        else:
            lines += _plain_table(part)
    return "\n".join(lines)


def _plain_table(table: Table) -> list[str]:
    rows = [[title.upper() for title in table.header], *([inert(cell.text) for cell in row] for row in table.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.header))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
