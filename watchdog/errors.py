"""The errors that carry meaning across a boundary. Each says what a person should know, in one line."""

from collections.abc import Sequence

import msgspec


class WatchdogError(Exception):
    """Base of every error this project raises on purpose; its text is meant for people."""


class NotApplicable(WatchdogError):
    """The check has nothing to watch on this host; the text says why (`no bond on this host`)."""


class Unobservable(WatchdogError):
    """The check could not see what it must judge; the text says what is missing (`needs CAP_NET_RAW`)."""


class Refused(WatchdogError):
    """A remediation or a guard will not act; the text says why.

    `needs_person`: waiting will not change that, so a person should be told.
    """

    def __init__(self, text: str = "", *, needs_person: bool = False) -> None:
        self.needs_person = needs_person
        super().__init__(text)


class HistoryError(WatchdogError):
    """The history cannot be used as asked; the text says what is wrong with it and what to do."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong with the configuration or a plugin: where, what was expected, what was found."""

    source: str
    key: str
    expected: str
    found: str
    nearest: str | None = None

    def __str__(self) -> str:
        where = f"{self.source}: {self.key}" if self.key else self.source
        hint = f" (did you mean {self.nearest!r}?)" if self.nearest else ""
        return f"{where}: expected {self.expected}, found {self.found}{hint}"


class ConfigError(WatchdogError):
    """The configuration (or a plugin) is not usable; every problem at once, one a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
