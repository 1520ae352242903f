"""What a remediation may do, and what it did, as data. Carried out only by the actuator.

A new kind of step is a new class here.
Every step can say itself as the command a person would type, so a dry run and the audit need nothing else.
"""

import enum
import shlex
from typing import ClassVar, Literal

import msgspec

from watchdog.model import Stamp
from watchdog.secret import mask_secrets


class Step(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag=True):
    """Base of the closed union `AnyStep`; the class name is its tag in the journal."""

    # Whether one that failed has changed nothing for sure.
    whole: ClassVar[bool] = True

    @property
    def takes_out(self) -> bool:
        """Whether it takes something out of service."""
        return False

    def describe(self) -> str:
        """Return the command a person would type to do the same."""
        raise TypeError(f"{type(self).__name__} is not one of the known steps")

    def brief(self) -> str:
        """Return it on one line, for a message."""
        return self.describe()


class LinkChange(Step, frozen=True, kw_only=True):
    """Set a network interface administratively up or down."""

    link: str
    up: bool

    @property
    def takes_out(self) -> bool:
        """A link that goes down."""
        return not self.up

    def describe(self) -> str:
        """Return the `ip link` command."""
        return f"ip link set dev {self.link} {'up' if self.up else 'down'}"


class BondOption(Step, frozen=True, kw_only=True):
    """Set an option of a bond that can be set while it works, in the kernel's words."""

    bond: str
    option: Literal["active_slave", "miimon"]
    value: str

    @property
    def takes_out(self) -> bool:
        """The monitoring that ends: a member that is down then is never taken back into service."""
        return (self.option, self.value) == ("miimon", "0")

    def describe(self) -> str:
        """Return the `ip link` command."""
        return f"ip link set dev {self.bond} type bond {self.option} {self.value}"


class WriteFile(Step, frozen=True, kw_only=True):
    """Replace a text file's whole content, which must still be `before`; None is a file that is not there.

    A file that is made anew is readable by everybody and writable by root, or has `mode`. One of our `own`
    needs no folder, and leaves no trace when it is taken away: neither an empty folder nor a backup.
    """

    path: str
    before: str | None
    after: str | None
    mode: int = 0o644
    own: bool = False

    def describe(self) -> str:
        """Return the change as a command: `patch` with its difference, secrets masked, or `rm`."""
        if self.after is None:
            return self.brief()
        from difflib import unified_diff

        old, new = ((text or "").splitlines() for text in (self.before, self.after))
        names = ("/dev/null" if self.before is None else self.path), self.path
        # One line around each change: what else stands there is nobody's business.
        difference = "\n".join(unified_diff(old, new, *names, n=1, lineterm=""))
        return f"{self.brief()} <<'END'\n{mask_secrets(difference)}\nEND"

    def brief(self) -> str:
        """Return the command without the difference."""
        return f"{'rm' if self.after is None else 'patch'} {shlex.quote(self.path)}"


class SetSysctl(Step, frozen=True, kw_only=True):
    """Set a kernel parameter; `key` with slashes, as interface names may hold dots.

    So it is `net/ipv4/conf/eth0.100/arp_ignore`.
    """

    key: str
    value: str

    def describe(self) -> str:
        """Return the `sysctl` command."""
        return f"sysctl -w {shlex.quote(f'{self.key}={self.value}')}"


class UnitAction(Step, frozen=True, kw_only=True):
    """Have a service started, stopped, restarted or reloaded by whoever manages it.

    One that failed may have stopped it all the same: a restart is a stop and a start, and a stop that takes too
    long goes on. `again_on_undo`: a restart or reload that put files into effect is done again once they are as
    they were, or the daemon would go on with what was rolled back. Else nothing takes a restart back.
    """

    whole: ClassVar[bool] = False

    unit: str
    action: Literal["start", "stop", "restart", "reload"]
    again_on_undo: bool = False

    @property
    def takes_out(self) -> bool:
        """A service that is stopped; one that is restarted comes back."""
        return self.action == "stop"

    def describe(self) -> str:
        """Return the `systemctl` command."""
        return f"systemctl {self.action} {shlex.quote(self.unit)}"


class AddressChange(Step, frozen=True, kw_only=True):
    """Add or remove an address, `192.0.2.10/32`, on an interface."""

    device: str
    address: str
    present: bool = True

    @property
    def takes_out(self) -> bool:
        """An address that goes."""
        return not self.present

    def describe(self) -> str:
        """Return the `ip address` command."""
        return f"ip address {'add' if self.present else 'del'} {self.address} dev {self.device}"


class RouteChange(Step, frozen=True, kw_only=True):
    """Add or remove a route of a table; `gateway` "" for one that is on the link."""

    table: int
    destination: str
    device: str
    gateway: str = ""
    source: str = ""
    present: bool = True

    @property
    def takes_out(self) -> bool:
        """A route that goes."""
        return not self.present

    def describe(self) -> str:
        """Return the `ip route` command."""
        family = "-6 " if ":" in self.destination else ""
        via = f" via {self.gateway}" if self.gateway else ""
        source = f" src {self.source}" if self.source else ""
        verb = "add" if self.present else "del"
        return f"ip {family}route {verb} {self.destination}{via} dev {self.device}{source} table {self.table}"


class RuleChange(Step, frozen=True, kw_only=True):
    """Add or remove the rule that looks up a table for what comes from an address.

    With `suppress_prefix_length` 0 the table's default routes do not count, only what it knows more exactly.
    """

    source: str
    table: int
    priority: int
    suppress_prefix_length: int | None = None
    present: bool = True

    def describe(self) -> str:
        """Return the `ip rule` command."""
        family = "-6 " if ":" in self.source else ""
        verb = "add" if self.present else "del"
        length = self.suppress_prefix_length
        suppressed = "" if length is None else f" suppress_prefixlength {length}"
        return f"ip {family}rule {verb} from {self.source} table {self.table}{suppressed} priority {self.priority}"


class ServerWeight(Step, frozen=True, kw_only=True):
    """Give a real server of an IPVS pool a weight; 0 drains it. `pool` and `server` are named as in the subjects.

    `forwarding` is said again with each change, as the kernel takes it from there.
    """

    pool: str
    server: str
    forwarding: Literal["dr", "nat", "tun"]
    weight: int

    @property
    def takes_out(self) -> bool:
        """A real server that gets no new connections."""
        return self.weight == 0

    def describe(self) -> str:
        """Return the `ipvsadm` command."""
        udp = self.pool.startswith("udp:")
        service = f"-u {self.pool.removeprefix('udp:')}" if udp else f"-t {self.pool}"
        method = {"dr": "-g", "nat": "-m", "tun": "-i"}[self.forwarding]
        return f"ipvsadm -e {service} -r {self.server} {method} -w {self.weight}"


class AnnounceAddress(Step, frozen=True, kw_only=True):
    """Tell the neighbours who has an address: gratuitous ARP, or an unsolicited neighbour advertisement."""

    interface: str
    address: str

    def describe(self) -> str:
        """Return the `arping` or `ndsend` command."""
        if ":" in self.address:
            return f"ndsend {self.address} {self.interface}"
        return f"arping -U -c 3 -I {self.interface} {self.address}"


class RunCommand(Step, frozen=True, kw_only=True):
    """Run a program without a shell; `undo` is the argv that takes it back, empty when nothing does."""

    whole: ClassVar[bool] = False

    argv: tuple[str, ...]
    undo: tuple[str, ...] = ()
    timeout_seconds: float = 30.0

    def describe(self) -> str:
        """Return the command, secrets masked."""
        return mask_secrets(shlex.join(self.argv))


AnyStep = (
    LinkChange
    | BondOption
    | WriteFile
    | SetSysctl
    | UnitAction
    | AddressChange
    | RouteChange
    | RuleChange
    | ServerWeight
    | AnnounceAddress
    | RunCommand
)


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What a step will come to here: whether it has anything left to do, and what would take it back.

    `undo` is None where nothing can (or need) take it back: a restart, an announcement.
    """

    needed: bool
    undo: AnyStep | None = None


# How much can go wrong: low takes nothing away from anybody, high may cut off who is connected.
Risk = Literal["low", "medium", "high"]
RISKS: tuple[Risk, ...] = ("low", "medium", "high")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How one incident could be healed: what will be done, in order, and how long it may take to show.

    `lasting` is False when the change does not survive a restart; `note` then says what would make it last, or
    what else a person should know who is asked (that nothing takes it back). `healthy_left` is how many of its
    kind stay in service meanwhile; None: nothing is taken out of service. `accepts` are faults that this brings
    about on purpose, as the lesser evil: they do not count as harm. `undone_after_seconds`: unless verified by
    then, another process undoes it, should this one have been cut off or killed.
    """

    summary: str
    steps: tuple[AnyStep, ...]
    settle_seconds: float = 5.0
    lasting: bool = True
    note: str = ""
    healthy_left: int | None = None
    accepts: tuple[str, ...] = ()
    undone_after_seconds: float | None = None

    @property
    def takes_out(self) -> bool:
        """Whether a step of it takes something out of service."""
        return any(step.takes_out for step in self.steps)


class Outcome(enum.Enum):
    """How an attempt ended; PROPOSED and RUNNING are the two that have not.

    CLOSED is a proposal that stands no longer; its reason says why. After NO_EFFECT (the fault is still there),
    HARMED (something new is wrong), STEP_FAILED and ROLLED_BACK (interrupted, nobody could see whether it helped,
    or a person took it back) what was done is undone; ROLLBACK_FAILED says that this did not succeed. DRY_RUN
    showed what would be done, and whether it would be permitted.
    """

    PROPOSED = "proposed"
    CLOSED = "closed"
    RUNNING = "running"
    HEALED = "healed"
    NO_EFFECT = "no_effect"
    HARMED = "harmed"
    STEP_FAILED = "step_failed"
    ROLLED_BACK = "rolled_back"
    ROLLBACK_FAILED = "rollback_failed"
    REFUSED = "refused"
    DRY_RUN = "dry_run"


# Those in which nothing was tried.
NOT_TRIED = (Outcome.PROPOSED, Outcome.CLOSED, Outcome.REFUSED, Outcome.DRY_RUN)


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One step of an attempt, written before it is done: what, and what undoes it (None: nothing can or need).

    `state` is `planned`, then `done`, `failed` or `undone`; or `skipped`, where it was so already. `output` is
    what the kernel or a program said.
    """

    step: AnyStep
    undo: AnyStep | None
    state: Literal["planned", "done", "failed", "undone", "skipped"] = "planned"
    output: str = ""

    @property
    def may_have_changed(self) -> bool:
        """Whether the host may be otherwise for it now."""
        return self.state in ("planned", "done") or (self.state == "failed" and not self.step.whole)

    @property
    def changed_for_good(self) -> bool:
        """Whether it may have changed what nothing takes back."""
        return self.may_have_changed and self.undo is None


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded try of a remediation on an incident: what was planned, what was done, how it ended and why.

    `permission` says who or what allowed it.
    """

    id: int
    incident_id: int
    remediation: str
    mode: str
    outcome: Outcome
    reason: str
    plan: Plan
    started: Stamp
    ended: Stamp | None = None
    journal: tuple[JournalEntry, ...] = ()
    permission: str = ""
