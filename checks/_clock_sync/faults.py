"""The catalogue of clock_sync."""

from watchdog.plugin import Cause, Fault, Severity

DAEMON_CONFLICT = Fault(
    code="clock_sync.daemon_conflict",
    title="two NTP daemons steer the same clock",
    severity=Severity.WARNING,
    why="Each takes the other's corrections for drift and works against them: the frequency swings, and the one"
    " that may step does. Usually a distribution's default was left running beside the daemon chosen.",
    advice="Keep one and stop the others: `systemctl disable --now systemd-timesyncd` beside chrony or ntpd. One"
    " that is only to serve time must leave the clock alone: chronyd -x, or `disable ntp` in ntp.conf.",
    pending_seconds=120.0,  # an upgrade from one to the other runs both for a moment
)
SOURCES_DISAGREE = Fault(
    code="clock_sync.sources_disagree",
    title="the NTP servers contradict one another",
    severity=Severity.WARNING,
    why="No majority agrees on the time, so nobody here can know it: an NTP daemon stops correcting, or follows"
    " the wrong one.",
    advice="The summary has what each server says: remove the server that errs, and configure at least four: with"
    " one wrong among four the other three outvote it.",
    pending_seconds=120.0,  # a burst of traffic can tear two servers apart for one look
)
UNSYNCHRONISED = Fault(
    code="clock_sync.unsynchronised",
    title="the kernel's clock is not synchronised",
    severity=Severity.WARNING,
    tells=(),
    why="Nothing has corrected this clock for so long that its error is unknown; it drifts by seconds a day, and"
    " the day something corrects it again, it may be stepped.",
    advice="Let exactly one NTP daemon run, and see that it reaches its servers (UDP port 123, name resolution):"
    " chronyc -n sources, ntpq -pn, timedatectl timesync-status.",
    causes=(Cause(fault=SOURCES_DISAGREE.code),),
    pending_seconds=300.0,  # a daemon that was restarted needs some polls
)
OFFSET = Fault(
    code="clock_sync.offset",
    title="the clock is wrong",
    severity=Severity.WARNING,
    tells=(),
    why="Logs, certificates, tickets and replicas disagree with the rest of the world; and who corrects it may do"
    " so by a step, which kills Dovecot's sessions when it goes back.",
    advice="Find out why nothing corrects it: the NTP daemon's own view (chronyc tracking, ntpq -pn, timedatectl"
    " timesync-status), a second daemon, a hypervisor that sets the clock. Let a daemon slew it; while programs"
    " run that cannot bear it, do not step it back.",
    causes=(Cause(fault=UNSYNCHRONISED.code), Cause(fault=DAEMON_CONFLICT.code)),
)

FAULTS = (OFFSET, UNSYNCHRONISED, SOURCES_DISAGREE, DAEMON_CONFLICT)
