"""The catalogue of ntp_can_step."""

from watchdog.plugin import Fault, Severity

_WHY = (
    "A server that errs, or a clock that drifted, makes such a daemon set the clock back in one step: Dovecot"
    " kills every mail session, databases and clusters misorder. No warning, and afterwards all looks fine."
)
UNLIMITED = Fault(
    code="ntp_can_step.unlimited",
    title="an NTP daemon may step the clock at any time",
    severity=Severity.WARNING,
    tells=(),
    why=_WHY,
    advice="Let it slew: ntpd with -x and without `tinker step`, chrony with `makestep 1 3` or none; replace"
    " systemd-timesyncd and busybox ntpd, which cannot be told. The finding names file, option and unit.",
)
LARGE_ONLY = Fault(
    code="ntp_can_step.large_only",
    title="an NTP daemon may step the clock when it is very far off",
    severity=Severity.WARNING,
    tells=(),
    why="-x does not forbid steps, it raises the threshold from 0.128 s to 600 s. Beyond that, as after a wrong"
    " hardware clock or a restored virtual machine, ntpd steps all the same, backward too.",
    advice="Where even that is too much, put `tinker step 0` into ntp.conf. Else accept it: silence the fault, or"
    " switch it off in [faults].",
)
STARTUP_ONLY = Fault(
    code="ntp_can_step.startup_only",
    title="an NTP daemon may step the clock when it starts",
    severity=Severity.WARNING,
    tells=(),
    why="Usually right: at boot nothing has begun to count on the clock. But the daemon also starts when it is"
    " restarted or upgraded, in the middle of the day.",
    advice="Start services after time-sync.target, or take `makestep`, -s or -G away. Reported only with"
    " report_startup_only.",
)

FAULTS = (UNLIMITED, LARGE_ONLY, STARTUP_ONLY)
