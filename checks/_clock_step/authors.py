"""Who stepped the clock: the kernel keeps no record, so it is likely at best, and the line is quoted.

A program that logs a step of the very size did it. Else those come next that log a step without its size, and last
who is running and could have.
"""

from collections.abc import Sequence

import msgspec

from checks._clock_step.faults import CAUSES, FAULTS_OF, LARGE_ONLY, NTP, STARTUP_ONLY
from checks._clock_step.steps import Step
from watchdog.linux.guest_agents import find_guest_agents
from watchdog.linux.ntp_daemons import HiddenDaemon, NtpDaemon, NtpProgram, find_ntp_daemons
from watchdog.linux.ntp_log import ClockLine
from watchdog.plugin import Facts, Host

SAME_SIZE_SECONDS = 0.1  # what a daemon logs is the offset it measured, a moment before it stepped
LARGE_SECONDS = 600.0  # ntp_can_step.large_only means: no step below this
MOST_LINES = 5
_MOST_CHARACTERS = 200
# These options leave the clock alone; openntpd only slews.
_HANDS_OFF = {NtpProgram.CHRONYD: "xQ", NtpProgram.BUSYBOX: "w"}


class Stepper(Facts, frozen=True, kw_only=True):
    """A running program that is able to step the clock."""

    program: str
    pid: int
    started_boottime_seconds: float | None = None


class Authors(msgspec.Struct, frozen=True, kw_only=True):
    """Who likely stepped the clock, in words; by name, likeliest first; and what that says of the causes."""

    text: str
    programs: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    likely_causes: tuple[str, ...] = ()
    ruled_out_causes: tuple[str, ...] = ()


def find_steppers(host: Host) -> tuple[Stepper, ...]:
    """Return the programs that run and are able to step the clock; whether they may is ntp_can_step's question."""
    processes = tuple(process for process in host.processes() if process.argv)
    daemons = (_stepper(one) for one in find_ntp_daemons(processes, host) if _is_able(one))
    agents = (
        Stepper(program=one.name, pid=one.pid, started_boottime_seconds=one.started_boottime_seconds)
        for one in find_guest_agents(processes, host)
    )
    return (*daemons, *agents)


def name_authors(step: Step, lines: Sequence[ClockLine], steppers: Sequence[Stepper] | None) -> Authors:
    """Say who likely stepped the clock, by what was logged since the last look and by who runs.

    `steppers` None: nobody looked for either.
    """
    if steppers is None:
        return Authors(text="author unknown: nobody looked for one")
    words, group = _likeliest(step, [line for line in lines if line.kind == "stepped"])
    programs = tuple(dict.fromkeys(line.program for line in group))
    likely = tuple(dict.fromkeys(code for name in programs for code in FAULTS_OF.get(name, ())))
    ruled_out = _ruled_out(step, steppers)
    started = [one for one in steppers if _started_within(one, step)]
    if not group:
        words = f"author unknown; {_could(step, steppers, started)}"
        if any(FAULTS_OF.get(one.program) == NTP for one in started):
            likely = (STARTUP_ONLY,)
    elif not likely:
        ruled_out = CAUSES  # a person or a hook did it: what else could step did not
    return Authors(
        text=words,
        programs=programs,
        lines=tuple(line.line for line in group[:MOST_LINES]),
        likely_causes=likely,
        ruled_out_causes=ruled_out,
    )


def _likeliest(step: Step, told: Sequence[ClockLine]) -> tuple[str, list[ClockLine]]:
    """Return whose lines fit best, in words, and those lines; likeliest first. Nothing for no lines."""
    sized = list({(one.program, round(one.seconds, 1)): one for one in told if one.seconds is not None}.values())
    same = [one for one in sized if _is_near(one.seconds, step.seconds)]
    silent = [one for one in told if one.seconds is None]
    if same:
        also = f"; or {_quote(silent[0])}, which does not say how far" if silent else ""
        return f"likely {_quote(same[0])}{also}", [*same, *silent]
    if len(sized) > 1 and _is_near(sum(one.seconds or 0 for one in sized), step.seconds):
        return f"likely {' and '.join(map(_quote, sized[:MOST_LINES]))}, which add up to it", sized
    if silent:
        return f"likely {_quote(silent[0])}, which does not say how far", silent
    if sized:
        return f"perhaps {_quote(sized[-1])}, though that is another size", sized[::-1]
    return "", []


def _is_near(seconds: float | None, step_seconds: float) -> bool:
    return seconds is not None and abs(seconds - step_seconds) <= SAME_SIZE_SECONDS


def _quote(line: ClockLine) -> str:
    """Return the program and its words, without what syslog put before them."""
    said = line.line.partition(": ")[2] or line.line
    return f'{line.program}: "{said[:_MOST_CHARACTERS]}"'


def _could(step: Step, steppers: Sequence[Stepper], started: Sequence[Stepper]) -> str:
    if not steppers:
        return "none that could runs now; perhaps a person, or a program that has ended (date, hwclock, ntpdate)"
    likeliest_first = [*started, *(one for one in steppers if one not in started)]
    return f"able to: {', '.join(_introduce(one, step, started) for one in likeliest_first)}"


def _introduce(one: Stepper, step: Step, started: Sequence[Stepper]) -> str:
    remark = ", started in that time" if one in started else ""
    if one.program == "vmtoolsd" and step.size_ns < 0:
        remark += ", back only when the host asks: resume, snapshot, vMotion"
    return f"{one.program} (pid {one.pid}{remark})"


def _started_within(one: Stepper, step: Step) -> bool:
    began = one.started_boottime_seconds
    return began is not None and began * 1e9 >= step.before.boottime_ns


def _ruled_out(step: Step, steppers: Sequence[Stepper]) -> tuple[str, ...]:
    """Return what cannot have caused this step: by its size, or as nothing of the kind started in that time."""
    ntp = [one for one in steppers if FAULTS_OF.get(one.program) == NTP]
    at_start = any(_started_within(one, step) or one.started_boottime_seconds is None for one in ntp)
    small = abs(step.seconds) < LARGE_SECONDS - SAME_SIZE_SECONDS
    return ((LARGE_ONLY,) if small else ()) + (() if at_start else (STARTUP_ONLY,))


def _stepper(daemon: NtpDaemon | HiddenDaemon) -> Stepper:
    if isinstance(daemon, HiddenDaemon):
        return Stepper(program=daemon.subject, pid=daemon.pid)
    return Stepper(
        program=daemon.program.subject,
        pid=daemon.pid,
        started_boottime_seconds=daemon.started_boottime_seconds,
    )


def _is_able(daemon: NtpDaemon | HiddenDaemon) -> bool:
    if isinstance(daemon, HiddenDaemon):
        return True
    hands_off = any(daemon.options.has(letter) for letter in _HANDS_OFF.get(daemon.program, ""))
    return daemon.may_set_clock and daemon.program is not NtpProgram.OPENNTPD and not hands_off
