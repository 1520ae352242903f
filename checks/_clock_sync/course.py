"""How the offset moves from look to look: whether it shrinks, and how fast the clock drifts. Pure.

A step of our own clock between two looks changes the offset by its size and is taken out; a suspend makes the
two incomparable, as the clock then went by the hardware's, to a second or so.
"""

from watchdog.plugin import Facts

# The slowest slew in use is adjtime's 500 ppm; a clock left alone drifts by less than 100 ppm.
SLEW_PPM = 100.0
JITTER_SECONDS = 0.010  # what two looks over the same network may differ by, and half of what their ways differ
SUSPENDED_SECONDS = 0.1  # two looks between which the machine slept for longer cannot be compared
_LOOKS_APART_SECONDS = 30.0
_BASELINE_SECONDS = (600.0, 3600.0)


class Sample(Facts, frozen=True, kw_only=True):
    """The offset at a moment of one boot; `suspended_seconds` is how long that boot had been suspended by then.

    `round_trip_seconds` is how long the way was: what queued on it in one direction moved the offset by half.
    """

    boottime_ns: int
    wall_ns: int
    suspended_seconds: float
    offset_seconds: float
    round_trip_seconds: float = 0.0


class Course(Facts, frozen=True, kw_only=True):
    """The samples that later looks are held against: the last one, and one to reckon the drift from."""

    last: Sample
    anchor: Sample


def carry_on(course: Course | None, now: Sample) -> Course:
    """Return what to hold the next look against."""
    if course is None or not _comparable(course.last, now):
        return Course(last=now, anchor=now)
    # Runs by hand in quick succession would leave too little time for a slew to show.
    last = now if _elapsed(course.last, now) >= _LOOKS_APART_SECONDS else course.last
    usable = _comparable(course.anchor, now) and _elapsed(course.anchor, now) < _BASELINE_SECONDS[1]
    return Course(last=last, anchor=course.anchor if usable else last)


def is_shrinking(course: Course | None, now: Sample) -> bool:
    """Tell whether the offset shrinks faster than by chance or drift: a slew is at work."""
    if course is None or not _comparable(course.last, now):
        return False
    was = course.last.offset_seconds - _step(course.last, now)
    shrunk = abs(was) - abs(now.offset_seconds)
    by_slew = SLEW_PPM * 1e-6 * _elapsed(course.last, now)
    jitter = JITTER_SECONDS + abs(now.round_trip_seconds - course.last.round_trip_seconds) / 2
    return was * now.offset_seconds > 0 and shrunk >= max(by_slew, jitter)


def drift_ppm(course: Course | None, now: Sample) -> float | None:
    """Return how fast our clock gains on the servers, in parts per million; None without a baseline of 10 min."""
    if course is None or not _comparable(course.anchor, now):
        return None
    elapsed = _elapsed(course.anchor, now)
    if elapsed < _BASELINE_SECONDS[0]:
        return None
    gained = course.anchor.offset_seconds - _step(course.anchor, now) - now.offset_seconds
    return gained / elapsed * 1e6


def _comparable(then: Sample, now: Sample) -> bool:
    return (
        then.boottime_ns < now.boottime_ns
        and abs(now.suspended_seconds - then.suspended_seconds) < SUSPENDED_SECONDS
    )


def _elapsed(then: Sample, now: Sample) -> float:
    return (now.boottime_ns - then.boottime_ns) / 1e9


def _step(then: Sample, now: Sample) -> float:
    """Return by how much our clock was stepped in between: the change of REALTIME - BOOTTIME."""
    return ((now.wall_ns - now.boottime_ns) - (then.wall_ns - then.boottime_ns)) / 1e9
