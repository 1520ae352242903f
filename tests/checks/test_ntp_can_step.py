"""ntp_can_step: what each daemon may do, told from its options and configuration, and what it has in effect."""

import os
from pathlib import Path

import msgspec
import pytest

from checks._ntp_can_step.reading import DaemonFacts
from checks.ntp_can_step import (
    CHECK,
    InEffect,
    NtpCanStepSettings,
    NtpFacts,
    NtpMemory,
    observe_processes,
)
from watchdog.host import Host, Process
from watchdog.linux.argv import parse_options
from watchdog.linux.chrony_conf import parse_chrony_conf, parse_directives
from watchdog.linux.ntp_conf import parse_ntp_conf
from watchdog.linux.ntp_power import (
    StepPower,
    busybox_power,
    chronyd_power,
    chronyd_without_control,
    ntpd_power,
    openntpd_power,
    timesyncd_power,
)
from watchdog.model import Finding, Note, Unseen
from watchdog.plugin import NotApplicable

BOOT = "boot-a"
SETTINGS = NtpCanStepSettings()
UNLIMITED = [("unlimited", "warning")]
LARGE_ONLY = [("large_only", "warning")]
NOTE = [("note", "")]
UNSEEN = [("unseen", "")]


def ntpd(line: str = "-g", conf: str = "", program: str = "ntpsec ntpd") -> DaemonFacts:
    power = ntpd_power(parse_options(line.split(), "gGxNnc:u:p:"), parse_ntp_conf(conf))
    return running("ntpd", program, power, config_path="/etc/ntpsec/ntp.conf")


def chronyd(line: str = "", conf: str = "") -> DaemonFacts:
    options = parse_options(line.split(), "46df:F:hl:L:mnN:pP:qQrRst:u:Uvx")
    directives = parse_chrony_conf(parse_directives(conf))
    power = chronyd_without_control(options) or chronyd_power(options, directives)
    return running("chronyd", "chronyd", power, config_path="/etc/chrony/chrony.conf")


def openntpd(line: str = "", *, old: bool = True) -> DaemonFacts:
    power = openntpd_power(parse_options(line.split(), "df:nP:p:sSv"), honours_settime=old)
    return running("openntpd", "openntpd", power)


def busybox(line: str = "") -> DaemonFacts:
    return running("busybox-ntpd", "busybox ntpd", busybox_power(parse_options(line.split(), "nqNxwp:S:l")))


def timesyncd() -> DaemonFacts:
    return running("systemd-timesyncd", "systemd-timesyncd", timesyncd_power())


def running(subject: str, program: str, power: StepPower | None, **more: object) -> DaemonFacts:
    facts = DaemonFacts(subject=subject, pid=7, program=program, started_boottime_seconds=5.0, power=power)
    return msgspec.structs.replace(facts, **more)


def facts_of(*daemons: DaemonFacts, fragile: tuple[str, ...] = (), like: str = "debian") -> NtpFacts:
    return NtpFacts(boot_id=BOOT, distribution=like, fragile_running=fragile, daemons=daemons)


def judged(
    facts: NtpFacts, before: NtpMemory | None = None, settings: NtpCanStepSettings = SETTINGS
) -> list[tuple[str, str]]:
    out = []
    for item in CHECK.judge(facts, before, settings):
        match item:
            case Finding():
                out.append((item.fault.partition(".")[2], item.severity.value))
            case Note():
                out.append(("note", ""))
            case Unseen():
                out.append(("unseen", ""))
    return out


@pytest.mark.parametrize(
    ("daemon", "expected"),
    [
        pytest.param(ntpd(), UNLIMITED, id="ntpd-as-installed"),
        pytest.param(ntpd(program="classic ntpd"), UNLIMITED, id="classic-ntpd-as-installed"),
        pytest.param(ntpd("-x"), LARGE_ONLY, id="ntpd-x-is-600-s-not-never"),
        pytest.param(ntpd("-gx"), LARGE_ONLY, id="ntpd-x-bundled"),
        pytest.param(ntpd("-x -x"), LARGE_ONLY, id="ntpd-x-twice"),
        pytest.param(ntpd("-u x"), UNLIMITED, id="ntpd-a-user-called-x"),
        pytest.param(ntpd("-x", "tinker step 0.128"), UNLIMITED, id="ntpd-tinker-overrides-x"),
        pytest.param(ntpd("-x", "tinker step 0"), NOTE, id="ntpd-x-and-tinker-never"),
        pytest.param(ntpd("-g", "tinker step 0"), NOTE, id="ntpd-tinker-never"),
        pytest.param(ntpd("-g", "tinker step 599.9"), UNLIMITED, id="ntpd-tinker-just-below-600"),
        pytest.param(ntpd("-g", "tinker step 600"), LARGE_ONLY, id="ntpd-tinker-600"),
        pytest.param(ntpd("-g", "tinker step 600.1"), LARGE_ONLY, id="ntpd-tinker-above-600"),
        pytest.param(ntpd("-g", "tinker stepback 0"), NOTE, id="ntpd-never-back-but-ahead"),
        pytest.param(ntpd("-g", "tinker stepfwd 0"), UNLIMITED, id="ntpd-never-ahead-but-back"),
        pytest.param(ntpd("-x", "tinker stepfwd 0.1"), LARGE_ONLY, id="ntpd-x-still-counts-backward"),
        pytest.param(ntpd("-g", "tinker step 0\ntinker stepback 1"), UNLIMITED, id="ntpd-stepback-comes-back"),
        pytest.param(ntpd("-g", "tinker step 0 oops"), UNLIMITED, id="ntpd-a-line-with-an-error-sets-nothing"),
        pytest.param(ntpd("-g", "tinker panic 0"), UNLIMITED, id="ntpd-panic-is-not-step"),
        pytest.param(ntpd("-g", "disable ntp"), NOTE, id="ntpd-disabled"),
        pytest.param(ntpd("-G", "disable ntp"), NOTE, id="ntpd-disabled-even-at-start"),
        pytest.param(ntpd("-G", "tinker step 0"), NOTE, id="ntpd-G-at-start-only"),
        pytest.param(ntpd("-gG"), UNLIMITED, id="ntpd-G-and-default"),
        pytest.param(chronyd(), NOTE, id="chronyd-without-makestep"),
        pytest.param(chronyd("-F 1", "makestep 1 3"), NOTE, id="chronyd-debian"),
        pytest.param(chronyd("", "makestep 1 -1"), UNLIMITED, id="chronyd-any-time"),
        pytest.param(chronyd("", "makestep 0 -1"), UNLIMITED, id="chronyd-any-time-any-size"),
        pytest.param(chronyd("", "makestep 600 -1"), LARGE_ONLY, id="chronyd-any-time-600"),
        pytest.param(chronyd("", "makestep 1 0"), NOTE, id="chronyd-limit-0"),
        pytest.param(chronyd("", "makestep 1 3\nmakestep 1 -1"), UNLIMITED, id="chronyd-the-last-wins"),
        pytest.param(chronyd("", "makestep 1 -1\nmakestep 1 3"), NOTE, id="chronyd-a-drop-in-that-loses"),
        pytest.param(chronyd("-x", "makestep 1 -1"), NOTE, id="chronyd-x-in-a-container"),
        pytest.param(chronyd("-R", "makestep 1 -1"), UNLIMITED, id="chronyd-R-does-not-mend-that"),
        pytest.param(chronyd("", "initstepslew 30 ntp1"), NOTE, id="chronyd-initstepslew"),
        pytest.param(chronyd("-s"), NOTE, id="chronyd-s"),
        pytest.param(timesyncd(), UNLIMITED, id="timesyncd"),
        pytest.param(openntpd(), NOTE, id="openntpd"),
        pytest.param(openntpd("-s"), NOTE, id="openntpd-s-at-start-only"),
        pytest.param(busybox("-n -p a"), UNLIMITED, id="busybox"),
        pytest.param(busybox("-x -p a"), UNLIMITED, id="busybox-ignores-x"),
        pytest.param(busybox("-w -p a"), NOTE, id="busybox-only-asks"),
        pytest.param(running("ntpd", "", None, unseen="needs root"), UNSEEN, id="hidden"),
    ],
)
def test_judge(daemon: DaemonFacts, expected: list[tuple[str, str]]) -> None:
    assert judged(facts_of(daemon)) == expected


@pytest.mark.parametrize(
    ("daemon", "reported"),
    [
        pytest.param(chronyd("", "makestep 1 3"), True, id="chronyd-makestep"),
        pytest.param(chronyd("-R", "makestep 1 3"), False, id="chronyd-R-ignores-it"),
        pytest.param(chronyd("-R", "initstepslew 30 a"), False, id="chronyd-R-ignores-initstepslew"),
        pytest.param(chronyd("", "initstepslew 30 a"), True, id="chronyd-initstepslew"),
        pytest.param(chronyd("-s"), True, id="chronyd-s"),
        pytest.param(chronyd("-x -s"), False, id="chronyd-x"),
        pytest.param(chronyd(), False, id="chronyd-none"),
        pytest.param(ntpd("-G", "tinker step 0"), True, id="ntpd-G"),
        pytest.param(openntpd("-s"), True, id="openntpd-s"),
        pytest.param(openntpd("-s -S"), False, id="openntpd-S-takes-it-back"),
        pytest.param(openntpd("-s", old=False), False, id="openntpd-new-ignores-s"),
    ],
)
def test_startup_only_is_told_when_asked_for(daemon: DaemonFacts, reported: bool) -> None:
    settings = NtpCanStepSettings(report_startup_only=True)
    assert judged(facts_of(daemon), None, settings) == ([("startup_only", "warning")] if reported else NOTE)


@pytest.mark.parametrize(
    ("daemon", "severity"),
    [
        pytest.param(ntpd(), "critical", id="any-time"),
        pytest.param(ntpd("-x"), "warning", id="beyond-600-s"),
    ],
)
def test_it_is_worse_where_a_program_dies_of_it(daemon: DaemonFacts, severity: str) -> None:
    (finding,) = CHECK.judge(facts_of(daemon, fragile=("dovecot",)), None, SETTINGS)
    assert isinstance(finding, Finding)
    assert finding.severity.value == severity
    assert finding.evidence["fragile_running"] == ["dovecot"]


def test_two_of_the_same_are_one_subject_judged_by_the_worse() -> None:
    good, bad = chronyd("", "makestep 1 3"), msgspec.structs.replace(chronyd("", "makestep 1 -1"), pid=9)
    (finding,) = CHECK.judge(facts_of(good, bad), None, SETTINGS)
    assert isinstance(finding, Finding)
    assert (finding.subject, finding.evidence["pids"]) == ("chronyd", [7, 9])


def test_two_daemons_are_two_subjects() -> None:
    assert judged(facts_of(timesyncd(), chronyd())) == [("note", ""), *UNLIMITED]


def test_a_hidden_one_does_not_hide_another_of_its_name() -> None:
    hidden = running("ntpd", "", None, unseen="needs root", pid=3)
    assert judged(facts_of(hidden, ntpd())) == [*UNSEEN, *UNLIMITED]


STEPS, SLEWS, NEVER = ntpd("-g"), ntpd("-x"), ntpd("-g", "tinker step 0")


def changed(daemon: DaemonFacts, **more: object) -> DaemonFacts:
    return msgspec.structs.replace(daemon, config_newer_than_process=True, **more)


def memory_of(daemon: DaemonFacts) -> NtpMemory:
    return CHECK.remember(facts_of(daemon), None, SETTINGS)


@pytest.mark.parametrize(
    ("daemon", "before", "expected"),
    [
        pytest.param(changed(STEPS), None, UNLIMITED, id="file-allows-nothing-known"),
        pytest.param(changed(NEVER), None, UNSEEN, id="file-forbids-nothing-known"),
        pytest.param(changed(chronyd("", "makestep 1 3")), None, UNSEEN, id="file-allows-at-start-nothing-known"),
        pytest.param(changed(NEVER), memory_of(STEPS), UNLIMITED, id="mended-but-not-restarted"),
        pytest.param(changed(STEPS), memory_of(NEVER), NOTE, id="spoilt-but-not-restarted"),
        pytest.param(changed(NEVER), memory_of(SLEWS), LARGE_ONLY, id="what-is-in-effect-counts"),
        pytest.param(changed(NEVER), memory_of(NEVER), [], id="changed-to-the-same"),
        pytest.param(changed(STEPS), memory_of(STEPS), UNLIMITED, id="changed-to-the-same-that-steps"),
        pytest.param(NEVER, memory_of(STEPS), NOTE, id="not-changed-the-file-counts"),
        pytest.param(changed(NEVER, pid=8), memory_of(STEPS), UNSEEN, id="another-process"),
        pytest.param(
            changed(NEVER, started_boottime_seconds=6.0), memory_of(STEPS), UNSEEN, id="restarted-same-pid"
        ),
        pytest.param(
            changed(NEVER),
            msgspec.structs.replace(memory_of(STEPS), boot_id="boot-b"),
            UNSEEN,
            id="remembered-from-another-boot",
        ),
        pytest.param(
            msgspec.structs.replace(NEVER, power=None, unseen="not there any more"),
            memory_of(STEPS),
            UNLIMITED,
            id="file-taken-away",
        ),
    ],
)
def test_a_changed_file_is_not_what_is_in_effect(
    daemon: DaemonFacts, before: NtpMemory | None, expected: list[tuple[str, str]]
) -> None:
    assert judged(facts_of(daemon), before) == expected


@pytest.mark.parametrize(
    ("daemon", "before", "kinds"),
    [
        pytest.param(STEPS, None, ["unlimited"], id="first-run"),
        pytest.param(changed(NEVER), None, [], id="changed-before-the-first-run"),
        pytest.param(changed(NEVER), memory_of(STEPS), ["unlimited"], id="changed-since"),
        pytest.param(NEVER, memory_of(STEPS), ["none"], id="restarted"),
        pytest.param(running("ntpd", "", None, unseen="x"), None, [], id="hidden"),
    ],
)
def test_remember(daemon: DaemonFacts, before: NtpMemory | None, kinds: list[str]) -> None:
    memory = CHECK.remember(facts_of(daemon), before, SETTINGS)
    assert [known.power.kind for known in memory.in_effect] == kinds
    assert msgspec.json.decode(msgspec.json.encode(memory), type=NtpMemory) == memory


def test_what_is_no_fault_is_noted_once() -> None:
    memory = memory_of(NEVER)
    assert judged(facts_of(NEVER), memory) == []
    memory = CHECK.remember(facts_of(NEVER), memory, SETTINGS)
    assert judged(facts_of(NEVER), memory) == []
    restarted = msgspec.structs.replace(NEVER, pid=8, started_boottime_seconds=9.0)
    assert judged(facts_of(restarted), memory) == []
    assert judged(facts_of(chronyd()), memory) == NOTE
    assert judged(facts_of(STEPS), memory) == UNLIMITED


def test_what_a_person_reads() -> None:
    (finding,) = CHECK.judge(facts_of(ntpd(), fragile=("dovecot",)), None, SETTINGS)
    assert isinstance(finding, Finding)
    assert finding.summary == (
        "ntpsec ntpd may set the clock back at any time when it is off by more than 0.128 s (neither -x nor a"
        " `tinker step` line, so the threshold is 0.128 s); dovecot runs here and dies of a step back"
    )
    assert finding.evidence["advice"] == (
        "add -x to NTPD_OPTS in /etc/default/ntpsec, then systemctl restart ntpsec: it then steps only beyond"
        " 600 s; `tinker step 0` in /etc/ntpsec/ntp.conf forbids even that"
    )


def test_a_pending_restart_is_told() -> None:
    (finding,) = CHECK.judge(facts_of(changed(NEVER)), memory_of(STEPS), SETTINGS)
    assert isinstance(finding, Finding)
    assert "in effect since its start, may differ from the file" in finding.summary
    assert "/etc/ntpsec/ntp.conf has changed since it started: restart pending" in finding.summary
    assert finding.evidence["config_newer_than_process"] is True
    assert finding.evidence["restart_pending"] is True


CLASSIC = ntpd(program="classic ntpd")


@pytest.mark.parametrize(
    ("daemon", "like", "words"),
    [
        pytest.param(ntpd(), "debian", "add -x to NTPD_OPTS in /etc/default/ntpsec", id="ntpsec-debian"),
        pytest.param(ntpd(), "debian", "systemctl restart ntpsec", id="ntpsec-debian-unit"),
        pytest.param(CLASSIC, "ubuntu", "add -x to NTPD_OPTS in /etc/default/ntp,", id="classic-ubuntu"),
        pytest.param(CLASSIC, "rhel", "add -x to OPTIONS in /etc/sysconfig/ntpd", id="classic-rhel"),
        pytest.param(CLASSIC, "sles", "add -x to NTPD_OPTIONS in /etc/sysconfig/ntp,", id="classic-suse"),
        pytest.param(CLASSIC, "arch", "the options that its unit starts it with, then restart it", id="elsewhere"),
        pytest.param(
            running("ntpd", "ntpsec ntpd", ntpd().power, config_path="/run/ntpsec/ntp.conf.dhcp"),
            "debian",
            "`tinker step 0` in /etc/ntpsec/ntp.conf",
            id="not-into-the-copy-that-dhcp-makes",
        ),
        pytest.param(
            ntpd("-x", "tinker step 1"), "debian", "because they override -x, or set", id="tinker-over-x"
        ),
        pytest.param(ntpd("-g", "tinker step 1"), "debian", "and add -x to NTPD_OPTS", id="tinker-without-x"),
        pytest.param(ntpd("-x"), "debian", "put `tinker step 0` into /etc/ntpsec/ntp.conf", id="x"),
        pytest.param(
            chronyd("", "makestep 1 -1"), "debian", "a drop-in loses to the main file", id="chrony-debian"
        ),
        pytest.param(chronyd("", "makestep 1 -1"), "fedora", "systemctl restart chronyd", id="chrony-fedora"),
        pytest.param(timesyncd(), "ubuntu", "replace it by chrony (apt install chrony)", id="timesyncd-ubuntu"),
        pytest.param(
            busybox(), "alpine", "replace it by chrony (with this distribution's installer)", id="busybox"
        ),
        pytest.param(
            openntpd("-s"), "debian", "take -s out of DAEMON_OPTS in /etc/default/openntpd", id="openntpd"
        ),
        pytest.param(ntpd("-G", "tinker step 0"), "debian", "take -G out of NTPD_OPTS", id="ntpd-G"),
        pytest.param(
            chronyd("-s"), "rhel", "take -s and -q out of OPTIONS in /etc/sysconfig/chronyd", id="chrony-s"
        ),
        pytest.param(
            chronyd("", "initstepslew 1 a"), "debian", "take initstepslew out of", id="chrony-initstepslew"
        ),
        pytest.param(chronyd("", "makestep 1 3"), "debian", "take makestep out of", id="chrony-startup"),
        pytest.param(
            msgspec.structs.replace(ntpd(), container=True), "debian", "in its container: add -x", id="container"
        ),
    ],
)
def test_advice_for_this_distribution(daemon: DaemonFacts, like: str, words: str) -> None:
    settings = NtpCanStepSettings(report_startup_only=True)
    (finding,) = CHECK.judge(facts_of(daemon, like=like), None, settings)
    assert isinstance(finding, Finding)
    assert words in str(finding.evidence["advice"])


# ---- observe, over trees that look like hosts

STARTED = 100.0
NTPSEC = "\0ntpd ntpsec-%s\0/etc/ntpsec/ntp.conf\0"
CHRONYD = "\0Usage: %s [OPTION]... [DIRECTIVE]...\0/etc/chrony/chrony.conf\0"
OPENNTPD = "\0usage: %s [-dnSsv] [-f file] [-p file]\n\0/etc/openntpd/ntpd.conf\0"
NO_CAPABILITY = "CapEff:\t0000000000000000\n"


def host_with(root: Path, files: dict[str, str], *, written_boottime: float = 1.0) -> Host:
    """Make a tree whose files were last written at a CLOCK_BOOTTIME, with no programs to run."""
    now = Host().stamp()
    written_wall = now.wall_ns / 1e9 - now.boottime_ns / 1e9 + written_boottime
    files = {"/etc/os-release": "ID=debian\n", "/proc/sys/kernel/random/boot_id": BOOT, **files}
    for path, text in files.items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    for place in (root, *root.rglob("*")):
        os.utime(place, (written_wall, written_wall))
    return Host(root=root, program_folders=f"{root}/sbin")


def process(exe: str | None, line: str, pid: int = 7, name: str = "") -> Process:
    return Process(
        pid=pid,
        name=name or (exe or "").rpartition("/")[2],
        exe=exe,
        argv=tuple(line.split()),
        started_boottime_seconds=STARTED,
    )


NTPD = process("/usr/sbin/ntpd", "/usr/sbin/ntpd -p /run/ntpd.pid -c /etc/ntpsec/ntp.conf -g -N -u ntpsec:ntpsec")
DHCP_LINE = "/usr/sbin/ntpd -p /run/ntpd.pid -g -N -c /run/ntpsec/ntp.conf.dhcp -u ntpsec:ntpsec"
CONF = "/etc/chrony/chrony.conf"
CHRONY = process("/usr/sbin/chronyd", "/usr/sbin/chronyd -F 1")


@pytest.mark.parametrize(
    ("processes", "files", "expected"),
    [
        pytest.param([NTPD], {"/proc/7/exe": NTPSEC, "/etc/ntpsec/ntp.conf": ""}, UNLIMITED, id="ntpsec-debian"),
        pytest.param(
            [NTPD],
            {"/proc/7/exe": NTPSEC, "/etc/ntpsec/ntp.conf": "", "/etc/ntpsec/ntp.d/a.conf": "tinker step 0\n"},
            NOTE,
            id="ntpsec-drop-in",
        ),
        pytest.param(
            [process("/usr/sbin/ntpd", DHCP_LINE)],
            {
                "/proc/7/exe": NTPSEC,
                "/etc/ntpsec/ntp.conf": "tinker step 0\n",
                "/run/ntpsec/ntp.conf.dhcp": "server 10.0.0.1\n",
            },
            UNLIMITED,
            id="ntpsec-dhcp-variant-is-the-one-in-use",
        ),
        pytest.param([NTPD], {"/proc/7/exe": NTPSEC}, UNSEEN, id="configuration-not-there"),
        pytest.param([NTPD], {"/proc/7/exe": "another program"}, UNSEEN, id="an-ntpd-nobody-knows"),
        pytest.param(
            [process(None, "/usr/sbin/ntpd -g", name="ntpd")], {"/etc/ntp.conf": ""}, UNSEEN, id="without-root"
        ),
        pytest.param(
            [NTPD],
            {"/proc/7/exe": NTPSEC, "/etc/ntpsec/ntp.conf": "", "/proc/7/status": NO_CAPABILITY},
            NOTE,
            id="may-not-set-the-clock",
        ),
        pytest.param([CHRONY], {"/proc/7/exe": CHRONYD, CONF: "makestep 1 3\n"}, NOTE, id="chronyd-debian"),
        pytest.param(
            [CHRONY], {"/proc/7/exe": CHRONYD, CONF: "makestep 1 -1\n"}, UNLIMITED, id="chronyd-any-time"
        ),
        pytest.param(
            [CHRONY],
            {
                "/proc/7/exe": CHRONYD,
                CONF: "confdir /etc/chrony/conf.d\nmakestep 1 -1\n",
                "/etc/chrony/conf.d/local.conf": "makestep 1 3\n",
            },
            UNLIMITED,
            id="chronyd-a-drop-in-loses",
        ),
        pytest.param([CHRONY], {"/proc/7/exe": CHRONYD}, UNSEEN, id="chronyd-configuration-not-there"),
        pytest.param([CHRONY], {"/proc/7/exe": "", CONF: "makestep 1 -1\n"}, UNSEEN, id="chronyd-path-not-known"),
        pytest.param([CHRONY], {"/proc/7/exe": CHRONYD, CONF: "makestep 1\n"}, UNSEEN, id="chronyd-malformed"),
        pytest.param(
            [process("/usr/sbin/chronyd", "chronyd -x")], {"/proc/7/exe": ""}, NOTE, id="chronyd-x-needs-no-file"
        ),
        pytest.param(
            [CHRONY],
            {
                "/proc/7/exe": CHRONYD,
                "/proc/7/status": "CapEff:\t000001ffffffffff\nNSpid:\t7\t1\n",
                CONF: "makestep 1 3\n",
                f"/proc/7/root{CONF}": "makestep 1 -1\n",
            },
            UNLIMITED,
            id="chronyd-in-a-container-has-its-own-file",
        ),
        pytest.param(
            [CHRONY],
            {
                "/proc/7/exe": CHRONYD,
                "/proc/7/uid_map": "0 100000 65536\n",
                "/proc/7/status": "CapEff:\t000001ffffffffff\nNSpid:\t7\t1\n",
            },
            NOTE,
            id="chronyd-in-an-unprivileged-container",
        ),
        pytest.param(
            [process("/lib/systemd/systemd-timesyncd", "/lib/systemd/systemd-timesyncd")],
            {},
            UNLIMITED,
            id="timesyncd",
        ),
        pytest.param(
            [
                process("/usr/sbin/ntpd", "/usr/sbin/ntpd -f /etc/openntpd/ntpd.conf"),
                process("/usr/sbin/ntpd", "ntpd: ntp engine", pid=8),
                process("/usr/sbin/ntpd", "ntpd: dns engine", pid=9),
            ],
            {f"/proc/{pid}/exe": OPENNTPD for pid in (7, 8, 9)} | {"/proc/8/status": NO_CAPABILITY},
            NOTE,
            id="openntpd-and-its-children",
        ),
        pytest.param([process("/bin/busybox", "ntpd -p a")], {}, UNLIMITED, id="busybox"),
    ],
)
def test_observe(
    processes: list[Process], files: dict[str, str], expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    facts = observe_processes(host_with(tmp_path, files), processes, SETTINGS)
    assert judged(facts) == expected
    assert msgspec.json.decode(msgspec.json.encode(facts), type=NtpFacts) == facts


@pytest.mark.parametrize(
    ("written", "newer"),
    [
        pytest.param(STARTED - 1, False, id="before"),
        pytest.param(STARTED + 0.02, False, id="in-the-hundredth-of-the-start-or-the-next"),
        pytest.param(STARTED + 0.1, True, id="right-after"),
        pytest.param(STARTED + 1, True, id="after"),
        pytest.param(-1e6, False, id="before-the-boot"),
    ],
)
def test_a_file_written_after_the_start_is_told_apart(written: float, newer: bool, tmp_path: Path) -> None:
    host = host_with(tmp_path, {"/proc/7/exe": CHRONYD, CONF: "makestep 1 -1\n"}, written_boottime=written)
    (daemon,) = observe_processes(host, [CHRONY], SETTINGS).daemons
    assert daemon.config_newer_than_process is newer


def test_a_drop_in_taken_away_shows_in_its_folder(tmp_path: Path) -> None:
    files = {
        "/proc/7/exe": CHRONYD,
        CONF: "confdir /etc/chrony/conf.d\n",
        "/etc/chrony/conf.d/a.conf": "makestep 1 -1",
    }
    host = host_with(tmp_path, files)
    before = CHECK.remember(observe_processes(host, [CHRONY], SETTINGS), None, SETTINGS)
    host.path("/etc/chrony/conf.d/a.conf").unlink()
    facts = observe_processes(host, [CHRONY], SETTINGS)
    assert judged(facts, before) == UNLIMITED


def test_programs_that_die_of_it_are_seen(tmp_path: Path) -> None:
    host = host_with(tmp_path, {})
    processes = [process("/bin/busybox", "ntpd"), process("/usr/sbin/dovecot", "dovecot -F", pid=8)]
    assert judged(observe_processes(host, processes, SETTINGS)) == [("unlimited", "critical")]
    other = NtpCanStepSettings(fragile=("corosync",))
    assert judged(observe_processes(host, processes, other)) == UNLIMITED


@pytest.mark.parametrize(
    "processes",
    [
        pytest.param([], id="nothing-runs"),
        pytest.param(
            [process("/usr/sbin/sshd", "sshd"), process("/usr/bin/vi", "vi chrony.conf")], id="others-run"
        ),
    ],
)
def test_without_a_daemon_it_does_not_apply(processes: list[Process], tmp_path: Path) -> None:
    # timesyncd is installed, and does not run.
    host = host_with(tmp_path, {"/lib/systemd/systemd-timesyncd": "", "/etc/systemd/timesyncd.conf": "[Time]\n"})
    with pytest.raises(NotApplicable, match="no NTP daemon runs here"):
        observe_processes(host, processes, SETTINGS)


def chronyd_that_prints(root: Path, script: str) -> Process:
    program = root / "sbin" / "chronyd"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return process(str(program), f"{program} -F 1")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param("echo makestep 1 -1", UNLIMITED, id="its-word-counts"),
        pytest.param(f'test "$*" = "-p -f ROOT{CONF}" && echo makestep 1 3', NOTE, id="asked-for-its-file"),
        pytest.param("echo makestep 1 -1; exit 1", NOTE, id="an-old-one-knows-no-p"),
        pytest.param("kill -9 $$", NOTE, id="it-was-killed"),
        pytest.param("head -c 2000000 /dev/zero", NOTE, id="it-prints-without-end"),
    ],
)
def test_chronyd_is_asked_where_it_can_be(script: str, expected: list[tuple[str, str]], tmp_path: Path) -> None:
    one = chronyd_that_prints(tmp_path, script.replace("ROOT", str(tmp_path)))
    host = host_with(tmp_path, {"/proc/7/exe": CHRONYD, CONF: "makestep 1 3\n"})
    assert judged(observe_processes(host, [one], SETTINGS)) == expected


def test_a_chronyd_outside_the_system_folders_is_not_run(tmp_path: Path) -> None:
    one = chronyd_that_prints(tmp_path, f"touch {tmp_path}/ran; echo makestep 1 -1")
    host = host_with(tmp_path, {"/proc/7/exe": CHRONYD, CONF: "makestep 1 3\n"})
    elsewhere = Host(root=host.root, program_folders="/nonexistent")
    assert judged(observe_processes(elsewhere, [one], SETTINGS)) == NOTE
    assert not (tmp_path / "ran").exists()


def test_a_chronyd_in_a_container_is_not_asked_by_our_own(tmp_path: Path) -> None:
    one = chronyd_that_prints(tmp_path, "echo makestep 1 -1")
    files = {"/proc/7/exe": CHRONYD, "/proc/7/status": "NSpid:\t7\t1\n", f"/proc/7/root{CONF}": "makestep 1 3\n"}
    (daemon,) = observe_processes(host_with(tmp_path, files), [one], SETTINGS).daemons
    assert daemon.container
    assert daemon.power is not None
    assert daemon.power.kind == "startup_only"


def test_the_places_of_both_makesteps_are_told(tmp_path: Path) -> None:
    files = {
        "/proc/7/exe": CHRONYD,
        CONF: "confdir /etc/chrony/conf.d\n\nmakestep 1 -1\n",
        "/etc/chrony/conf.d/local.conf": "makestep 1 3\n",
    }
    (finding,) = CHECK.judge(observe_processes(host_with(tmp_path, files), [CHRONY], SETTINGS), None, SETTINGS)
    assert isinstance(finding, Finding)
    assert "makestep 1 -1 in /etc/chrony/chrony.conf line 3" in finding.summary
    assert finding.evidence["overridden"] == ["makestep 1 3 in /etc/chrony/conf.d/local.conf line 1"]


def test_this_machine_can_be_observed() -> None:
    try:
        facts = CHECK.observe(Host(), SETTINGS, None)
    except NotApplicable:
        return
    assert list(CHECK.judge(facts, None, SETTINGS))


def test_remembered_powers_are_those_of_the_process() -> None:
    assert memory_of(STEPS).in_effect == (
        InEffect(pid=7, started_boottime_seconds=5.0, power=STEPS.power or timesyncd_power()),
    )
