"""Durations as people write them ("500ms", "1h30m") and as they like to read them. Pure."""

import re
from typing import Self

_NANOSECONDS = {
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
    "w": 604_800_000_000_000,
}
# A century: what is longer is a slip, and dates reckoned from it could overflow.
_LONGEST_DAYS = 36_500
_PART = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?\s*(ms|[smhdw])")
_WHOLE = re.compile(r"\s*(?:[0-9]{1,9}(?:\.[0-9]{1,9})?\s*(?:ms|[smhdw])\s*)+")


class Duration(float):
    """A length of time in seconds, written in settings as a number with a unit: ms, s, m, h, d or w."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read "500ms", "2h" or "1h30m", to the nanosecond; ValueError for anything else, a bare number too."""
        if not isinstance(text, str) or len(text) > 64 or not _WHOLE.fullmatch(text):
            raise ValueError('a duration such as "500ms", "30s", "2h" or "400d"')
        nanoseconds = sum(_read_part(*part) for part in _PART.findall(text))
        if nanoseconds > _LONGEST_DAYS * _NANOSECONDS["d"]:
            raise ValueError(f'a duration of at most "{_LONGEST_DAYS}d"')
        return cls(nanoseconds / 1_000_000_000)

    def __str__(self) -> str:
        """Write it so that `parse` reads the same value again."""
        rest, parts = round(self * 1000) * _NANOSECONDS["ms"], []
        if rest / 1_000_000_000 != self:
            # In whole numbers, because a year of nanoseconds is more digits than a float has.
            numerator, denominator = self.as_integer_ratio()
            rest = (numerator * 1_000_000_000 + denominator // 2) // denominator
        for unit in ("d", "h", "m", "s"):
            count, rest = divmod(rest, _NANOSECONDS[unit])
            if count:
                parts.append(f"{count}{unit}")
        if rest:
            milliseconds, rest = divmod(rest, _NANOSECONDS["ms"])
            parts.append(f"{milliseconds}.{rest:06d}".rstrip("0").rstrip(".") + "ms")
        return "".join(parts) or "0s"


class Interval(Duration):
    """A length of time between two of a kind, or "never"."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read a duration above zero, or "never"; ValueError for anything else."""
        if text == "never":
            return cls("inf")
        try:
            seconds = Duration.parse(text)
        except ValueError as error:
            raise ValueError(f'{error}, or "never"') from error
        if seconds <= 0:
            raise ValueError('a duration above zero, or "never"')
        return cls(seconds)

    def __str__(self) -> str:
        """Write it so that `parse` reads the same value again."""
        return "never" if self == float("inf") else super().__str__()

    @property
    def seconds(self) -> float | None:
        """The length in seconds; None: never."""
        return None if self == float("inf") else float(self)


def _read_part(whole: str, fraction: str, unit: str) -> int:
    """Return the nanoseconds of one "1.5h": exact, what is finer is cut off."""
    size = _NANOSECONDS[unit]
    return int(whole) * size + (int(fraction) * size // 10 ** len(fraction) if fraction else 0)


def render_seconds(seconds: float) -> str:
    """Write a length of time for people, with as many digits as they need: `0.2 s`, `18.0 s`, `2 h 5 min`."""
    sign, rest = ("-" if seconds < 0 else ""), abs(seconds)
    if rest < 0.1:
        return f"{sign}{rest * 1000:.3g} ms"
    if rest < 120:
        return f"{sign}{rest:.1f} s"
    whole = round(rest)
    for size, unit, smaller_size, smaller in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            more = whole % size // smaller_size
            return f"{sign}{whole // size} {unit}" + (f" {more} {smaller}" if more else "")
    raise AssertionError("120 s and more is at least two minutes")
