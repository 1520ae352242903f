"""What their options let the guest agents do to the clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.files_in_memory import Files
from watchdog.host import Process
from watchdog.linux.guest_agents import (
    find_guest_agents,
    find_qemu_config,
    phc2sys_sets_clock,
    qemu_may_set_time,
    virtualbox_syncs,
)

DEBIAN = "/usr/sbin/qemu-ga"
RHEL_HOOK = "qemu-ga --method=virtio-serial --path=/dev/virtio-ports/x.0 {} -F/etc/qemu-ga/fsfreeze-hook"


@pytest.mark.parametrize(
    ("command", "config", "expected"),
    [
        pytest.param(DEBIAN, "", True, id="debian-default"),
        pytest.param(RHEL_HOOK.format("--blacklist=guest-file-open,guest-exec"), "", True, id="rhel-8-default"),
        pytest.param(RHEL_HOOK.format("--block-rpcs=guest-exec,guest-set-time"), "", False, id="blocked"),
        pytest.param("qemu-ga -bguest-set-time", "", False, id="blocked-short"),
        pytest.param("qemu-ga -d -b guest-exec -b guest-set-time", "", False, id="blocked-by-the-second"),
        pytest.param("qemu-ga --blacklist guest-set-time", "", False, id="blocked-by-the-old-name"),
        pytest.param(RHEL_HOOK.format("--allow-rpcs=guest-ping,guest-set-time"), "", True, id="rhel-9-allowed"),
        pytest.param("qemu-ga -a guest-ping,guest-info", "", False, id="not-among-the-allowed"),
        pytest.param("qemu-ga -a guest-set-time -b guest-set-time", "", False, id="blocked-though-allowed"),
        pytest.param("qemu-ga -b guest-set-time-zone", "", True, id="only-the-whole-name"),
        pytest.param(DEBIAN, "[general]\nblock-rpcs=guest-exec,guest-set-time\n", False, id="blocked-in-the-file"),
        pytest.param(DEBIAN, "[general]\nblacklist=guest-set-time\n", False, id="blocked-in-the-file-old-name"),
        pytest.param(DEBIAN, "[general]\nallow-rpcs=guest-ping\n", False, id="not-allowed-in-the-file"),
        pytest.param(DEBIAN, "[other]\nblock-rpcs=guest-set-time\n", True, id="in-another-group"),
        pytest.param(DEBIAN, "[general]\n#block-rpcs=guest-set-time\n", True, id="commented-out"),
        pytest.param("qemu-ga -F/x/b/a -m virtio-serial", "", True, id="a-hook-is-not-a-list"),
    ],
)
def test_qemu(command: str, config: str, expected: bool) -> None:
    assert qemu_may_set_time(command.split(), config) is expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("qemu-ga", "/etc/qemu/qemu-ga.conf"),
        ("qemu-ga -c /x.conf", "/x.conf"),
        ("qemu-ga --config=/x.conf", "/x.conf"),
    ],
)
def test_qemu_config(command: str, expected: str) -> None:
    assert find_qemu_config(command.split()) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param("VBoxService", True, id="default"),
        pytest.param("VBoxService --pidfile /run/v.sh", True, id="debian"),
        pytest.param("VBoxService --disable-timesync", False, id="disabled"),
        pytest.param("VBoxService --Disable-TimeSync", False, id="any-case"),
        pytest.param("VBoxService --disable-timesync --enable-timesync", True, id="the-later-counts"),
        pytest.param("VBoxService --only-vminfo", False, id="only-another"),
        pytest.param("VBoxService --only-timesync", True, id="only-this"),
        pytest.param("VBoxService --disable-vminfo", True, id="another-disabled"),
        pytest.param("VBoxService guestsession --user jo", False, id="a-session-of-a-user"),
    ],
)
def test_virtualbox(command: str, expected: bool) -> None:
    assert virtualbox_syncs(command.split()) is expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param("phc2sys -s eth0 -w", True, id="default-sink"),
        pytest.param("phc2sys -s eth0 -c CLOCK_REALTIME -w", True, id="named-sink"),
        pytest.param("phc2sys -s CLOCK_REALTIME -c eth0 -w", False, id="the-other-way-round"),
        pytest.param("phc2sys -s eth0 -c eth1 -c CLOCK_REALTIME", True, id="one-of-several-sinks"),
        pytest.param("phc2sys -a", False, id="automatic-without-the-system-clock"),
        pytest.param("phc2sys -a -r", True, id="automatic"),
        pytest.param("phc2sys -arr", True, id="automatic-bundled"),
        pytest.param("phc2sys -a -r -C CLOCK_AUX0", False, id="automatic-auxiliary-clock"),
        pytest.param("phc2sys -a -r -E ntpshm -M 0", False, id="timemaster"),
        pytest.param("phc2sys -s eth0 -Erefclock_sock", False, id="chrony-sock"),
        pytest.param("phc2sys -s eth0 --clock_servo ntpshm", False, id="servo-by-its-long-name"),
        pytest.param("phc2sys -s eth0 --clock_servo=NTPSHM", False, id="servo-with-equals"),
        pytest.param("phc2sys -s eth0 --step_threshold=1.0", True, id="another-long-option"),
    ],
)
def test_phc2sys(command: str, expected: bool) -> None:
    assert phc2sys_sets_clock(command.split()) is expected


@given(st.lists(st.text(max_size=20), max_size=8), st.text(max_size=100))
def test_any_arguments_are_read_without_an_error(argv: list[str], config: str) -> None:
    answers = (qemu_may_set_time(argv, config), virtualbox_syncs(argv), phc2sys_sets_clock(argv))
    assert all(isinstance(answer, bool) for answer in answers)
    assert isinstance(find_qemu_config(argv), str)


# -- which of them run, and may


ROOT = {"status": "CapEff:\t000001ffffffffff\n", "uid_map": "         0          0 4294967295\n"}
USER = {"status": "CapEff:\t0000000000000000\n", "uid_map": "         0          0 4294967295\n"}


@pytest.mark.parametrize(
    ("command", "status", "expected"),
    [
        pytest.param("/usr/bin/vmtoolsd", ROOT, ["vmtoolsd"], id="vmware"),
        pytest.param("/usr/bin/vmtoolsd -n vmusr", ROOT, [], id="vmware-for-a-desktop"),
        pytest.param("/usr/bin/vmtoolsd", USER, [], id="in-name-only"),
        pytest.param("/usr/sbin/VBoxService", ROOT, ["VBoxService"], id="virtualbox"),
        pytest.param("/usr/sbin/VBoxService --disable-timesync", ROOT, [], id="virtualbox-told-not-to"),
        pytest.param("/usr/sbin/phc2sys -a -r", ROOT, ["phc2sys"], id="phc2sys"),
        pytest.param("/usr/sbin/phc2sys -a -r", USER, [], id="phc2sys-in-name-only"),
        pytest.param("/usr/sbin/qemu-ga", ROOT, ["qemu-ga"], id="qemu"),
        pytest.param("/usr/sbin/qemu-ga -c /locked", ROOT, [], id="qemu-told-not-to"),
        pytest.param("/usr/sbin/qemu-ga", {}, ["qemu-ga"], id="what-is-hidden-counts"),
        pytest.param("/usr/bin/bash", ROOT, [], id="another-program"),
    ],
)
def test_find(command: str, status: dict[str, str], expected: list[str]) -> None:
    files = Files({f"/proc/7/{name}": text for name, text in status.items()})
    files["/locked"] = "[general]\nblock-rpcs=guest-set-time\n"
    argv = tuple(command.split())
    process = Process(pid=7, name="x", exe=argv[0], argv=argv, started_boottime_seconds=3.0)
    assert [one.name for one in find_guest_agents([process], files)] == expected
