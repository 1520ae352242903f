"""A page on a terminal, in colour, by rich."""

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from watchdog.report.page import COLOURS, Bar, Cell, Item, Line, Page, Part, inert


def draw(page: Page) -> None:
    """Write a page to the terminal."""
    console = Console(highlight=False)
    for part in page:
        console.print(_drawn(part))


def _drawn(part: Part) -> RenderableType:
    if isinstance(part, Line):
        return _text(part.cell)
    if isinstance(part, Item):
        hanging = RichTable.grid(padding=(0, 2, 0, 0))
        hanging.add_row(_text(part.label), Text(inert(part.text)))
        return Padding(hanging, (0, 0, 0, part.indent))
    table = RichTable(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in part.header[:-1]:
        table.add_column(Text(inert(title)), no_wrap=True)
    table.add_column(Text(inert(part.header[-1])), overflow="fold")
    for row in part.rows:
        table.add_row(*map(_text, row))
    return table


def _text(cell: Cell | Bar) -> Text:
    if isinstance(cell, Bar):
        return Text.assemble(
            *((letter, COLOURS.get(tone, "")) for letter, tone in zip(cell.drawn, cell.tones, strict=True))
        )
    return Text(inert(cell.text), style=COLOURS.get(cell.tone, ""))
