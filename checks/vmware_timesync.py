"""The hypervisor sets this guest's clock behind NTP's back: VMware Tools, and the other agents that can.

VMware Tools answers by exit code (open-vm-tools toolbox/toolboxcmd-time.c): 0 on, 69 off, 1 the hypervisor did
not answer. Its text is localised, so it is asked in the C locale and then held against the code. It tells of the
periodic sync only (timeSync.c: every 60 s, steps forward, slews when ahead); the one-off syncs, which may step
backward, are decided on the host, out of a guest's sight. `timesync enable` itself steps the clock: never run it.

Other agents (_vmware_timesync/agents.py): qemu-ga obeys `guest-set-time` (qga/main.c), Hyper-V's hv_utils sets the
clock after a restore (drivers/hv/hv_util.c), VBoxService slews, and steps what is large or after a restore
(VBoxServiceTimeSync.cpp), phc2sys follows a PTP card (phc2sys(8)).
"""

import re
from collections.abc import Iterator
from typing import Any, Literal

from checks._vmware_timesync.agents import AgentFacts, find_agents
from checks._vmware_timesync.faults import AGENTS, ENABLED, SUBJECTS, SUMMARIES, Agent
from watchdog.linux.keyfile import is_true, parse_keyfile
from watchdog.plugin import (
    Check,
    CheckSettings,
    Completed,
    Duration,
    Facts,
    Finding,
    Host,
    Judgement,
    NotApplicable,
    Note,
    Unobservable,
    Unseen,
    noted_in,
    without_noted,
)

SUBJECT = "vmware-tools"
TOOL = "vmware-toolbox-cmd"
TOOLS_CONF = "/etc/vmware-tools/tools.conf"
EXIT_ON, EXIT_OFF = 0, 69
TOOLS_CONF_COUNTS_FROM = (13, 0, 0)
# The VM's own settings, which decide on the one-off syncs and which no guest can read (VMware's "Disabling Time
# Synchronization"; time.synchronize.allow since vSphere 7.0 U1).
_EVENTS = ("allow", "continue", "restore", "resume.disk", "resume.host", "shrink", "tools.startup", "tools.enable")
HOST_SETTINGS = ("tools.syncTime", *(f"time.synchronize.{event}" for event in _EVENTS))


class VmwareTimesyncSettings(CheckSettings, frozen=True, kw_only=True):
    """`[checks.vmware_timesync]`: `alert_on` names the agents whose power over the clock is a fault, not a note.

    qemu-ga is on nearly every KVM guest and sets the clock only when the host's operator asks; Hyper-V's sync is
    on by default, and steps only after a restore.
    """

    every: Duration = Duration(300)
    alert_on: tuple[Agent, ...] = ("virtualbox", "phc2sys")


class Tools(Facts, frozen=True, kw_only=True):
    """What VMware Tools say. `exit_code` None: they could not be asked, and `problem` says why."""

    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""
    problem: str = ""
    version: str = ""
    conf_disables: Literal["", "periodic", "all"] = ""


class GuestFacts(Facts, frozen=True, kw_only=True):
    """What this guest can see. `evidence` says how we know on what it runs; `tools` None: not on VMware."""

    evidence: str
    tools: Tools | None
    agents: tuple[AgentFacts, ...] = ()


class Noted(Facts, frozen=True, kw_only=True):
    """The notes of the last look, so that each is written when it becomes true and not on every look."""

    summaries: tuple[str, ...] = ()


def observe(host: Host, settings: VmwareTimesyncSettings, before: Noted | None) -> GuestFacts:
    """Find out on what this guest runs, ask VMware Tools (status and version only) and look for the agents."""
    vmware, evidence = _find_vmware(host)
    agents = find_agents(host)
    if not vmware and not agents:
        raise NotApplicable(f"not a VMware guest ({evidence}), and no other agent that sets the clock runs")
    return GuestFacts(evidence=evidence, tools=_ask_tools(host) if vmware else None, agents=agents)


def judge(facts: GuestFacts, before: Noted | None, settings: VmwareTimesyncSettings) -> Iterator[Judgement]:
    """Say who sets this clock from outside; a note only when it was not said at the last look."""
    yield from without_noted(_judge_all(facts, settings), before.summaries if before else ())


def remember(facts: GuestFacts, before: Noted | None, settings: VmwareTimesyncSettings) -> Noted:
    """Keep what is noted now."""
    return Noted(summaries=noted_in(_judge_all(facts, settings)))


def _judge_all(facts: GuestFacts, settings: VmwareTimesyncSettings) -> Iterator[Judgement]:
    if facts.tools:
        yield _judge_tools(facts.tools, facts.evidence)
    for agent in facts.agents:
        yield _judge_agent(agent, settings)


def _judge_tools(tools: Tools, evidence: str) -> Judgement:
    said = tools.stdout.strip()
    known: dict[str, Any] = {
        "tool_exit_code": tools.exit_code,
        "tool_said": said or tools.stderr.strip(),
        "tools_version": tools.version,
        "tools_conf_disables": tools.conf_disables,
        "on_vmware_because": evidence,
        "host_settings_not_visible_from_a_guest": HOST_SETTINGS,
    }
    if tools.exit_code is None:
        return Unseen(subject=SUBJECT, reason=tools.problem)
    if {EXIT_ON: "Enabled", EXIT_OFF: "Disabled"}.get(tools.exit_code) != said:
        return Unseen(subject=SUBJECT, reason=_contradiction(tools))
    in_effect = tools.conf_disables if _version(tools.version) >= TOOLS_CONF_COUNTS_FROM else ""
    limit = "; one-off syncs (resume, snapshot, vMotion) are the VM's settings on the host, not visible from here"
    limit = "" if in_effect == "all" else limit
    if tools.exit_code == EXIT_OFF:
        return Note(subject=SUBJECT, summary=f"periodic time sync is off{limit}", evidence=known)
    if in_effect:
        what = "all" if in_effect == "all" else "periodic"
        summary = f"on for this VM, but {TOOLS_CONF} disables {what} time sync{limit}"
        return Note(subject=SUBJECT, summary=summary, evidence=known)
    version = tools.version or "of unknown version"
    ignored = f"; disable-{tools.conf_disables} in {TOOLS_CONF} counts only from 13.0.0, these tools are {version}"
    return ENABLED.on(
        SUBJECT,
        f"VMware Tools time sync is on ({TOOL}: {said}): every minute it may set this clock ahead to the host's,"
        " and on resume, snapshot or vMotion back, against any NTP daemon"
        f"{ignored if tools.conf_disables else ''}; run: {TOOL} timesync disable",
        **known,
    )


def _contradiction(tools: Tools) -> str:
    said = " ".join((tools.stdout + " " + tools.stderr).split())[:200] or "nothing"
    return (
        f"`{TOOL} timesync status` ended with {tools.exit_code} and said: {said} (expected 0 and Enabled, or"
        f" {EXIT_OFF} and Disabled; 1 is: the hypervisor did not answer); ask again by hand as root"
    )


def _version(text: str) -> tuple[int, ...]:
    """Return (13, 0, 5) of `13.0.5.12345 (build-...)`; () when it is none, which is older than any."""
    found = re.match(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})", text)
    return tuple(map(int, found.groups())) if found else ()


def _judge_agent(facts: AgentFacts, settings: VmwareTimesyncSettings) -> Finding | Note:
    subject, summary = SUBJECTS[facts.agent], SUMMARIES[facts.agent]
    if facts.ntp_daemons:
        summary += f", and so does {' and '.join(facts.ntp_daemons)}"
    # phc2sys alone is the host's time daemon.
    alone = facts.agent == "phc2sys" and not facts.ntp_daemons
    if facts.agent in settings.alert_on and not alone:
        return AGENTS[facts.agent].on(subject, summary, ntp_daemons=facts.ntp_daemons)
    return Note(subject=subject, summary=summary, evidence={"ntp_daemons": facts.ntp_daemons})


def _find_vmware(host: Host) -> tuple[bool, str]:
    """Tell whether this is a VMware guest, and how we know. Firmware is asked first: it needs no program."""
    if any(host.path(mark).exists() for mark in ("/run/systemd/container", "/.dockerenv", "/run/.containerenv")):
        return False, "a container: the machine it runs on is to be asked"
    names = ("product_name", "sys_vendor", "board_vendor", "bios_vendor")
    texts = {name: (host.read_text(f"/sys/class/dmi/id/{name}") or "").strip() for name in names}
    for name, text in texts.items():
        if text.startswith(("VMware", "VMW")):
            return True, f"DMI {name} is {text}"
    if any(texts.values()):
        return False, f"DMI says {', '.join(dict.fromkeys(filter(None, texts.values())))}"
    if host.program("systemd-detect-virt") is None:
        return False, "there is neither DMI nor systemd-detect-virt to say what this machine is"
    said = host.run(["systemd-detect-virt", "--vm"]).stdout.strip()
    return said == "vmware", f"systemd-detect-virt says {said or 'nothing'}"


def _ask_tools(host: Host) -> Tools:
    if host.program(TOOL) is None:
        return Tools(problem=f"{TOOL} is not installed: install the package open-vm-tools")
    try:
        status = host.run([TOOL, "timesync", "status"], timeout_seconds=4)
    except Unobservable as problem:
        return Tools(problem=f"{problem}: the hypervisor may not answer; ask by hand: {TOOL} timesync status")
    return Tools(
        exit_code=status.exit_code,
        stdout=status.stdout[:1000],
        stderr=status.stderr[:1000],
        version=_ask_version(host),
        conf_disables=_conf_disables(host.read_text(TOOLS_CONF) or ""),
    )


def _ask_version(host: Host) -> str:
    try:
        answer: Completed = host.run([TOOL, "-v"], timeout_seconds=3)
    except Unobservable:
        return ""
    return answer.stdout.strip()[:100] if answer.exit_code == 0 else ""


def _conf_disables(text: str) -> Literal["", "periodic", "all"]:
    group = parse_keyfile(text).get("timeSync", {})
    if is_true(group.get("disable-all")):
        return "all"
    return "periodic" if is_true(group.get("disable-periodic")) else ""


CHECK = Check(
    name="vmware_timesync",
    title="the hypervisor does not set this guest's clock",
    faults=(ENABLED, *AGENTS.values()),
    settings=VmwareTimesyncSettings,
    facts=GuestFacts,
    memory=Noted,
    observe=observe,
    judge=judge,
    remember=remember,
)
