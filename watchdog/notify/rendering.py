"""What a message says, in words: Content becomes a title and a body as text, Markdown or HTML, by templates.

The templates are ours (watchdog/notify/templates) or the owner's, which take their place by name. What they print
is foreign text and is escaped by its format, unless it says that it is markup (`| code`, `| safe`, a macro).
"""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import msgspec
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from msgspec.structs import replace

from watchdog.content import Content
from watchdog.notify import inert

Format = Literal["text", "markdown", "html"]
Dialect = Literal["", "slack"]
FORMATS: tuple[Format, ...] = ("text", "markdown", "html")
TEMPLATES = ("title", *FORMATS)
OURS = Path(__file__).parent / "templates"
LONGEST_TITLE = 250
# Of each list a message has this many, then fewer and fewer, until the service takes it.
_FEWER = (10, 5, 3, 1, 0)
_LISTS = ("facts", "tried", "chain", "alternatives", "others", "proposals", "parts", "more")

_LABELS = MappingProxyType(
    {
        "worse": "worse",
        "flapping": "flapping",
        "recovered": "recovered",
        "reminder": "still",
        "escalated": "unacknowledged",
        "not_healed": "not healed",
        "digest": "digest",
        "undelivered": "undelivered",
        "report": "report",
        "test": "test",
    }
)
_COLOURS = MappingProxyType({"critical": "#d33", "warning": "#e90", "": "#48c"})
# What mail clients show well on white and on black.
_GREEN = "#2a4"


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """A message in words. `trouble` says why the owner's templates were not used."""

    title: str
    body: str
    trouble: str = ""


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a template: where, and in whose words."""

    file: Path
    line: int | None
    what: str


class _Way(msgspec.Struct, frozen=True, kw_only=True):
    """How a format shows foreign text, and a command."""

    text: Callable[[str], str]
    code: Callable[[str], str]


_WAYS: dict[str, _Way] = {
    "title": _Way(text=inert.unlinked, code=str),
    "text": _Way(text=inert.unlinked, code=str),
    "markdown": _Way(text=inert.markdown, code=inert.markdown_code),
    "html": _Way(text=inert.markup, code=inert.markup_code),
    "slack": _Way(text=inert.slack, code=inert.markdown_code),
}


def render(
    content: Content, form: Format, *, longest: int = 0, templates: str = "", dialect: Dialect = ""
) -> Rendered:
    """Put a message into words, its body of `longest` characters at most (0: as long as it is). Never raises.

    `dialect` is of Markdown, where a service shows the escapes of the common one.
    Templates of the owner that fail on this very message are told, and ours take their place.
    """
    quiet = inert.inert(content)
    trouble = ""
    if templates:
        try:
            return _render(quiet, form, longest, templates, dialect)
        except Exception as error:  # noqa: BLE001 - somebody else's program; the alarm must go out
            wrong = _wrong(error, Path(templates))
            trouble = f"{wrong.file}{f' line {wrong.line}' if wrong.line else ''}: {wrong.what}"
    rendered = _render(quiet, form, longest, "", dialect)
    return replace(rendered, trouble=trouble)


def check_templates(folder: Path) -> Iterator[Wrong]:
    """Yield what is wrong with the owner's templates: each is parsed, and rendered with a sample of every kind."""
    from watchdog.notify.samples import samples

    for name in TEMPLATES:
        file = folder / f"{name}.j2"
        if not file.exists():
            continue
        try:
            for content in samples():
                _words(inert.inert(content), name, str(folder), cut=3, title="title")
        except Exception as error:  # noqa: BLE001 - whatever a template does, it is told and not raised
            yield _wrong(error, file)


def _render(content: Content, form: Format, longest: int, templates: str, dialect: Dialect) -> Rendered:
    title = title_of(content, templates)
    body = _words(content, form, templates, cut=0, title=title, dialect=dialect)
    for most in _FEWER if longest else ():
        if len(body) <= longest:
            break
        fewer, cut = _shortened(content, most)
        body = _words(fewer, form, templates, cut=cut, title=title, dialect=dialect)
    if longest and len(body) > longest:
        body = _cut(body, longest) if form != "html" else _bare(title, longest)
    return Rendered(title=title, body=body)


def title_of(content: Content, templates: str = "") -> str:
    """Return the title on one line."""
    text = _words(content, "title", templates, cut=0, title="")
    return inert.one_line(text, LONGEST_TITLE)


def _words(content: Content, name: str, templates: str, *, cut: int, title: str, dialect: Dialect = "") -> str:
    text = (
        _environment(dialect or name, templates)
        .get_template(f"{name}.j2")
        .render(message=content, label=_label(content), colour=_colour(content), cut=cut, title=title)
    )
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line for number, line in enumerate(lines) if line or (number and lines[number - 1])]
    return "\n".join(kept).strip()


@functools.lru_cache(maxsize=16)
def _environment(way_name: str, templates: str) -> ImmutableSandboxedEnvironment:
    way = _WAYS[way_name]

    def show(value: Any) -> Any:
        return Markup(way.text(value)) if isinstance(value, str) and not isinstance(value, Markup) else value  # noqa: S704 - escaped

    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (templates, OURS) if folder]),
        # Each text is escaped by `show` for its format and is markup from then on: nothing is escaped twice.
        autoescape=True,
        finalize=show,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = lambda value: Markup(way.code(str(value)))  # noqa: S704 - escaped by its format
    return environment


def _label(content: Content) -> str:
    what = _LABELS.get(content.kind, "")
    if content.kind in ("recovered", "test", "report"):
        return what
    return ", ".join(word for word in (content.severity, what) if word) or "notice"


def _colour(content: Content) -> Markup:
    return Markup(_GREEN if content.kind == "recovered" else _COLOURS[content.severity])  # noqa: S704 - ours


def _shortened(content: Content, most: int) -> tuple[Content, int]:
    """Return a message with at most so many of each list, and how many were left out of all."""
    cut = content.others_left_out + content.left_out
    kept: dict[str, Any] = {"others_left_out": 0, "left_out": 0}
    for name in _LISTS:
        values = getattr(content, name)
        kept[name] = values[:most]
        cut += len(values) - len(kept[name])
    return msgspec.structs.replace(content, **kept), cut


def _cut(body: str, longest: int) -> str:
    """Return as many whole lines as there is room for, and say how many are missing."""
    lines = body.split("\n")
    for count in range(len(lines) - 1, 0, -1):
        text = "\n".join([*lines[:count], f"... {len(lines) - count} more lines, see watchdog incidents"])
        if len(text) <= longest:
            return text
    return body[:longest]


def _bare(title: str, longest: int) -> str:
    text = f"<p>{inert.markup(title)}</p><p>... more, see <code>watchdog incidents</code></p>"
    return text if len(text) <= longest else inert.markup(title)[:longest]


def _wrong(error: Exception, file: Path) -> Wrong:
    """Say what is wrong in which line: of a mistake in a template, or while it runs."""
    line = getattr(error, "lineno", None)
    if name := getattr(error, "filename", None):
        file = Path(name)
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code.co_filename
        if code.endswith(".j2"):
            file, line = Path(code), trace.tb_lineno
        trace = trace.tb_next
    what = (
        error.message if isinstance(error, TemplateError) and error.message else f"{type(error).__name__}: {error}"
    )
    return Wrong(file=file, line=line, what=inert.one_line(what, 300))
