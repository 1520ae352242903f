"""forbid_ntp_step: which file is changed on which distribution, and how; and all that it must refuse."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from remediations.forbid_ntp_step import REMEDIATION, ForbidNtpStepSettings
from tests.remediations.clocks import (
    CLASSIC,
    NTPSEC,
    OFFSET_UNKNOWN,
    OLD,
    case,
    daemon,
    finding,
    incident,
    offset_is,
    proc,
    tree,
)
from watchdog.host import Process
from watchdog.model import CheckResult
from watchdog.plugin import Plan, Refused, UnitAction, WriteFile

UNLIMITED, LARGE_ONLY = "ntp_can_step.unlimited", "ntp_can_step.large_only"
WHY = "# by watchdog's forbid_ntp_step"
SMALL = offset_is(0.001)


class On:
    """A distribution with an NTP daemon: its files, what runs, and what is changed."""

    def __init__(
        self, os: str, image: str, line: str, unit: str, files: Mapping[str, str], subject: str = "ntpd"
    ) -> None:
        self.files = {"/etc/os-release": f"ID={os}\n", **proc(image, unit), **files}
        self.running = [daemon(line)]
        self.unit, self.subject = unit, subject

    def plan(
        self,
        root: Path,
        how: str = "slew",
        fault: str = UNLIMITED,
        results: tuple[CheckResult, ...] = (SMALL,),
        *,
        files: Mapping[str, str | None] | None = None,
        running: list[Process] | None = None,
        **more: Any,
    ) -> Plan:
        merged = {name: text for name, text in {**self.files, **(files or {})}.items() if text is not None}
        host = tree(root, merged, self.running if running is None else running, **more)
        settings = ForbidNtpStepSettings(how=how)  # type: ignore[arg-type]
        return REMEDIATION.plan(host, case(finding(fault, self.subject), *results), settings)


NTP_CONF = "# mine\ndriftfile /var/lib/ntp/drift\nserver ntp1 iburst\n"
DEBIAN_DEFAULTS = 'NTPD_OPTS="-g -N"\n\n# Set to "yes" to ignore DHCP servers returned by DHCP.\nIGNORE_DHCP=""\n'
DEBIAN = On(
    "debian",
    NTPSEC,
    "/usr/sbin/ntpd -p /run/ntpd.pid -c /etc/ntpsec/ntp.conf -g -N -u ntpsec:ntpsec",
    "ntpsec.service",
    {"/etc/default/ntpsec": DEBIAN_DEFAULTS, "/etc/ntpsec/ntp.conf": NTP_CONF},
)
DEBIAN_DHCP = On(
    "debian",
    NTPSEC,
    "/usr/sbin/ntpd -p /run/ntpd.pid -g -N -c /run/ntpsec/ntp.conf.dhcp -u ntpsec:ntpsec",
    "ntpsec.service",
    {
        "/etc/default/ntpsec": DEBIAN_DEFAULTS,
        "/etc/ntpsec/ntp.conf": NTP_CONF,
        "/run/ntpsec/ntp.conf.dhcp": "# copied\nserver 192.0.2.1 iburst\n",
    },
)
DEBIAN_CLASSIC = On(
    "debian",
    CLASSIC,
    "/usr/sbin/ntpd -p /var/run/ntpd.pid -g -u 105:109",
    "ntp.service",
    {"/etc/default/ntp": "NTPD_OPTS='-g'\n", "/etc/ntp.conf": NTP_CONF},
)
RHEL = On(
    "rhel",
    CLASSIC,
    "/usr/sbin/ntpd -u ntp:ntp -g",
    "ntpd.service",
    {"/etc/sysconfig/ntpd": '# Command line options for ntpd\nOPTIONS="-g"\n', "/etc/ntp.conf": NTP_CONF},
)
SUSE = On(
    'sles\nID_LIKE="suse"',
    CLASSIC,
    "/usr/sbin/ntpd -p /var/run/ntp/ntpd.pid -g -u ntp:ntp -c /etc/ntp.conf",
    "ntpd.service",
    {
        "/etc/sysconfig/ntp": '## Type: string\nNTPD_OPTIONS="-g -u ntp:ntp"\n\nNTPD_RUN_CHROOTED="no"\n',
        "/etc/ntp.conf": NTP_CONF,
    },
)
UNKNOWN = On("arch", CLASSIC, "/usr/bin/ntpd -g -u ntp:ntp", "ntpd.service", {"/etc/ntp.conf": NTP_CONF})
CHRONY_CONF = "# Welcome\nconfdir /etc/chrony/conf.d\nserver ntp1 iburst\n\n# Steps\n{}\nleapsectz right/UTC\n"


def chrony(main: str, dropin: str = "", os: str = "debian", path: str = "/etc/chrony/chrony.conf") -> On:
    unit = "chrony" if os == "debian" else "chronyd"
    return On(
        os,
        "",
        f"/usr/sbin/chronyd -F 1 -f {path}",
        f"{unit}.service",
        {path: CHRONY_CONF.format(main), "/etc/chrony/conf.d/step.conf": dropin},
        "chronyd",
    )


def changes(plan: Plan) -> dict[str, list[str]]:
    """Return by file the lines taken (-) and added (+); everything else must be as it was."""
    changed = {}
    for step in plan.steps:
        if isinstance(step, WriteFile):
            assert step.before is not None
            assert step.after is not None
            old, new = step.before.splitlines(keepends=True), step.after.splitlines(keepends=True)
            gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
            assert [one for one in old if one not in gone] == [one for one in new if one not in come], "the order"
            changed[step.path] = [f"-{one.rstrip()}" for one in gone] + [f"+{one.rstrip()}" for one in come]
    return changed


@pytest.mark.parametrize(
    ("on", "how", "expected"),
    [
        pytest.param(
            DEBIAN,
            "slew",
            {"/etc/default/ntpsec": ['-NTPD_OPTS="-g -N"', '+NTPD_OPTS="-g -N -x"']},
            id="debian-ntpsec",
        ),
        pytest.param(
            DEBIAN_DHCP,
            "slew",
            {"/etc/default/ntpsec": ['-NTPD_OPTS="-g -N"', '+NTPD_OPTS="-g -N -x"']},
            id="debian-ntpsec-with-dhcp",
        ),
        pytest.param(
            DEBIAN_CLASSIC,
            "slew",
            {"/etc/default/ntp": ["-NTPD_OPTS='-g'", "+NTPD_OPTS='-g -x'"]},
            id="debian-classic",
        ),
        pytest.param(
            RHEL, "slew", {"/etc/sysconfig/ntpd": ['-OPTIONS="-g"', '+OPTIONS="-g -x"']}, id="rhel-sysconfig"
        ),
        pytest.param(
            SUSE,
            "slew",
            {"/etc/sysconfig/ntp": ['-NTPD_OPTIONS="-g -u ntp:ntp"', '+NTPD_OPTIONS="-g -u ntp:ntp -x"']},
            id="suse-sysconfig",
        ),
        pytest.param(
            DEBIAN,
            "stepback",
            {"/etc/ntpsec/ntp.conf": [f"+tinker stepback 0  {WHY}"]},
            id="debian-ntpsec-stepback",
        ),
        pytest.param(
            DEBIAN, "never", {"/etc/ntpsec/ntp.conf": [f"+tinker step 0  {WHY}"]}, id="debian-ntpsec-never"
        ),
        pytest.param(
            DEBIAN_DHCP,
            "stepback",
            {
                "/run/ntpsec/ntp.conf.dhcp": [f"+tinker stepback 0  {WHY}"],
                "/etc/ntpsec/ntp.conf": [f"+tinker stepback 0  {WHY}"],
            },
            id="debian-ntpsec-with-dhcp-the-copy-and-its-source",
        ),
        pytest.param(RHEL, "stepback", {"/etc/ntp.conf": [f"+tinker stepback 0  {WHY}"]}, id="rhel-stepback"),
        pytest.param(
            UNKNOWN, "never", {"/etc/ntp.conf": [f"+tinker step 0  {WHY}"]}, id="unknown-distribution-never"
        ),
        pytest.param(
            chrony("makestep 1 -1"),
            "slew",
            {"/etc/chrony/chrony.conf": ["-makestep 1 -1", "+makestep 1 3"]},
            id="chrony-debian-main-file",
        ),
        pytest.param(
            chrony("makestep 1 -1", "makestep 1 3\n"),
            "slew",
            {"/etc/chrony/chrony.conf": ["-makestep 1 -1", "+makestep 1 3"]},
            id="chrony-a-drop-in-that-is-overridden-stays",
        ),
        pytest.param(
            chrony("# none", "makestep 0.5 -1\n"),
            "slew",
            {"/etc/chrony/conf.d/step.conf": ["-makestep 0.5 -1", "+makestep 0.5 3"]},
            id="chrony-a-drop-in-that-decides",
        ),
        pytest.param(
            chrony("  MakeStep\t1.0   -1"),
            "never",
            {"/etc/chrony/chrony.conf": ["-  MakeStep\t1.0   -1", "+  MakeStep\t1.0   0"]},
            id="chrony-its-spelling-stays",
        ),
        pytest.param(
            chrony("makestep 1 -1", os="rhel", path="/etc/chrony.conf"),
            "stepback",
            {"/etc/chrony.conf": ["-makestep 1 -1", "+makestep 1 0"]},
            id="chrony-rhel-knows-no-direction",
        ),
        pytest.param(
            chrony("makestep 1 -1", "makestep 1 -1\nmakestep 2 -1\n"),
            "slew",
            {"/etc/chrony/chrony.conf": ["-makestep 1 -1", "+makestep 1 3"]},
            id="chrony-of-several-only-the-last",
        ),
    ],
)
def test_plan(tmp_path: Path, on: On, how: str, expected: dict[str, list[str]]) -> None:
    plan = on.plan(tmp_path, how)
    assert changes(plan) == expected
    assert plan.steps[-1] == UnitAction(unit=on.unit, action="restart", again_on_undo=True)
    assert len(plan.steps) == len(expected) + 1
    assert (LARGE_ONLY in plan.accepts) == (how == "slew")
    assert plan.lasting
    assert plan.healthy_left is None


@pytest.mark.parametrize(
    ("on", "fault", "how"),
    [
        pytest.param(DEBIAN, UNLIMITED, "slew", id="ntpsec"),
        pytest.param(chrony("makestep 1 -1"), UNLIMITED, "slew", id="chrony"),
    ],
)
def test_without_systemd_the_init_script_restarts(tmp_path: Path, on: On, fault: str, how: str) -> None:
    script = on.unit.removesuffix(".service")
    plan = on.plan(tmp_path, how, fault, files={f"/etc/init.d/{script}": "#!/bin/sh\n"}, systemd=False)
    assert plan.steps[-1] == UnitAction(unit=script, action="restart", again_on_undo=True)


def test_what_is_in_the_file_already_only_needs_the_restart(tmp_path: Path) -> None:
    written = {"/etc/default/ntpsec": 'NTPD_OPTS="-g -N -x"\n', "/etc/ntpsec/ntp.conf": "tinker stepback 0\n"}
    for how in ("slew", "stepback"):
        plan = DEBIAN.plan(tmp_path / how, how, files=written)
        assert [type(step) for step in plan.steps] == [UnitAction]
        assert "already" in plan.summary


def test_x_and_steps_beyond_600_s_are_forbidden_by_tinker(tmp_path: Path) -> None:
    slewing = [daemon("/usr/sbin/ntpd -p /run/ntpd.pid -c /etc/ntpsec/ntp.conf -g -N -x -u ntpsec:ntpsec")]
    plan = DEBIAN.plan(tmp_path, "stepback", LARGE_ONLY, running=slewing)
    assert changes(plan) == {"/etc/ntpsec/ntp.conf": [f"+tinker stepback 0  {WHY}"]}


def test_lines_end_as_they_do_in_the_file(tmp_path: Path) -> None:
    plan = DEBIAN.plan(tmp_path, "stepback", files={"/etc/ntpsec/ntp.conf": "# mine\r\nserver ntp1"})
    (write, _) = plan.steps
    assert isinstance(write, WriteFile)
    assert write.after == f"# mine\r\nserver ntp1\r\ntinker stepback 0  {WHY}\r\n"


NTPQ = "#!/bin/sh\necho 'associd=0 status=0615 leap_none, sync_ntp, leap={}, stratum={}, offset={}, '\n"
CHRONYC = "#!/bin/sh\necho 'C0,192.0.2.1,{},1795871542.5,{},0,0,0,0,0,0,0,1.0,Normal'\n"


@pytest.mark.parametrize(
    ("results", "ntpq", "reason"),
    [
        pytest.param((offset_is(0.127),), None, None, id="just-below"),
        pytest.param((offset_is(-0.127),), None, None, id="just-below-and-ahead"),
        pytest.param((offset_is(0.128),), None, "the clock is off by 0.128 s", id="at-the-threshold"),
        pytest.param((offset_is(-18.0),), None, "off by 18.000 s (clock_sync, measured)", id="far-off"),
        pytest.param((offset_is(0.1, "offset_limit_seconds"),), None, None, id="last-answers-still-stand"),
        pytest.param(
            (offset_is(0.5, "offset_limit_seconds"),), None, "off by 0.500 s", id="they-bound-too-little"
        ),
        pytest.param((), None, "clock_sync did not run", id="nobody-measured"),
        pytest.param((OFFSET_UNKNOWN,), None, "no NTP server answered", id="no-server"),
        pytest.param((OFFSET_UNKNOWN,), NTPQ.format("00", 3, "0.4"), None, id="the-daemon-knows"),
        pytest.param(
            (OFFSET_UNKNOWN,), NTPQ.format("00", 3, "-130"), "off by 0.130 s", id="the-daemon-is-far-off"
        ),
        pytest.param((SMALL,), NTPQ.format("00", 3, "-130"), "off by 0.130 s", id="the-larger-one-counts"),
        pytest.param((OFFSET_UNKNOWN,), NTPQ.format("11", 16, "0.0"), "it is not synchronised", id="not-in-sync"),
        pytest.param(
            (OFFSET_UNKNOWN,), "#!/bin/sh\nexit 1\n", "expected leap, stratum and offset", id="no-answer"
        ),
    ],
)
def test_the_restart_waits_until_it_cannot_step(
    tmp_path: Path, results: tuple[CheckResult, ...], ntpq: str | None, reason: str | None
) -> None:
    files = {"/bin/ntpq": ntpq}
    if reason is None:
        assert DEBIAN.plan(tmp_path, results=results, files=files).steps
        return
    with pytest.raises(Refused) as refused:
        DEBIAN.plan(tmp_path, results=results, files=files)
    assert reason in str(refused.value)


def test_chronyc_counts_too(tmp_path: Path) -> None:
    on = chrony("makestep 0.2 -1")
    on.plan(tmp_path / "a", results=(OFFSET_UNKNOWN,), files={"/bin/chronyc": CHRONYC.format(3, "-0.19")})
    with pytest.raises(Refused, match=r"off by 0\.210 s \(chronyd itself\), .*beyond 0\.2 s"):
        on.plan(tmp_path / "b", results=(OFFSET_UNKNOWN,), files={"/bin/chronyc": CHRONYC.format(3, "-0.21")})
    with pytest.raises(Refused, match="chronyd: it is not synchronised"):
        on.plan(tmp_path / "c", results=(OFFSET_UNKNOWN,), files={"/bin/chronyc": CHRONYC.format(0, "0.0")})


def test_a_daemon_knows_nothing_of_a_step_since_it_heard_of_the_time(tmp_path: Path) -> None:
    host = tree(tmp_path, {**DEBIAN.files, "/bin/ntpq": NTPQ.format("00", 3, "0.4")}, DEBIAN.running)
    stepped = incident(host, "clock_step.backward", seconds_ago=600)
    asked = case(finding(UNLIMITED, "ntpd"), OFFSET_UNKNOWN, incidents=[stepped])
    with pytest.raises(Refused, match="only when the clock was not stepped lately"):
        REMEDIATION.plan(host, asked, ForbidNtpStepSettings())


BYE = "/usr/sbin/ntpd -p /run/ntpd.pid -c /etc/ntpsec/ntp.conf {} -u ntpsec:ntpsec"
TIMESYNCD = [daemon("/lib/systemd/systemd-timesyncd")]
BUSYBOX = [daemon("/bin/busybox ntpd -p ntp1")]


@pytest.mark.parametrize(
    ("on", "how", "more", "reason"),
    [
        pytest.param(
            DEBIAN,
            "slew",
            {"fault": LARGE_ONLY},
            'how = "slew" leaves steps beyond 600 s',
            id="large-only-and-slew",
        ),
        pytest.param(DEBIAN, "slew", {"running": []}, "ntpd does not run any more", id="gone"),
        pytest.param(
            DEBIAN,
            "slew",
            {"files": {"/proc/70/status": "NSpid:\t70\t5\nCapEff:\t000001ffffffffff\n"}},
            "in a container",
            id="container",
        ),
        pytest.param(
            DEBIAN,
            "slew",
            {"files": {"/proc/70/exe": "who knows"}},
            "neither classic ntpd nor ntpsec",
            id="another-program-called-ntpd",
        ),
        pytest.param(
            DEBIAN,
            "slew",
            {
                "running": [*DEBIAN.running, daemon("/usr/sbin/ntpd -c /srv/ntp.conf", 71)],
                "files": {"/proc/71/exe": NTPSEC},
            },
            "several different ntpd run (pids 70, 71)",
            id="two-of-them",
        ),
        pytest.param(
            DEBIAN,
            "slew",
            {"running": [daemon(BYE.format("-g -G -N"))]},
            "-G makes it step once",
            id="G-steps-at-start",
        ),
        pytest.param(
            DEBIAN,
            "slew",
            {"files": {"/etc/ntpsec/ntp.conf": "tinker panic 0 step 0.5\n"}},
            "-x would have no effect, because `tinker` sets the threshold: back 0.5 s",
            id="tinker-step-overrides-x",
        ),
        pytest.param(
            DEBIAN,
            "slew",
            {"files": {"/etc/ntpsec/ntp.d/vm.conf": "tinker stepback 1\n"}},
            "-x would have no effect",
            id="tinker-in-a-drop-in-overrides-x",
        ),
        pytest.param(
            DEBIAN,
            "stepback",
            {"files": {"/etc/ntpsec/ntp.d/vm.conf": "tinker step 0.5\n"}},
            "at the end of /etc/ntpsec/ntp.conf would have no effect",
            id="a-drop-in-is-read-later",
        ),
        pytest.param(
            DEBIAN,
            "stepback",
            {"files": {"/etc/ntpsec/ntp.conf": "server ntp1\nend\n"}},
            "the file ends before it",
            id="end-ends-the-file",
        ),
        pytest.param(
            RHEL,
            "stepback",
            {"files": {"/proc/70/exe": OLD}},
            "too old to know `tinker stepback`",
            id="ntpd-4.2.6",
        ),
        pytest.param(
            DEBIAN,
            "slew",
            {"files": {"/etc/default/ntpsec": 'NTPD_OPTS="-g -N -4"\n'}},
            "is not what NTPD_OPTS in /etc/default/ntpsec says (-g -N -4)",
            id="started-with-other-options",
        ),
        pytest.param(
            DEBIAN,
            "slew",
            {"files": {"/etc/default/ntpsec": None}},
            "/etc/default/ntpsec is not there",
            id="no-file",
        ),
        pytest.param(
            DEBIAN,
            "slew",
            {"files": {"/etc/default/ntpsec": 'NTPD_OPTS="-g -N"\nNTPD_OPTS="$NTPD_OPTS"\n'}},
            "without $, ` and",
            id="a-line-that-expands",
        ),
        pytest.param(
            DEBIAN,
            "slew",
            {"files": {"/proc/70/cgroup": "0::/system.slice/my-ntpd.service\n"}},
            "my-ntpd.service runs it, and /etc/default/ntpsec belongs to another unit",
            id="somebody's-own-unit",
        ),
        pytest.param(
            DEBIAN,
            "slew",
            {"files": {"/proc/70/cgroup": "0::/user.slice/user-0.slice/session-1.scope\n"}},
            "no unit of systemd runs ntpsec ntpd",
            id="started-by-hand",
        ),
        pytest.param(DEBIAN, "slew", {"systemd": False}, "no init script is known", id="no-init-script"),
        pytest.param(UNKNOWN, "slew", {}, "where this distribution keeps the options", id="unknown-distribution"),
        pytest.param(
            On("arch", CLASSIC, "/usr/bin/ntpd -c /run/ntp.conf", "ntpd.service", {"/run/ntp.conf": NTP_CONF}),
            "never",
            {},
            "/run/ntp.conf is made by a program",
            id="a-file-that-is-lost",
        ),
        pytest.param(
            chrony("makestep 1 -1"),
            "slew",
            {"running": [daemon("/usr/sbin/chronyd -s -f /etc/chrony/chrony.conf")]},
            "a restart now could step it (beyond 0 s)",
            id="chronyd-s-sets-the-clock-at-start",
        ),
        pytest.param(
            chrony("makestep 1 -1"),
            "slew",
            {"running": [daemon("/usr/sbin/chronyd -n makestep")]},
            "stand on its command line",
            id="chronyd-directives-as-arguments",
        ),
        pytest.param(
            chrony("# none"), "slew", {}, "what lets it step is not seen", id="chronyd-changed-at-run-time"
        ),
        pytest.param(
            chrony("makestep 1 x"), "slew", {}, "chronyd does not take makestep '1 x'", id="chronyd-malformed"
        ),
        pytest.param(
            On(
                "debian",
                "",
                "/lib/systemd/systemd-timesyncd",
                "systemd-timesyncd.service",
                {},
                "systemd-timesyncd",
            ),
            "slew",
            {"running": TIMESYNCD},
            "systemd-timesyncd has no option against steps: replace it by chrony (apt install chrony)",
            id="timesyncd-has-no-knob",
        ),
        pytest.param(
            On("alpine", "", "/bin/busybox ntpd", "x.service", {}, "busybox-ntpd"),
            "never",
            {"running": BUSYBOX},
            "busybox ntpd has no option against steps",
            id="busybox-has-no-knob",
        ),
    ],
)
def test_refusal(tmp_path: Path, on: On, how: str, more: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        on.plan(tmp_path, how, **more)
    assert reason in str(refused.value)


def test_bytes_that_cannot_be_put_back_are_left_alone(tmp_path: Path) -> None:
    tree(tmp_path, DEBIAN.files)
    (tmp_path / "etc/default/ntpsec").write_bytes(b'# caf\xe9\nNTPD_OPTS="-g -N"\n')
    files = {"/etc/default/ntpsec": None}
    with pytest.raises(Refused, match="no UTF-8 text"):
        DEBIAN.plan(tmp_path, files=files)


def test_chronyd_itself_must_read_its_files_and_as_we_do(tmp_path: Path) -> None:
    on = chrony("makestep 1 -1")
    program = f"{tmp_path}/bin/chronyd"
    on.running = [daemon(f"{program} -f /etc/chrony/chrony.conf")]

    def asked(script: str) -> Plan:
        return on.plan(tmp_path, files={"/bin/chronyd": f"#!/bin/sh\n{script}\n"})

    with pytest.raises(Refused, match=r"would not start again with its configuration as it is: Fatal error : x"):
        asked("echo 'Fatal error : x' >&2; exit 1")
    with pytest.raises(Refused, match="otherwise than it was read here"):
        asked("echo confdir")
    assert asked("echo 'chronyd: invalid option -- p' >&2; exit 1").steps, "older ones cannot be asked"
    assert asked("printf 'server ntp1 iburst\\nmakestep 1 -1\\nleapsectz right/UTC\\n'").steps
