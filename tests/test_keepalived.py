"""Which keepalived is ours, which configuration it reads, and what of it is in effect."""

from pathlib import Path

import pytest

from watchdog.errors import Unobservable
from watchdog.host import Host, Process
from watchdog.keepalived import read_keepalived
from watchdog.linux import keepalived_lines

DEFAULT = "/etc/keepalived/keepalived.conf"
VRRP = "vrrp_instance i {\n interface eth0\n virtual_router_id 5\n virtual_ipaddress { 10.0.0.9 }\n}\n"
LVS = "virtual_server 10.0.0.10 80 {\n protocol TCP\n real_server 10.0.0.21 80 { }\n}\n"


class Machine(Host):
    """A tree of files, in which these processes share our network, or not."""

    def __init__(self, root: Path, **files: str) -> None:
        super().__init__(root)
        self.elsewhere: set[int] = set()
        self.hidden: set[int] = set()
        for path, text in files.items():
            self.write(path, text)
        self.write("/proc/sys/kernel/hostname", "lb1.example\n")
        self.write("/proc/sys/kernel/random/boot_id", "a\n")

    def write(self, path: str, text: str) -> None:
        self.path(path).parent.mkdir(parents=True, exist_ok=True)
        self.path(path).write_text(text)

    def shares_network(self, pid: int) -> bool | None:
        return None if pid in self.hidden else pid not in self.elsewhere


def process(*arguments: str, pid: int = 7, name: str = "keepalived", started: float | None = None) -> Process:
    return Process(
        pid=pid,
        name=name,
        exe="/usr/sbin/keepalived",
        argv=("/usr/sbin/keepalived", *arguments),
        started_boottime_seconds=started,
    )


@pytest.fixture
def host(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.write(DEFAULT, VRRP + LVS)
    machine.write("/etc/other.conf", "@lb1 " + VRRP.replace("i {", "other {").replace("\n", "\n@lb1 ") + "\n")
    machine.write("/proc/9/cwd/near.conf", VRRP.replace("i {", "near {"))
    return machine


def names(host: Machine, *processes: Process) -> tuple[list[str], int]:
    conf = read_keepalived(host, processes)
    assert conf is not None
    return [one.name for one in conf.instances], len(conf.virtual_servers)


@pytest.mark.parametrize(
    ("processes", "expected"),
    [
        pytest.param((process(),), (["i"], 1), id="default-path"),
        pytest.param((process("-n", "-D"),), (["i"], 1), id="options-that-do-not-matter"),
        pytest.param((process("-nf", "/etc/other.conf"),), (["other"], 0), id="bundled"),
        pytest.param((process("--use-file=/etc/other.conf"),), (["other"], 0), id="long"),
        pytest.param((process("-f", "/etc/other.conf", "-i", "lb2"),), ([], 0), id="another-config-id"),
        pytest.param((process("-f", "near.conf", pid=9),), (["near"], 0), id="relative-to-its-folder"),
        pytest.param((process("-P"),), (["i"], 0), id="vrrp-only"),
        pytest.param((process("-C"),), ([], 1), id="checkers-only"),
        pytest.param((process("-P", "-C"),), (["i"], 1), id="both-said"),
        pytest.param(
            (process("-f", "/none", pid=8, name="keepalived_vrrp"), process()), (["i"], 1), id="the-parent-speaks"
        ),
        pytest.param((process("-f", "/none", pid=1, name="cat"), process()), (["i"], 1), id="another-program"),
        pytest.param((process("-l", "-p", "-f"),), (["i"], 1), id="a-value-that-looks-like-an-option"),
    ],
)
def test_which_configuration(
    host: Machine, processes: tuple[Process, ...], expected: tuple[list[str], int]
) -> None:
    assert names(host, *processes) == expected


def test_an_older_program_that_is_called_alike_is_no_keepalived(host: Machine) -> None:
    exporter = Process(
        pid=3,
        name="keepalived_expo",
        exe="/usr/bin/keepalived_exporter",
        argv=("/usr/bin/keepalived_exporter", "-f", "/none"),
        started_boottime_seconds=1.0,
    )
    assert names(host, exporter, process(started=9.0)) == (["i"], 1)
    assert read_keepalived(host, [exporter]) is None


def test_one_of_another_network_namespace_is_not_ours(host: Machine) -> None:
    host.elsewhere.add(7)
    assert read_keepalived(host, [process()]) is None
    assert read_keepalived(host, []) is None


def test_one_in_a_container_on_our_network_reads_its_own_files(host: Machine) -> None:
    host.write("/proc/7/status", "NSpid:\t7\t1\n")
    host.write(f"/proc/7/root{DEFAULT}", VRRP.replace("i {", "contained {"))
    assert names(host, process()) == (["contained"], 0)


def test_a_configuration_that_is_not_there_or_has_no_end_is_told(
    host: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepalived_lines, "MAX_STEPS", 20_000)
    with pytest.raises(Unobservable, match=r"keepalived \(pid 7\) runs, but its configuration /none is not there"):
        read_keepalived(host, [process("-f", "/none")])
    host.write(DEFAULT, "~SEQ(X, 1000000000) a")
    with pytest.raises(Unobservable, match="unfold without an end in sight"):
        read_keepalived(host, [process()])


def test_a_folder_among_what_is_included_is_passed_over(host: Machine) -> None:
    host.write(DEFAULT, "include more/*")
    host.write("/etc/keepalived/more/1.conf", VRRP)
    host.write("/etc/keepalived/more/old/1.conf", "nonsense")
    assert names(host, process()) == (["i"], 0)


def test_a_file_that_is_newer_than_the_process_is_told(host: Machine) -> None:
    conf = read_keepalived(host, [process(started=1.0)])
    assert conf is not None
    assert conf.changed_since_start
    conf = read_keepalived(host, [process(started=1e9)])
    assert conf is not None
    assert not conf.changed_since_start


def test_one_whose_network_is_not_to_be_seen_is_not_taken_for_none(host: Machine) -> None:
    host.hidden = {7}
    host.write("/proc/7/comm", "keepalived\n")
    with pytest.raises(Unobservable, match=r"keepalived \(pid 7\) runs, but not in whose network"):
        read_keepalived(host, [process()])
    # One that is seen to be ours settles it.
    assert names(host, process(), process(pid=8))


def test_one_that_has_ended_meanwhile_is_none(host: Machine) -> None:
    host.hidden = {7}
    assert read_keepalived(host, [process()]) is None
