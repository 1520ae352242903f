"""The catalogue of clock_step, and which fault a program that steps the clock shows as."""

from collections.abc import Mapping

from watchdog.plugin import Cause, Fault, Severity

UNLIMITED, LARGE_ONLY, STARTUP_ONLY = NTP = (
    "ntp_can_step.unlimited",
    "ntp_can_step.large_only",
    "ntp_can_step.startup_only",
)
VMWARE = "vmware_timesync.enabled"
# By the name that a program logs and runs under. What has none is started by a person or a hook.
FAULTS_OF: Mapping[str, tuple[str, ...]] = {
    "chronyd": NTP,
    "ntpd": NTP,
    "busybox-ntpd": NTP,
    "systemd-timesyncd": NTP,
    "vmtoolsd": (VMWARE,),
    "VBoxService": ("vmware_timesync.virtualbox_timesync",),
    "phc2sys": ("vmware_timesync.phc2sys_competes",),
    "qemu-ga": ("vmware_timesync.qemu_agent_can_set_time",),
}
_AGENTS = (
    "vmware_timesync.virtualbox_timesync",
    "vmware_timesync.phc2sys_competes",
    "vmware_timesync.hyperv_timesync",
    "vmware_timesync.qemu_agent_can_set_time",
)
# Somebody corrects a clock that was wrong before; one that is wrong after a step was made so by it.
_OFFSET = Cause(fault="clock_sync.offset", precedes=True)
# Likeliest first. VMware Tools' periodic sync steps ahead only, so for a step back they come behind NTP.
CAUSES = (UNLIMITED, VMWARE, *_AGENTS, STARTUP_ONLY, LARGE_ONLY)
_CAUSES_FORWARD = (VMWARE, *_AGENTS, UNLIMITED, STARTUP_ONLY, LARGE_ONLY)

BACKWARD = Fault(
    code="clock_step.backward",
    title="the clock was set back",
    severity=Severity.WARNING,
    tells=(),
    why="Programs assume that time does not run backward: Dovecot kills every mail session and starts none"
    " for up to 3 minutes, databases and clusters misorder, caches and leases live too long.",
    advice="Find who sets the clock (the finding names who likely did): an NTP daemon that may step (ntpd without"
    " -x, chrony with `makestep N -1`), VMware Tools time sync (`vmware-toolbox-cmd timesync status`), or a"
    " person. Let exactly one daemon slew the clock, forbid it to step, and switch every hypervisor's time sync"
    " off.",
    causes=(*(Cause(fault=code) for code in CAUSES), _OFFSET),
    event=True,
)
FORWARD = Fault(
    code="clock_step.forward",
    title="the clock was set ahead",
    severity=Severity.WARNING,
    tells=(),
    why="Timers fire at once; leases, tickets and certificates expire; often a step back to correct it follows.",
    advice="Find who sets the clock (the finding names who likely did): VMware Tools time sync, an NTP daemon that"
    " may step, or a person. After a long pause of a virtual machine this is the correction: then look at why it"
    " was paused.",
    causes=(*(Cause(fault=code) for code in _CAUSES_FORWARD), _OFFSET),
    event=True,
)
BACKWARD_ACROSS_REBOOT = Fault(
    code="clock_step.backward_across_reboot",
    title="the clock is earlier than before the last reboot",
    severity=Severity.WARNING,
    tells=(),
    why="Files, mail and database rows written before the reboot lie in the future; services that compare stamps"
    " may refuse to start.",
    advice="Check the hardware clock (`hwclock --show`: its battery, local time or UTC) and that services start"
    " after the NTP daemon has synchronised (systemd: time-sync.target).",
    event=True,
)
