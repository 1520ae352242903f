"""The owner's templates, tried before anything depends on them: `python -m watchdog.notify.checking FOLDER`.

In a process of its own, as jinja2 would stay in a daemon's memory for the sake of a start (11 MB).
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from watchdog.errors import Problem
from watchdog.notify.spawning import ask, program

_LIMIT_SECONDS = 30.0
_NAMES = ("title", "text", "markdown", "html")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a template, as the one process tells the other."""

    file: str
    line: int | None
    what: str


def problems_in(folder: Path, environ: Mapping[str, str]) -> tuple[Problem, ...]:
    """Say what is wrong with the owner's templates: not there, or failing on some kind of message."""
    if not folder.is_dir():
        return (_problem(str(folder), "a folder that can be read, with templates in it", "no such folder"),)
    known = [folder / f"{name}.j2" for name in _NAMES]
    if strange := sorted(path for path in folder.glob("*.j2") if path not in known):
        names = ", ".join(path.name for path in known)
        return (
            _problem(str(strange[0]), f"a template that takes the place of one of ours ({names})", "another name"),
        )
    said = ask(program("watchdog.notify.checking", str(folder)), environ, _LIMIT_SECONDS)
    try:
        found = msgspec.json.decode(said, type=tuple[Found, ...])
    except msgspec.DecodeError:
        limit = f"none of its templates to take {_LIMIT_SECONDS:g} s, or all the memory"
        return (_problem(str(folder), limit, "one that did"),)
    return tuple(
        _problem(
            f"{one.file}{f' line {one.line}' if one.line else ''}", "a template that says every message", one.what
        )
        for one in found
    )


def _problem(source: str, expected: str, found: str) -> Problem:
    return Problem(source=source, key="", expected=expected, found=found)


def main() -> None:
    """Write what is wrong as JSON."""
    from watchdog.notify.rendering import check_templates

    found = [
        Found(file=str(wrong.file), line=wrong.line, what=wrong.what)
        for wrong in check_templates(Path(sys.argv[1]))
    ]
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
