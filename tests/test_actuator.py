"""What changes the host, done for real: in a network namespace of its own, on files of the test's, on programs."""

import json
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.in_namespace import run_in_namespace
from watchdog.actuator import StepFailed, do, files, prepare
from watchdog.actuator.attributes import take_after
from watchdog.host import Host
from watchdog.steps import (
    AddressChange,
    AnnounceAddress,
    BondOption,
    JournalEntry,
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

pytestmark = pytest.mark.program  # a Python for each, in a namespace of its own

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
            RuleChange(source="10.0.0.2", table=254, priority=1009, suppress_prefix_length=0),
            (*CABLE, "ip rule add from 10.0.0.2 table 254 priority 1010"),
            "ip rule show from 10.0.0.2",
            "1010: from 10.0.0.2 lookup main",
            "1009: from 10.0.0.2 lookup main suppress_prefixlength 0 1010: from 10.0.0.2 lookup main",
            id="rule-for-all-but-the-default-beside-another",
        ),
        pytest.param(
            RuleChange(source="fd00::2", table=254, priority=1009, suppress_prefix_length=0),
            CABLE,
            "ip -6 rule show from fd00::2",
            "",
            "1009: from fd00::2 lookup main suppress_prefixlength 0",
            id="rule-for-all-but-the-default-ipv6",
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
        pytest.param(LinkChange(link="a" * 16, up=False), "no such device", id="too-long"),
        pytest.param(LinkChange(link="lo\0x", up=False), "no such device", id="the-kernel-would-stop-at-the-nul"),
        pytest.param(BondOption(bond="nope0", option="miimon", value="100"), "no such device", id="no-such-bond"),
        pytest.param(BondOption(bond="lo", option="miimon", value="100"), "lo is no bond", id="no-bond"),
        pytest.param(
            AddressChange(device="nope0", address="192.0.2.10/32"), "no such device", id="address-nowhere"
        ),
        pytest.param(AddressChange(device="lo", address="192.0.2.300"), "does not appear to be", id="no-ip"),
        pytest.param(
            AddressChange(device="lo\0x", address="192.0.2.10/32"), "no such device", id="address-up-to-the-nul"
        ),
        pytest.param(
            RouteChange(table=101, destination="10.0.0.0/24", device="lo\0x"), "no such device", id="route-to-nul"
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
        pytest.param(
            SetSysctl(key="net/ipv4/conf/lo/arp_ignore", value="often"),
            "Invalid argument",
            id="the-kernel-refuses",
        ),
        pytest.param(
            SetSysctl(key="net/ipv4/ping_group_range", value="5 1"),
            "the kernel made '1 0' of it",
            id="the-kernel-makes-something-else-of-it",
        ),
    ],
)
def test_what_cannot_be_done_changes_nothing(step: Step, why: str) -> None:
    (*_, (what, said, _)) = carried_out(step, (), "true")
    assert what == "failed"
    assert said.startswith(f"{step.describe()}: ")
    assert why in said


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("from 10.0.0.9 table 101", id="of-another-address"),
        pytest.param("from 10.0.0.2 table 102", id="to-another-table"),
        pytest.param("from 10.0.0.2 table 101 fwmark 1", id="by-a-mark"),
        pytest.param("from 10.0.0.2 to 10.9.0.0/16 table 101", id="for-some"),
        pytest.param("not from 10.0.0.2 table 101", id="for-all-others"),
        pytest.param("from 10.0.0.2 table 101 suppress_prefixlength 0", id="for-all-but-the-default"),
        pytest.param("from 10.0.0.2 iif lo table 101", id="for-what-is-sent-here"),
        pytest.param("from 10.0.0.2 ipproto tcp table 101", id="for-a-protocol"),
        pytest.param("from 10.0.0.2 uidrange 0-0 table 101", id="for-a-user"),
    ],
)
def test_a_rule_is_not_added_where_another_has_its_priority_nor_is_the_other_taken_for_it(other: str) -> None:
    add = f"ip rule add {other} priority 1010"
    step = RuleChange(source="10.0.0.2", table=101, priority=1010)
    (what, said, shown), *_ = carried_out(step, (*CABLE, add), "ip rule show priority 1010")
    assert (what, shown != "") == ("failed", True)
    assert said.endswith("another rule has that priority; look again")
    gone = RuleChange(source="10.0.0.2", table=101, priority=1010, present=False)
    assert carried_out(gone, (*CABLE, add), "ip rule show priority 1010")[1][2] == shown


def test_a_file_of_our_own_comes_with_its_folder_and_goes_without_a_trace(tmp_path: Path) -> None:
    host = Host(tmp_path)
    (tmp_path / "etc").mkdir()
    step = WriteFile(path="/etc/two.network.d/50-watchdog.conf", before=None, after="[Route]\n", own=True)
    prepared = prepare(step, host)
    assert do(step, host) == "wrote /etc/two.network.d/50-watchdog.conf"
    assert (tmp_path / "etc/two.network.d/50-watchdog.conf").read_text() == "[Route]\n"
    assert prepared.undo is not None
    do(prepared.undo, host)
    assert list((tmp_path / "etc").iterdir()) == []


def test_a_folder_that_holds_more_than_our_file_stays(tmp_path: Path) -> None:
    host = Host(tmp_path)
    (tmp_path / "etc/two.network.d").mkdir(parents=True)
    (tmp_path / "etc/two.network.d/10-theirs.conf").write_text("")
    step = WriteFile(path="/etc/two.network.d/50-watchdog.conf", before=None, after="[Route]\n", own=True)
    undo = prepare(step, host).undo
    do(step, host)
    assert undo is not None
    do(undo, host)
    assert [file.name for file in (tmp_path / "etc/two.network.d").iterdir()] == ["10-theirs.conf"]


@pytest.mark.parametrize(
    ("interface", "address", "said"),
    [
        pytest.param("up0", "10.0.0.2", "10.0.0.2 announced on up0, 3 times", id="ours"),
        pytest.param("up0", "fd00::2", "fd00::2 announced on up0, 3 times", id="ours-ipv6"),
        pytest.param("up0", "10.0.0.3", "10.0.0.3 is not on this host", id="another-s"),
        pytest.param("up0", "192.0.2.10", "192.0.2.10 is only on lo", id="a-real-server-s"),
        pytest.param("up0", "nobody", "does not appear to be", id="no-address"),
        pytest.param("nope0", "10.0.0.2", "nope0", id="no-such-interface"),
    ],
)
def test_only_an_address_of_ours_is_announced(interface: str, address: str, said: str) -> None:
    before = (*CABLE, "ip addr add 192.0.2.10/32 dev lo")
    told = carried_out(AnnounceAddress(interface=interface, address=address), before, "true")
    answers = [str(answer) for what, answer, _ in told if what in ("do", "failed")]
    assert said in answers[0]


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


def test_a_parameter_that_could_not_be_written_back_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "proc/sys/kernel/core_pattern"
    file.parent.mkdir(parents=True)
    file.write_text("|/usr/bin/keep %p\n")
    with pytest.raises(StepFailed, match="is no value that is written here"):
        prepare(SetSysctl(key="kernel/core_pattern", value="core"), Host(tmp_path))
    assert file.read_text() == "|/usr/bin/keep %p\n"


AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
OLD = "server a\n# kept\n"
# acl(5), linux/posix_acl_xattr.h: version 2; owner rw, user 1234 r, group r, mask r, others nothing.
ACL = struct.pack(
    "<I" + "HHI" * 5, 2, 1, 6, 0xFFFFFFFF, 2, 4, 1234, 4, 4, 0xFFFFFFFF, 16, 4, 0xFFFFFFFF, 32, 0, 0xFFFFFFFF
)


def give_attribute(file: Path, name: str, value: bytes) -> None:
    """Set an extended attribute, or skip where this file system or this user cannot have it."""
    try:
        os.setxattr(file, name, value)
    except OSError as error:
        pytest.skip(f"{name} cannot be set here: {error.strerror}")


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

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            pytest.param("user.label", b"kept", id="user"),
            pytest.param("trusted.label", b"kept", id="trusted"),
            pytest.param("security.selinux", b"system_u:object_r:ntp_conf_t:s0\0", id="selinux-label"),
            pytest.param("system.posix_acl_access", ACL, id="acl"),
        ],
    )
    def test_extended_attributes(self, host: Host, name: str, value: bytes) -> None:
        file = host.path("/etc/ntp.conf")
        give_attribute(file, name, value)
        before = file.stat()
        do(WriteFile(path="/etc/ntp.conf", before=OLD, after="x\n"), host)
        assert os.getxattr(file, name) == value
        assert os.getxattr(file.with_name(".ntp.conf.before-watchdog"), name) == value
        assert file.stat().st_mode == before.st_mode
        assert file.stat().st_ino != before.st_ino, "it is another file"

    def test_the_default_acl_of_its_folder_is_none_of_the_file_s(self, host: Host) -> None:
        give_attribute(host.path("/etc"), "system.posix_acl_default", ACL)
        file = host.path("/etc/ntp.conf")
        file.chmod(0o640)
        do(WriteFile(path="/etc/ntp.conf", before=OLD, after="x\n"), host)
        assert "system.posix_acl_access" not in os.listxattr(file)
        assert stat.S_IMODE(file.stat().st_mode) == 0o640

    def test_a_hash_of_the_old_content_is_not_given_to_the_new(self, host: Host) -> None:
        file = host.path("/etc/ntp.conf")
        give_attribute(file, "security.ima", b"\x01" + b"h" * 20)
        do(WriteFile(path="/etc/ntp.conf", before=OLD, after="x\n"), host)
        assert "security.ima" not in os.listxattr(file)

    def test_an_attribute_that_cannot_be_kept_keeps_the_file_as_it_is(
        self, host: Host, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        give_attribute(host.path("/etc/ntp.conf"), "user.label", b"kept")

        def forbidden(*_: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "setxattr", forbidden)
        with pytest.raises(StepFailed, match="Operation not permitted"):
            do(WriteFile(path="/etc/ntp.conf", before=OLD, after="x\n"), host)
        assert [one.name for one in host.path("/etc").iterdir()] == ["ntp.conf"]
        assert host.path("/etc/ntp.conf").read_text() == OLD

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

    def test_one_that_is_taken_away_comes_back_as_it_was(self, host: Host) -> None:
        file = host.path("/etc/ntp.conf")
        file.chmod(0o600)
        owner = (1234, 5678) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
        os.chown(file, *owner)
        step = WriteFile(path="/etc/ntp.conf", before=OLD, after=None)
        undo = prepare(step, host).undo
        assert undo
        do(step, host)
        assert not file.exists()
        do(undo, host)
        status = file.stat()
        assert (file.read_text(), stat.S_IMODE(status.st_mode)) == (OLD, 0o600)
        assert (status.st_uid, status.st_gid) == owner

    def test_one_that_is_taken_away_comes_back_no_wider_though_its_backup_is_older(self, host: Host) -> None:
        host.path("/etc/.ntp.conf.before-watchdog").write_text("an older one\n")
        host.path("/etc/ntp.conf").chmod(0o600)
        step = WriteFile(path="/etc/ntp.conf", before=OLD, after=None)
        undo = prepare(step, host).undo
        assert undo
        do(step, host)
        do(undo, host)
        assert stat.S_IMODE(host.path("/etc/ntp.conf").stat().st_mode) == 0o600

    @pytest.mark.parametrize(
        ("before", "meanwhile", "why"),
        [
            pytest.param(OLD, lambda file: file.write_text("theirs\n"), "changed it since", id="written"),
            pytest.param(OLD, lambda file: file.unlink(), "changed it since", id="removed"),
            pytest.param(
                OLD,
                lambda file: file.with_name("new").write_text(OLD) and file.with_name("new").rename(file),
                "changed it since",
                id="replaced-by-one-that-is-alike",
            ),
            pytest.param(
                OLD,
                lambda file: (file.unlink(), file.symlink_to("/dev/null")),
                "is not a file",
                id="turned-into-a-link",
            ),
            pytest.param(None, lambda file: file.write_text("theirs\n"), "has made it since", id="made"),
        ],
    )
    def test_what_somebody_does_while_we_write_is_not_lost(
        self, host: Host, monkeypatch: pytest.MonkeyPatch, before: str | None, meanwhile: Any, why: str
    ) -> None:
        """The last moment at which it is seen is the writing of what is to take its place."""
        file = host.path("/etc/ntp.conf" if before else "/etc/other.conf")

        def write_and_be_late(model: Path | None, descriptor: int, mode: int) -> None:
            take_after(model, descriptor, mode)
            # The first is the backup's, where there is an old one.
            if before is None or file.with_name(".ntp.conf.before-watchdog").exists():
                meanwhile(file)

        monkeypatch.setattr(files, "take_after", write_and_be_late)
        with pytest.raises(StepFailed, match=why):
            do(WriteFile(path=f"/etc/{file.name}", before=before, after="ours\n"), host)
        assert not file.is_file() or file.read_text() in ("theirs\n", OLD)
        assert not [one for one in file.parent.iterdir() if "watchdog" in one.name]

    def test_a_file_of_two_names_is_left_alone(self, host: Host) -> None:
        host.path("/etc/second.conf").hardlink_to(host.path("/etc/ntp.conf"))
        with pytest.raises(StepFailed, match=r"it has 2 names \(hard links\)"):
            do(WriteFile(path="/etc/ntp.conf", before=OLD, after="x\n"), host)

    @pytest.mark.parametrize(
        ("make", "why"),
        [
            pytest.param(lambda file: os.truncate(file, 1 << 40), "longer than 1048576 bytes", id="sparse"),
            pytest.param(lambda file: file.write_bytes(b"#" * (1 << 21)), "longer than", id="large"),
            pytest.param(lambda file: (file.unlink(), os.mkfifo(file)), "is not a file", id="pipe"),
        ],
    )
    def test_what_is_no_settings_file_is_not_read(self, host: Host, make: Any, why: str) -> None:
        make(host.path("/etc/ntp.conf"))
        for call in (prepare, do):
            with pytest.raises(StepFailed, match=why):
                call(WriteFile(path="/etc/ntp.conf", before=OLD, after="x\n"), host)

    @pytest.mark.parametrize(
        ("step", "why"),
        [
            pytest.param(WriteFile(path="/etc/a\0b", before=None, after="x"), "can be called so", id="nul"),
            pytest.param(
                WriteFile(path="/etc/a\ud800", before=None, after="x"), "can be called so", id="surrogate"
            ),
            pytest.param(WriteFile(path="/etc/new", before=None, after="\ud800"), "no UTF-8", id="no-text"),
            pytest.param(
                WriteFile(path="/etc/new", before=None, after="x" * (1 << 21)), "longer than", id="too-long"
            ),
        ],
    )
    def test_what_cannot_be_written_is_not(self, host: Host, step: WriteFile, why: str) -> None:
        with pytest.raises(StepFailed, match=why):
            do(step, host)
        assert [one.name for one in host.path("/etc").iterdir()] == ["ntp.conf"]

    @AS_ROOT
    @pytest.mark.parametrize(
        ("mode", "owner", "trusted"),
        [
            pytest.param(0o755, 1234, False, id="another-s"),
            pytest.param(0o777, 0, False, id="everybody-s"),
            pytest.param(0o775, 0, True, id="root-s-group"),
            pytest.param(0o1777, 0, True, id="sticky-and-the-file-is-root-s"),
        ],
    )
    @pytest.mark.parametrize("path", ["/srv/own/ntp.conf", "/etc/link.conf", "/etc/linked/ntp.conf"])
    def test_where_others_could_lead_us_elsewhere_nothing_is_written(
        self, host: Host, mode: int, owner: int, trusted: bool, path: str
    ) -> None:
        folder = host.path("/srv/own")
        folder.mkdir(parents=True)
        (folder / "ntp.conf").write_text(OLD)
        folder.chmod(mode)
        os.chown(folder, owner, 0)
        host.path("/etc/link.conf").symlink_to(folder / "ntp.conf")
        host.path("/etc/linked").symlink_to(folder)
        step = WriteFile(path=path, before=OLD, after="x\n")
        if trusted:
            do(step, host)
            assert (folder / "ntp.conf").read_text() == "x\n"
            return
        for call in (prepare, do):
            with pytest.raises(StepFailed, match="others could lead it elsewhere"):
                call(step, host)
        assert (folder / "ntp.conf").read_text() == OLD

    def test_a_file_that_cannot_be_replaced_leaves_no_backup(
        self, host: Host, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """So it is with one that is mounted there alone, as a container's /etc/resolv.conf."""
        rename = Path.rename

        def busy(path: Path, target: Path) -> Path:
            if target.name == "ntp.conf":
                raise OSError(16, "Device or resource busy")
            return rename(path, target)

        monkeypatch.setattr(Path, "rename", busy)
        with pytest.raises(StepFailed, match="Device or resource busy"):
            do(WriteFile(path="/etc/ntp.conf", before=OLD, after="x\n"), host)
        assert [one.name for one in host.path("/etc").iterdir()] == ["ntp.conf"]

    def test_without_hard_links_a_new_file_is_made_all_the_same(
        self, host: Host, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unsupported(path: Path, target: Path) -> None:
            raise OSError(95, "Operation not supported")

        monkeypatch.setattr(Path, "hardlink_to", unsupported)
        do(WriteFile(path="/etc/new.conf", before=None, after="x\n"), host)
        assert host.path("/etc/new.conf").read_text() == "x\n"

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
            "flooding": "exec yes",
            "telling": "pwd; env | sort; cat; echo https://admin:secret@switch/ $(printf '\\033[2J')",
            "where": "cd /; pwd",
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
            pytest.param(("flooding",), "flooding: printed more than 1048576 bytes", id="floods"),
            pytest.param(("missing",), "missing: missing is not installed", id="not-there"),
            pytest.param(("good", "a\0b"), ".*cannot run .*good: embedded null byte", id="nul"),
        ],
    )
    def test_that_fail(self, host: Host, argv: tuple[str, ...], why: str) -> None:
        with pytest.raises(StepFailed, match=f"^{why}$"):
            do(RunCommand(argv=argv, timeout_seconds=0.2 if argv[0] == "endless" else 10), host)

    def test_it_is_handed_nothing_and_what_it_says_is_harmless(self, host: Host) -> None:
        said = do(RunCommand(argv=("telling",)), host)
        assert said.split() == [
            str(host.root),
            "LC_ALL=C",
            "OLDPWD=/",
            f"PATH={host.program_folders}",
            f"PWD={host.root}",
            "https://***@switch/",
            "?[2J",
        ]

    def test_what_takes_it_back_has_as_long(self, host: Host) -> None:
        undo = prepare(RunCommand(argv=("good",), undo=("good", "back"), timeout_seconds=300.0), host).undo
        assert undo == RunCommand(argv=("good", "back"), timeout_seconds=300.0)

    def test_what_could_not_be_taken_back_is_not_begun(self, host: Host) -> None:
        with pytest.raises(StepFailed, match="missing is not installed"):
            prepare(RunCommand(argv=("good",), undo=("missing",)), host)

    @AS_ROOT
    @pytest.mark.parametrize("loose", ["bin", "bin/good"])
    def test_a_program_that_others_can_write_is_not_run(self, host: Host, loose: str) -> None:
        host.path(loose).chmod(0o777)
        for call in (prepare, do):
            with pytest.raises(StepFailed, match=r"good is not run: .*a file that only root can write"):
                call(RunCommand(argv=(str(host.path("/bin/good")),)), host)

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

    @pytest.mark.parametrize(
        ("pid_file", "process", "runs"),
        [
            pytest.param("4711", "other", True, id="its-pid-file-names-a-process"),
            pytest.param("1", "other", False, id="its-pid-file-names-none"),
            pytest.param("1", "keepalived", True, id="started-and-its-pid-file-is-still-the-old-one"),
            pytest.param("", "keepalived", True, id="started-and-without-a-pid-file-yet"),
            pytest.param("", "other", None, id="nothing-tells"),
            pytest.param("", "installed", False, id="its-program-has-no-process"),
        ],
    )
    def test_an_init_script_without_status(
        self, host: Host, tmp_path: Path, pid_file: str, process: str, runs: bool | None
    ) -> None:
        """As Debian's of keepalived: `Usage:` and exit 1."""
        (tmp_path / "bin/service").write_text("#!/bin/sh\nexit 1\n")
        folder = tmp_path / "proc/4711"
        (folder / "ns").mkdir(parents=True)
        (folder / "ns/net").touch()
        (folder / "comm").write_text(f"{process}\n")
        (tmp_path / "proc/self").symlink_to(folder)  # so that it shares our network
        if process == "installed":
            (tmp_path / "bin/keepalived").write_text("#!/bin/sh\n")
            (tmp_path / "bin/keepalived").chmod(0o755)
        if pid_file:
            (tmp_path / "run").mkdir()
            (tmp_path / "run/keepalived.pid").write_text(f"{pid_file}\n")
        stop = UnitAction(unit="keepalived.service", action="stop")
        if runs is None:
            with pytest.raises(StepFailed, match="does not say whether it runs"):
                prepare(stop, host)
        else:
            assert prepare(stop, host).needed is runs

    @pytest.mark.parametrize(
        ("lasts", "said"), [("0.5", "keepalived.service: stop done"), ("60", "it still runs")]
    )
    def test_an_init_script_that_does_not_wait_for_the_end(
        self, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lasts: str, said: str
    ) -> None:
        """As Debian's of keepalived, too."""
        monkeypatch.setattr("watchdog.actuator.units._MOST_LOOKS", 12)
        stop = f"sleep {lasts} >/dev/null 2>&1 & echo $! >pid"
        script = f"case $2 in status) kill -0 $(cat pid) || exit 3;; stop) {stop};; esac"
        (tmp_path / "pid").write_text(f"{os.getpid()}\n")
        (tmp_path / "bin/service").write_text(f"#!/bin/sh\ncd {tmp_path}\n{script}\n")
        try:
            done = do(UnitAction(unit="keepalived.service", action="stop"), host)
        except StepFailed as error:
            done = str(error)
        assert said in done
        with suppress(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text()), 9)

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
        squid = host.path("/bin/squid")
        squid.touch()
        squid.chmod(0o755)
        start = UnitAction(unit="squid", action="start")
        assert prepare(start, host).needed
        assert do(start, host) == "squid: start done"
        assert do(start, host) == "squid: it is so already"

    def test_a_service_that_goes_on_has_not_been_stopped(
        self, host: Host, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("watchdog.actuator.units._MOST_LOOKS", 2)
        host.path("/bin/service").write_text("#!/bin/sh\nexit 0\n")
        with pytest.raises(StepFailed, match="systemctl stop squid: it still runs"):
            do(UnitAction(unit="squid", action="stop"), host)

    def test_what_is_so_already_is_not_done_again(self, host: Host) -> None:
        host.path("/bin/service").write_text('#!/bin/sh\n[ "$2" = status ]\n')
        assert do(UnitAction(unit="squid", action="start"), host) == "squid: it is so already"

    def test_one_that_failed_may_have_changed_the_service(self) -> None:
        entry = JournalEntry(step=UnitAction(unit="squid", action="restart"), undo=None, state="failed")
        assert entry.changed_for_good

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "*",
            "a b",
            "../../bin/sh",
            "/etc/init.d/squid",
            "squid\n",
            "[a-z]",
            "a?",
            "multi-user.target",
            "é",
            "..",
        ],
    )
    def test_what_is_no_name_of_one_service_is_refused(self, host: Host, name: str) -> None:
        for call in (prepare, do):
            with pytest.raises(StepFailed, match="is no name of a service"):
                call(UnitAction(unit=name, action="stop"), host)

    def test_no_option_in_the_place_of_a_service(self, host: Host) -> None:
        with pytest.raises(StepFailed, match="is no name of a service"):
            do(UnitAction(unit="--now", action="stop"), host)
