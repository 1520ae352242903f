"""What a plugin or a database row says, as JSON can say it and as long as people read. Pure."""

import math
from collections.abc import Iterable, Mapping, Set

from watchdog.model import Evidence, Json

# No evidence has reason to be nested deeper or to hold more values; what does may have no end.
_DEEPEST = 20
_MOST_VALUES = 10_000
_CUT = "..."
_LONGEST_TEXT = 2000
# Python writes no integer of more digits; no reader of JSON takes one nearly as long.
_MOST_BITS = 1024


def plain_evidence(evidence: object) -> Evidence:
    """Return evidence as JSON can say it. Raises TypeError when it is no mapping.

    It is for people: what JSON has no word for (bytes, NaN, an object) becomes text rather than cost the finding,
    and what is nested too deeply, contains itself or does not end is cut.
    """
    if not isinstance(evidence, Mapping):
        raise TypeError(f"evidence should be a mapping, not {type(evidence).__name__}")
    return _Copy().mapping(evidence, 1)


def shorten(text: str) -> str:
    """Return a text that is not longer than people read: it is recorded, and told."""
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 3]}..."


class _Copy:
    """One copy under way: how many values it may still take."""

    def __init__(self) -> None:
        self._left = _MOST_VALUES

    def value(self, value: object, depth: int) -> Json:
        """Return one value, as text where JSON has no word for it."""
        match value:
            case None | bool() | str():
                return value
            case int():
                return value if value.bit_length() <= _MOST_BITS else hex(value)
            case float():
                return value if math.isfinite(value) else str(value)
            case bytes():
                return value.decode(errors="backslashreplace")
            case Mapping() | Iterable() if depth > _DEEPEST:
                return _CUT
            case Mapping():
                return self.mapping(value, depth)
            case Set():
                return self.array(sorted(value, key=repr), depth)
            case Iterable():
                return self.array(value, depth)
        return str(value)

    def mapping(self, values: Mapping[object, object], depth: int) -> dict[str, Json]:
        """Return a mapping; its keys become text."""
        copy: dict[str, Json] = {}
        for key, value in values.items():
            if not self._take():
                return copy | {_CUT: _CUT}
            copy[str(key)] = self.value(value, depth + 1)
        return copy

    def array(self, values: Iterable[object], depth: int) -> list[Json]:
        """Return a list of what can be gone through."""
        copy: list[Json] = []
        for value in values:
            if not self._take():
                return [*copy, _CUT]
            copy.append(self.value(value, depth + 1))
        return copy

    def _take(self) -> bool:
        self._left -= 1
        return self._left >= 0
