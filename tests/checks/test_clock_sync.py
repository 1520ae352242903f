"""clock_sync judges what servers, kernel and processes said; a case is a series of looks, the last one judged."""

from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks._clock_sync.asking import Answer, ServerFacts
from checks._clock_sync.keepers import KeeperFacts, KnownServers
from checks._clock_sync.kernel import KernelFacts
from checks.clock_sync import CHECK, ClockSyncSettings, SyncFacts, SyncMemory
from watchdog.errors import NotApplicable
from watchdog.linux.timex import KernelClock
from watchdog.model import Finding, Judgement, Metric, Note, Unseen

S = 10**9
HOUR = 3600.0
WALL = 1_790_000_000 * S  # a wall clock in 2026


def server(
    offset: float, name: str = "a", *, reach: float = 0.005, leap: int = 0, round_trip: float = 0.0
) -> ServerFacts:
    """Return a server that says we are `offset` seconds behind, give or take `reach`."""
    answer = Answer(
        offset_seconds=offset,
        round_trip_seconds=round_trip,
        stratum=2,
        leap=leap,
        root_delay_seconds=0.0,
        root_dispersion_seconds=reach,
    )
    return ServerFacts(name=name, address=f"{name}.address", answer=answer)


def silent(name: str = "s", problem: str = "no answer within 2.0 s", kiss: str = "") -> ServerFacts:
    return ServerFacts(name=name, address=f"{name}.address", problem=problem, kiss=kiss)


def three(offset: float, **more: Any) -> list[ServerFacts]:
    return [server(offset + i / 1000, name, **more) for i, name in enumerate("abc", -1)]


def clock(
    *,
    unsynchronised: bool = False,
    leap: Literal["", "insert", "delete"] = "",
    state: str = "ok",
    max_error_seconds: float = 0.02,
) -> KernelClock:
    return KernelClock(
        unsynchronised=unsynchronised,
        leap=leap,
        state=state,
        offset_seconds=0.0,
        frequency_ppm=-12.5,
        max_error_seconds=max_error_seconds,
        estimated_error_seconds=0.001,
        tai_offset_seconds=37,
        status=0x40 if unsynchronised else 0x2001,
    )


IN_SYNC = KernelFacts(clock=clock())
UNSYNC = KernelFacts(clock=clock(unsynchronised=True, max_error_seconds=16.0, state="error"))
NO_RTCSYNC = KernelFacts(clock=clock(unsynchronised=True, max_error_seconds=0.02))
CHRONYD = KeeperFacts(program="chronyd", pid=10)
CHRONYD_X = KeeperFacts(program="chronyd", pid=10, controls_clock=False)
TIMESYNCD = KeeperFacts(program="systemd-timesyncd", pid=11)
NTPD = KeeperFacts(program="classic ntpd", pid=12)
OPENNTPD = KeeperFacts(program="openntpd", pid=13, tells_kernel=False)
BUSYBOX = KeeperFacts(program="busybox ntpd", pid=14, tells_kernel=False)
HIDDEN = KeeperFacts(program="chronyd", pid=15, problem="chronyd (pid 15): needs root to look at its executable")


def look(
    servers: list[ServerFacts],
    at: float = HOUR,
    *,
    stepped: float = 0.0,
    boot: str = "boot-a",
    suspended: float = 0.0,
    kernel: KernelFacts = IN_SYNC,
    keepers: tuple[KeeperFacts, ...] = (CHRONYD,),
    agents: tuple[str, ...] = (),
    known: KnownServers | None = None,
    **more: Any,
) -> SyncFacts:
    """Return a look `at` seconds after boot, when the clock had been stepped by so much since then."""
    return SyncFacts(
        boot_id=boot,
        boottime_ns=round(at * S),
        wall_ns=WALL + round((at + stepped) * S),
        suspended_seconds=suspended,
        known=known or KnownServers(names=tuple(one.name for one in servers), source="settings"),
        servers=tuple(servers),
        kernel=kernel,
        keepers=keepers,
        agents=agents,
        **more,
    )


def judgements(looks: list[SyncFacts], **settings: Any) -> list[Judgement]:
    """Return what is judged at the last look, with what the earlier ones left in memory, through JSON."""
    chosen = ClockSyncSettings(**settings)
    before: SyncMemory | None = None
    for facts in looks[:-1]:
        remembered = CHECK.remember(facts, before, chosen)
        before = msgspec.json.decode(msgspec.json.encode(remembered), type=SyncMemory)
    return list(CHECK.judge(looks[-1], before, chosen))


def judged(looks: list[SyncFacts], **settings: Any) -> list[str]:
    """Return what was judged: `offset critical`, `unseen clock`, `note slew`; metrics left out."""
    said = []
    try:
        found = judgements(looks, **settings)
    except NotApplicable:
        return ["not applicable"]
    for one in found:
        if isinstance(one, Finding):
            said.append(f"{one.fault.partition('.')[2]} {one.severity.value}")
        elif isinstance(one, Unseen):
            said.append(f"unseen {one.subject}")
        elif isinstance(one, Note):
            said.append(f"note {one.evidence['about']}")
    return said


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        pytest.param([look(three(0.0))], [], id="in-sync"),
        pytest.param([look(three(0.0999))], [], id="just-below-warning"),
        pytest.param([look(three(0.1))], ["offset warning"], id="at-warning"),
        pytest.param([look(three(-0.1))], ["offset warning"], id="at-warning-ahead"),
        pytest.param([look(three(0.999))], ["offset warning"], id="just-below-critical"),
        pytest.param([look(three(1.0))], ["offset critical"], id="at-critical"),
        pytest.param([look(three(18.0))], ["offset critical"], id="18-behind"),
        pytest.param([look(three(-1.7e9))], ["offset critical"], id="54-years-ahead"),
        pytest.param([look(three(18.0)), look(three(18.0), HOUR + 60)], ["offset critical"], id="and-stays"),
        pytest.param([look(three(0.3, reach=0.31))], ["note unproven"], id="an-uneven-line-could-explain-it-all"),
        pytest.param([look(three(0.3, reach=0.29))], ["offset warning"], id="an-uneven-line-could-not"),
        # -- the vote
        pytest.param(
            [look([*three(0.0), server(30.0, "liar")])], ["note outvoted liar.address"], id="falseticker-of-four"
        ),
        pytest.param(
            [look([server(0.0, "a"), server(0.001, "b"), server(30.0, "liar")])],
            ["note outvoted liar.address"],
            id="falseticker-of-three",
        ),
        pytest.param(
            [look([server(0.0, "a"), server(5.0, "b"), server(5.001, "c")])],
            ["note outvoted a.address", "offset critical"],
            id="the-majority-says-we-are-wrong",
        ),
        pytest.param(
            [look([server(0.0, "a"), server(5.0, "b")])],
            ["unseen clock", "sources_disagree warning"],
            id="two-that-disagree",
        ),
        pytest.param(
            [look([server(0.0, "a"), server(5.0, "b"), server(9.0, "c")])],
            ["unseen clock", "sources_disagree warning"],
            id="three-that-disagree",
        ),
        pytest.param(
            [look([server(0.0, "a"), server(0.0, "b"), server(5.0, "c"), server(5.0, "d")])],
            ["unseen clock", "sources_disagree warning"],
            id="two-against-two",
        ),
        pytest.param(
            [look([server(0.0, "a"), server(5.0, "b"), silent("c")])],
            ["note c c.address", "unseen clock", "sources_disagree warning"],
            id="two-that-disagree-and-one-silent",
        ),
        pytest.param([look([server(0.0)])], ["note few"], id="one-server-cannot-be-outvoted"),
        pytest.param([look([server(0.5)])], ["note few", "offset warning"], id="one-server-says-we-are-wrong"),
        pytest.param([look([server(0.0, "a"), server(0.01, "b")])], ["note few"], id="two-that-agree"),
        pytest.param([look([*three(0.0), server(0.0, "far", reach=1.51)])], [], id="a-server-too-far-has-no-say"),
        pytest.param([look([server(50.0, reach=1.51)])], ["unseen clock"], id="nor-has-it-alone"),
        # -- who does not answer
        pytest.param([look([silent("a"), silent("b")])], ["unseen clock"], id="all-silent"),
        pytest.param([look([*three(0.0), silent("d")])], ["note d d.address"], id="one-silent-of-four"),
        pytest.param(
            [look([*three(0.0), silent("d")]), look([*three(0.0), silent("d")], HOUR + 60)],
            [],
            id="silent-is-noted-once",
        ),
        pytest.param(
            [look([silent(kiss="RATE", problem="it does not serve us")])], ["unseen clock"], id="kiss-of-death"
        ),
        # -- nobody to ask: the kernel's word counts, where it has one (chronyd with a reference clock of its own)
        pytest.param([look([])], ["note no servers"], id="no-servers-known-and-kernel-in-sync"),
        pytest.param([look([], kernel=NO_RTCSYNC)], ["unseen clock"], id="no-servers-known-and-kernel-not-told"),
        pytest.param(
            [look([], known=KnownServers(problem="cannot read /etc/chrony.conf"))],
            ["unseen clock"],
            id="whether-there-are-servers-is-hidden",
        ),
        pytest.param(
            [look([], keepers=(), kernel=UNSYNC)],
            ["unseen clock", "unsynchronised warning"],
            id="no-servers-and-no-daemon",
        ),
        pytest.param(
            [look([], keepers=(), kernel=KernelFacts(clock=clock(max_error_seconds=5.1)))],
            ["unseen clock", "unsynchronised warning"],
            id="no-servers-and-the-daemon-has-ended",
        ),
        # -- no daemon at all: the bound grows, hours before the kernel gives the clock up
        pytest.param(
            [look(three(0.0), keepers=(), kernel=KernelFacts(clock=clock(max_error_seconds=2.0)))],
            ["unsynchronised warning"],
            id="the-daemon-has-ended",
        ),
        pytest.param(
            [look(three(0.0), keepers=(), kernel=KernelFacts(clock=clock(max_error_seconds=1.999)))],
            [],
            id="the-daemon-has-ended-just-now-or-is-one-we-do-not-know",
        ),
        pytest.param(
            [look(three(0.0), kernel=KernelFacts(clock=clock(max_error_seconds=15.9)))],
            [],
            id="a-daemon-runs-and-waits-long",
        ),
        pytest.param(
            [
                look(
                    three(0.0),
                    keepers=(),
                    agents=("vmtoolsd",),
                    kernel=KernelFacts(clock=clock(max_error_seconds=9)),
                )
            ],
            [],
            id="an-agent-may-keep-it",
        ),
        pytest.param(
            [look(three(0.0), 599, keepers=(), kernel=KernelFacts(clock=clock(max_error_seconds=9)))],
            [],
            id="no-daemon-yet-after-boot",
        ),
        # -- no false alarm: a slew at work, a new offset, suspend, a paused VM, a step, the boot
        pytest.param(
            [look(three(0.5)), look(three(0.47), HOUR + 60)], ["note slew"], id="slew-at-work-by-500-ppm"
        ),
        pytest.param([look(three(18.0)), look(three(17.97), HOUR + 60)], ["note slew"], id="slew-at-work-on-18-s"),
        pytest.param(
            [look(three(-0.5)), look(three(-0.3), HOUR + 60)], ["note slew"], id="slew-at-work-the-other-way"
        ),
        pytest.param(
            [look(three(0.5)), look(three(0.497), HOUR + 5), look(three(0.48), HOUR + 40)],
            ["note slew"],
            id="slew-shows-over-looks-in-quick-succession",
        ),
        pytest.param(
            [look(three(0.5)), look(three(0.495), HOUR + 60)], ["offset warning"], id="jitter-is-no-slew"
        ),
        pytest.param(
            [look(three(18.03, round_trip=0.07)), look(three(18.01, round_trip=0.024), HOUR + 60)],
            ["offset critical"],
            id="what-a-slow-answer-was-wrong-by-is-no-slew",
        ),
        pytest.param(
            [look(three(18.03, round_trip=0.07)), look(three(17.99, round_trip=0.024), HOUR + 60)],
            ["note slew"],
            id="more-than-a-slow-answer-was-wrong-by-is-a-slew",
        ),
        pytest.param(
            [
                look(three(-0.03, round_trip=0.07), keepers=()),
                look(three(-18.009, round_trip=0.024), HOUR + 8, stepped=18.0, keepers=()),
            ],
            ["offset critical"],
            id="set-wrong-after-a-slow-answer-is-no-slew",
        ),
        pytest.param(
            [look(three(0.5)), look(three(0.4), HOUR + 2000)], ["offset warning"], id="drift-of-50-ppm-is-no-slew"
        ),
        pytest.param(
            [look(three(18.0)), look(three(8.0), HOUR + 60, stepped=10.0)],
            ["offset critical"],
            id="a-step-that-falls-short-is-no-slew",
        ),
        pytest.param(
            [look(three(0.5)), look(three(-0.3), HOUR + 60)], ["offset warning"], id="overshooting-is-no-slew"
        ),
        pytest.param(
            [look(three(0.0)), look(three(30.0), HOUR + 60)], ["note new"], id="vm-was-paused-30-s-a-daemon-runs"
        ),
        pytest.param(
            [look(three(0.0)), look(three(30.0), HOUR + 60), look(three(30.0), HOUR + 359)],
            [],
            id="within-the-time-a-daemon-has-to-notice",
        ),
        pytest.param(
            [look(three(0.0)), look(three(30.0), HOUR + 60), look(three(30.0), HOUR + 360)],
            ["offset critical"],
            id="the-daemon-did-not-notice",
        ),
        pytest.param(
            [look(three(0.0)), look(three(30.0), HOUR + 60), look(three(0.0), HOUR + 120)], [], id="it-did"
        ),
        pytest.param(
            [
                look(three(0.0)),
                look(three(30.0), HOUR + 60),
                look(three(0.0), HOUR + 120),
                look(three(30.0), HOUR + 380),
            ],
            ["note new"],
            id="paused-again-patience-begins-anew",
        ),
        pytest.param(
            [look(three(0.0), keepers=()), look(three(30.0), HOUR + 60, keepers=())],
            ["offset critical"],
            id="nobody-there-to-correct-it",
        ),
        pytest.param(
            [look(three(0.0), keepers=(CHRONYD_X,)), look(three(30.0), HOUR + 60, keepers=(CHRONYD_X,))],
            ["offset critical"],
            id="chronyd-x-does-not-correct",
        ),
        pytest.param(
            [look(three(0.0)), look(three(-0.8), 9 * HOUR, suspended=8 * HOUR)],
            ["note new"],
            id="resumed-from-suspend",
        ),
        pytest.param(
            [look(three(0.8)), look(three(0.4), 9 * HOUR, suspended=8 * HOUR)],
            ["offset warning"],
            id="an-offset-that-a-suspend-changed-is-no-slew",
        ),
        pytest.param(
            [look(three(0.0)), look(three(18.0), HOUR + 60, stepped=-18.0)],
            ["note new"],
            id="just-stepped-clock-step-tells-it",
        ),
        pytest.param([look(three(7200.0), 599.9)], ["note new"], id="first-minutes-after-boot"),
        pytest.param([look(three(7200.0), 500), look(three(7200.0), 600)], ["offset critical"], id="boot-is-over"),
        pytest.param(
            [look(three(0.0), 9 * HOUR), look(three(5.0), 300, boot="boot-b")], ["note new"], id="after-a-reboot"
        ),
        pytest.param(
            [look(three(5.0), 9 * HOUR), look(three(4.0), 900, boot="boot-b")],
            ["offset critical"],
            id="an-offset-of-another-boot-is-no-slew",
        ),
        pytest.param([look(three(0.0), rtc_in_local_time=True)], [], id="hardware-clock-in-local-time-by-itself"),
        # -- leap seconds
        pytest.param(
            [look(three(0.0), kernel=KernelFacts(clock=clock(leap="insert", state="insert")))],
            ["note leap second"],
            id="leap-second-announced",
        ),
        pytest.param(
            [look(three(-1.0), kernel=KernelFacts(clock=clock(leap="insert", state="in progress")))],
            ["note leap", "note leap second"],
            id="leap-second-being-inserted",
        ),
        pytest.param([look(three(-1.05, leap=1))], ["note leap"], id="leap-second-announced-by-servers"),
        pytest.param([look(three(-1.2, leap=1))], ["offset critical"], id="more-than-a-leap-second"),
        pytest.param(
            [look([server(0.0, "a", leap=1), *three(1.0)[1:]])],
            ["note outvoted a.address", "offset critical"],
            id="a-leap-second-that-one-server-made-up",
        ),
        pytest.param(
            [
                look(
                    [server(0.0, "a"), server(0.5, "smearing")],
                    kernel=KernelFacts(clock=clock(leap="insert", state="insert")),
                )
            ],
            ["unseen clock", "note leap", "note leap second"],
            id="smearing-and-other-servers-on-the-day",
        ),
        # -- the kernel
        pytest.param([look(three(0.0), kernel=NO_RTCSYNC)], [], id="chrony-without-rtcsync"),
        pytest.param(
            [look(three(0.0), kernel=KernelFacts(clock=clock(unsynchronised=True, max_error_seconds=15.999)))],
            [],
            id="unsync-with-the-error-bound-just-below",
        ),
        pytest.param(
            [look(three(0.0), kernel=KernelFacts(clock=clock(max_error_seconds=16.0)))],
            [],
            id="error-bound-without-unsync",
        ),
        pytest.param(
            [look(three(0.0), kernel=UNSYNC)], ["unsynchronised warning"], id="chronyd-never-synchronised"
        ),
        pytest.param([look(three(0.0), 599.9, kernel=UNSYNC)], [], id="just-booted-not-yet-synchronised"),
        pytest.param([look(three(0.0), 600, kernel=UNSYNC)], ["unsynchronised warning"], id="boot-has-had-time"),
        pytest.param(
            [look([], keepers=(), kernel=UNSYNC)],
            ["unseen clock", "unsynchronised warning"],
            id="no-daemon-at-all",
        ),
        pytest.param(
            [look(three(0.0), keepers=(CHRONYD_X,), kernel=UNSYNC)],
            ["unsynchronised warning"],
            id="only-a-daemon-that-leaves-the-clock-alone",
        ),
        pytest.param([look(three(0.0), keepers=(TIMESYNCD,))], [], id="timesyncd-in-sync"),
        pytest.param(
            [look(three(0.0), keepers=(OPENNTPD,), kernel=UNSYNC)],
            ["note not told"],
            id="openntpd-does-not-tell-the-kernel",
        ),
        pytest.param(
            [look([silent()], keepers=(BUSYBOX,), kernel=UNSYNC)],
            ["unseen clock", "unseen kernel"],
            id="busybox-does-not-tell-and-nobody-can-be-asked",
        ),
        pytest.param(
            [look(three(0.0), keepers=(), agents=("vmtoolsd",), kernel=UNSYNC)],
            ["note not told"],
            id="vmware-tools-keep-it-right",
        ),
        pytest.param(
            [look(three(3.0), keepers=(), agents=("vmtoolsd",), kernel=UNSYNC)],
            ["offset critical", "note not told"],
            id="vmware-tools-do-not",
        ),
        pytest.param(
            [look([], keepers=(), agents=("vmtoolsd",), kernel=UNSYNC)],
            ["unseen clock", "unseen kernel"],
            id="vmware-tools-may-keep-it-right",
        ),
        pytest.param(
            [look([], keepers=(), kernel=KernelFacts(clock=UNSYNC.clock, belongs_to_outer_host=True))],
            ["not applicable"],
            id="container-without-the-right-to-set-clocks",
        ),
        pytest.param(
            [look(three(18.0), keepers=(), kernel=KernelFacts(clock=UNSYNC.clock, belongs_to_outer_host=True))],
            ["offset critical", "note container"],
            id="container-whose-settings-name-servers",
        ),
        pytest.param(
            [look(three(0.0), kernel=KernelFacts(problem="adjtimex: Operation not permitted"))],
            ["unseen kernel"],
            id="adjtimex-forbidden",
        ),
        # -- daemons
        pytest.param(
            [look(three(0.0), keepers=(CHRONYD, TIMESYNCD))], ["daemon_conflict warning"], id="two-daemons"
        ),
        pytest.param(
            [look(three(0.0), keepers=(NTPD, OPENNTPD))], ["daemon_conflict warning"], id="ntpd-and-openntpd"
        ),
        pytest.param([look(three(0.0), keepers=(CHRONYD_X, TIMESYNCD))], [], id="chronyd-x-beside-timesyncd"),
        pytest.param([look(three(0.0), keepers=(CHRONYD, CHRONYD))], [], id="two-processes-of-one-daemon"),
        pytest.param([look(three(0.0), keepers=(HIDDEN, TIMESYNCD))], ["unseen ntp-daemons"], id="one-is-hidden"),
        pytest.param([look(three(0.0), keepers=(HIDDEN,))], [], id="the-only-one-is-hidden"),
        pytest.param(
            [look(three(0.0), keepers=(HIDDEN, TIMESYNCD, NTPD))],
            ["daemon_conflict warning"],
            id="two-that-are-seen-and-one-hidden",
        ),
    ],
)
def test_judge(looks: list[SyncFacts], expected: list[str]) -> None:
    assert judged(looks) == expected


def metrics(looks: list[SyncFacts]) -> dict[str, float]:
    return {one.name: one.value for one in judgements(looks) if isinstance(one, Metric)}


def test_metrics() -> None:
    assert metrics([look([server(0.010, "a"), server(0.014, "b"), server(0.011, "c"), server(9.0, "liar")])]) == {
        "offset_seconds": 0.011,
        "round_trip_seconds": 0.0,
        "spread_seconds": pytest.approx(0.004),
        "maxerror_seconds": 0.02,
        "frequency_ppm": -12.5,
    }


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        pytest.param([look(three(0.0)), look(three(0.012), HOUR + 600)], -20.0, id="loses-12-ms-in-10-min"),
        pytest.param([look(three(0.0)), look(three(-0.03), HOUR + 600)], 50.0, id="gains"),
        pytest.param([look(three(0.0)), look(three(0.01), HOUR + 599)], None, id="too-short-a-time"),
        pytest.param(
            [look(three(0.05)), look(three(18.05 - 0.012), HOUR + 600, stepped=-18.0)],
            20.0,
            id="a-step-is-no-drift",
        ),
        pytest.param(
            [look(three(0.0)), look(three(0.05), HOUR + 900, suspended=300.0)], None, id="nor-is-a-suspend"
        ),
        pytest.param(
            [look(three(0.0)), look(three(0.05), HOUR + 900, boot="boot-b")],
            None,
            id="another-boot-is-another-clock",
        ),
        pytest.param(
            [look(three(0.0)), look(three(0.01), HOUR + 300), look(three(0.012), HOUR + 600)],
            -20.0,
            id="over-the-whole-time",
        ),
        pytest.param(
            [look(three(0.0)), look(three(0.9), HOUR + 3600), look(three(0.912), HOUR + 4200)],
            -20.0,
            id="an-hour-is-enough",
        ),
    ],
)
def test_drift(looks: list[SyncFacts], expected: float | None) -> None:
    assert metrics(looks).get("drift_ppm") == (None if expected is None else pytest.approx(expected))


def refused(looks: list[SyncFacts]) -> list[str]:
    before: SyncMemory | None = None
    for facts in looks:
        before = CHECK.remember(facts, before, ClockSyncSettings())
    assert before is not None
    return [f"{one.address} {one.code}" for one in before.refusals]


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        pytest.param([look([silent(kiss="RATE")])], ["s.address RATE"], id="obeyed"),
        pytest.param([look([silent(kiss="RATE")]), look([], HOUR + 3599)], ["s.address RATE"], id="for-an-hour"),
        pytest.param([look([silent(kiss="RATE")]), look([], HOUR + 3600)], [], id="then-forgotten"),
        pytest.param(
            [look([silent(kiss="RATE")]), look([], HOUR + 60, stepped=-9e6)],
            ["s.address RATE"],
            id="whatever-the-wall-clock-says",
        ),
        pytest.param(
            [look([silent(kiss="DENY")], 9 * HOUR), look([], 60, boot="boot-b")],
            ["s.address DENY"],
            id="across-a-reboot",
        ),
        pytest.param(
            [look([silent(kiss="RATE")]), look([silent(kiss="DENY")], HOUR + 3000), look([], HOUR + 5000)],
            ["s.address DENY"],
            id="a-later-one-counts-anew",
        ),
    ],
)
def test_a_refusal_is_remembered(looks: list[SyncFacts], expected: list[str]) -> None:
    assert refused(looks) == expected


def finding(facts: SyncFacts, fault: str) -> Finding:
    (one,) = (one for one in judgements([facts]) if isinstance(one, Finding) and one.fault == fault)
    return one


def test_what_a_person_reads_of_an_offset() -> None:
    facts = look([*three(18.0), server(0.0, "liar")], distribution="debian")
    assert finding(facts, "clock_sync.offset").summary == (
        "clock is 18.0 s behind 3 of 4 NTP servers (alert at 0.1 s, critical at 1.0 s), and who corrects it may"
        " step it; chronyd runs; ask: chronyc -n sources"
    )
    assert finding(facts, "clock_sync.offset").evidence["outvoted"] == ["liar.address"]


@pytest.mark.parametrize(
    ("servers", "keepers", "expected"),
    [
        pytest.param(
            [*three(0.5), server(30.0, "liar")],
            (CHRONYD,),
            "This clock is 0.5 s behind a (a.address), 0.5 s behind b (b.address), 0.5 s behind c (c.address)"
            " (outvoted: 30.0 s behind liar (liar.address)); chronyd runs; ask: chronyc -n sources."
            " To set it right at once, which is ahead: chronyc makestep",
            id="behind-one-lies",
        ),
        pytest.param(
            [server(-0.5)],
            (),
            "This clock is 0.5 s ahead of a (a.address); no NTP daemon steers it: install the package chrony."
            " Setting it right goes back: first stop what dies of that (systemctl stop dovecot; databases), then"
            " let the daemon that corrects it start anew, then start it again; or wait where the daemon slews it",
            id="ahead-nobody-corrects-it",
        ),
    ],
)
def test_the_advice_on_an_offset_names_the_servers_and_what_to_type(
    servers: list[ServerFacts], keepers: tuple[KeeperFacts, ...], expected: str
) -> None:
    (finding,) = (one for one in judgements([look(servers, keepers=keepers)]) if isinstance(one, Finding))
    assert finding.evidence["advice"] == expected


def test_who_is_told_to_install_a_daemon_is_told_what_its_start_may_do() -> None:
    facts = look(three(-18.0), keepers=(), kernel=UNSYNC, distribution="debian")
    assert finding(facts, "clock_sync.offset").summary.endswith(
        "and who corrects it may set it back at once: first stop what dies of it (Dovecot); no NTP daemon steers"
        " it: apt install chrony"
    )


def test_what_a_person_reads_when_nothing_keeps_the_clock() -> None:
    facts = look([], keepers=(), kernel=UNSYNC, distribution="rocky", distribution_like=("rhel",))
    assert finding(facts, "clock_sync.unsynchronised").summary == (
        "the clock is not synchronised: its error may be 16.0 s or more (STA_UNSYNC, limit 16.0 s), so it drifts"
        " unseen; no NTP daemon steers it: dnf install chrony"
    )
    (unseen,) = (one for one in judgements([facts]) if isinstance(one, Unseen))
    assert unseen.reason == (
        "no NTP servers are known, so the offset is not: [checks.clock_sync] servers is empty, and no NTP daemon"
        ' runs here; set servers = ["time.example"]'
    )


def test_what_a_person_reads_when_servers_disagree() -> None:
    facts = look([server(0.0, "a"), server(5.0, "b")])
    assert finding(facts, "clock_sync.sources_disagree").summary == (
        "no majority among 2 NTP servers (a (a.address) +0.000 s, b (b.address) +5.000 s), so nobody here can know"
        " the time; with two, nobody can tell which is wrong: four servers can outvote one"
    )


@pytest.mark.parametrize(
    ("offset", "local", "expected"),
    [
        pytest.param(7200.3, True, "the hardware clock is in local time", id="two-hours"),
        pytest.param(-19800.0, False, "the hardware clock may be in local time", id="india"),
        pytest.param(1234.0, True, "", id="no-time-zone"),
        pytest.param(2.0, True, "", id="seconds"),
    ],
)
def test_an_offset_of_whole_quarters_of_an_hour_is_a_time_zone(offset: float, local: bool, expected: str) -> None:
    summary = finding(look(three(offset), rtc_in_local_time=local), "clock_sync.offset").summary
    assert ("hardware clock" in summary) is bool(expected)
    assert expected in summary


def test_thresholds_are_settings() -> None:
    assert judged([look(three(0.06))], warning_offset=0.05, critical_offset=0.055) == ["offset critical"]
    assert judged([look(three(0.0)), look(three(3.0), HOUR + 9)], settle=0.0) == ["offset critical"]
    assert judged([look(three(3.0), 60)], boot_grace=0.0) == ["offset critical"]


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param({"servers": ("",)}, id="no-name"),
        pytest.param({"servers": ("a b",)}, id="space"),
        pytest.param({"servers": ("a:0",)}, id="port-0"),
        pytest.param({"servers": ("a:65536",)}, id="port-too-large"),
        pytest.param({"servers": ("a:²",)}, id="port-no-ascii-digit"),
        pytest.param({"servers": ("[::1",)}, id="bracket-not-closed"),
        pytest.param({"servers": ("[::1]x",)}, id="after-the-bracket"),
        pytest.param({"servers": ("a",) * 17}, id="too-many"),
        pytest.param({"warning_offset": 2.0}, id="warning-above-critical"),
        pytest.param({"warning_offset": 0.0}, id="warning-at-nothing"),
        pytest.param({"answer_limit": 4.0}, id="no-time-to-answer"),
    ],
)
def test_bad_settings(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"server|offset|port|limit"):
        ClockSyncSettings(**bad)


offsets = st.floats(-1e6, 1e6)


@given(truth=offsets, honest=st.lists(st.floats(-0.01, 0.01), min_size=2, max_size=8), lies=st.lists(offsets))
def test_a_minority_of_liars_never_moves_the_offset(truth: float, honest: list[float], lies: list[float]) -> None:
    lies = lies[: len(honest) - 1]
    servers = [server(truth + error, f"h{i}", reach=0.01) for i, error in enumerate(honest)]
    servers += [server(lie, f"l{i}", reach=0.01) for i, lie in enumerate(lies)]
    assert abs(metrics([look(servers)])["offset_seconds"] - truth) <= 0.031


@given(st.lists(st.tuples(offsets, st.floats(0, 10), st.integers(0, 2)), max_size=16))
def test_any_answers_can_be_judged(answers: list[tuple[float, float, int]]) -> None:
    servers = [server(o, f"s{i}", reach=r, leap=leap) for i, (o, r, leap) in enumerate(answers)]
    said = judged([look(servers), look(servers, HOUR + 60)])
    assert said.count("unseen clock") <= 1
