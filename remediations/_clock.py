"""How far off the clock is, for remediations that must not act on one that is wrong. Shared by those of time.

What is not known is refused. Known it is from the check clock_sync, which has just measured it, or whose last
answers still stand (then it is below a limit); and from the NTP daemon itself, whose own reckoning decides whether
it steps. The daemon's counts only where nothing stepped the clock since: it hears of the time every few minutes.
"""

from collections.abc import Callable, Iterator

import msgspec

from watchdog.linux.ntp_daemons import HiddenDaemon, NtpDaemon, NtpProgram, find_ntp_daemons
from watchdog.linux.ntp_tracking import NotTrackingError, Tracking, parse_chronyc, parse_ntpq
from watchdog.plugin import Case, Host, Refused, Unobservable

# Twice the longest that a daemon waits between two looks at its servers, unless it was told to wait longer.
_LONGEST_SINCE_UPDATE = 2048.0
_MEASURED = {"offset_seconds": "measured", "offset_limit_seconds": "below it by the last look"}
_CHRONYC = ("chronyc", "-n", "-c", "tracking"), parse_chronyc
_NTPQ = ("ntpq", "-n", "-c", "rv"), parse_ntpq
_ASK: dict[NtpProgram, tuple[tuple[str, ...], Callable[[str], Tracking]]] = {
    NtpProgram.CHRONYD: _CHRONYC,
    NtpProgram.NTPD: _NTPQ,
    NtpProgram.NTPSEC: _NTPQ,
}


class Offset(msgspec.Struct, frozen=True, kw_only=True):
    """By how many seconds the clock is off at most, either way, and who says so."""

    seconds: float
    said_by: str

    def __str__(self) -> str:
        return f"{self.seconds:.3f} s ({self.said_by})"


def find_offset(host: Host, case: Case) -> Offset:
    """Return the largest offset that anybody tells. Raises Refused when nobody does."""
    problems: list[str] = []
    known = [*_by_check(case, problems), *_by_daemons(host.afresh(), case, problems)]
    if not known:
        raise Refused(f"how far off the clock is, is not known ({'; '.join(problems)}); run it again when it is")
    return max(known, key=lambda one: one.seconds)


def _by_check(case: Case, problems: list[str]) -> Iterator[Offset]:
    result = case.results.get("clock_sync")
    if result is None:
        problems.append("clock_sync did not run")
        return
    said = [metric for metric in result.metrics if metric.subject == "clock" and metric.name in _MEASURED]
    for metric in said:
        yield Offset(seconds=abs(metric.value), said_by=f"clock_sync, {_MEASURED[metric.name]}")
    if not said:
        unseen = [one.reason for one in result.unseen if one.subject == "clock"]
        problems.append(f"clock_sync: {(*unseen, result.reason or 'it measured no offset')[0]}")


def _by_daemons(host: Host, case: Case, problems: list[str]) -> Iterator[Offset]:
    daemons = _askable(host)
    if daemons and any(one.fault.startswith("clock_step.") for one in case.incidents):
        problems.append("the NTP daemon's word counts only when the clock was not stepped lately")
        return
    for program in daemons:
        argv, parse = _ASK[program]
        try:
            tracking = parse(host.run(argv, timeout_seconds=5).stdout)
        except (Unobservable, NotTrackingError) as error:
            problems.append(f"{program.value}: {error}")
            continue
        if tracking.age_seconds is not None and tracking.age_seconds > _LONGEST_SINCE_UPDATE:
            problems.append(f"{program.value}: it last heard of the time {tracking.age_seconds:.0f} s ago")
            continue
        yield Offset(seconds=tracking.offset_seconds, said_by=f"{program.value} itself")


def _askable(host: Host) -> list[NtpProgram]:
    """Return the daemons of this host (not of a container on it) that can be asked."""
    found = [one for one in find_ntp_daemons(host.processes(), host) if not isinstance(one, HiddenDaemon)]
    return list(dict.fromkeys(one.program for one in found if _is_askable(one)))


def _is_askable(daemon: NtpDaemon) -> bool:
    return daemon.program in _ASK and daemon.may_set_clock and not daemon.prefix
