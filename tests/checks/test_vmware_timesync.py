"""vmware_timesync: who sets this guest's clock from outside; stand-in programs keep the tools' contract.

The real tool off VMware is in the lab: tests/lab/stories/vmware-timesync.sh.
"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks._vmware_timesync.agents import HYPERV_TIMESYNC, AgentFacts, find_agents
from checks.vmware_timesync import (
    CHECK,
    TOOL,
    GuestFacts,
    Noted,
    Tools,
    VmwareTimesyncSettings,
    _conf_disables,
    _version,
)
from watchdog.host import Host, Process
from watchdog.model import Finding, Judgement, Note, Severity, Unseen
from watchdog.plugin import NotApplicable

ON = "echo Enabled"
OFF = "echo Disabled; exit 69"
NOT_A_VM = 'echo "$0 must be run inside a virtual machine." >&2; exit 1'
VERSION = "12.2.0.41219 (build-21223074)"
NEW = "13.0.5.24915695 (build-24915695)"


def tools(exit_code: int | None, stdout: str = "", stderr: str = "", **more: str) -> GuestFacts:
    answer = {"exit_code": exit_code, "stdout": stdout, "stderr": stderr, "version": VERSION, **more}
    return GuestFacts(evidence="DMI sys_vendor is VMware, Inc.", tools=Tools(**answer))  # type: ignore[arg-type]


def agents(*names: str, ntp: tuple[str, ...] = ()) -> GuestFacts:
    found = tuple(AgentFacts(agent=name, ntp_daemons=ntp) for name in names)  # type: ignore[arg-type]
    return GuestFacts(evidence="DMI says QEMU", tools=None, agents=found)


def said(judgement: Judgement) -> tuple[str, str]:
    """Return what was judged as (fault, `note` or `unseen`; subject)."""
    if isinstance(judgement, Finding):
        return judgement.fault.partition(".")[2], judgement.subject
    return type(judgement).__name__.lower(), judgement.subject


def judged(facts: GuestFacts, before: Noted | None = None, **settings: object) -> list[tuple[str, str]]:
    return [said(one) for one in CHECK.judge(facts, before, VmwareTimesyncSettings(**settings))]  # type: ignore[arg-type]


ENABLED, NOTE, UNSEEN = ("enabled", "vmware-tools"), ("note", "vmware-tools"), ("unseen", "vmware-tools")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(tools(0, "Enabled\n"), [ENABLED], id="on"),
        pytest.param(tools(69, "Disabled\n"), [NOTE], id="off-is-69"),
        pytest.param(tools(1, "", "Error: Invalid permissions\n"), [UNSEEN], id="rpc-error"),
        pytest.param(tools(1, "", f"{TOOL} must be run inside a virtual machine.\n"), [UNSEEN], id="not-a-vm"),
        pytest.param(tools(64, "", "Unknown subcommand\n"), [UNSEEN], id="bad-subcommand"),
        pytest.param(tools(0, "Disabled\n"), [UNSEEN], id="says-disabled-but-ends-with-0"),
        pytest.param(tools(69, "Enabled\n"), [UNSEEN], id="says-enabled-but-ends-with-69"),
        pytest.param(tools(0, "Aktiviert\n"), [UNSEEN], id="localised"),
        pytest.param(tools(69, "Deaktiviert\n"), [UNSEEN], id="localised-off"),
        pytest.param(tools(0, ""), [UNSEEN], id="ends-with-0-and-says-nothing"),
        pytest.param(tools(0, "Enabled\nEnabled\n"), [UNSEEN], id="says-it-twice"),
        pytest.param(tools(-9, ""), [UNSEEN], id="ended-by-a-signal"),
        pytest.param(tools(None, problem="did not end within 4 s"), [UNSEEN], id="could-not-be-asked"),
        pytest.param(tools(0, "Enabled\n", conf_disables="all"), [ENABLED], id="conf-is-ignored-by-old-tools"),
        pytest.param(tools(0, "Enabled\n", conf_disables="all", version=NEW), [NOTE], id="conf-disables-all"),
        pytest.param(tools(0, "Enabled\n", conf_disables="periodic", version=NEW), [NOTE], id="conf-periodic"),
        pytest.param(
            tools(0, "Enabled\n", conf_disables="all", version="12.5.4"), [ENABLED], id="last-old-version"
        ),
        pytest.param(tools(0, "Enabled\n", conf_disables="all", version="13.0.0"), [NOTE], id="first-new-version"),
        pytest.param(tools(0, "Enabled\n", conf_disables="all", version=""), [ENABLED], id="unknown-version"),
        pytest.param(tools(69, "Disabled\n", conf_disables="all", version=NEW), [NOTE], id="off-twice"),
        pytest.param(agents("qemu"), [("note", "qemu-ga")], id="qemu-ga-is-a-note"),
        pytest.param(agents("qemu", ntp=("chronyd",)), [("note", "qemu-ga")], id="qemu-ga-beside-chronyd-too"),
        pytest.param(agents("hyperv"), [("note", "hv_utils")], id="hyperv-is-a-note"),
        pytest.param(agents("virtualbox"), [("virtualbox_timesync", "VBoxService")], id="virtualbox"),
        pytest.param(agents("phc2sys"), [("note", "phc2sys")], id="phc2sys-alone-is-the-time-daemon"),
        pytest.param(agents("phc2sys", ntp=("ntpd",)), [("phc2sys_competes", "phc2sys")], id="phc2sys-and-ntpd"),
        pytest.param(
            agents("qemu", "phc2sys", ntp=("chronyd",)),
            [("note", "qemu-ga"), ("phc2sys_competes", "phc2sys")],
            id="two-agents",
        ),
    ],
)
def test_judge(facts: GuestFacts, expected: list[tuple[str, str]]) -> None:
    assert judged(facts) == expected


@pytest.mark.parametrize(
    ("agent", "code"),
    [
        ("qemu", "qemu_agent_can_set_time"),
        ("hyperv", "hyperv_timesync"),
        ("virtualbox", "virtualbox_timesync"),
        ("phc2sys", "phc2sys_competes"),
    ],
)
def test_what_is_a_fault_is_the_owners_choice(agent: str, code: str) -> None:
    facts = agents(agent, ntp=("chronyd",))
    assert judged(facts, alert_on=(agent,))[0][0] == code
    assert judged(facts, alert_on=())[0][0] == "note"
    (finding,) = CHECK.judge(facts, None, VmwareTimesyncSettings(alert_on=(agent,)))  # type: ignore[arg-type]
    assert isinstance(finding, Finding)
    assert finding.severity is Severity.WARNING


def test_a_note_is_written_when_it_becomes_true_and_not_on_every_look() -> None:
    settings = VmwareTimesyncSettings()
    off, on = tools(69, "Disabled\n"), tools(0, "Enabled\n")
    noted = CHECK.remember(off, None, settings)
    assert judged(off, None) == [NOTE]
    assert judged(off, noted) == []
    assert judged(on, noted) == [ENABLED]
    assert judged(on, CHECK.remember(on, noted, settings)) == [ENABLED]
    assert judged(off, CHECK.remember(on, noted, settings)) == [NOTE]


def test_what_a_person_reads() -> None:
    (finding,) = CHECK.judge(tools(0, "Enabled\n", conf_disables="all"), None, VmwareTimesyncSettings())
    assert isinstance(finding, Finding)
    assert finding.summary == (
        "VMware Tools time sync is on (vmware-toolbox-cmd: Enabled): every minute it may set this clock ahead to"
        " the host's, and on resume, snapshot or vMotion back, against any NTP daemon; disable-all in"
        " /etc/vmware-tools/tools.conf counts only from 13.0.0, these tools are 12.2.0.41219 (build-21223074);"
        " run: vmware-toolbox-cmd timesync disable"
    )
    limits = finding.evidence["host_settings_not_visible_from_a_guest"]
    assert isinstance(limits, tuple)
    assert {"tools.syncTime", "time.synchronize.allow", "time.synchronize.resume.disk"} < set(limits)


def test_off_is_not_never() -> None:
    (note,) = CHECK.judge(tools(69, "Disabled\n"), None, VmwareTimesyncSettings())
    assert isinstance(note, Note)
    assert "one-off syncs" in note.summary
    (note,) = CHECK.judge(
        tools(69, "Disabled\n", conf_disables="all", version=NEW), None, VmwareTimesyncSettings()
    )
    assert isinstance(note, Note)
    assert "one-off syncs" not in note.summary


def test_no_advice_ever_says_enable_without_never() -> None:
    for fault in CHECK.faults:
        assert "timesync enable" not in fault.advice.replace("Never run `timesync enable`", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (VERSION, (12, 2, 0)),
        ("13.0.5 (build 1)", (13, 0, 5)),
        ("11.3", ()),
        ("", ()),
        ("9" * 50, ()),
        ("13.0.0", (13, 0, 0)),
    ],
)
def test_version(text: str, expected: tuple[int, ...]) -> None:
    assert _version(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("[timeSync]\ndisable-all=true\n", "all"),
        ("[timeSync]\ndisable-periodic=true\n", "periodic"),
        ("[timeSync]\ndisable-all=true\ndisable-periodic=true\n", "all"),
        ("[timeSync]\n#disable-all=true\n", ""),
        ("[timeSync]\ndisable-all=false\n", ""),
        ("[timeSync]\ndisable-all=yes\n", ""),
        ("[logging]\ndisable-all=true\n", ""),
    ],
)
def test_tools_conf(text: str, expected: str) -> None:
    assert _conf_disables(text) == expected


@given(st.text(), st.text(), st.text(), st.one_of(st.none(), st.integers(-64, 255)))
def test_whatever_the_tool_says_only_its_contract_is_believed(
    stdout: str, stderr: str, version: str, exit_code: int | None
) -> None:
    (judgement,) = CHECK.judge(tools(exit_code, stdout, stderr, version=version), None, VmwareTimesyncSettings())
    assert isinstance(judgement, Finding) is (exit_code == 0 and stdout.strip() == "Enabled")
    assert isinstance(judgement, Note) is (exit_code == 69 and stdout.strip() == "Disabled")


class Guest(Host):
    """A root folder with firmware texts and programs of its own, and the processes it is told."""

    def __init__(self, root: Path) -> None:
        self.programs = root / "bin"
        self.programs.mkdir()
        self.running: list[Process] = []
        super().__init__(root, f"{self.programs}")

    def write(self, path: str, text: str) -> None:
        file = self.path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def program_is(self, name: str, script: str) -> None:
        file = self.programs / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def tool_is(self, status: str, version: str = VERSION) -> None:
        """Install a tool that keeps the contract; anything else it is asked is written down as a crime."""
        self.program_is(
            TOOL,
            f'case "$*" in\n"timesync status") {status};;\n-v) echo "{version}";;\n'
            f'*) echo "$*" >> {self.root}/crimes;;\nesac',
        )

    def runs(self, command: str, exe: str | None = None) -> None:
        argv = tuple(command.split())
        pid = 100 + len(self.running)
        name = Path(argv[0]).name[:15]
        self.running.append(
            Process(pid=pid, name=name, exe=exe or argv[0], argv=argv, started_boottime_seconds=1.0)
        )

    def processes(self) -> tuple[Process, ...]:
        return tuple(self.running)


@pytest.fixture
def guest(tmp_path: Path) -> Guest:
    return Guest(tmp_path)


@pytest.fixture
def vmware(guest: Guest) -> Guest:
    guest.write("/sys/class/dmi/id/sys_vendor", "VMware, Inc.\n")
    guest.write("/sys/class/dmi/id/bios_vendor", "VMware, Inc.\n")
    return guest


def look(host: Host) -> list[Judgement]:
    settings = VmwareTimesyncSettings()
    return list(CHECK.judge(CHECK.observe(host, settings, None), None, settings))


@pytest.mark.parametrize(
    ("script", "expected", "words"),
    [
        pytest.param(ON, ENABLED, "time sync is on", id="on"),
        pytest.param(OFF, NOTE, "periodic time sync is off", id="off"),
        pytest.param(
            'echo "Error: Permission denied" >&2; exit 1', UNSEEN, "ended with 1 and said: Error:", id="rpc-error"
        ),
        pytest.param(
            '[ "$LC_ALL" = C ] && echo Enabled || echo Aktiviert', ENABLED, "on", id="localised-unless-asked-in-c"
        ),
        pytest.param("echo Aktiviert", UNSEEN, "said: Aktiviert", id="localised-all-the-same"),
        pytest.param("echo Disabled", UNSEEN, "ended with 0 and said: Disabled", id="contradiction"),
        pytest.param("kill -9 $$", UNSEEN, "ended with -9", id="dies"),
        pytest.param(NOT_A_VM, UNSEEN, "must be run inside a virtual machine", id="refuses"),
        pytest.param("exec sleep 60", UNSEEN, "did not end within 4 s", id="hangs"),
    ],
)
def test_the_tool_is_asked(vmware: Guest, script: str, expected: tuple[str, str], words: str) -> None:
    vmware.tool_is(script)
    if "sleep" in script:
        (vmware.programs / "sleep").symlink_to("/bin/sleep")
    (judgement,) = look(vmware)
    assert said(judgement) == expected
    assert words in (judgement.reason if isinstance(judgement, Unseen) else getattr(judgement, "summary", ""))
    assert not (vmware.root / "crimes").exists()


def test_vmware_without_the_tools_says_which_package(vmware: Guest) -> None:
    (judgement,) = look(vmware)
    assert isinstance(judgement, Unseen)
    assert "install the package open-vm-tools" in judgement.reason


def test_tools_conf_is_read(vmware: Guest) -> None:
    vmware.tool_is(ON, NEW)
    vmware.write("/etc/vmware-tools/tools.conf", "[timeSync]\ndisable-all=true\n")
    (judgement,) = look(vmware)
    assert said(judgement) == NOTE


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("product_name", "VMware7,1"),
        ("product_name", "VMware Virtual Platform"),
        ("board_vendor", "VMware, Inc."),
        ("bios_vendor", "VMW201.00V.20648489.B64.2210180829"),
    ],
)
def test_on_vmware_by_firmware(guest: Guest, name: str, text: str) -> None:
    guest.write(f"/sys/class/dmi/id/{name}", f"{text}\n")
    guest.tool_is(ON)
    facts = CHECK.observe(guest, VmwareTimesyncSettings(), None)
    assert facts.tools is not None
    assert facts.evidence == f"DMI {name} is {text}"


@pytest.mark.parametrize(
    ("dmi", "virt", "reason"),
    [
        pytest.param("QEMU", "echo vmware", "DMI says QEMU", id="firmware-outweighs-the-program"),
        pytest.param("Dell Inc.", None, "DMI says Dell Inc.", id="hardware"),
        pytest.param("", "echo kvm", "systemd-detect-virt says kvm", id="no-firmware-texts"),
        pytest.param("", "echo none; exit 1", "systemd-detect-virt says none", id="no-vm"),
        pytest.param("", None, "neither DMI nor systemd-detect-virt", id="nothing-says"),
        pytest.param("The VMware fan club", None, "DMI says The VMware", id="not-at-the-beginning"),
    ],
)
def test_off_vmware(guest: Guest, dmi: str, virt: str | None, reason: str) -> None:
    guest.write("/sys/class/dmi/id/sys_vendor", f"{dmi}\n")
    if virt:
        guest.program_is("systemd-detect-virt", virt)
    guest.tool_is(ON)
    with pytest.raises(NotApplicable, match=reason):
        look(guest)


def test_on_vmware_without_dmi(guest: Guest) -> None:
    guest.program_is("systemd-detect-virt", '[ "$*" = --vm ] && echo vmware || echo docker')
    guest.tool_is(OFF)
    assert [said(one) for one in look(guest)] == [NOTE]


def test_a_container_on_vmware_is_not_its_guest(vmware: Guest) -> None:
    vmware.write("/run/systemd/container", "lxc\n")
    with pytest.raises(NotApplicable, match="a container"):
        look(vmware)


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        pytest.param(["/usr/sbin/qemu-ga"], [("qemu", ())], id="qemu"),
        pytest.param(["/usr/sbin/qemu-ga -b guest-set-time"], [], id="qemu-blocked"),
        pytest.param(["/usr/sbin/VBoxService --pidfile /run/x"], [("virtualbox", ())], id="virtualbox"),
        pytest.param(["/usr/sbin/VBoxService --disable-timesync"], [], id="virtualbox-without"),
        pytest.param(["/usr/sbin/phc2sys -a -r", "/usr/sbin/phc2sys -a -r -z x"], [("phc2sys", ())], id="twice"),
        pytest.param(
            ["/usr/sbin/phc2sys -a -r", "/usr/sbin/chronyd -F 1"], [("phc2sys", ("chronyd",))], id="beside"
        ),
        pytest.param(["/usr/sbin/phc2sys -a -r", "/usr/sbin/chronyd -x"], [("phc2sys", ())], id="chronyd-x"),
        pytest.param(["/bin/cat /usr/sbin/qemu-ga", "/bin/bash"], [], id="none"),
    ],
)
def test_agents_among_the_processes(guest: Guest, commands: list[str], expected: list[tuple[str, object]]) -> None:
    for command in commands:
        guest.runs(command)
    assert [(one.agent, one.ntp_daemons) for one in find_agents(guest)] == expected


def test_a_program_that_was_upgraded_under_its_process(guest: Guest) -> None:
    guest.runs("/usr/sbin/VBoxService", exe="/usr/sbin/VBoxService (deleted)")
    assert [one.agent for one in find_agents(guest)] == ["virtualbox"]


def test_an_agent_in_name_only_is_none(guest: Guest) -> None:
    guest.runs("/home/eve/VBoxService")
    guest.write(f"/proc/{guest.processes()[0].pid}/status", "CapEff:\t0000000000000000\n")
    assert find_agents(guest) == ()


def test_what_qemu_reads_cannot_blind_the_check(guest: Guest) -> None:
    guest.runs("/usr/sbin/qemu-ga -c /")
    assert [one.agent for one in find_agents(guest)] == ["qemu"]


def test_qemu_reads_its_file(guest: Guest) -> None:
    guest.runs("/usr/sbin/qemu-ga")
    guest.write("/etc/qemu/qemu-ga.conf", "[general]\nblock-rpcs=guest-set-time\n")
    assert find_agents(guest) == ()


@pytest.mark.parametrize(
    ("class_id", "bound", "expected"),
    [
        pytest.param(f"{{{HYPERV_TIMESYNC}}}\n", True, ["hyperv"], id="offered-and-taken"),
        pytest.param(f"{{{HYPERV_TIMESYNC.upper()}}}\n", True, ["hyperv"], id="any-case"),
        pytest.param(f"{{{HYPERV_TIMESYNC}}}\n", False, [], id="unbound-from-its-driver"),
        pytest.param("{57164f39-9115-4e78-ab55-382f3bd5422d}\n", True, [], id="the-heartbeat"),
    ],
)
def test_hyperv(guest: Guest, class_id: str, bound: bool, expected: list[str]) -> None:
    device = "/sys/bus/vmbus/devices/2dd1ce17-079e-403c-b352-a1921ee207ee"
    guest.write(f"{device}/class_id", class_id)
    if bound:
        guest.path(f"{device}/driver").mkdir()
    assert [one.agent for one in find_agents(guest)] == expected


def test_agents_are_told_beside_the_tools(vmware: Guest) -> None:
    vmware.tool_is(ON)
    vmware.runs("/usr/sbin/qemu-ga")
    assert [said(one) for one in look(vmware)] == [ENABLED, ("note", "qemu-ga")]
