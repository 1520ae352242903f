"""Which NTP daemon a process is, with what options and configuration; and the servers that leads to."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.files_in_memory import Files
from watchdog.errors import Unobservable
from watchdog.host import Process
from watchdog.linux.ntp_daemons import HiddenDaemon, NtpDaemon, NtpProgram, find_ntp_daemons
from watchdog.linux.ntp_servers import configured_servers

# What stands in the executables (strings(1) of the packages; classic ntpd by its Version string).
CLASSIC = "\0ntpd 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)\0/etc/ntp.conf\0"
CLASSIC_USAGE = "\0ntpd - NTP daemon program - Ver. 4.2.8p12\nUsage:  %s\0/etc/ntp.conf\0"
NTPSEC = "\0ntpd ntpsec-%s\0/etc/ntpsec/ntp.conf\0ntp.d\0phone in the ntpd.conf must be specified\0"
OPENNTPD_6 = "\0usage: %s [-dnSsv] [-f file] [-p file]\n\0/etc/openntpd/ntpd.conf\0ntp engine ready\0"
OPENNTPD_7 = "\0usage: %s [-dnv] [-f file] [-p file]\n\0/etc/ntpd.conf\0ntp engine ready\0"
CHRONYD = "\0Usage: %s [OPTION]... [DIRECTIVE]...\0/etc/chrony/chrony.conf\0"
CHRONYD_RHEL = "\0Usage: %s [OPTION]... [DIRECTIVE]...\0/etc/chrony.conf\0"


def process(exe: str | None, line: str, name: str = "", pid: int = 7) -> Process:
    argv = tuple(line.split())
    return Process(
        pid=pid,
        name=name or (exe or "").rpartition("/")[2],
        exe=exe,
        argv=argv,
        started_boottime_seconds=5.0,
    )


def found(one: Process, image: str = "", **files: str) -> NtpDaemon | HiddenDaemon | None:
    tree = Files(
        {f"/proc/{one.pid}/exe": image} | {f"/proc/{one.pid}/{name}": text for name, text in files.items()}
    )
    daemons = find_ntp_daemons([one], tree)
    return daemons[0] if daemons else None


@pytest.mark.parametrize(
    ("one", "image", "program", "config"),
    [
        pytest.param(
            process("/usr/sbin/ntpd", "ntpd -g"), CLASSIC, NtpProgram.NTPD, "/etc/ntp.conf", id="classic"
        ),
        pytest.param(
            process("/usr/sbin/ntpd", "/usr/sbin/ntpd -u ntp:ntp -g"),
            CLASSIC_USAGE,
            NtpProgram.NTPD,
            "/etc/ntp.conf",
            id="classic-by-its-usage",
        ),
        pytest.param(
            process("/usr/sbin/ntpd", "ntpd -p /run/ntpd.pid -g -N -c /run/ntpsec/ntp.conf.dhcp -u ntpsec:ntpsec"),
            NTPSEC,
            NtpProgram.NTPSEC,
            "/run/ntpsec/ntp.conf.dhcp",
            id="ntpsec-with-dhcp",
        ),
        pytest.param(
            process("/usr/sbin/ntpd", "ntpd"),
            NTPSEC,
            NtpProgram.NTPSEC,
            "/etc/ntpsec/ntp.conf",
            id="ntpsec-compiled-in",
        ),
        pytest.param(
            process("/usr/sbin/ntpd", "ntpd -s"),
            OPENNTPD_6,
            NtpProgram.OPENNTPD,
            "/etc/openntpd/ntpd.conf",
            id="openntpd-6",
        ),
        pytest.param(
            process("/usr/sbin/openntpd", "openntpd"),
            OPENNTPD_7,
            NtpProgram.OPENNTPD,
            "/etc/ntpd.conf",
            id="openntpd-7",
        ),
        pytest.param(
            process("/usr/sbin/chronyd", "/usr/sbin/chronyd -F 1"),
            CHRONYD,
            NtpProgram.CHRONYD,
            "/etc/chrony/chrony.conf",
            id="chronyd-debian",
        ),
        pytest.param(
            process("/usr/sbin/chronyd", "/usr/sbin/chronyd -F 2"),
            CHRONYD_RHEL,
            NtpProgram.CHRONYD,
            "/etc/chrony.conf",
            id="chronyd-rhel",
        ),
        pytest.param(
            process("/nix/store/x/bin/chronyd", "chronyd -n -f/nix/store/y.conf"),
            CHRONYD,
            NtpProgram.CHRONYD,
            "/nix/store/y.conf",
            id="chronyd-option",
        ),
        pytest.param(process("/bin/chronyd", "chronyd"), "", NtpProgram.CHRONYD, None, id="chronyd-does-not-say"),
        pytest.param(
            process("/usr/lib/systemd/systemd-timesyncd", "/usr/lib/systemd/systemd-timesyncd"),
            "",
            NtpProgram.TIMESYNCD,
            "",
            id="timesyncd",
        ),
        pytest.param(
            process(None, "/lib/systemd/systemd-timesyncd", name="systemd-timesyncd"),
            "",
            NtpProgram.TIMESYNCD,
            "",
            id="timesyncd-without-root",
        ),
        pytest.param(process("/bin/busybox", "ntpd -n -p a"), "", NtpProgram.BUSYBOX, "", id="busybox-by-link"),
        pytest.param(
            process("/bin/busybox", "busybox ntpd -p a"), "", NtpProgram.BUSYBOX, "", id="busybox-applet"
        ),
        pytest.param(
            process("/bin/busybox.static", "/usr/sbin/ntpd"), "", NtpProgram.BUSYBOX, "", id="busybox-called-ntpd"
        ),
    ],
)
def test_recognised(one: Process, image: str, program: NtpProgram, config: str | None) -> None:
    daemon = found(one, image)
    assert isinstance(daemon, NtpDaemon)
    assert (daemon.program, daemon.config_path) == (program, config)


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(process("/usr/sbin/dovecot", "dovecot"), id="another-daemon"),
        pytest.param(process("/bin/busybox", "busybox sh ntpd"), id="another-applet"),
        pytest.param(process("/bin/busybox", "busybox"), id="busybox-alone"),
        pytest.param(process("/bin/vi", "vi /etc/ntp.conf ntpd chronyd"), id="an-editor"),
        pytest.param(process("/bin/bash", "ntpd"), id="a-script-that-calls-itself-so"),
        pytest.param(process(None, "", name="ntpd"), id="no-argv-kernel-thread-or-zombie"),
        pytest.param(process("/usr/bin/chronyc", "chronyc tracking"), id="chronyc"),
    ],
)
def test_no_daemon(one: Process) -> None:
    assert found(one, CLASSIC) is None


@pytest.mark.parametrize(
    ("one", "image", "subject", "reason"),
    [
        pytest.param(process(None, "ntpd -g", name="ntpd"), CLASSIC, "ntpd", "needs root", id="ntpd-without-root"),
        pytest.param(
            process(None, "chronyd", name="chronyd"), "", "chronyd", "needs root", id="chronyd-without-root"
        ),
        pytest.param(
            process("/home/x/ntpd", "ntpd"),
            "who knows",
            "ntpd",
            "/home/x/ntpd is neither classic",
            id="a-fourth-ntpd",
        ),
    ],
)
def test_hidden(one: Process, image: str, subject: str, reason: str) -> None:
    daemon = found(one, image)
    assert isinstance(daemon, HiddenDaemon)
    assert daemon.subject == subject
    assert reason in daemon.reason
    assert "pid 7" in daemon.reason


def test_what_cannot_be_read_is_hidden_and_hides_nothing_else() -> None:
    class Locked(Files):
        def read_text(self, path: str) -> str | None:
            if path == "/proc/7/exe":
                raise Unobservable("cannot read /proc/7/exe: Permission denied")
            return super().read_text(path)

    ntpd = process("/usr/sbin/ntpd", "ntpd", pid=7)
    chronyd = process("/usr/sbin/chronyd", "chronyd", pid=3)
    daemons = find_ntp_daemons([ntpd, chronyd], Locked({"/proc/3/exe": CHRONYD}))
    assert [type(daemon) for daemon in daemons] == [NtpDaemon, HiddenDaemon]


def test_a_program_of_a_user_that_is_only_called_ntpd_is_none() -> None:
    assert found(process("/home/x/ntpd", "ntpd"), "sleep", status="CapEff:\t0000000000000000\n") is None


def test_a_daemon_in_a_container_is_read_below_its_root() -> None:
    daemon = found(process("/usr/sbin/chronyd", "chronyd"), CHRONYD, status="CapEff:\t0\nNSpid:\t7\t1\n")
    assert isinstance(daemon, NtpDaemon)
    assert daemon.prefix == "/proc/7/root"
    assert not daemon.may_set_clock


def test_only_old_openntpd_honours_settime() -> None:
    honours = [
        daemon.honours_settime
        for image in (OPENNTPD_6, OPENNTPD_7)
        if isinstance(daemon := found(process("/usr/sbin/ntpd", "ntpd -s"), image), NtpDaemon)
    ]
    assert honours == [True, False]


@pytest.mark.parametrize(
    ("one", "image", "files", "servers"),
    [
        pytest.param(
            process("/usr/sbin/ntpd", "ntpd"), CLASSIC, {"/etc/ntp.conf": "server a\n"}, ("a",), id="classic"
        ),
        pytest.param(
            process("/usr/sbin/ntpd", "ntpd"),
            NTPSEC,
            {"/etc/ntpsec/ntp.conf": "pool a\n", "/etc/ntpsec/ntp.d/b.conf": "server b\n"},
            ("a", "b"),
            id="ntpsec",
        ),
        pytest.param(process("/usr/sbin/ntpd", "ntpd"), CLASSIC, {}, (), id="no-file"),
        pytest.param(
            process("/usr/sbin/chronyd", "chronyd"),
            CHRONYD,
            {"/etc/chrony/chrony.conf": "server a\nsourcedir /s\n", "/s/x.sources": "server b\n"},
            ("a", "b"),
            id="chronyd",
        ),
        pytest.param(
            Process(
                pid=7,
                name="chronyd",
                exe="/usr/sbin/chronyd",
                argv=("chronyd", "-d", "server a iburst", "makestep 1 3"),
                started_boottime_seconds=1.0,
            ),
            CHRONYD,
            {"/etc/chrony/chrony.conf": "server b\n"},
            ("a",),
            id="chronyd-directives-in-place-of-the-file",
        ),
        pytest.param(process("/usr/sbin/chronyd", "chronyd"), "", {}, (), id="chronyd-file-not-known"),
        pytest.param(
            process("/usr/sbin/ntpd", "ntpd"),
            OPENNTPD_6,
            {"/etc/openntpd/ntpd.conf": "servers a\n"},
            ("a",),
            id="openntpd",
        ),
        pytest.param(
            process("/bin/busybox", "ntpd -p a -p keyno:1:fe80::1 -n"),
            "",
            {},
            ("a", "fe80::1"),
            id="busybox-peers",
        ),
        pytest.param(
            process("/bin/busybox", "ntpd -n"), "", {"/etc/ntp.conf": "server a\n"}, ("a",), id="busybox-file"
        ),
        pytest.param(
            process("/lib/systemd/systemd-timesyncd", "systemd-timesyncd"),
            "",
            {"/etc/systemd/timesyncd.conf": "[Time]\nNTP=a\n"},
            ("a",),
            id="timesyncd",
        ),
    ],
)
def test_configured_servers(one: Process, image: str, files: Mapping[str, str], servers: tuple[str, ...]) -> None:
    tree = Files({"/proc/7/exe": image, **files})
    (daemon,) = find_ntp_daemons([one], tree)
    assert isinstance(daemon, NtpDaemon)
    assert configured_servers(daemon, tree) == servers


@given(st.text(), st.lists(st.text(), min_size=1), st.sampled_from(["/x/ntpd", "/x/chronyd", "/x/busybox", None]))
def test_any_image_and_argv(image: str, argv: list[str], exe: str | None) -> None:
    one = Process(pid=7, name="ntpd", exe=exe, argv=tuple(argv), started_boottime_seconds=None)
    daemon = found(one, image, status=image)
    assert daemon is None or daemon.pid == 7
