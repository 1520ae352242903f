"""States over time, and numbers, as a picture one line high. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from watchdog.report.page import Bar, Cell, Line

# By state: the letter where there is only ASCII, and its tone.
_LOOK = {"ok": (".", "ok"), "degraded": ("~", "warning"), "down": ("#", "critical"), "unknown": ("?", "dim")}
_LEGEND = "each cell the worst of its time:  . ok   ~ degraded   # down   ? not watched"
_HEIGHTS, _PLAIN = "▁▂▃▄▅▆▇█", "_.-:=+*#"


def took(
    stretches: Iterable[tuple[float, float, str]], seconds: float, number: int
) -> Mapping[str, Sequence[float]]:
    """Cut a period of `seconds` into cells of equal length; return how many seconds of each one each state took.

    Stretches are (begins, lasts, state).
    """
    size = seconds / number
    seen: dict[str, list[float]] = defaultdict(lambda: [0.0] * number)
    for begins, lasts, state in stretches:
        own, ends = seen[state], begins + lasts
        first, last = int(begins / size), int(ends / size)
        if first == last < number:  # as most of many are
            own[first] += ends - begins
            continue
        for place in range(min(number - 1, first), min(number - 1, last) + 1):
            left, right = place * size, (place + 1) * size
            part = (ends if ends < right else right) - (begins if begins > left else left)
            if part > 0:
                own[place] += part
    return seen


def cells(
    stretches: Iterable[tuple[float, float, str]], seconds: float, number: int
) -> tuple[tuple[str, float], ...]:
    """Cut a period of `seconds` into cells; each is called as the worst that was in it, with its share of it.

    Where a cell was neither down nor degraded, what took more of it counts.
    """
    if seconds <= 0:
        return ()
    size, seen = seconds / number, took(stretches, seconds, number)
    states = [_called(seen, place) for place in range(number)]
    return tuple((state, min(1.0, seen[state][place] / size)) for place, state in enumerate(states))


def _called(seen: Mapping[str, Sequence[float]], place: int) -> str:
    for bad in ("down", "degraded"):
        if seen[bad][place] > 0:
            return bad
    return "unknown" if seen["unknown"][place] >= seen["ok"][place] else "ok"


def state_bar(states: Sequence[tuple[str, float]]) -> Bar:
    """Return the picture of states, each with how much of its cell it took."""
    return Bar(
        "".join(_LOOK[state][0] for state, _ in states),
        "".join(map(_draw, states)),
        tuple(_LOOK[state][1] for state, _ in states),
    )


def _draw(cell: tuple[str, float]) -> str:
    """Return how a state is drawn; what is bad is never as low as what is ok, however short it was."""
    state, share = cell
    if state == "unknown":
        return "░"
    return "▁" if state == "ok" else _HEIGHTS[min(7, max(1, int(share * 8)))]


def legend() -> Line:
    """Return the line that says what the cells of `state_bar` mean, with what they look like."""
    looks = {letter: (_draw((state, 1.0)), tone) for state, (letter, tone) in _LOOK.items()}
    drawn, tones = zip(*(looks.get(letter, (letter, "dim")) for letter in _LEGEND), strict=True)
    return Line(Cell(_LEGEND, "dim"), Bar(_LEGEND, "".join(drawn), tones))


def spark(values: Sequence[float]) -> Bar:
    """Return the picture of numbers from 0 up, the highest as high as it gets; nothing is a blank."""
    top = max(values, default=0)
    steps = [None if value <= 0 else min(7, int(value / top * 8)) for value in values]
    return Bar(
        "".join(" " if step is None else _PLAIN[step] for step in steps),
        "".join(" " if step is None else _HEIGHTS[step] for step in steps),
        ("",) * len(steps),
    )
