"""A daemon's command line, read as its own getopt reads it: bundled short options (`-gx`), values, long names.

A running daemon has accepted its arguments, so nothing here is an error: what the optstring does not know is left
out. Source: getopt(3), getopt_long(3).
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options in the order given, long ones under their short letter; "" where an option takes no value."""

    given: tuple[tuple[str, str], ...] = ()
    operands: tuple[str, ...] = ()

    def has(self, letter: str) -> bool:
        """Tell whether an option was given at all."""
        return any(name == letter for name, _ in self.given)

    def values(self, letter: str) -> tuple[str, ...]:
        """Return every value of an option, in the order given."""
        return tuple(value for name, value in self.given if name == letter)

    def last(self, letter: str) -> str | None:
        """Return the value that counts, None when the option was not given."""
        return next(reversed(self.values(letter)), None)


def parse_options(
    arguments: Sequence[str], optstring: str, long_options: Mapping[str, str] | None = None
) -> Options:
    """Read the arguments after the program's name.

    `optstring` is getopt's ("gxc:" = -g, -x, -c VALUE). `long_options` maps long names to the letters they stand
    for; a long name may be shortened as long as it means one letter only.
    """
    takes_value = {letter for letter, after in pairwise(optstring) if after == ":"}
    known = set(optstring) - {":"}
    given: list[tuple[str, str]] = []
    operands: list[str] = []
    left = list(reversed(arguments))
    while left:
        argument = left.pop()
        if argument == "--":
            operands += reversed(left)
            break
        if argument.startswith("--"):
            name, equals, value = argument[2:].partition("=")
            letter = _long(name, long_options or {})
            if letter in takes_value and not equals and left:
                value = left.pop()
            if letter in known:
                given.append((letter, value if letter in takes_value else ""))
        elif argument.startswith("-") and argument != "-":
            given += _bundle(argument[1:], known, takes_value, left)
        else:
            operands.append(argument)
    return Options(given=tuple(given), operands=tuple(operands))


def _bundle(letters: str, known: set[str], takes_value: set[str], left: list[str]) -> list[tuple[str, str]]:
    """Take `-gxc/etc/ntp.conf` apart; a value that is not attached is the next argument, taken from `left`."""
    given = []
    for position, letter in enumerate(letters):
        if letter in takes_value:
            value = letters[position + 1 :] or (left.pop() if left else "")
            given.append((letter, value))
            break
        if letter in known:
            given.append((letter, ""))
    return given


def _long(name: str, long_options: Mapping[str, str]) -> str:
    if name in long_options:
        return long_options[name]
    meant = {letter for full, letter in long_options.items() if name and full.startswith(name)}
    return meant.pop() if len(meant) == 1 else ""
