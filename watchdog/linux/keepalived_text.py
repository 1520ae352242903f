"""keepalived.conf as blocks of words. Source: lib/parser.c (2.2.7 to 2.4), keepalived.conf(5)."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Literal

import msgspec

from watchdog.linux.conf_files import ConfFiles, Followed, MalformedConfError
from watchdog.linux.keepalived_lines import KeepalivedLines, keyword_of

Family = Literal["ipv4", "ipv6"]

MAX_DEPTH = 32  # keepalived's own keywords need five
_WORD = re.compile(r'"([^"]*)"|([^\s"]+)')


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A line's words, and the lines of the block that follows it (none when there is no block)."""

    words: tuple[str, ...]
    lines: list["Block"] = msgspec.field(default_factory=list)

    def word(self, index: int) -> str:
        """Return a word, "" where the line has fewer."""
        return self.words[index] if index < len(self.words) else ""


class KeepalivedText(msgspec.Struct, frozen=True, kw_only=True):
    """The top-level blocks, the files read in order, and what in them cannot be taken as it is meant."""

    blocks: tuple[Block, ...]
    files: tuple[str, ...]
    problems: tuple[str, ...]


def read_blocks(path: str, files: ConfFiles, *, config_id: str = "", prefix: str = "") -> KeepalivedText | None:
    """Read a configuration with its includes; None when the file does not exist.

    `config_id` is what `@` lines are compared with: keepalived's option -i, else the host's name up to its first
    dot. Raises MalformedConfError when it unfolds without end, and what `files` raises.
    """
    followed = Followed(files, prefix)
    text = followed.read_text(path)
    if text is None:
        return None
    reader = KeepalivedLines(followed, config_id)
    reader.open(text, path)
    blocks = _nest(reader)
    return KeepalivedText(
        blocks=tuple(blocks), files=tuple(followed.read), problems=tuple(dict.fromkeys(reader.problems))
    )


def value_of(given: Mapping[str, Block], keyword: str) -> str:
    """Return the word after a keyword, "" without."""
    return given[keyword].word(1) if keyword in given else ""


def parse_number(text: str, low: float, high: float) -> float | None:
    """Return a decimal number within bounds, None for anything else."""
    if not re.fullmatch(r"[0-9]{1,10}(\.[0-9]{0,9})?", text):
        return None
    return float(text) if low <= float(text) <= high else None


def parse_address(text: str) -> str | None:
    """Return an address as the kernel writes it, None when it is none."""
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def family_of(address: str) -> Family:
    """Return the family of an address."""
    return "ipv6" if ":" in address else "ipv4"


def _nest(reader: KeepalivedLines) -> list[Block]:
    """Build the tree; a brace without its partner is a problem, and the reading goes on."""
    top: list[Block] = []
    open_blocks = [top]
    opens = False  # whether a `{` may follow: there is a line that it belongs to
    for line in reader:
        if line == "{":
            if not opens:
                reader.problem("a '{' without a keyword before it")
            open_blocks.append(open_blocks[-1][-1].lines if opens else [])
            if len(open_blocks) > MAX_DEPTH:
                raise MalformedConfError(f"blocks within blocks, {MAX_DEPTH} deep and more")
        elif line == "}":
            if len(open_blocks) > 1:
                open_blocks.pop()
            else:
                reader.problem("a '}' too many")
        elif words := tuple(quoted or bare for quoted, bare in _WORD.findall(line)):
            if line.count('"') % 2:
                reader.problem(f"a quote without its partner: {keyword_of(line)} ...")
            open_blocks[-1].append(Block(words=words))
        opens = line not in ("{", "}") and bool(open_blocks[-1])
    if len(open_blocks) > 1:
        reader.problem("the end came before the last '}'")
    return top
