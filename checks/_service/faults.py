"""What service may find."""

from watchdog.plugin import Cause, Fault, Reach, Severity

KILLED = Fault(
    code="service.killed_by_clock_step",
    title="a service died because the clock went back",
    severity=Severity.CRITICAL,
    tells=(),
    why="Dovecot's mail processes kill themselves when the clock goes back by more than 5 s, and its master starts"
    " no new ones for up to 3 minutes: every mail session is lost, though the unit stays active.",
    advice="The service is not at fault: find who set the clock back, and stop that. See clock_step.backward and"
    " what may have caused it: VMware Tools time sync, an NTP daemon that may step, a person.",
    causes=(Cause(fault="clock_step.backward", reach=Reach.HOST),),
    event=True,
)
DOWN = Fault(
    code="service.down",
    title="a service that must run does not",
    severity=Severity.CRITICAL,
    tells=(),
    why="Whoever uses it is refused or waits.",
    advice="See why it ended: `systemctl status UNIT`, `journalctl -u UNIT -e` (without systemd: its log); then"
    " start it: `systemctl start UNIT`. If it is down on purpose, disable the unit or take it out of"
    " [[checks.service.units]].",
    causes=(Cause(fault="service.killed_by_clock_step", reach=Reach.SUBJECT),),
    # A restart for an upgrade is down for a moment: it must be seen twice.
    pending_seconds=20,
)
