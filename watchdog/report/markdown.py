"""A page as Markdown in GitHub's flavour: what is foreign in it means nothing there. Pure."""

import re
from collections.abc import Iterator

from watchdog.report.page import Bar, Cell, Item, Line, Page, Table, inert

_SPECIAL = re.compile(r"[\\`*_{}\[\]|~$#^=!]")
# What begins a list, a heading's underline or a quote only where it is the first of a line.
_FIRST = re.compile(r"^(\s*)([-+]|\d+(?=[.)](?:\s|$)))")
# A tab or four blanks would begin code.
_BLANKS = re.compile(r"\s{2,}")


def render_markdown(page: Page) -> Iterator[str]:
    """Yield the lines of a page."""
    titles = 0
    above: list[int] = []  # how far in the items are that this one hangs below
    for part in page:
        if isinstance(part, Item):
            while above and above[-1] >= part.indent:
                above.pop()
            yield _bullet(part, len(above))
            above.append(part.indent)
            continue
        if above:
            yield ""
            above.clear()
        if isinstance(part, Table):
            yield from _table(part)
        elif part.cell.tone == "heading":
            titles += 1
            yield f"{'#' if titles == 1 else '##'} {escape(part.cell.text)}"
            yield ""
        elif part.cell.text:
            yield from _paragraph(part)


def escape(text: str) -> str:
    """Return foreign text as Markdown that shows just it: no link, no image, no HTML, no other cell."""
    text = _BLANKS.sub(" ", inert(text))
    text = _SPECIAL.sub(lambda found: f"\\{found[0]}", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # Addresses become links by themselves, at these.
    text = text.replace("://", ":\\/\\/").replace("www.", "www\\.").replace("@", "&#64;&#8203;")
    return _FIRST.sub(_not_a_list, text)


def _not_a_list(found: re.Match[str]) -> str:
    return f"{found[1]}\\{found[2]}" if found[2] in "-+" else f"{found[1]}&#8203;{found[2]}"


def _paragraph(part: Line) -> Iterator[str]:
    yield escape(part.cell.text)
    yield ""


def _bullet(part: Item, level: int) -> str:
    label = escape(part.label.text.strip(" └"))
    return f"{'  ' * level}- {f'**{label}** ' if label else ''}{escape(part.text)}"


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(escape(title) for title in table.header)} |"
    yield f"|{' --- |' * len(table.header)}"
    for row in table.rows:
        yield f"| {' | '.join(map(_cell, row))} |"
    yield ""


def _cell(cell: Cell | Bar) -> str:
    if isinstance(cell, Bar):  # our own letters, none of them a mark of Markdown's within code
        return f"`{cell.text}`" if cell.text.strip() else ""
    return escape(cell.text)
