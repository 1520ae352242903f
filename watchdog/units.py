"""Durations as people write them ("500ms", "1h30m") and as they like to read them. Pure."""

import re
from typing import Self

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(ms|[smhdw])")
_WHOLE = re.compile(rf"\s*(?:{_PART.pattern}\s*)+")


class Duration(float):
    """A length of time in seconds, written in settings as a number with a unit: ms, s, m, h, d or w."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read "500ms", "2h" or "1h30m"; ValueError for anything else, a bare number included."""
        if not isinstance(text, str) or len(text) > 64 or not _WHOLE.fullmatch(text):
            raise ValueError('a duration such as "500ms", "30s", "2h" or "400d"')
        return cls(sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text)))

    def __str__(self) -> str:
        """Write it so that `parse` reads the same value again."""
        rest, parts = round(float(self) * 1000), []
        for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
            count, rest = divmod(rest, size)
            if count:
                parts.append(f"{count}{unit}")
        return "".join(parts) or "0s"


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
