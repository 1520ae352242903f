"""Arguments with placeholders, `{subject}` or `--at={evidence.member}`, filled from a finding. No shell. Pure.

What fills them comes from outside: a name of a server, words from a log. So a value stays inside the argument in
which its owner put it: it cannot become an option, leave the folder it is written behind, or hold what a terminal
or a C string would take for more than text. `{{` and `}}` are braces.
"""

import math
from collections.abc import Iterator, Mapping
from string import Formatter

from watchdog.plugin import Json

KNOWN = ("fault", "subject", "severity", "host")
EVIDENCE = "evidence."
_LONGEST = 4096


def parse_argument(argument: str) -> tuple[tuple[str, str | None], ...]:
    """Return pieces: a text and the name of the placeholder behind it. Raises ValueError: what was expected."""
    try:
        parsed = list(Formatter().parse(argument))
    except ValueError as error:
        raise ValueError(f"braces in pairs, and {{{{ or }}}} for one that is meant, in {argument!r}") from error
    pieces = []
    for text, name, form, conversion in parsed:
        if name is not None and (form or conversion or not _is_known(name)):
            known = ", ".join(f"{{{one}}}" for one in (*KNOWN, f"{EVIDENCE}KEY"))
            raise ValueError(f"one of the placeholders {known} in {argument!r}")
        pieces.append((text, name))
    if pieces and pieces[0][1] and pieces[0][0].startswith("-") and not pieces[0][0].strip("-"):
        raise ValueError(f"the name of an option, and no placeholder in its place, in {argument!r}")
    if "\0" in argument:
        raise ValueError("arguments in which no NUL is")
    return tuple(pieces)


def fill_argument(argument: str, values: Mapping[str, Json]) -> str:
    """Return the argument with its placeholders filled. Raises ValueError: there is no value to be put there."""
    pieces = parse_argument(argument)
    if all(name is None for _, name in pieces):
        return "".join(text for text, _ in pieces)
    filled = "".join(text + ("" if name is None else _say(name, values)) for text, name in pieces)
    if len(filled.encode()) > _LONGEST:
        raise ValueError(f"{argument!r} would become longer than {_LONGEST} bytes")
    if filled.startswith("-") and not argument.startswith("-"):
        raise ValueError(
            f"{argument!r} would become {filled!r}, which a program takes for an option; "
            f"name the option before it, such as --name={argument}"
        )
    if ".." in filled.split("/") and ".." not in argument.split("/"):
        raise ValueError(f"{argument!r} would become {filled!r}, which leaves the folder it is written in")
    return filled


def placeholders(argument: str) -> Iterator[str]:
    """Yield the names of the placeholders in an argument. Raises ValueError as `parse_argument`."""
    return (name for _, name in parse_argument(argument) if name is not None)


def _is_known(name: str) -> bool:
    return name in KNOWN or (name.startswith(EVIDENCE) and len(name) > len(EVIDENCE))


def _say(name: str, values: Mapping[str, Json]) -> str:
    """Return a value as a word."""
    if name not in values:
        there = ", ".join(f"{{{one}}}" for one in values)
        raise ValueError(f"{{{name}}} is nothing that this finding tells; there are {there}")
    value = values[name]
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float() if math.isfinite(value):
            return repr(value)
        case str() if value and value.isprintable():
            return value
        case str():
            raise ValueError(f"{{{name}}} is {value!r}: empty, or it holds what is no printable text")
    raise ValueError(f"{{{name}}} is {value!r}, and only text, numbers, true and false can be arguments")
