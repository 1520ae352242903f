"""The read-only way to ask this machine anything."""

import errno
import os
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from watchdog.errors import Unobservable
from watchdog.host import MAX_FILE_BYTES, Host

BOOT_ID = "/proc/sys/kernel/random/boot_id"


def tree(root: Path, files: dict[str, str]) -> Host:
    """Return a host that consists of these files."""
    for path, text in files.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Host(root)


class TestStamp:
    def test_says_which_boot_and_when(self) -> None:
        first, second = Host().stamp(), Host().stamp()
        assert uuid.UUID(first.boot_id) == uuid.UUID(second.boot_id)
        assert 0 < first.boottime_ns < second.boottime_ns
        assert second.seconds_since(first) > 0
        assert first.wall.year >= 2024
        assert first.wall_text.endswith("Z")

    def test_counts_what_the_kernel_counts_as_uptime(self) -> None:
        before = float(Path("/proc/uptime").read_text().split()[0])
        stamp = Host().stamp()
        after = float(Path("/proc/uptime").read_text().split()[0])
        assert before - 0.01 <= stamp.boottime_ns / 1e9 <= after + 0.01

    def test_its_clocks_are_read_together(self) -> None:
        """What is compared between stamps is REALTIME - BOOTTIME; its noise decides what counts as a step.

        The median, because a virtual machine may be halted in the middle of any one reading.
        """
        offsets = [(stamp := Host().stamp()).wall_ns - stamp.boottime_ns for _ in range(101)]
        middle = statistics.median(offsets)
        assert statistics.median(abs(offset - middle) for offset in offsets) < 100_000

    def test_needs_a_boot_id(self, tmp_path: Path) -> None:
        with pytest.raises(Unobservable, match="is /proc mounted"):
            tree(tmp_path, {BOOT_ID: "\n"}).stamp()

    def test_takes_the_boot_id_of_its_root(self, tmp_path: Path) -> None:
        assert tree(tmp_path, {BOOT_ID: "fixture\n"}).stamp().boot_id == "fixture"


class TestReadText:
    def test_reads_below_its_root(self, tmp_path: Path) -> None:
        assert tree(tmp_path, {"/etc/ntp.conf": "tinker\n"}).read_text("/etc/ntp.conf") == "tinker\n"

    @pytest.mark.parametrize(
        "path",
        [
            pytest.param("/etc/missing", id="no-such-file"),
            pytest.param("/missing/x", id="no-such-folder"),
            pytest.param("/etc/\0", id="a-name-that-no-file-can-have"),
            pytest.param("/etc/ntp.conf/x", id="below-a-file"),
        ],
    )
    def test_missing_is_none(self, tmp_path: Path, path: str) -> None:
        assert tree(tmp_path, {"/etc/ntp.conf": ""}).read_text(path) is None

    def test_unreadable_is_unobservable(self, tmp_path: Path) -> None:
        """A folder in the place of a file is what even root cannot read."""
        with pytest.raises(Unobservable, match=r"^cannot read /etc: Is a directory$"):
            tree(tmp_path, {"/etc/x": ""}).read_text("/etc")

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        """Any user may start a `chronyd -f PIPE`, and root's watchdog would wait for it for ever."""
        os.mkfifo(tmp_path / "chrony.conf")
        with pytest.raises(Unobservable, match=r"^cannot read /chrony.conf: it is a pipe$"):
            Host(tmp_path).read_text("/chrony.conf")

    def test_what_cannot_be_read_leaves_nothing_open(self, tmp_path: Path) -> None:
        before = len(list(Path("/proc/self/fd").iterdir()))
        for read in (Host(tmp_path).read_text, lambda path: Host(tmp_path).read_tail(path, 9)):
            with pytest.raises(Unobservable, match="Is a directory"):
                read("/")
        assert len(list(Path("/proc/self/fd").iterdir())) == before

    def test_process_names_are_those_of_processes_and_one_that_has_ended_is_left_out(self, tmp_path: Path) -> None:
        host = tree(tmp_path, {"/proc/1/comm": "init\n", "/proc/7/comm": "a b) c\n", "/proc/net/comm": "no\n"})
        (tmp_path / "proc/9").mkdir()
        assert host.process_names() == {1: "init", 7: "a b) c"}

    @pytest.mark.parametrize(
        ("path", "code"),
        [
            pytest.param("/sys/class/net/eth1/speed", errno.ENODEV, id="device-is-unplugged"),
            pytest.param("/proc/4711/stat", errno.ESRCH, id="process-ends"),
        ],
    )
    def test_what_vanishes_while_it_is_read_is_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, code: int
    ) -> None:
        """The file was there to be opened; the kernel then has no more to say."""
        host = tree(tmp_path, {path: "1000\n"})
        self.fail_with(monkeypatch, code)
        assert host.read_text(path) is None

    def test_another_error_of_a_device_is_unobservable(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The speed of a link that is down cannot be read: EINVAL, which is no absence."""
        host = tree(tmp_path, {"/sys/class/net/eth1/speed": ""})
        self.fail_with(monkeypatch, errno.EINVAL)
        with pytest.raises(Unobservable, match=r"^cannot read /sys/class/net/eth1/speed: Invalid argument$"):
            host.read_text("/sys/class/net/eth1/speed")

    @staticmethod
    def fail_with(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        def fail(file: IO[bytes]) -> bytes:
            raise OSError(number, os.strerror(number), file.name)

        monkeypatch.setattr("watchdog.host._read_bounded", fail)

    def test_bytes_that_are_no_text_are_replaced(self, tmp_path: Path) -> None:
        host = tree(tmp_path, {"/x": ""})
        (tmp_path / "x").write_bytes(b"eth\xff0\n")
        assert host.read_text("/x") == "eth\ufffd0\n"

    def test_what_has_no_end_is_cut(self, tmp_path: Path) -> None:
        (tmp_path / "x").symlink_to("/dev/zero")
        assert len(Host(tmp_path).read_text("/x") or "") == MAX_FILE_BYTES

    def test_reads_the_real_proc(self) -> None:
        assert "lo:" in (Host().read_text("/proc/net/dev") or "")


class TestNamesIn:
    def test_are_sorted(self, tmp_path: Path) -> None:
        host = tree(tmp_path, {f"/proc/net/bonding/{name}": "" for name in ("bond1", "bond0", "bond10")})
        assert host.names_in("/proc/net/bonding") == ("bond0", "bond1", "bond10")

    @pytest.mark.parametrize("path", [pytest.param("/missing", id="missing"), pytest.param("/file", id="file")])
    def test_are_none_without_a_folder(self, tmp_path: Path, path: str) -> None:
        assert tree(tmp_path, {"/file": ""}).names_in(path) == ()

    def test_that_cannot_be_listed_are_unobservable(self, tmp_path: Path) -> None:
        (tmp_path / "loop").symlink_to("loop")
        with pytest.raises(Unobservable, match=r"^cannot list /loop: Too many levels of symbolic links$"):
            Host(tmp_path).names_in("/loop")


class TestName:
    def test_is_the_kernels(self) -> None:
        assert Host().name() == socket.gethostname()

    def test_is_that_of_its_root(self, tmp_path: Path) -> None:
        assert tree(tmp_path, {"/proc/sys/kernel/hostname": "lb1\n"}).name() == "lb1"

    def test_is_something_without_proc(self, tmp_path: Path) -> None:
        assert Host(tmp_path).name() == "localhost"


def test_netlink_answers_about_this_machine() -> None:
    with Host().netlink() as netlink:
        assert "lo" in [link.get("ifname") for link in netlink.get_links()]


def test_a_path_never_leaves_its_root_by_being_absolute(tmp_path: Path) -> None:
    assert Host(tmp_path).path("/etc/ntp.conf") == tmp_path / "etc/ntp.conf"


class TestSharesNetwork:
    def test_with_ourselves(self) -> None:
        assert Host().shares_network(os.getpid()) is True

    def test_not_with_a_container(self) -> None:
        words = ["unshare", "-rn", "sh", "-c", "echo in; read line"]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin
            assert process.stdout
            assert process.stdout.readline() == b"in\n"
            assert Host().shares_network(process.pid) is False
            process.stdin.close()

    def test_is_not_known_of_who_is_gone(self, tmp_path: Path) -> None:
        assert Host(tmp_path).shares_network(1) is None


def as_nobody(answer: Callable[[], bool | None]) -> bool | None:
    """Return what a process of another user, with no capability, answers."""
    child = os.fork()
    if child == 0:
        code = 9
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            code = {True: 1, False: 0, None: 2}[answer()]
        finally:
            os._exit(code)
    return {1: True, 0: False, 2: None}[os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_sees_too_whose_network_a_process_of_root_s_lives_in() -> None:
    assert as_nobody(lambda: Host().shares_network(os.getppid())) is True
    with subprocess.Popen(["unshare", "--net", "sh", "-c", "sleep 60"]) as process:
        try:
            for _ in range(200):
                if Host().shares_network(process.pid) is False:
                    break
                time.sleep(0.05)
            assert as_nobody(lambda: Host().shares_network(process.pid)) is False
        finally:
            process.kill()
    assert as_nobody(lambda: Host().shares_network(process.pid)) is None


@pytest.mark.parametrize("asked", ["processes()", "processes_called('keepalived')"])
@pytest.mark.parametrize("option", ["hidepid=1", "hidepid=2"])
def test_hidden_processes_are_not_taken_for_none(option: str, asked: str) -> None:
    """Else a user's watchdog would say that no NTP daemon runs here. Needs root, for a /proc of its own."""
    script = (
        "import os, psutil; from watchdog.host import Host; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        f"Host().{asked}"
    )
    inside = f'mount -t proc -o {option} proc /proc && "$0" -c "$1" || exit 0'
    command = ["unshare", "-mpf", "--mount-proc", "sh", "-c", inside, sys.executable, script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "permitted" in done.stderr:
        pytest.skip(f"needs root, to mount a /proc of its own: {done.stderr.strip()}")
    assert done.stderr.endswith("other users' processes are hidden (/proc has hidepid): this needs root\n")


@contextmanager
def cat() -> Iterator[int]:
    """Run `cat -`, and give its pid once it answers: Popen returns before /proc has its name and arguments."""
    with subprocess.Popen(
        ["cat", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("here\n")
        assert process.stdout.readline() == "here\n"
        yield process.pid


def test_processes_are_read_once_for_a_look() -> None:
    host = Host()
    first = host.processes()
    assert os.getpid() in [process.pid for process in first]
    assert host.processes() is first
    with cat() as pid:
        assert pid not in [process.pid for process in host.processes()]
        (seen,) = (process for process in host.afresh().processes() if process.pid == pid)
    assert seen.argv == ("cat", "-")


def test_processes_are_found_by_how_their_names_begin() -> None:
    with cat() as pid:
        alike = Host().processes_called("ca")
        (seen,) = (process for process in alike if process.pid == pid)
        assert seen in Host().processes()
    assert all(process.name.startswith("ca") for process in alike)
    assert Host().processes_called("no such name") == ()


def test_a_host_whose_proc_is_not_mounted_hides_its_processes(tmp_path: Path) -> None:
    assert Host(tmp_path).process_names() == {}
    with pytest.raises(Unobservable, match="hidden"):
        Host(tmp_path).processes_called("keepalived")
