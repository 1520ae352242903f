"""Which servers agree on the time. Pure.

Each honest server bounds its own error: the true offset lies within offset ± root distance. So the point that
most of these intervals hold in common is right as long as most servers are (Marzullo; RFC 5905 section 11.2.1).
"""

from collections.abc import Iterable, Sequence

import msgspec

from checks._clock_sync.asking import Answer, ServerFacts

MAX_DISTANCE = 1.5  # ntpd's MAXDIST: who may be that wrong by its own account has no say


class Voter(msgspec.Struct, frozen=True, kw_only=True):
    """A server with the interval that it claims holds the true offset."""

    server: ServerFacts
    answer: Answer
    reach_seconds: float

    @property
    def low(self) -> float:
        """The least offset it allows for."""
        return self.answer.offset_seconds - self.reach_seconds

    @property
    def high(self) -> float:
        """The greatest offset it allows for."""
        return self.answer.offset_seconds + self.reach_seconds


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """What the servers say together.

    `agreeing` have `low` to `high` in common and are more than half of all; without such a majority they are
    none, and `outvoted` are all that contradict one another.
    """

    agreeing: tuple[Voter, ...]
    outvoted: tuple[Voter, ...]
    low: float = 0.0
    high: float = 0.0

    @property
    def offset_seconds(self) -> float:
        """The median of those that agree."""
        return _median(voter.answer.offset_seconds for voter in self.agreeing)

    @property
    def round_trip_seconds(self) -> float:
        """The median of those that agree."""
        return _median(voter.answer.round_trip_seconds for voter in self.agreeing)

    @property
    def spread_seconds(self) -> float:
        """How far those that agree lie apart."""
        offsets = [voter.answer.offset_seconds for voter in self.agreeing]
        return max(offsets) - min(offsets)

    @property
    def proves_off(self) -> bool:
        """Tell whether being exactly right is out of the question, whatever the network did to the packets."""
        return not self.low <= 0 <= self.high

    @property
    def leap_announced(self) -> bool:
        """Tell whether most of those that agree announce a leap second."""
        return 2 * sum(voter.answer.leap in (1, 2) for voter in self.agreeing) > len(self.agreeing)


def cast_votes(servers: Sequence[ServerFacts], least_reach_seconds: float) -> Vote | None:
    """Let the servers that answered vote; None when none has a say.

    `least_reach_seconds` is granted to each, as some claim to be better than they are.
    """
    voters = [
        Voter(server=one, answer=one.answer, reach_seconds=max(one.answer.distance_seconds, least_reach_seconds))
        for one in servers
        if one.answer and one.answer.distance_seconds <= MAX_DISTANCE
    ]
    if not voters:
        return None
    # The best point is where some interval begins. Of equal camps the one with the closer servers.
    camps = [[voter for voter in voters if voter.low <= start.low <= voter.high] for start in voters]
    best = max(camps, key=lambda camp: (len(camp), -max(voter.reach_seconds for voter in camp)))
    if 2 * len(best) <= len(voters):
        return Vote(agreeing=(), outvoted=tuple(voters))
    low, high = max(voter.low for voter in best), min(voter.high for voter in best)
    return Vote(
        agreeing=tuple(best), outvoted=tuple(voter for voter in voters if voter not in best), low=low, high=high
    )


def _median(values: Iterable[float]) -> float:
    from statistics import median  # loads much, for those who take a vote only

    return median(values)
