"""What changes the host, done for real: in a network namespace of its own, on files of the test's, on programs."""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.in_namespace import run_in_namespace
from watchdog.actuator import StepFailed, do, prepare
from watchdog.host import Host
from watchdog.steps import (
    AddressChange,
    LinkChange,
    Prepared,
    RouteChange,
    RuleChange,
    RunCommand,
    SetSysctl,
    Step,
    UnitAction,
    WriteFile,
)

CABLE = (
    "ip link add up0 type veth peer name up1",
    "ip addr add 10.0.0.2/24 dev up0",
    "ip addr add fd00::2/64 dev up0 nodad",
    "ip link set up0 up",
    "ip link set up1 up",
)


def carried_out(step: Step, before: tuple[str, ...], show: str, under: tuple[str, ...] = ()) -> list[list[Any]]:
    """Return what each call answered, with what `show` says after it."""
    case = {"step": {"step": type(step).__name__} | {f: getattr(step, f) for f in step.__struct_fields__}}
    given = json.dumps(case | {"before": before, "show": show})
    answer: list[list[Any]] = run_in_namespace("tests.actuator_in_namespace", given, under=under)
    return answer


@pytest.mark.parametrize(
    ("step", "before", "show", "now", "then"),
    [
        pytest.param(LinkChange(link="up0", up=False), CABLE, "ip -o link show up", ",UP", "", id="link"),
        pytest.param(
            AddressChange(device="lo", address="192.0.2.10/32"),
            CABLE,
            "ip -4 -br addr show lo",
            "",
            "lo DOWN 192.0.2.10/32",
            id="address",
        ),
        pytest.param(
            AddressChange(device="up0", address="fd00::2/64", present=False),
            CABLE,
            "ip -6 -br addr show up0 scope global",
            "up0@up1 UP fd00::2/64",
            "",
            id="address-removed-ipv6",
        ),
        pytest.param(
            RuleChange(source="10.0.0.2", table=101, priority=1010),
            CABLE,
            "ip rule show table 101",
            "",
            "1010: from 10.0.0.2 lookup 101",
            id="rule",
        ),
        pytest.param(
            RuleChange(source="10.0.0.2", table=101, priority=1010, present=False),
            (*CABLE, "ip rule add from 10.0.0.2 table 101 priority 1010"),
            "ip rule show table 101",
            "1010: from 10.0.0.2 lookup 101",
            "",
            id="rule-removed",
        ),
        pytest.param(
            RuleChange(source="fd00::2", table=101, priority=1010),
            CABLE,
            "ip -6 rule show table 101",
            "",
            "1010: from fd00::2 lookup 101",
            id="rule-ipv6",
        ),
        pytest.param(
            RouteChange(table=101, destination="10.0.0.0/24", device="up0", source="10.0.0.2"),
            (*CABLE, "ip route add 10.1.0.0/24 dev up0 table 101"),
            "ip route show table 101",
            "10.1.0.0/24 dev up0 scope link",
            "10.0.0.0/24 dev up0 proto static src 10.0.0.2 10.1.0.0/24 dev up0 scope link",
            id="route-on-the-link-beside-another",
        ),
        pytest.param(
            RouteChange(table=101, destination="default", device="up0", gateway="10.0.0.1"),
            (*CABLE, "ip route add 10.1.0.0/24 dev up0 table 101"),
            "ip route show table 101",
            "10.1.0.0/24 dev up0 scope link",
            "default via 10.0.0.1 dev up0 proto static 10.1.0.0/24 dev up0 scope link",
            id="default-route",
        ),
        pytest.param(
            RouteChange(table=101, destination="default", device="up0", gateway="fd00::1"),
            (*CABLE, "ip -6 route add fd01::/64 dev up0 table 101"),
            "ip -6 route show table 101",
            "fd01::/64 dev up0 metric 1024 pref medium",
            "fd01::/64 dev up0 metric 1024 pref medium default via fd00::1 dev up0 proto static metric 1024"
            " pref medium",
            id="default-route-ipv6",
        ),
        pytest.param(
            SetSysctl(key="net/ipv4/conf/lo/arp_ignore", value="1"),
            (),
            "sysctl -n net.ipv4.conf.lo.arp_ignore",
            "0",
            "1",
            id="sysctl",
        ),
    ],
)
def test_a_step_is_done_and_taken_back_by_the_real_kernel(
    step: Step, before: tuple[str, ...], show: str, now: str, then: str
) -> None:
    told = carried_out(step, before, show)
    assert [(what, answer if what.startswith("needed") else "") for what, answer, _ in told] == [
        ("needed", True),
        ("do", ""),
        ("do again", ""),
        ("needed again", False),
        ("undo", ""),
        ("undo again", ""),
    ]
    shown = [words for _, _, words in told]
    if isinstance(step, LinkChange):
        shown = ["UP" if "up0@" in words else "DOWN" for words in shown]
        now, then = "UP", "DOWN"
    assert shown == [now, then, then, then, now, now]


@pytest.mark.parametrize(
    ("step", "why"),
    [
        pytest.param(LinkChange(link="nope0", up=False), "no such device", id="no-such-link"),
        pytest.param(LinkChange(link="../lo", up=False), "no such device", id="a-path"),
        pytest.param(LinkChange(link="", up=False), "no such device", id="no-name"),
        pytest.param(
            LinkChange(link="a" * 16, up=False), "the kernel says: Numerical result out of range", id="too-long"
        ),
        pytest.param(
            RouteChange(table=101, destination="default", device="nope0", gateway="10.0.0.1"),
            "no such device",
            id="route-by-no-device",
        ),
        pytest.param(
            RouteChange(table=101, destination="10.0.0.2/24", device="lo"), "has host bits set", id="no-network"
        ),
        pytest.param(RuleChange(source="nobody", table=1, priority=1), "does not appear to be", id="no-address"),
        pytest.param(
            SetSysctl(key="net/ipv4/conf/nope/arp_ignore", value="1"), "no such parameter", id="no-parameter"
        ),
        pytest.param(
            SetSysctl(key="net/../../etc/passwd", value="1"), "no kernel parameter", id="out-of-the-tree"
        ),
        pytest.param(SetSysctl(key="net/ipv4/conf/lo/arp_ignore", value="1\n2"), "no value", id="two-lines"),
    ],
)
def test_what_cannot_be_done_changes_nothing(step: Step, why: str) -> None:
    (*_, (what, said, _)) = carried_out(step, (), "true")
    assert what == "failed"
    assert said.startswith(f"{step.describe()}: ")
    assert why in said


def test_without_the_privilege_it_says_which() -> None:
    unprivileged = ("setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin")
    told = carried_out(LinkChange(link="lo", up=True), (), "true", under=unprivileged)
    assert told[-1][1] == "ip link set dev lo up: needs CAP_NET_ADMIN; run as root"


def test_without_netlink_it_says_so() -> None:
    class NoNetlink(Host):
        @contextmanager
        def netlink(self) -> Iterator[Any]:
            raise OSError(97, "Address family not supported by protocol")
            yield

    with pytest.raises(StepFailed, match="ip link set dev lo up: no netlink socket: Address family not supported"):
        prepare(LinkChange(link="lo", up=True), NoNetlink())


class TestFiles:
    """Replaced whole, with all that hangs on them."""

    @pytest.fixture
    def host(self, tmp_path: Path) -> Host:
        (tmp_path / "etc").mkdir()
        (tmp_path / "etc/ntp.conf").write_text("server a\n# kept\n")
        return Host(tmp_path)

    def test_content_mode_and_owner(self, host: Host) -> None:
        file = host.path("/etc/ntp.conf")
        file.chmod(0o640)
        owner = (1234, 5678) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
        os.chown(file, *owner)
        step = WriteFile(path="/etc/ntp.conf", before="server a\n# kept\n", after="tinker step 0\n")
        prepared = prepare(step, host)
        assert prepared.needed
        assert do(step, host) == "wrote /etc/ntp.conf"
        assert file.read_text() == "tinker step 0\n"
        assert (stat.S_IMODE(file.stat().st_mode), file.stat().st_uid, file.stat().st_gid) == (0o640, *owner)
        backup = file.with_name(".ntp.conf.before-watchdog")
        assert backup.read_text() == "server a\n# kept\n"
        assert (stat.S_IMODE(backup.stat().st_mode), backup.stat().st_uid) == (0o640, owner[0])
        assert not prepare(step, host).needed
        assert prepared.undo
        do(prepared.undo, host)
        assert file.read_text() == "server a\n# kept\n"
        assert do(prepared.undo, host) == "/etc/ntp.conf is so already"
        assert sorted(one.name for one in file.parent.iterdir()) == [".ntp.conf.before-watchdog", "ntp.conf"]

    def test_extended_attributes(self, host: Host) -> None:
        file = host.path("/etc/ntp.conf")
        try:
            os.setxattr(file, "user.label", b"kept")
        except OSError:
            pytest.skip("this file system has no extended attributes")
        do(WriteFile(path="/etc/ntp.conf", before="server a\n# kept\n", after="x\n"), host)
        assert os.getxattr(file, "user.label") == b"kept"

    def test_one_that_is_made_and_taken_away_again(self, host: Host) -> None:
        step = WriteFile(path="/etc/new.conf", before=None, after="x\n", mode=0o600)
        undo = prepare(step, host).undo
        assert undo
        do(step, host)
        assert stat.S_IMODE(host.path("/etc/new.conf").stat().st_mode) == 0o600
        assert do(undo, host) == "removed /etc/new.conf"
        assert not host.path("/etc/new.conf").exists()

    def test_a_link_stays_one(self, host: Host) -> None:
        host.path("/etc/link.conf").symlink_to("ntp.conf")
        do(WriteFile(path="/etc/link.conf", before="server a\n# kept\n", after="x\n"), host)
        assert host.path("/etc/link.conf").is_symlink()
        assert host.path("/etc/ntp.conf").read_text() == "x\n"

    def test_the_first_backup_stays(self, host: Host) -> None:
        do(WriteFile(path="/etc/ntp.conf", before="server a\n# kept\n", after="one\n"), host)
        do(WriteFile(path="/etc/ntp.conf", before="one\n", after="two\n"), host)
        assert host.path("/etc/.ntp.conf.before-watchdog").read_text() == "server a\n# kept\n"

    @pytest.mark.parametrize(
        ("step", "why"),
        [
            pytest.param(
                WriteFile(path="/etc/ntp.conf", before="server b\n", after="x"), "changed it since", id="changed"
            ),
            pytest.param(
                WriteFile(path="/etc/ntp.conf", before=None, after="x"), "has made it since", id="made-meanwhile"
            ),
            pytest.param(WriteFile(path="/etc/gone", before="x", after="y"), "changed it since", id="removed"),
            pytest.param(WriteFile(path="/no/file", before=None, after="y"), "no folder", id="no-folder"),
            pytest.param(WriteFile(path="/etc", before=None, after="y"), "is not a file", id="a-folder"),
            pytest.param(WriteFile(path="/etc/circle", before=None, after="y"), "leads nowhere", id="circle"),
            pytest.param(WriteFile(path="/etc/bytes", before="", after="y"), "no UTF-8 text", id="no-text"),
        ],
    )
    def test_what_is_not_as_it_was_is_left_alone(self, host: Host, step: WriteFile, why: str) -> None:
        host.path("/etc/circle").symlink_to("circle")
        host.path("/etc/bytes").write_bytes(b"\xff\xfe")
        for call in (prepare, do):
            with pytest.raises(StepFailed, match=why):
                call(step, host)
        assert host.path("/etc/ntp.conf").read_text() == "server a\n# kept\n"

    def test_what_fails_in_the_middle_leaves_the_old_one(
        self, host: Host, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StepFailed, match=r"writing /etc/ntp\.conf: No space left on device"):
            do(WriteFile(path="/etc/ntp.conf", before="server a\n# kept\n", after="x\n"), host)
        assert [one.name for one in host.path("/etc").iterdir()] == ["ntp.conf"]
        assert host.path("/etc/ntp.conf").read_text() == "server a\n# kept\n"


class TestPrograms:
    """The owner's own, and those that manage services; here scripts of the test's."""

    @pytest.fixture
    def host(self, tmp_path: Path) -> Host:
        bin_folder = tmp_path / "bin"
        bin_folder.mkdir()
        scripts = {
            "good": 'echo "did $1"',
            "bad": "echo no >&2; exit 3",
            "endless": "exec sleep 60",
            # A service left behind holds the output open.
            "spawning": "sleep 60 & echo $! >pid",
            "service": "case $2 in status) [ -e up ] || exit 3;; start) touch up;; stop) rm -f up;; esac; true",
        }
        for name, script in scripts.items():
            file = bin_folder / name
            file.write_text(f"#!/bin/sh\ncd {tmp_path}\n{script}\n")
            file.chmod(0o755)
        return Host(tmp_path, f"{bin_folder}:/usr/bin:/bin")

    def test_with_what_takes_it_back(self, host: Host) -> None:
        step = RunCommand(argv=("good", "a; touch /tmp/x"), undo=("good", "back"))
        assert step.describe() == "good 'a; touch /tmp/x'"
        undo = prepare(step, host).undo
        assert do(step, host) == "did a; touch /tmp/x"
        assert undo
        assert do(undo, host) == "did back"

    def test_without(self, host: Host) -> None:
        assert prepare(RunCommand(argv=("good",)), host).undo is None

    @pytest.mark.parametrize(
        ("argv", "why"),
        [
            pytest.param(("bad",), "bad: exit 3: no", id="fails"),
            pytest.param(("endless",), "endless: did not end within 0.2 s", id="hangs"),
            pytest.param(("missing",), "missing: missing is not installed", id="not-there"),
        ],
    )
    def test_that_fail(self, host: Host, argv: tuple[str, ...], why: str) -> None:
        with pytest.raises(StepFailed, match=f"^{why}$"):
            do(RunCommand(argv=argv, timeout_seconds=0.2 if argv[0] == "endless" else 10), host)

    def test_what_a_program_started_lives_on(self, host: Host) -> None:
        do(RunCommand(argv=("spawning",)), host)
        pid = int(host.path("/pid").read_text())
        assert (Path("/proc") / str(pid)).exists()
        os.kill(pid, 9)

    def test_a_service_without_systemd(self, host: Host) -> None:
        start = UnitAction(unit="squid.service", action="start")
        prepared = prepare(start, host)
        assert prepared.needed
        assert do(start, host) == "squid.service: start done"
        assert not prepare(start, host).needed
        assert prepared.undo
        do(prepared.undo, host)
        assert not host.path("/up").exists()

    def test_a_restart_that_does_not_come_up(self, host: Host) -> None:
        with pytest.raises(StepFailed, match="systemctl restart squid: it ended at once"):
            do(UnitAction(unit="squid", action="restart"), host)

    def test_a_restart_is_taken_back_by_another_where_it_put_files_into_effect(self, host: Host) -> None:
        restart = UnitAction(unit="squid", action="restart", again_on_undo=True)
        assert prepare(restart, host) == Prepared(needed=True, undo=restart)
        assert prepare(UnitAction(unit="squid", action="restart"), host) == Prepared(needed=True, undo=None)

    @pytest.mark.parametrize("code", [1, 2, 3])
    def test_what_crashed_does_not_run(self, host: Host, code: int) -> None:
        script = (
            f"#!/bin/sh\ncd {host.root}\ncase $2 in status) [ -e up ] || exit {code};; start) touch up;; esac\n"
        )
        host.path("/bin/service").write_text(script)
        start = UnitAction(unit="squid", action="start")
        assert prepare(start, host).needed
        assert do(start, host) == "squid: start done"
        assert do(start, host) == "squid: it is so already"

    def test_no_option_in_the_place_of_a_service(self, host: Host) -> None:
        with pytest.raises(StepFailed, match="is no name of a service"):
            do(UnitAction(unit="--now", action="stop"), host)
