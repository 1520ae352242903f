"""How long what was how well: pure. Missing evidence is *unknown*, neither up nor down.

The states of a subject partition the period: what nobody watched is unknown, whatever was open then; of what was
watched, it is down (a critical fault), degraded (a warning) or ok.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from watchdog.history.period import IncidentLine
from watchdog.history.records import Span
from watchdog.model import Fault, Severity, Verdict
from watchdog.report.audit.axis import Axis, Interval, gaps, paint, union

State = Literal["ok", "degraded", "down", "unknown"]
STATES: tuple[State, ...] = ("ok", "degraded", "down", "unknown")
# A check that said "unknown" was watching, and what it had found before stays found.
_CALLED: Mapping[str, State] = {**{state: state for state in STATES}, "blind": "unknown"}
_STATE: Mapping[Severity, State] = {Severity.CRITICAL: "down", Severity.WARNING: "degraded"}


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """When a check was watching, and when it said each verdict; `runs` counts its looks."""

    looked: tuple[Interval, ...]
    said: Mapping[Verdict, tuple[Interval, ...]]
    runs: int
    reasons: tuple[str, ...]


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    """How a subject, or a check as the worst of its subjects, fared; `strip` are its states in order of time."""

    name: str
    check: str
    strip: Sequence[tuple[int, int, State]]  # from where to where
    lasted_ns: Mapping[State, int]
    incidents: int

    def seconds(self, state: State) -> float:
        """Return for how long it was in a state."""
        return self.lasted_ns.get(state, 0) / 1e9

    @property
    def up(self) -> float | None:
        """The part of the watched time in which it was not down, from 0 to 1; None: never watched."""
        watched = sum(self.seconds(state) for state in STATES if state != "unknown")
        return None if watched <= 0 else 1 - self.seconds("down") / watched


class Look(msgspec.Struct, frozen=True):
    """A span on the line of time: what it said held until `held`."""

    span: Span
    start: int
    end: int
    held: int


def place_looks(spans: Iterable[Span], axis: Axis, gap_seconds: float) -> dict[str, list[Look]]:
    """Place spans, which come by check and each check's in order of time, on the line, by check.

    What a check said holds until it says something else, and what it said last until now, unless it was silent for
    more than `gap_seconds`.
    """
    by_check: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_check[span.check].append(span)
    return {check: list(_placed(own, axis, gap_seconds * 1e9)) for check, own in by_check.items()}


def _placed(spans: Sequence[Span], axis: Axis, gap_ns: float) -> Iterator[Look]:
    ends = [(axis.place(span.first), axis.place(span.last)) for span in spans]
    last_boot = max(axis.starts.values())
    following = zip([*spans[1:], None], [*ends[1:], (0, 0)], strict=True)
    for span, (start, end), (after, (next_start, _)) in zip(spans, ends, following, strict=True):
        held = end
        if after and after.first.boot_id == span.last.boot_id and 0 <= next_start - end <= gap_ns:
            held = next_start
        elif after is None and axis.starts.get(span.last.boot_id) == last_boot and axis.end - end <= gap_ns:
            held = axis.end
        yield Look(span, start, end, held)


def watched(looks: Mapping[str, Sequence[Look]], period: Interval) -> dict[str, Watched]:
    """Return by check when it was watching: between two looks on one boot that lie not too far apart.

    The looks of a span that lies only in part in the period count in proportion.
    """
    return {check: _watched(own, period) for check, own in looks.items()}


def _watched(looks: Sequence[Look], period: Interval) -> Watched:
    looked: list[tuple[int, int]] = []
    said: dict[Verdict, list[tuple[int, int]]] = defaultdict(list)
    runs = 0.0
    begins, ends = period
    for look in looks:
        span, start, end, held = look.span, look.start, look.end, look.held
        if begins <= start and held <= ends:
            runs += span.count
            here = start, held
        elif begins <= held and start <= ends:
            if end > start:
                runs += span.count * max(0, min(end, ends) - max(start, begins)) / (end - start)
            else:
                runs += span.count * (begins <= end)
            here = max(start, begins), min(held, ends)
        else:
            continue
        looked.append(here)
        said[span.verdict].append(here)
    return Watched(
        looked=union(looked),
        said={verdict: union(own) for verdict, own in said.items()},
        runs=round(runs),
        reasons=tuple(dict.fromkeys(look.span.reason for look in looks if look.span.reason)),
    )


def availability(
    incidents: Iterable[tuple[IncidentLine, tuple[int, int]]],
    subjects: Iterable[tuple[str, str]],
    looked: Mapping[str, Watched],
    faults: Mapping[str, Fault],
    period: Interval,
) -> tuple[tuple[Availability, ...], tuple[Availability, ...]]:
    """Return how each subject fared and how each check did, by name; incidents with where they were open.

    An event is no time of being down: the clock was set in a moment. What never fired was no fault.
    """
    bad: dict[tuple[str, str], dict[State, list[tuple[int, int]]]]
    bad = defaultdict(lambda: defaultdict(list))
    for pair in subjects:
        bad[pair] = defaultdict(list)
    count: dict[tuple[str, str], int] = defaultdict(int)
    for one, where in incidents:
        if one.fired is None:
            continue
        fault = faults.get(one.fault)
        pair = (one.fault.partition(".")[0], one.subject)
        kept = bad[pair]
        count[pair] += 1
        if fault is None or not fault.event:
            kept[_STATE[one.severity]].append(where)
    unseen = {check: gaps(one.looked, period) for check, one in looked.items()}
    blind = {check: one.said.get(Verdict.UNKNOWN, ()) for check, one in looked.items()}

    def fared(
        name: str, check: str, states: Mapping[State, Iterable[tuple[int, int]]], number: int
    ) -> Availability:
        layers = {
            "unknown": unseen.get(check, (period,)),
            "down": union(states.get("down", ())),
            "degraded": union(states.get("degraded", ())),
            "blind": blind.get(check, ()),
        }
        strip: list[tuple[int, int, State]] = []
        lasted_ns: dict[State, int] = dict.fromkeys(STATES, 0)
        for start, end, what in paint(period, layers, "ok"):
            state = _CALLED[what]
            strip.append((start, end, state))
            lasted_ns[state] += end - start
        return Availability(name=name, check=check, strip=strip, lasted_ns=lasted_ns, incidents=number)

    by_subject = tuple(fared(pair[1], pair[0], states, count[pair]) for pair, states in sorted(bad.items()))
    together: dict[str, dict[State, list[tuple[int, int]]]] = {check: defaultdict(list) for check in looked}
    for (check, _), states in bad.items():
        for state, intervals in states.items():
            together.setdefault(check, defaultdict(list))[state] += intervals
    number = {check: sum(n for pair, n in count.items() if pair[0] == check) for check in together}
    by_check = tuple(fared(check, check, states, number[check]) for check, states in sorted(together.items()))
    return by_subject, by_check
