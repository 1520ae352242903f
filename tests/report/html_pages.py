"""Reads an HTML file as a program does: its elements, ids, links and texts."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_BREAKS = re.compile(r"(?<=>)(?=<(?:tr|li|dt|p|h[1-6]|section|details|div|table|figure|svg|path|g)\b)")


@dataclass
class Outline:
    """What was found in a file."""

    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    scripts: int = 0


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.outline = Outline()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = self.outline
        found.tags.add(tag)
        found.attributes.update(name for name, _ in attrs)
        found.scripts += tag == "script"
        found.ids += [value or "" for name, value in attrs if name == "id"]
        found.links += [value or "" for name, value in attrs if name in {"href", "src", "xlink:href", "action"}]


def outline(html: str) -> Outline:
    """Return what is in an HTML file."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.outline


def normalise(html: str) -> str:
    """Return the file for a golden file: a line for each part, without the styles, the script and their hashes."""
    html = re.sub(r"(<style>).*?(</style>)", r"\1\2", html, flags=re.DOTALL)
    html = re.sub(r"(<script>).*?(</script>)", r"\1\2", html, flags=re.DOTALL)
    html = re.sub(r"sha256-[A-Za-z0-9+/=]+", "sha256-", html)
    # What pygal draws: that it is there, and where it ends.
    html = re.sub(r'(<svg class="chart"[^>]*>).*?(</svg>)', r"\1\2", html, flags=re.DOTALL)
    lines = (line.strip() for line in _BREAKS.sub("\n", html).splitlines())
    return "\n".join(line for line in lines if line) + "\n"
