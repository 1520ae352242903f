"""Judges what the servers say together: how far the clock is off, and when that is no fault. Pure."""

import math
from collections.abc import Iterator, Sequence

import msgspec

from checks._clock_sync.advice import advise
from checks._clock_sync.asking import ServerFacts
from checks._clock_sync.course import Course, Sample, drift_ppm, is_shrinking
from checks._clock_sync.faults import OFFSET, SOURCES_DISAGREE
from checks._clock_sync.keepers import KnownServers
from checks._clock_sync.notes import CLOCK, note
from checks._clock_sync.vote import Vote
from watchdog.plugin import Finding, Json, Judgement, Metric, Note, Severity, Unseen, render_seconds

_LEAP_SECOND = 1.0
_QUARTER_HOUR = 900.0


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What an offset is held against.

    `course` is that of this boot, `patience_ends_boottime_ns` until when a new offset is put up with.
    `correctors` may correct it, `who_keeps` says so for people, with what to do.
    """

    warning_seconds: float
    critical_seconds: float
    now: Sample
    course: Course | None
    patience_ends_boottime_ns: int
    leap_is_near: bool
    correctors: tuple[str, ...]
    who_keeps: str
    rtc_in_local_time: bool


def is_off(vote: Vote, warning_seconds: float) -> bool:
    """Tell whether the clock is off by too much, beyond what the way to the servers could explain."""
    return bool(vote.agreeing) and abs(vote.offset_seconds) >= warning_seconds and vote.proves_off


def judge_offset(vote: Vote, situation: Situation, servers: Sequence[ServerFacts]) -> Iterator[Judgement]:
    """Judge the offset that a majority agrees on."""
    yield Metric(subject=CLOCK, name="offset_seconds", value=vote.offset_seconds)
    yield Metric(subject=CLOCK, name="round_trip_seconds", value=vote.round_trip_seconds)
    yield Metric(subject=CLOCK, name="spread_seconds", value=vote.spread_seconds)
    drift = drift_ppm(situation.course, situation.now)
    if drift is not None:
        yield Metric(subject=CLOCK, name="drift_ppm", value=drift)
    if abs(vote.offset_seconds) >= situation.warning_seconds:
        yield _judge_large(vote, situation, servers)


def judge_disagreement(vote: Vote, servers: Sequence[ServerFacts], *, leap_is_near: bool) -> Iterator[Judgement]:
    """Say that no majority agrees: whether the clock is right is then not known."""
    camps = [f"{_label(voter.server)} {voter.answer.offset_seconds:+.3f} s" for voter in vote.outvoted]
    summary = f"no majority among {len(camps)} NTP servers ({', '.join(camps)})"
    yield Unseen(subject=CLOCK, reason=summary)
    if leap_is_near:
        yield note("leap", "servers disagree around a leap second, which each handles in its own way")
        return
    hint = "with two, nobody can tell which is wrong" if len(camps) == 2 else "remove those that are wrong"
    yield SOURCES_DISAGREE.on(
        CLOCK,
        f"{summary}, so nobody here can know the time; {hint}: four servers can outvote one",
        servers=msgspec.to_builtins(servers),
    )


def note_servers(servers: Sequence[ServerFacts], vote: Vote) -> Iterator[Note]:
    """Say which single servers do not count, and what a vote of so few cannot tell."""
    for server in servers:
        if server.problem:
            yield note(f"{server.name} {server.address}", f"{_label(server)} does not count: {server.problem}")
    voters = len(vote.agreeing) + len(vote.outvoted)
    for voter in vote.outvoted if vote.agreeing else ():
        yield note(
            f"outvoted {voter.server.address}",
            f"{_label(voter.server)} is outvoted: {len(vote.agreeing)} of {voters} servers agree without it",
            {
                "offset_seconds": voter.answer.offset_seconds,
                "majority_offset_seconds": vote.offset_seconds,
            },
        )
    if vote.agreeing and voters < 3:
        one = "one NTP server answers: nothing would tell if it is wrong"
        two = "two NTP servers answer, and agree: if they part, nothing tells which is wrong"
        yield note("few", f"{one if voters == 1 else two}; configure four")


def explain_unseen(known: KnownServers, servers: Sequence[ServerFacts], daemons: Sequence[str]) -> str:
    """Say why nobody has a say on the offset: no servers, or none of them (of the first few) answered."""
    if not servers:
        where = f"{' and '.join(daemons)} names none that can be read" if daemons else "no NTP daemon runs here"
        hidden = f" ({known.problem})" if known.problem else ""
        return (
            f"no NTP servers are known, so the offset is not: [checks.clock_sync] servers is empty, and {where}"
            f'{hidden}; set servers = ["time.example"]'
        )
    problems = [f"{_label(one)}: {one.problem or 'by its own account it may be seconds off'}" for one in servers]
    more = f"; and {len(problems) - 4} more" if len(problems) > 4 else ""
    return f"no NTP server gave a usable answer ({'; '.join(problems[:4])}{more})"


def _judge_large(vote: Vote, situation: Situation, servers: Sequence[ServerFacts]) -> Finding | Note:
    offset = abs(vote.offset_seconds)
    evidence: dict[str, Json] = {
        "offset_seconds": vote.offset_seconds,
        "offset_at_least_seconds": vote.low,
        "offset_at_most_seconds": vote.high,
        "spread_seconds": vote.spread_seconds,
        "agreeing": [voter.server.address for voter in vote.agreeing],
        "outvoted": [voter.server.address for voter in vote.outvoted],
        "servers": msgspec.to_builtins(servers),
        "rtc_in_local_time": situation.rtc_in_local_time,
        "advice": advise(vote, situation.correctors, situation.who_keeps),
    }
    if not vote.proves_off:
        return note("unproven", "a large offset that an uneven way to the servers could explain", evidence)
    if situation.leap_is_near and offset <= _LEAP_SECOND + situation.warning_seconds:
        return note("leap", "an offset of no more than the leap second that is due", evidence)
    if is_shrinking(situation.course, situation.now):
        return note("slew", "the offset is large and shrinks: a slew is at work", evidence)
    if situation.now.boottime_ns < situation.patience_ends_boottime_ns:
        who = " and ".join(situation.correctors) or "the boot"
        return note("new", f"a large offset that is new: {who} may yet correct it", evidence)
    voters = len(vote.agreeing) + len(vote.outvoted)
    harm = (
        "may step it"
        if vote.offset_seconds > 0
        else "may set it back at once: first stop what dies of it (Dovecot)"
    )
    return OFFSET.on(
        CLOCK,
        f"clock is {render_seconds(offset)} {'behind' if vote.offset_seconds > 0 else 'ahead of'}"
        f" {len(vote.agreeing)} of {voters} NTP servers (alert at {render_seconds(situation.warning_seconds)},"
        f" critical at {render_seconds(situation.critical_seconds)}), and who corrects it {harm};"
        f" {_hardware_clock(offset, situation)}{situation.who_keeps}",
        severity=Severity.CRITICAL if offset >= situation.critical_seconds else Severity.WARNING,
        **evidence,
    )


def _hardware_clock(offset: float, situation: Situation) -> str:
    """Say when an offset looks like a time zone: whole quarters of an hour."""
    if offset < _QUARTER_HOUR / 2 or abs(math.remainder(offset, _QUARTER_HOUR)) > situation.critical_seconds + 4:
        return ""
    kept = "is" if situation.rtc_in_local_time else "may be"
    return f"that is a time zone: the hardware clock {kept} in local time (timedatectl set-local-rtc 0); "


def _label(server: ServerFacts) -> str:
    """Return the name with the address, where these are two things."""
    known_by_address = not server.address or server.address == server.name
    return server.name if known_by_address else f"{server.name} ({server.address})"
