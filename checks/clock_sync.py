"""The clock is wrong, or nothing keeps it right.

The offset is measured against NTP servers asked side by side (_clock_sync/asking.py), who vote (vote.py): those
that contradict the majority are named and left out. The kernel's own view comes from adjtimex(2) (kernel.py): its
frequency and error bound, never its offset, which chrony leaves at 0.

Thresholds: 0.1 s is beyond what any working NTP daemon leaves (milliseconds, tens of them over bad lines) and
below what makes one step (ntpd 0.128 s, timesyncd 0.4 s): there still is time to look. From 1 s on, events of
different hosts can no longer be put in order by their logs, and every daemon but chrony steps.

No fault: an offset that shrinks (a slew at work); one that appeared since the last look, for as long as a daemon
has to notice it (`settle`: ntpd's own stepout, after suspend or a paused VM); the first minutes after boot; a
second around a leap second; and one that the network's asymmetry could explain.

The servers belong to others, many to volunteers: while all is well and the clock was not touched, their last
answers stand for `ask_every`, however often a person or cron looks.
"""

from collections.abc import Iterator

from checks._clock_sync.asked import Asked
from checks._clock_sync.asking import TRIES, ServerFacts, TimeLimits, ask
from checks._clock_sync.course import Course, Sample, carry_on
from checks._clock_sync.faults import FAULTS
from checks._clock_sync.keepers import KeeperFacts, KnownServers, find_agents, find_keepers
from checks._clock_sync.kernel import (
    KernelFacts,
    explain_keepers,
    is_kept,
    judge_conflict,
    judge_kernel,
    read_kernel,
)
from checks._clock_sync.notes import CLOCK, about, note
from checks._clock_sync.offset import (
    Situation,
    explain_unseen,
    is_off,
    judge_disagreement,
    judge_offset,
    note_servers,
)
from checks._clock_sync.refusals import Refusal, explain_refusals, keep_refusals
from checks._clock_sync.servers import MAX_SERVERS, parse_server
from checks._clock_sync.vote import Vote, cast_votes
from watchdog.linux.os_release import OsRelease, parse_os_release
from watchdog.linux.timex import LEAP_STATES
from watchdog.plugin import (
    Check,
    CheckSettings,
    Duration,
    Facts,
    Host,
    Judgement,
    Metric,
    NotApplicable,
    Note,
    Process,
    Stamp,
    Unseen,
    noted_in,
    without_noted,
)


class ClockSyncSettings(CheckSettings, frozen=True, kw_only=True):
    """`[checks.clock_sync]`: whom to ask (else the servers of the host's own NTP daemon), and what is too much."""

    servers: tuple[str, ...] = ()
    warning_offset: Duration = Duration(0.1)
    critical_offset: Duration = Duration(1)
    ask_every: Duration = Duration(300)
    boot_grace: Duration = Duration(600)
    settle: Duration = Duration(300)
    resolve_limit: Duration = Duration(3)
    answer_limit: Duration = Duration(2)

    def __post_init__(self) -> None:
        if len(self.servers) > MAX_SERVERS:
            raise ValueError(f"at most {MAX_SERVERS} servers")
        for server in self.servers:
            parse_server(server)
        if not 0 < self.warning_offset <= self.critical_offset:
            raise ValueError("a warning_offset above zero and not above critical_offset")
        if self.resolve_limit + TRIES * self.answer_limit >= self.time_limit:
            raise ValueError(f"a resolve_limit and {TRIES} times answer_limit that fit into time_limit")


class SyncFacts(Facts, frozen=True, kw_only=True):
    """What the servers, the kernel and the process list say, and when (after the servers were asked).

    `asked_before`: the servers' answers are those of an earlier look, which found the clock right.
    """

    boot_id: str
    boottime_ns: int
    wall_ns: int
    suspended_seconds: float
    known: KnownServers
    servers: tuple[ServerFacts, ...]
    asked_before: bool = False
    kernel: KernelFacts
    keepers: tuple[KeeperFacts, ...] = ()
    agents: tuple[str, ...] = ()
    rtc_in_local_time: bool = False
    distribution: str = ""
    distribution_like: tuple[str, ...] = ()

    @property
    def stamp(self) -> Stamp:
        """The moment."""
        return Stamp(boot_id=self.boot_id, boottime_ns=self.boottime_ns, wall_ns=self.wall_ns)

    @property
    def os(self) -> OsRelease:
        """The distribution, for advice."""
        return OsRelease(id=self.distribution, id_like=self.distribution_like)


class SyncMemory(Facts, frozen=True, kw_only=True):
    """The offsets seen in this boot, until when one that is too large is put up with, and who refused to answer.

    `asked` are the last answers, where all was well by them.
    `noted` are the notes of the last look, so that each is written when it becomes true and not on every look.
    """

    boot_id: str
    course: Course | None = None
    patience_ends_boottime_ns: int | None = None
    asked: Asked | None = None
    refusals: tuple[Refusal, ...] = ()
    noted: tuple[str, ...] = ()


def observe(host: Host, settings: ClockSyncSettings, before: SyncMemory | None = None) -> SyncFacts:
    """Ask the servers (none that forbade it), the kernel and the process list. Changes nothing."""
    return observe_processes(host, host.processes(), settings, before)


def observe_processes(
    host: Host, processes: tuple[Process, ...], settings: ClockSyncSettings, before: SyncMemory | None = None
) -> SyncFacts:
    """Do what `observe` does for these processes."""
    keepers, known = find_keepers(host, processes, settings.servers)
    asked = before.asked if before else None
    if asked and not asked.stands(host.stamp(), host.suspended_seconds(), known.names, settings.ask_every):
        asked = None
    servers = asked.servers if asked else _ask(host, before, known.names, settings)
    os = parse_os_release(host.read_text("/etc/os-release") or host.read_text("/usr/lib/os-release") or "")
    now = host.stamp()
    return SyncFacts(
        boot_id=now.boot_id,
        boottime_ns=now.boottime_ns,
        wall_ns=now.wall_ns,
        suspended_seconds=host.suspended_seconds(),
        known=known,
        servers=servers,
        asked_before=asked is not None,
        kernel=read_kernel(host),
        keepers=keepers,
        agents=find_agents(host, processes),
        rtc_in_local_time="LOCAL" in (host.read_text("/etc/adjtime") or "").split(),
        distribution=os.id,
        distribution_like=os.id_like,
    )


def judge(facts: SyncFacts, before: SyncMemory | None, settings: ClockSyncSettings) -> Iterator[Judgement]:
    """Judge the offset, the kernel's view and the daemons; a note only when it was not there at the last look."""
    yield from without_noted(_judge_all(facts, before, settings), before.noted if before else (), about)


def remember(facts: SyncFacts, before: SyncMemory | None, settings: ClockSyncSettings) -> SyncMemory:
    """Keep the course of the offset, the patience with it, the refusals and the notes."""
    here = _of_this_boot(facts, before)
    vote = _vote(facts, settings)
    asked = here.asked if here and facts.asked_before else _asked_now(facts, vote, settings)
    course = here.course if here else None
    patience_ends = here.patience_ends_boottime_ns if here else None
    if vote and vote.agreeing and not facts.asked_before:
        course = carry_on(course, _sample(facts, vote))
        off = is_off(vote, settings.warning_offset)
        patience_ends = _patience_ends(facts, here, settings) if off else None
    return SyncMemory(
        boot_id=facts.boot_id,
        course=course,
        patience_ends_boottime_ns=patience_ends,
        asked=asked,
        refusals=keep_refusals(before.refusals if before else (), facts.servers, facts.stamp),
        noted=noted_in(_judge_all(facts, before, settings), about),
    )


def _judge_all(facts: SyncFacts, before: SyncMemory | None, settings: ClockSyncSettings) -> Iterator[Judgement]:
    vote = _vote(facts, settings)
    if vote is None:
        yield _judge_unmeasured(facts)
    else:
        yield from note_servers(facts.servers, vote)
        if not vote.agreeing:
            yield from judge_disagreement(vote, facts.servers, leap_is_near=_leap_is_near(facts, vote))
        elif not facts.asked_before:
            yield from judge_offset(vote, _situation(facts, before, vote, settings), facts.servers)
        else:
            # Answers are kept only where they call the clock right.
            yield Metric(subject=CLOCK, name="offset_limit_seconds", value=settings.warning_offset)
    yield from judge_kernel(
        facts.kernel,
        facts.keepers,
        facts.agents,
        facts.os,
        boot_is_over=facts.boottime_ns / 1e9 >= settings.boot_grace,
        offset_is_known=bool(vote and vote.agreeing),
    )
    yield from judge_conflict(facts.keepers)


def _judge_unmeasured(facts: SyncFacts) -> Unseen | Note:
    """Say why the offset is not known: no fault where nobody was to be asked and the kernel's clock is kept."""
    daemons = sorted({keeper.program for keeper in facts.keepers})
    reason = explain_unseen(facts.known, facts.servers, daemons)
    nobody_to_ask = not facts.known.names and not facts.known.problem
    if nobody_to_ask and facts.kernel.belongs_to_outer_host:
        raise NotApplicable(f"a container: the machine it runs on keeps the clock; {reason}")
    clock, somebody_could = facts.kernel.clock, bool(facts.keepers or facts.agents)
    if nobody_to_ask and clock and not clock.unsynchronised and is_kept(clock, somebody_could=somebody_could):
        return note("no servers", f"the kernel's clock is synchronised, but {reason}")
    return Unseen(subject=CLOCK, reason=reason)


def _asked_now(facts: SyncFacts, vote: Vote | None, settings: ClockSyncSettings) -> Asked | None:
    """Return the answers of this look, where the clock is right by them."""
    if vote is None or not vote.agreeing or abs(vote.offset_seconds) >= settings.warning_offset:
        return None
    return Asked(
        boot_id=facts.boot_id,
        boottime_ns=facts.boottime_ns,
        wall_ns=facts.wall_ns,
        suspended_seconds=facts.suspended_seconds,
        names=facts.known.names,
        servers=facts.servers,
    )


def _ask(
    host: Host, before: SyncMemory | None, names: tuple[str, ...], settings: ClockSyncSettings
) -> tuple[ServerFacts, ...]:
    refused = explain_refusals(before.refusals if before else (), host.stamp())
    limits = TimeLimits(resolve_seconds=settings.resolve_limit, answer_seconds=settings.answer_limit)
    return ask(host, names[:MAX_SERVERS], refused, limits)


def _vote(facts: SyncFacts, settings: ClockSyncSettings) -> Vote | None:
    # A tenth of what alerts is granted to every server: the vote is on who is wrong, not on who is best.
    return cast_votes(facts.servers, settings.warning_offset / 10)


def _situation(facts: SyncFacts, before: SyncMemory | None, vote: Vote, settings: ClockSyncSettings) -> Situation:
    here = _of_this_boot(facts, before)
    return Situation(
        warning_seconds=settings.warning_offset,
        critical_seconds=settings.critical_offset,
        now=_sample(facts, vote),
        course=here.course if here else None,
        patience_ends_boottime_ns=_patience_ends(facts, here, settings),
        leap_is_near=_leap_is_near(facts, vote),
        correctors=_correctors(facts),
        who_keeps=explain_keepers(facts.keepers, facts.agents, facts.os),
        rtc_in_local_time=facts.rtc_in_local_time,
    )


def _patience_ends(facts: SyncFacts, here: SyncMemory | None, settings: ClockSyncSettings) -> int:
    """Return until when (BOOTTIME) an offset is put up with: one that is new, by someone who may correct it."""
    boot_is_over_ns = round(settings.boot_grace * 1e9)
    if here and here.patience_ends_boottime_ns is not None:
        return max(here.patience_ends_boottime_ns, boot_is_over_ns)
    was_fine = here is not None and here.course is not None
    settle_ns = round(settings.settle * 1e9) if was_fine and _correctors(facts) else 0
    return max(facts.boottime_ns + settle_ns, boot_is_over_ns)


def _of_this_boot(facts: SyncFacts, before: SyncMemory | None) -> SyncMemory | None:
    return before if before and before.boot_id == facts.boot_id else None


def _sample(facts: SyncFacts, vote: Vote) -> Sample:
    return Sample(
        boottime_ns=facts.boottime_ns,
        wall_ns=facts.wall_ns,
        suspended_seconds=facts.suspended_seconds,
        offset_seconds=vote.offset_seconds,
        round_trip_seconds=vote.round_trip_seconds,
    )


def _correctors(facts: SyncFacts) -> tuple[str, ...]:
    steering = {keeper.program for keeper in facts.keepers if keeper.controls_clock}
    return (*sorted(steering), *facts.agents)


def _leap_is_near(facts: SyncFacts, vote: Vote) -> bool:
    kernel = facts.kernel.clock
    return vote.leap_announced or bool(kernel and (kernel.leap or kernel.state in LEAP_STATES))


CHECK = Check(
    name="clock_sync",
    title="the clock is right, and something keeps it so",
    faults=FAULTS,
    settings=ClockSyncSettings,
    facts=SyncFacts,
    memory=SyncMemory,
    observe=observe,
    judge=judge,
    remember=remember,
)
