"""A page for a person: lines and tables as data, and as plain text; terminal.py draws it with rich.

What goes on a page may come from anywhere (interface names, logs, database rows), so every control or
direction-changing character is made visible here, once, for all of them.
"""

import json
import unicodedata
from collections.abc import Iterable, Sequence

import msgspec

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


class Cell(msgspec.Struct, frozen=True):
    """A piece of text and its tone, a key of COLOURS or empty."""

    text: str
    tone: str = ""


class Bar(msgspec.Struct, frozen=True):
    """A picture in one line: `text` in plain letters, and for a terminal as many others, each with its tone."""

    text: str
    drawn: str
    tones: tuple[str, ...]


class Line(msgspec.Struct, frozen=True):
    """A line of its own; `drawn`: what a terminal shows in its place."""

    cell: Cell
    drawn: Bar | None = None


class Item(msgspec.Struct, frozen=True):
    """A text that hangs from a label: `what to do  Check the cable ...`, its further lines below its first."""

    label: Cell
    text: str
    indent: int = 0


class Table(msgspec.Struct, frozen=True):
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
    if text.isprintable():  # most of it is, and is looked at quickly
        return text
    return "".join(_escape(char) if unicodedata.category(char) in _ACTIVE else char for char in text)


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
