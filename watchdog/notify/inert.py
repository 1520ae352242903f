"""Foreign text that can do nothing where it is shown: in text, in Markdown, in HTML. Pure.

What a host, a daemon or a packet named stands in every message. So it is one line of printable characters, makes
no link, mentions nobody, and is no markup. What is a command keeps every character of it, and stands as code.
"""

import html
import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

# A message is read on a phone, and the record has the rest; but what to type for an uplink must be whole.
LONGEST = 1200
_SCHEME = re.compile(r"(?<=\w)://")
# "@all" calls a whole channel where "getty@tty1" is a name.
_MENTION = re.compile(r"(?<![\w.+-])@(?=\w)")
_MARKDOWN = re.compile(r"[\\`*_\[\]<>~|&]")
# What readers make a link of unasked: web1.example.com, ops@example.com, /etc/ntp.conf even. Code is no link.
_WORD = re.compile(r"(?:\w|(?<!/)/(?!/))[\w./:@-]*")
_LINKED = re.compile(r"\w\.[^\W\d_]{2}|\w@\w")
# Slack knows no escape but that of & < >. Where a sign would begin or end something, another that looks like it
# stands: between letters (bond.member_down) none does.
_SLACK = re.compile(r"[\\`*~<>\[\]]|(?<!\w)_|_(?!\w)|^#")
_FOR_SLACK = {"\\": "\u2216", "`": "'", "*": "\u2217", "~": "\u223c", "_": "\u02cd"}
_MARKDOWN_START = re.compile(r"^(?:(?P<sign>[-+=#])|(?P<number>\d+)(?P<point>[.)]))")

S = TypeVar("S", bound=msgspec.Struct)


def one_line(text: str, longest: int = LONGEST) -> str:
    """Return a text on one line, without control and bidirectional characters, no longer than people read."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: longest * 8]).split())
    return line if len(line) <= longest else f"{line[: longest - 3]}..."


def inert(struct: S) -> S:
    """Return a struct with each of its texts on one line, however deep it lies."""
    return msgspec.convert(_each(msgspec.to_builtins(struct)), type(struct))


def unlinked(text: str) -> str:
    """Return a text of which no reader makes a link or a mention: `http: //`, `@ all`."""
    return _MENTION.sub("@ ", _SCHEME.sub(": //", text))


def markdown(text: str) -> str:
    """Return a text that CommonMark, and what chat services make of it, shows as it is; names as code."""
    text = unlinked(text)
    escaped = _with_names_as_code(text, lambda part: _MARKDOWN.sub(r"\\\g<0>", part))
    return _MARKDOWN_START.sub(lambda found: _escaped_start(found), escaped)


def slack(text: str) -> str:
    """Return a text in the Markdown of which apprise makes what Slack shows as it is, but for look-alikes."""
    return _with_names_as_code(
        unlinked(text), lambda part: _SLACK.sub(lambda found: _FOR_SLACK.get(found[0], f"\\{found[0]}"), part)
    )


def markdown_code(text: str) -> str:
    """Return a command as code. Chat services know no longer fences, so a backquote becomes a quote."""
    return f"`{text.replace('`', chr(39))}`" if text else ""


def markup(text: str) -> str:
    """Return a text that HTML shows as it is."""
    return html.escape(unlinked(text))


def markup_code(text: str) -> str:
    """Return a command as code in HTML."""
    return f"<code>{html.escape(text)}</code>" if text else ""


def _escaped_start(found: re.Match[str]) -> str:
    return f"\\{found['sign']}" if found["sign"] else f"{found['number']}\\{found['point']}"


def _with_names_as_code(text: str, escape: Callable[[str], str]) -> str:
    parts, end = [], 0
    for found in _WORD.finditer(text):
        name = found[0].rstrip("./:@-")
        if _LINKED.search(name):
            parts += [escape(text[end : found.start()]), markdown_code(name)]
            end = found.start() + len(name)
    return "".join([*parts, escape(text[end:])])


def _each(value: Any) -> Any:
    match value:
        case str():
            return one_line(value)
        case dict():
            return {key: _each(item) for key, item in value.items()}
        case list() | tuple():
            return [_each(item) for item in value]
    return value
