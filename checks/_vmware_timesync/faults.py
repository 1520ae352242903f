"""What vmware_timesync may find."""

from collections.abc import Mapping
from typing import Literal

from watchdog.plugin import Fault, Severity

Agent = Literal["qemu", "hyperv", "virtualbox", "phc2sys"]

ENABLED = Fault(
    code="vmware_timesync.enabled",
    title="VMware Tools set this guest's clock",
    severity=Severity.WARNING,
    tells=(),
    why="Two masters steer one clock: the ESXi host's time, often wrong by seconds, is forced on a guest that NTP"
    " keeps right, and NTP then corrects it. Dovecot kills its sessions when the clock goes back.",
    advice="Run `vmware-toolbox-cmd timesync disable` (it changes nothing else). That ends the periodic sync only;"
    " against the one-off ones set, with the VM powered off, in its .vmx file or in vSphere (VM Options, Advanced,"
    ' Configuration Parameters) tools.syncTime = "0" and every time.synchronize.* = "0" (from vSphere 7.0 U1 on'
    ' time.synchronize.allow = "0"). Never run `timesync enable`: it steps the clock.',
)
QEMU = Fault(
    code="vmware_timesync.qemu_agent_can_set_time",
    title="the QEMU guest agent may set this clock",
    severity=Severity.WARNING,
    why="The host's operator can set the clock, forward or backward, in one step: after a resume, for example.",
    advice="Where NTP is to correct the clock alone, add guest-set-time to block-rpcs in the [general] section of"
    " /etc/qemu/qemu-ga.conf (older: blacklist; RHEL: BLACKLIST_RPC or FILTER_RPC_ARGS in /etc/sysconfig/qemu-ga)"
    " and restart qemu-guest-agent.",
)
HYPERV = Fault(
    code="vmware_timesync.hyperv_timesync",
    title="Hyper-V sets this guest's clock",
    severity=Severity.WARNING,
    why="The kernel steps the clock to the host's after a restore, a resume or a migration.",
    advice="Where NTP is to correct the clock alone, switch off Time Synchronization in the VM's Integration"
    " Services on the Hyper-V host. Where the host's time is wanted, let chrony use /dev/ptp_hyperv as a source.",
)
VIRTUALBOX = Fault(
    code="vmware_timesync.virtualbox_timesync",
    title="VirtualBox Guest Additions set this guest's clock",
    severity=Severity.WARNING,
    why="VBoxService corrects the clock by the host's every 10 s, against any NTP daemon, and steps it after a"
    " restore.",
    advice="Start VBoxService with --disable-timesync (in its unit or init script, vboxadd-service or"
    " virtualbox-guest-utils), or leave the clock to it and stop the NTP daemon.",
)
PHC2SYS = Fault(
    code="vmware_timesync.phc2sys_competes",
    title="phc2sys and an NTP daemon steer the same clock",
    severity=Severity.WARNING,
    why="Each undoes what the other corrects; the clock swings, and either may step it.",
    advice="Let one of them steer: run phc2sys with `-E ntpshm` (or refclock_sock) as a source for the NTP daemon,"
    " as timemaster(8) does, or stop the NTP daemon.",
)
AGENTS: Mapping[Agent, Fault] = {"qemu": QEMU, "hyperv": HYPERV, "virtualbox": VIRTUALBOX, "phc2sys": PHC2SYS}
# The subject of each: the program, or the kernel module.
SUBJECTS: Mapping[Agent, str] = {
    "qemu": "qemu-ga",
    "hyperv": "hv_utils",
    "virtualbox": "VBoxService",
    "phc2sys": "phc2sys",
}
SUMMARIES: Mapping[Agent, str] = {
    "qemu": "qemu-ga sets this clock whenever the host asks it to (guest-set-time is not blocked)",
    "hyperv": "Hyper-V's time sync (hv_utils) sets this clock after a restore or resume",
    "virtualbox": "VBoxService sets this clock by the host's: slews from 0.1 s, steps from 20 min or on restore",
    "phc2sys": "phc2sys sets this clock by a PTP card's",
}
