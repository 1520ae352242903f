"""Which of many incidents are told of whole, with timeline, evidence and step log: pure."""

from collections.abc import Iterable
from typing import NamedTuple

MOST_WHOLE = 300


class Weight(NamedTuple):
    """What makes an incident worth telling of whole."""

    id: int
    is_open: bool
    is_critical: bool
    seconds: float


def rank(incidents: Iterable[Weight]) -> list[int]:
    """Return the ids of at most MOST_WHOLE: those that are open, a third by length, then the newest."""
    newest = sorted(incidents, key=lambda one: -one.id)
    standing = [one for one in newest if one.is_open]
    longest = sorted(newest, key=lambda one: (not one.is_critical, -one.seconds))
    chosen = dict.fromkeys(one.id for one in (*standing, *longest[: MOST_WHOLE // 3], *newest))
    return list(chosen)[:MOST_WHOLE]
