"""What the kernel says of its clock, held against who keeps it; and whether two keep it.

STA_UNSYNC alone is no fault: chrony without `rtcsync` leaves it set for ever. It keeps the error bound all the
same, and that reaches 16 s (NTP_PHASE_LIMIT) only when nothing has updated the clock for nine hours or ever.
"""

from collections.abc import Iterator, Sequence

from checks._clock_sync.faults import DAEMON_CONFLICT, UNSYNCHRONISED
from checks._clock_sync.keepers import KeeperFacts
from checks._clock_sync.notes import CLOCK, DAEMONS, KERNEL, note
from watchdog.linux.os_release import OsRelease, install_command
from watchdog.linux.proc_status import may_set_clock
from watchdog.linux.timex import KernelClock
from watchdog.plugin import Facts, Host, Judgement, Metric, Unobservable, Unseen, render_seconds

MAX_ERROR_LIMIT = 16.0
# The kernel lets the bound grow by 500 ppm while nothing updates the clock: this is more than an hour of it, and
# longer than any daemon waits between two updates.
UNKEPT_ERROR = 2.0
ASK = {
    "chronyd": "chronyc -n sources",
    "classic ntpd": "ntpq -pn",
    "ntpsec ntpd": "ntpq -pn",
    "openntpd": "ntpctl -s all",
    "systemd-timesyncd": "timedatectl timesync-status",
}


class KernelFacts(Facts, frozen=True, kw_only=True):
    """The kernel's view (None: `problem` says why), and whether this is a container that may not set the clock."""

    clock: KernelClock | None = None
    problem: str = ""
    belongs_to_outer_host: bool = False


def read_kernel(host: Host) -> KernelFacts:
    """Ask the kernel."""
    # What the first process may not do, nobody in this container may.
    status, uid_map = (host.read_text(f"/proc/1/{name}") or "" for name in ("status", "uid_map"))
    foreign = not may_set_clock(status, uid_map)
    try:
        return KernelFacts(clock=host.adjtimex(), belongs_to_outer_host=foreign)
    except Unobservable as error:
        return KernelFacts(problem=str(error), belongs_to_outer_host=foreign)


def judge_kernel(
    kernel: KernelFacts,
    keepers: Sequence[KeeperFacts],
    agents: Sequence[str],
    os: OsRelease,
    *,
    boot_is_over: bool,
    offset_is_known: bool,
) -> Iterator[Judgement]:
    """Say whether the kernel's clock is kept. A measured offset outweighs flags that nobody maintains."""
    clock = kernel.clock
    if clock is None:
        yield Unseen(subject=KERNEL, reason=kernel.problem)
        return
    yield Metric(subject=CLOCK, name="maxerror_seconds", value=clock.max_error_seconds)
    yield Metric(subject=CLOCK, name="frequency_ppm", value=clock.frequency_ppm)
    if clock.leap:
        second = "one second more" if clock.leap == "insert" else "one second less"
        summary = f"a leap second is announced: this UTC day has {second}, and programs see a step of a second"
        yield note("leap second", summary, subject=KERNEL)
    if not boot_is_over or is_kept(clock, somebody_could=bool(keepers or agents)):
        return
    if kernel.belongs_to_outer_host:
        yield note(
            "container", "a container that may not set the clock: the machine it runs on keeps it", subject=KERNEL
        )
        return
    yield _judge_unsynchronised(clock, keepers, agents, os, offset_is_known)


def judge_conflict(keepers: Sequence[KeeperFacts]) -> Iterator[Judgement]:
    """Say whether two daemons steer the clock. Several processes of one program are one daemon."""
    hidden = [keeper.problem for keeper in keepers if keeper.problem]
    programs = sorted({keeper.program for keeper in keepers if keeper.controls_clock and not keeper.problem})
    if len(programs) > 1:
        yield DAEMON_CONFLICT.on(
            DAEMONS,
            f"{' and '.join(programs)} steer this clock at the same time; keep one and stop the rest",
            programs=programs,
            pids=[keeper.pid for keeper in keepers if keeper.controls_clock],
        )
    elif hidden and len({keeper.program for keeper in keepers}) > 1:
        yield Unseen(subject=DAEMONS, reason=f"whether two steer the clock: {'; '.join(hidden)}")


def explain_keepers(keepers: Sequence[KeeperFacts], agents: Sequence[str], os: OsRelease) -> str:
    """Say who keeps the clock and how to ask him, or how to get one."""
    steering = sorted({keeper.program for keeper in keepers if keeper.controls_clock})
    if steering:
        asking = [ASK[program] for program in steering if program in ASK]
        return f"{' and '.join(steering)} runs; ask: {', '.join(asking) or 'its log'}"
    if agents:
        return f"no NTP daemon steers it, only {' and '.join(agents)}; {install_command(os, 'chrony')}"
    return f"no NTP daemon steers it: {install_command(os, 'chrony')}"


def is_kept(clock: KernelClock, *, somebody_could: bool) -> bool:
    """Tell whether something updates the clock: by the kernel's flag, and by its bound where nobody runs."""
    if not somebody_could and clock.max_error_seconds >= UNKEPT_ERROR:
        return False
    return not clock.unsynchronised or clock.max_error_seconds < MAX_ERROR_LIMIT


def _judge_unsynchronised(
    clock: KernelClock,
    keepers: Sequence[KeeperFacts],
    agents: Sequence[str],
    os: OsRelease,
    offset_is_known: bool,
) -> Judgement:
    steering = [keeper for keeper in keepers if keeper.controls_clock]
    silent_ones = sorted({*(keeper.program for keeper in steering), *agents})
    if not any(keeper.tells_kernel for keeper in steering) and silent_ones:
        names = " and ".join(silent_ones)
        if not offset_is_known:
            reason = f"{names} may keep this clock, but does not tell the kernel, and no NTP server could be asked"
            return Unseen(subject=KERNEL, reason=reason)
        summary = (
            f"the kernel calls its clock unsynchronised; {names} does not tell it, so the servers' word counts"
        )
        return note("not told", summary, subject=KERNEL)
    by = f"STA_UNSYNC, limit {render_seconds(MAX_ERROR_LIMIT)}"
    if not clock.unsynchronised:
        by = f"limit {render_seconds(UNKEPT_ERROR)} where no NTP daemon runs"
    return UNSYNCHRONISED.on(
        KERNEL,
        f"the clock is not synchronised: its error may be {render_seconds(clock.max_error_seconds)} or more"
        f" ({by}), so it drifts unseen; {explain_keepers(keepers, agents, os)}",
        max_error_seconds=clock.max_error_seconds,
        estimated_error_seconds=clock.estimated_error_seconds,
        status=clock.status,
        daemons=sorted({keeper.program for keeper in keepers}),
        daemons_steering=sorted({keeper.program for keeper in steering}),
        agents=list(agents),
    )
