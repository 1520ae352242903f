"""A page on a terminal, in colour, by rich."""

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from watchdog.report.page import COLOURS, Bar, Cell, Item, Line, Page, Part, Table, inert

# Narrower than this a text reads badly.
_LEAST = 20


def draw(page: Page) -> None:
    """Write a page to the terminal."""
    console = Console(highlight=False)
    coloured = console.color_system is not None and not console.no_color
    for part in page if coloured and _can_draw(console.encoding) else map(_lettered, page):
        if isinstance(part, Table) and _least_width(part) > console.width:
            for one in _cards(part):
                console.print(one)
        else:
            console.print(_drawn(part))


def _can_draw(encoding: str) -> bool:
    try:
        "░▁█".encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def _lettered(part: Part) -> Part:
    """Return it with its pictures in plain letters: without colour only they tell what is down from degraded."""
    if isinstance(part, Line):
        return Line(part.cell)
    if isinstance(part, Table):
        return Table(part.header, [[_letters(cell) for cell in row] for row in part.rows])
    return part


def _letters(cell: Cell | Bar) -> Cell | Bar:
    return Bar(cell.text, cell.text, ("",) * len(cell.text)) if isinstance(cell, Bar) else cell


def _least_width(table: Table) -> int:
    """Return how wide a terminal must be for its table; what stands last may wrap, unless it is a picture."""
    rows = [[_text(Cell(title)) for title in table.header], *(list(map(_text, row)) for row in table.rows)]
    *others, last = (max(row[column].cell_len for row in rows) for column in range(len(table.header)))
    pictures = any(isinstance(row[-1], Bar) for row in table.rows)
    return sum(width + 2 for width in others) + (last if pictures else min(last, _LEAST))


def _cards(table: Table) -> Iterator[RenderableType]:
    """Yield each row below the other where side by side they would be cut: its first cell, then what it says."""
    for first, *others in table.rows:
        yield _text(first)
        named = [
            Text.assemble((f"{inert(title)} ", "dim"), _text(cell))
            for title, cell in zip(table.header[1:], others, strict=True)
            if not isinstance(cell, Bar)
        ]
        pictures = [_text(cell) for cell in others if isinstance(cell, Bar)]
        yield Padding(Group(Text("  ").join(named), *pictures), (0, 0, 0, 4))


def _drawn(part: Part) -> RenderableType:
    if isinstance(part, Line):
        return _text(part.drawn or part.cell)
    if isinstance(part, Item):
        hanging = RichTable.grid(padding=(0, 2, 0, 0))
        hanging.add_column(overflow="fold")
        hanging.add_column(overflow="fold")
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
