"""A file of shell assignments that a daemon's options come from (/etc/default/NAME, /etc/sysconfig/NAME). Pure.

What a shell (System V init) and systemd (EnvironmentFile=) read alike is read here, and no more: one value in
quotes or without, no expansions, no continued lines. Anything else is an error, because a change that one of them
would read otherwise is worse than none. Sources: sh(1), systemd.exec(5).
"""

import re
from dataclasses import dataclass

# In quotes only what means itself there; outside them not even a blank.
_VALUE = r'"(?P<double>[^"$`\\\n]*)"|\'(?P<single>[^\'\\\n]*)\'|(?P<bare>[\w./:=,+@%-]*)'
_END = r"[ \t]*(?:#.*)?\r?$"


class OptionsFileError(ValueError):
    """The file sets the variable in a way that cannot be changed safely; the text says which line, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """The value that counts, and where in the text its last character stands before what ends it."""

    value: str
    end: int
    quoted: bool

    @property
    def words(self) -> tuple[str, ...]:
        """The options, as the shell splits them when it starts the daemon."""
        return tuple(self.value.split())


def find_assignment(text: str, variable: str) -> Assignment | None:
    """Return the assignment that counts, the last; None where there is none. Raises OptionsFileError."""
    mentions = re.compile(rf"^(?![ \t]*#).*(?<!\w){re.escape(variable)}(?!\w).*$", re.MULTILINE)
    plain = re.compile(rf"(?P<before>{re.escape(variable)}=)(?:{_VALUE}){_END}")
    found: Assignment | None = None
    for line in mentions.finditer(text):
        match = plain.fullmatch(line[0])
        if match is None:
            raise OptionsFileError(
                f'expected a line {variable}="..." without $, ` and \\, found: {line[0].strip()}'
            )
        if text[: line.start()].endswith("\\\n"):
            raise OptionsFileError(f"the line before {line[0].strip()} is continued")
        name = str(match.lastgroup)
        value = match[name]
        found = Assignment(value=value, end=line.start() + match.end(name), quoted=name != "bare")
    return found


def add_option(text: str, variable: str, option: str) -> str:
    """Return the text with the option behind the others, and nothing else changed. Raises OptionsFileError."""
    found = find_assignment(text, variable)
    if found is None:
        gap = "" if not text or text.endswith("\n") else "\n"
        return f'{text}{gap}{variable}="{option}"\n'
    if found.quoted:
        gap = "" if not found.value or found.value.endswith((" ", "\t")) else " "
        return f"{text[: found.end]}{gap}{option}{text[found.end :]}"
    start = found.end - len(found.value)
    value = f"{found.value} {option}" if found.value else option
    return f'{text[:start]}"{value}"{text[found.end :]}'
