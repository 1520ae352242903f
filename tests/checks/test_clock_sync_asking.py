"""clock_sync asks real servers: tests/lab/ntp_responder.py on loopback, right, wrong, silent, forged and dying."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from checks._clock_sync.asked import Asked
from checks._clock_sync.asking import ServerFacts
from checks._clock_sync.keepers import KnownServers
from checks._clock_sync.servers import Ballot, Endpoint, choose
from checks.clock_sync import CHECK, ClockSyncSettings, SyncFacts, SyncMemory, observe, observe_processes
from tests.needs import need
from watchdog.host import Host, Process
from watchdog.looking import Look, look_at_all
from watchdog.model import Metric, Stamp, Unseen

RESPONDER = Path(__file__).parents[1] / "lab" / "ntp_responder.py"


@dataclass
class Responder:
    """A server that runs: `address` as the settings take it."""

    process: subprocess.Popen[str]
    address: str

    def requests(self) -> int:
        """End it and return how often it was asked."""
        self.process.kill()
        return self.process.communicate(timeout=10)[0].count("request ")


Serve = Callable[..., Responder]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that starts a responder with options, on a free port of loopback."""
    with ExitStack() as stack:

        def start(*options: str) -> Responder:
            process = stack.enter_context(
                subprocess.Popen([sys.executable, RESPONDER, *options], stdout=subprocess.PIPE, text=True)
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            _, host, port = process.stdout.readline().split()
            return Responder(process=process, address=f"[{host}]:{port}" if ":" in host else f"{host}:{port}")

        yield start


def settings(*servers: Responder | str, **more: float) -> ClockSyncSettings:
    names = tuple(one if isinstance(one, str) else one.address for one in servers)
    return ClockSyncSettings(servers=names, **{"answer_limit": 0.3} | more)  # type: ignore[arg-type]


def ask(*servers: Responder | str, host: Host | None = None, **more: float) -> dict[str, ServerFacts]:
    """Return what each server said, by its name."""
    facts = observe_processes(host or Host(), (), settings(*servers, **more))
    assert len({one.name for one in facts.servers}) == len(facts.servers)
    return {one.name: one for one in facts.servers}


def judged(facts: SyncFacts, chosen: ClockSyncSettings) -> list[str]:
    """Return the faults found and the subjects not seen, what the kernel says of this machine left out."""
    found = CHECK.judge(facts, None, msgspec.structs.replace(chosen, boot_grace=0.0))
    said = (
        getattr(one, "fault", "") or (f"unseen {one.subject}" if isinstance(one, Unseen) else "") for one in found
    )
    return [one for one in said if one and one != "clock_sync.unsynchronised"]


def test_a_right_server(serve: Serve) -> None:
    server = serve("--stratum", "3", "--leap", "1", "--root-delay", "0.5", "--root-dispersion", "0.25")
    answer = ask(server)[server.address].answer
    assert answer is not None
    assert abs(answer.offset_seconds) < 0.05
    assert 0 <= answer.round_trip_seconds < 0.3
    assert (answer.stratum, answer.leap) == (3, 1)
    assert (answer.root_delay_seconds, answer.root_dispersion_seconds) == (0.5, 0.25)


def test_a_server_18_s_ahead_of_us(serve: Serve) -> None:
    server = serve("--offset", "18", "--monotonic")
    chosen = settings(server)
    facts = observe_processes(Host(), (), chosen)
    assert facts.servers[0].answer is not None
    assert facts.servers[0].answer.offset_seconds == pytest.approx(18.0, abs=0.05)
    assert judged(facts, chosen) == ["clock_sync.offset"]


def test_a_liar_among_three_is_outvoted(serve: Serve) -> None:
    chosen = settings(serve(), serve(), serve("--offset", "30"))
    facts = observe_processes(Host(), (), chosen)
    assert [round(one.answer.offset_seconds) for one in facts.servers if one.answer] == [0, 0, 30]
    assert judged(facts, chosen) == []


def test_two_that_disagree(serve: Serve) -> None:
    chosen = settings(serve(), serve("--offset", "30"))
    assert judged(observe_processes(Host(), (), chosen), chosen) == [
        "unseen clock",
        "clock_sync.sources_disagree",
    ]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        pytest.param(["--silent"], "no answer within 0.3 s", id="silent"),
        pytest.param(["--delay", "1"], "no answer within 0.3 s", id="too-late"),
        pytest.param(["--truncate", "40"], "40 bytes are no NTP packet", id="truncated"),
        pytest.param(["--truncate", "0"], "0 bytes are no NTP packet", id="empty"),
        pytest.param(["--extra", "3"], "51 bytes are no NTP packet", id="not-by-fours"),
        pytest.param(["--wrong-origin"], "does not answer our request", id="forged"),
        pytest.param(["--wrong-origin", "--copies", "100"], "does not answer our request", id="a-flood"),
        pytest.param(["--mode", "3"], "mode 3", id="wrong-mode"),
        pytest.param(["--version", "1"], "version 1", id="wrong-version"),
        pytest.param(["--wrong-port"], "no answer within 0.3 s", id="from-another-port"),
        pytest.param(["--leap", "3"], "not synchronised", id="unsynchronised"),
        pytest.param(["--stratum", "16"], "not synchronised", id="stratum-16"),
        pytest.param(["--no-time"], "gives no time", id="no-time"),
        pytest.param(["--negative-delay"], "contradict themselves", id="negative-delay"),
        pytest.param(["--kod", "INIT"], "it has no time yet (kiss-o'-death INIT)", id="not-ready"),
        pytest.param(["--die-after", "0"], "nothing listens there", id="dies-while-asked"),
    ],
)
def test_no_usable_answer_is_no_fault(serve: Serve, options: list[str], problem: str) -> None:
    server = serve(*options)
    chosen = settings(server)
    facts = observe_processes(Host(), (), chosen)
    assert facts.servers[0].answer is None
    assert problem in facts.servers[0].problem
    assert facts.servers[0].kiss == ""
    assert judged(facts, chosen) == ["unseen clock"]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["--silent-first", "1"], id="first-request-lost"),
        pytest.param(["--wrong-origin", "--then-right"], id="a-forged-answer-comes-first"),
        pytest.param(["--mode", "5", "--then-right"], id="a-broadcast-comes-first"),
        pytest.param(["--truncate", "8", "--then-right"], id="a-truncated-one-comes-first"),
        pytest.param(["--extra", "24"], id="extension-fields"),
        pytest.param(["--copies", "3"], id="answers-three-times"),
        pytest.param(["--version", "3"], id="version-3"),
        pytest.param(["--delay", "0.1"], id="slow"),
    ],
)
def test_what_does_not_keep_an_answer_from_counting(serve: Serve, options: list[str]) -> None:
    server = serve(*options)
    answer = ask(server)[server.address].answer
    assert answer is not None
    assert abs(answer.offset_seconds) < 0.1


def test_one_that_vanishes_while_asked_leaves_the_others(serve: Serve) -> None:
    dying = serve("--die-after", "0")
    chosen = settings(dying, serve(), serve(), serve())
    facts = observe_processes(Host(), (), chosen)
    assert [one.name for one in facts.servers if one.problem] == [dying.address]
    assert judged(facts, chosen) == []


def test_ipv6_only(serve: Serve) -> None:
    if not Path("/proc/net/if_inet6").exists():
        need("IPv6 on loopback (a kernel booted without ipv6.disable=1)")
    server = serve("--bind", "::1", "--offset", "-5")
    answer = ask(server)[server.address].answer
    assert answer is not None
    assert answer.offset_seconds == pytest.approx(-5.0, abs=0.05)


def test_silence_by_one_family_is_asked_by_the_other(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve()
    port = int(server.address.rpartition(":")[2])
    both = [
        (socket.AF_INET6, socket.SOCK_DGRAM, 17, "", ("::1", port, 0, 0)),
        (socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", port)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    facts = ask("both.example")["both.example"]
    assert facts.address == server.address
    assert facts.answer is not None


def test_who_forbids_to_be_asked_is_not_asked_again(serve: Serve) -> None:
    server = serve("--kod", "RATE")
    look = Look(check=CHECK, settings=settings(server))
    (first,) = look_at_all(Host(), [look])
    (second,) = look_at_all(Host(), [replace(look, memory=first.memory)])
    (third,) = look_at_all(Host(), [replace(look, memory=second.memory)])
    assert "it refuses to serve us (kiss-o'-death RATE)" in first.result.reason
    assert "it asked not to be asked (kiss-o'-death RATE); next time in 1 h" in second.result.reason
    assert "it asked not to be asked" in third.result.reason
    assert server.requests() == 1


def test_after_an_hour_it_is_asked_again(serve: Serve) -> None:
    server = serve("--kod", "DENY")
    chosen = settings(server)
    remembered = CHECK.remember(observe(Host(), chosen), None, chosen)
    (refusal,) = remembered.refusals
    an_hour_ago = msgspec.structs.replace(refusal, boottime_ns=refusal.boottime_ns - 3600 * 10**9)
    old = msgspec.structs.replace(remembered, refusals=(an_hour_ago,))
    assert observe(Host(), chosen, old).servers[0].kiss == "DENY"
    assert server.requests() == 2


class SteppingHost(Host):
    """A host whose clock is stepped back 18 s between the readings `steps_after` and the next."""

    def __init__(self, steps_after: int) -> None:
        super().__init__()
        self.readings, self.steps_after = 0, steps_after

    def stamp(self) -> Stamp:
        now = super().stamp()
        self.readings += 1
        return replace(now, wall_ns=now.wall_ns - 18 * 10**9) if self.readings > self.steps_after else now


def test_a_step_at_any_moment_never_falsifies_an_offset(serve: Serve) -> None:
    server = serve("--monotonic")
    counting = SteppingHost(steps_after=10**9)
    ask(server, host=counting)
    seen = set()
    for moment in range(counting.readings + 2):
        facts = ask(server, host=SteppingHost(moment))[server.address]
        if facts.answer:
            right = 18.0 if round(facts.answer.offset_seconds) else 0.0
            assert facts.answer.offset_seconds == pytest.approx(right, abs=0.05)
        else:
            assert facts.problem == "the clock was stepped by -18.0 s while it was asked"
        seen.add(round(facts.answer.offset_seconds) if facts.answer else None)
    assert seen == {18, None, 0}  # stepped before, during, and after


@pytest.mark.parametrize(
    "name",
    [pytest.param("a..b", id="empty-label"), pytest.param("x" * 70 + ".example", id="label-too-long")],
)
def test_a_name_that_cannot_be_one(name: str) -> None:
    assert "its name cannot be resolved" in ask(name)[name].problem


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    said = ask("time.example")["time.example"]
    assert said.problem == "its name cannot be resolved: Temporary failure in name resolution"


def test_a_resolver_that_hangs_costs_its_name_only(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve()
    released, resolve = threading.Event(), socket.getaddrinfo

    def hang(host: str, *args: int, **kwargs: int) -> object:
        if host == "hangs.example":
            released.wait(30)
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        said = ask("hangs.example", server, resolve_limit=0.2)
    finally:
        released.set()
    assert said["hangs.example"].problem == "its name was not resolved within 0.2 s"
    assert said[server.address].answer is not None


def test_no_servers_are_known_where_no_daemon_runs() -> None:
    facts = observe_processes(Host(), (), ClockSyncSettings())
    assert facts.servers == ()
    assert facts.known == KnownServers()


# -- how often they are asked


def looks(*chosen: ClockSyncSettings) -> list[SyncFacts]:
    """Look once with each settings, one after another, with what is remembered."""
    seen: list[SyncFacts] = []
    before: SyncMemory | None = None
    for one in chosen:
        seen.append(observe_processes(Host(), (), one, before))
        before = CHECK.remember(seen[-1], before, one)
    return seen


def test_while_all_is_well_they_are_asked_seldom(serve: Serve) -> None:
    server = serve()
    first, again, later = looks(settings(server), settings(server), settings(server, ask_every=0))
    assert [look.asked_before for look in (first, again, later)] == [False, True, False]
    assert again.servers == first.servers
    assert server.requests() == 2


def test_what_their_last_answers_bound_is_told(serve: Serve) -> None:
    server = serve()
    first, again = looks(settings(server), settings(server))
    offsets = [
        {one.name: one.value for one in CHECK.judge(look, None, settings(server)) if isinstance(one, Metric)}
        for look in (first, again)
    ]
    assert "offset_seconds" in offsets[0]
    assert "offset_limit_seconds" not in offsets[0]
    assert "offset_seconds" not in offsets[1], "nobody has measured"
    assert offsets[1]["offset_limit_seconds"] == settings(server).warning_offset


def test_while_the_clock_is_wrong_they_are_asked_at_every_look(serve: Serve) -> None:
    server = serve("--offset", "0.5")
    assert [look.asked_before for look in looks(settings(server), settings(server))] == [False, False]
    assert server.requests() == 2


@pytest.mark.parametrize(
    ("change", "stands"),
    [
        pytest.param({}, True, id="a-moment-later"),
        pytest.param({"boottime_ns": 355_999_999_999}, True, id="just-before-the-time"),
        pytest.param({"boottime_ns": 356_000_000_000}, False, id="at-the-time"),
        pytest.param({"boottime_ns": 99_000_000_000}, False, id="put-back-to-a-snapshot"),
        pytest.param({"wall_ns": 1_000_000_000 - 18_000_000_000}, False, id="the-clock-was-stepped"),
        pytest.param({"boot_id": "b"}, False, id="another-boot"),
        pytest.param({"suspended_seconds": 30.0}, False, id="the-machine-slept"),
        pytest.param({"names": ("a", "b")}, False, id="other-servers"),
    ],
)
def test_how_long_answers_stand(change: dict[str, Any], stands: bool) -> None:
    asked = Asked(
        boot_id="a", boottime_ns=100_000_000_000, wall_ns=0, suspended_seconds=1.0, names=("a",), servers=()
    )
    boottime_ns = change.get("boottime_ns", 101_000_000_000)
    now = Stamp(
        boot_id=change.get("boot_id", "a"),
        boottime_ns=boottime_ns,
        wall_ns=change.get("wall_ns", boottime_ns - asked.boottime_ns),
    )
    assert asked.stands(now, change.get("suspended_seconds", 1.0), change.get("names", ("a",)), 256.0) is stands


# -- which addresses get a vote


def v4(*hosts: str) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(family=socket.AF_INET, address=host, port=123) for host in hosts)


def v6(*hosts: str) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(family=socket.AF_INET6, address=host, port=123, scope=(0, 0)) for host in hosts)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([("pool", v4("a", "b", "c", "d", "e"))], ["a", "b", "c", "d"], id="a-pool-votes-with-four"),
        pytest.param([("both", (*v6("A"), *v4("a")))], ["A then a"], id="one-machine-one-vote"),
        pytest.param(
            [("pool", (*v6("A", "B"), *v4("a", "b", "c")))],
            ["A then a", "B then b"],
            id="the-family-that-comes-first",
        ),
        pytest.param([("x", v4("a")), ("y", v4("a"))], ["a"], id="two-names-of-one-machine"),
        pytest.param(
            [(name, v4(f"{name}1", f"{name}2")) for name in "wxyz"], ["w1", "x1", "y1", "z1"], id="four-names"
        ),
        pytest.param([(str(n), v4(str(n))) for n in range(20)], [str(n) for n in range(16)], id="sixteen-at-most"),
        pytest.param([("gone", ()), ("x", v4("a"))], ["a"], id="a-name-without-addresses"),
    ],
)
def test_choose(found: list[tuple[str, tuple[Endpoint, ...]]], expected: list[str]) -> None:
    assert [_text(ballot) for ballot in choose(found)] == expected


def _text(ballot: Ballot) -> str:
    return " then ".join(endpoint.text for endpoint in ballot.endpoints)


# -- the host's own configuration


def process(pid: int, name: str, *argv: str, exe: str | None = None) -> Process:
    path = exe or f"/usr/sbin/{name}"
    return Process(pid=pid, name=name, exe=path, argv=(path, *argv), started_boottime_seconds=5.0)


def tree(root: Path, files: dict[str, str]) -> Host:
    """Return a host with these files and this machine's boot_id."""
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text()
    for path, text in (files | {"/proc/sys/kernel/random/boot_id": boot_id}).items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return Host(root)


CHRONY = {"/proc/10/exe": "ELF /etc/chrony/chrony.conf\0", "/etc/chrony/chrony.conf": "server 127.0.0.1\n"}
NTPSEC = {
    "/proc/12/exe": "ELF ntpsec-1.2.2 /etc/ntpsec/ntp.conf\0",
    "/etc/ntpsec/ntp.conf": "disable ntp\nserver 127.0.0.2\n",
}


@pytest.mark.parametrize(
    ("files", "processes", "names", "keepers"),
    [
        pytest.param(
            CHRONY, [process(10, "chronyd", "-F", "1")], ("127.0.0.1",), ["chronyd steers"], id="chronyd"
        ),
        pytest.param(CHRONY, [process(10, "chronyd", "-x")], ("127.0.0.1",), ["chronyd"], id="chronyd-x"),
        pytest.param(CHRONY, [process(10, "chronyd", "-Q")], ("127.0.0.1",), ["chronyd"], id="chronyd-Q"),
        pytest.param(
            NTPSEC, [process(12, "ntpd", "-g")], ("127.0.0.2",), ["ntpsec ntpd"], id="ntpd-that-only-serves"
        ),
        pytest.param(
            CHRONY | NTPSEC,
            [process(10, "chronyd"), process(12, "ntpd")],
            ("127.0.0.1", "127.0.0.2"),
            ["chronyd steers", "ntpsec ntpd"],
            id="both",
        ),
        pytest.param(
            {},
            [process(14, "busybox", exe="/bin/busybox"), process(15, "busybox", "ntpd", "-w", exe="/bin/busybox")],
            (),
            ["busybox ntpd"],
            id="busybox-that-only-asks",
        ),
        pytest.param(
            CHRONY | {"/etc/chrony/chrony.conf": "include /etc/chrony/chrony.conf\n"},
            [process(10, "chronyd")],
            (),
            ["chronyd steers"],
            id="a-configuration-that-includes-itself",
        ),
        pytest.param(
            {},
            [process(10, "chronyd")],
            (),
            ["chronyd steers but hidden"],
            id="chronyd-that-cannot-be-looked-into",
        ),
        pytest.param(
            CHRONY | NTPSEC | {"/proc/12/status": "CapEff:\t0000000000000000\n"},
            [process(10, "chronyd"), process(12, "ntpd")],
            ("127.0.0.1",),
            ["chronyd steers", "ntpsec ntpd"],
            id="one-of-a-user-who-may-not-set-the-clock",
        ),
        pytest.param({}, [], (), [], id="none"),
    ],
)
def test_servers_and_keepers_of_this_host(
    tmp_path: Path,
    files: dict[str, str],
    processes: list[Process],
    names: tuple[str, ...],
    keepers: list[str],
) -> None:
    facts = observe_processes(tree(tmp_path, files), tuple(processes), ClockSyncSettings(answer_limit=0.05))  # type: ignore[arg-type]
    assert facts.known.names == names
    assert [
        one.program + " steers" * one.controls_clock + " but hidden" * bool(one.problem) for one in facts.keepers
    ] == keepers


@pytest.mark.parametrize(
    ("script", "names", "problem"),
    [
        pytest.param(
            "echo SystemNTPServers=; echo LinkNTPServers=127.0.0.3; echo FallbackNTPServers=127.0.0.4 127.0.0.5",
            ("127.0.0.3",),
            "",
            id="learned-from-the-network",
        ),
        pytest.param("echo FallbackNTPServers=127.0.0.4 127.0.0.5", ("127.0.0.4", "127.0.0.5"), "", id="built-in"),
        pytest.param("echo Failed to connect to bus >&2; exit 1", (), "Failed to connect to bus", id="no-bus"),
        pytest.param("echo nonsense", (), "", id="nonsense"),
    ],
)
def test_timesyncd_is_asked_for_servers_that_no_file_names(
    tmp_path: Path, script: str, names: tuple[str, ...], problem: str
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "timedatectl").write_text(f"#!/bin/sh\n{script}\n")
    (programs / "timedatectl").chmod(0o755)
    host = tree(tmp_path / "root", {})
    host.program_folders = str(programs)
    timesyncd = process(11, "systemd-timesyncd", exe="/usr/lib/systemd/systemd-timesyncd")
    facts = observe_processes(host, (timesyncd,), ClockSyncSettings(answer_limit=0.05))  # type: ignore[arg-type]
    assert facts.known.names == names
    assert problem in facts.known.problem
    assert [one.program for one in facts.keepers] == ["systemd-timesyncd"]


def test_the_settings_come_first(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    facts = observe_processes(tree(tmp_path, CHRONY), (process(10, "chronyd"),), settings(server))
    assert facts.known.names == (server.address,)
    assert facts.known.source == "settings"


@pytest.mark.parametrize(
    ("processes", "expected"),
    [
        pytest.param([process(20, "vmtoolsd")], ("vmtoolsd",), id="vmware"),
        pytest.param([process(20, "VBoxService")], ("VBoxService",), id="virtualbox"),
        pytest.param([process(20, "VBoxService", "--disable-timesync")], (), id="virtualbox-told-not-to"),
        pytest.param([process(20, "phc2sys", "-s", "eth0", "-w")], ("phc2sys",), id="phc2sys"),
        pytest.param([process(20, "qemu-ga")], (), id="qemu-ga-sets-it-only-when-asked"),
    ],
)
def test_agents(tmp_path: Path, processes: list[Process], expected: tuple[str, ...]) -> None:
    assert observe_processes(tree(tmp_path, {}), tuple(processes), ClockSyncSettings()).agents == expected


NO_TIME_CAPS = "CapEff:\t00000000a80425fb\n"


@pytest.mark.parametrize(
    ("files", "rtc_local", "foreign"),
    [
        pytest.param({"/etc/adjtime": "0.0 0 0.0\n0\nLOCAL\n"}, True, False, id="hardware-clock-in-local-time"),
        pytest.param({"/etc/adjtime": "0.0 0 0.0\n0\nUTC\n"}, False, False, id="hardware-clock-in-utc"),
        pytest.param({"/proc/1/status": NO_TIME_CAPS}, False, True, id="container-without-cap-sys-time"),
        pytest.param({"/proc/1/uid_map": "0 100000 65536\n"}, False, True, id="container-with-users-of-its-own"),
    ],
)
def test_what_else_is_read(tmp_path: Path, files: dict[str, str], rtc_local: bool, foreign: bool) -> None:
    facts = observe_processes(tree(tmp_path, files), (), ClockSyncSettings())
    assert (facts.rtc_in_local_time, facts.kernel.belongs_to_outer_host) == (rtc_local, foreign)


def test_facts_and_memory_survive_json(serve: Serve) -> None:
    chosen = settings(serve(), serve("--kod", "RATE"), "a..b")
    facts = observe_processes(Host(), (), chosen)
    memory = CHECK.remember(facts, None, chosen)
    assert msgspec.json.decode(msgspec.json.encode(facts), type=SyncFacts) == facts
    assert msgspec.json.decode(msgspec.json.encode(memory), type=SyncMemory) == memory
