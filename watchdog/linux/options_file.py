"""A file of shell assignments that a daemon's options come from (/etc/default/NAME, /etc/sysconfig/NAME). Pure.

What a shell (System V init) and systemd (EnvironmentFile=) read alike is read here, and no more: one value in
quotes or without, no expansions, no continued lines. Anything else is an error, because a change that one of them
would read otherwise is worse than none. Sources: sh(1), systemd.exec(5).
"""

import re

import msgspec

# In quotes only what means itself there; outside them not even a blank.
_VALUE = r'"(?P<double>[^"$`\\]*)"|\'(?P<single>[^\'\\]*)\'|(?P<bare>[\w./:=,+@%-]*)'
_END = r"[ \t]*(?:[ \t]#.*)?\r?"
_NOTHING = re.compile(r"[ \t]*(?:#.*)?\r?")
# Of other variables the value may be anything that ends on its line.
_OTHER = re.compile(rf"[ \t]*(?:export[ \t]+)?(?P<name>\w+)=(?:\"[^\"\\]*\"|'[^']*'|[\w./:=,+@%$-]*){_END}")


class OptionsFileError(ValueError):
    """The file sets the variable in a way that cannot be changed safely; the text says which line, and why."""


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
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
    plain = re.compile(rf"{re.escape(variable)}=(?:{_VALUE}){_END}")
    found: Assignment | None = None
    start = 0
    for line in text.split("\n"):
        match = plain.fullmatch(line)
        other = _OTHER.fullmatch(line)
        if match is not None:
            name = str(match.lastgroup)
            found = Assignment(value=match[name], end=start + match.end(name), quoted=name != "bare")
        elif not _NOTHING.fullmatch(line) and (other is None or other["name"] == variable):
            what = f'{variable}="..." without $, ` and \\' if other else "nothing but plain assignments"
            raise OptionsFileError(f"expected {what}, found: {line.strip()[:80]}")
        start += len(line) + 1
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
