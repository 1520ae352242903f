"""All that a check or a remediation may import from the engine, besides `watchdog.linux`.

A check is one module: settings, facts, `observe` (I/O, judges nothing), `judge` (pure), and at its end
`CHECK = Check(...)`. A remediation is one module with a `plan` and at its end `REMEDIATION = Remediation(...)`.
They meet only in a fault code.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Generic, Literal, TypeVar

import msgspec

from watchdog.addresses import HostAddress, read_addresses
from watchdog.errors import NotApplicable, Refused, Unobservable
from watchdog.host import Completed, Host, Process
from watchdog.ipvs import has_ipvs, read_pools
from watchdog.keepalived import read_keepalived
from watchdog.logs import (
    SYSLOG_FILES,
    THOROUGH_TAIL_BYTES,
    LogLine,
    LogPosition,
    LogTail,
    mark_logs,
    move_position,
    new_lines,
    read_logs,
    skipped_logs,
)
from watchdog.model import (
    Cause,
    CheckResult,
    Fault,
    Finding,
    Heard,
    Heed,
    Incident,
    IncidentState,
    Json,
    Judgement,
    LookAgain,
    Metric,
    Note,
    Past,
    Reach,
    Severity,
    Signal,
    Stamp,
    Unseen,
)
from watchdog.netlink import Netlink
from watchdog.noting import by_subject, noted_in, without_noted
from watchdog.probing import OWN_ORIGIN, Answer, Target, TimeLimits, Tls, probe_all
from watchdog.secret import Secret
from watchdog.steps import (
    AddressChange,
    AnnounceAddress,
    AnyStep,
    Attempt,
    BondOption,
    LinkChange,
    Plan,
    Risk,
    RouteChange,
    RuleChange,
    RunCommand,
    ServerWeight,
    SetSysctl,
    Step,
    UnitAction,
    WriteFile,
)
from watchdog.trust import untrusted_program
from watchdog.units import Duration, render_seconds
from watchdog.wire import Frame, Question, Wire, ask_owner, ask_owners, open_wire, own_macs, read_answer

__all__ = [
    "OWN_ORIGIN",
    "SYSLOG_FILES",
    "THOROUGH_TAIL_BYTES",
    "AddressChange",
    "AnnounceAddress",
    "Answer",
    "AnyStep",
    "Attempt",
    "BondOption",
    "Case",
    "Cause",
    "Check",
    "CheckResult",
    "CheckSettings",
    "Completed",
    "Duration",
    "Facts",
    "Fault",
    "Finding",
    "Frame",
    "Heard",
    "Hearing",
    "Heed",
    "Host",
    "HostAddress",
    "Incident",
    "IncidentState",
    "Json",
    "Judgement",
    "LinkChange",
    "LogLine",
    "LogPosition",
    "LogTail",
    "LookAgain",
    "Metric",
    "Netlink",
    "NotApplicable",
    "Note",
    "Past",
    "Plan",
    "Process",
    "Question",
    "Reach",
    "Refused",
    "Remediation",
    "RemediationSettings",
    "Risk",
    "RouteChange",
    "RuleChange",
    "RunCommand",
    "Secret",
    "ServerWeight",
    "SetSysctl",
    "Severity",
    "Signal",
    "Stamp",
    "Step",
    "Target",
    "TimeLimits",
    "Tls",
    "UnitAction",
    "Unobservable",
    "Unseen",
    "Wire",
    "WriteFile",
    "ask_owner",
    "ask_owners",
    "by_subject",
    "has_ipvs",
    "mark_logs",
    "move_position",
    "new_lines",
    "noted_in",
    "open_wire",
    "own_macs",
    "probe_all",
    "read_addresses",
    "read_answer",
    "read_keepalived",
    "read_logs",
    "read_pools",
    "render_seconds",
    "skipped_logs",
    "untrusted_program",
    "without_noted",
]


S = TypeVar("S", bound="CheckSettings")
R = TypeVar("R", bound="RemediationSettings")
F = TypeVar("F", bound="Facts")
M = TypeVar("M", bound="Facts")
E = TypeVar("E", bound=msgspec.Struct)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what `observe` returns and of what a check remembers: plain, JSON-able, units in the names."""


class CheckSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What every check's table `[checks.NAME]` understands; a check adds its own fields."""

    enabled: bool = True
    every: Duration = Duration(60)
    time_limit: Duration = Duration(10)


class RemediationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What every remediation's table `[remediations.NAME]` understands; a remediation adds its own fields.

    `propose` plans and shows, and changes nothing until a person says `watchdog heal N --apply`; `auto` is the
    owner's permission to do it alone; `off` forbids even the proposal. `attempts` are those on one incident, and
    `cooldown` is the least time between two.
    """

    mode: Literal["off", "propose", "auto"] = "propose"
    attempts: Annotated[int, msgspec.Meta(ge=1)] = 3
    # Long enough for the slowest daemon to settle and be seen by two cycles of a check.
    cooldown: Duration = Duration(120)


class Hearing(msgspec.Struct, frozen=True, kw_only=True):
    """What wakes a check besides signals: `files` (or folders) that change, and lines that `hears` knows.

    Such lines are listened for in `logs`, and in the journal from programs of these `identifiers`.
    """

    files: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    hears: Callable[[str], bool] = lambda line: False


class Check(msgspec.Struct, Generic[S, F, M], frozen=True, kw_only=True):
    """A check, declared.

    `observe(host, settings, before)` returns facts; it raises NotApplicable when there is nothing to watch here
    and Unobservable when what must be seen cannot be. `judge(facts, before, settings)` is pure and yields
    findings, notes, metrics and unseen subjects. `before` is what `remember(facts, before, settings)` made of all
    earlier runs (None at the first); it is kept in the history under the check's name. `observe` judges nothing
    by it: it is for what must be known while looking (a server that forbade to be asked again).

    What takes time to show (who did it) need not hold up what is found: where `host.looks_again`, `judge` may
    yield LookAgain, and at that look a Finding that `completes` the one before.

    `wakes` are the signals at which the daemon looks at once, besides every so often; `hearing` is what else does.
    """

    name: str
    title: str
    faults: tuple[Fault, ...]
    settings: type[S]
    facts: type[F]
    memory: type[M]
    observe: Callable[[Host, S, M | None], F]
    judge: Callable[[F, M | None, S], Iterable[Judgement]]
    remember: Callable[[F, M | None, S], M]
    wakes: frozenset[Signal] = frozenset()
    hearing: Hearing = Hearing()


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What a remediation is asked to plan for: the finding as it is seen now, and what there is beside it.

    `incidents` are those that are open, this one among them; an event's `last_seen` is when it happened last.
    `results` are what the checks say now, by name; a check that did not run, or could not see, proves nothing.
    `healed` are the earlier attempts on this host, by any remediation, that healed something; newest last.
    """

    finding: Finding
    incidents: tuple[Incident, ...] = ()
    results: Mapping[str, CheckResult] = msgspec.field(default_factory=dict)
    healed: tuple[Attempt, ...] = ()

    def evidence(self, kind: type[E]) -> E:
        """Read the evidence as the foreign input it is; Refused says what is wrong with it."""
        try:
            return msgspec.convert(dict(self.finding.evidence), kind)
        except msgspec.ValidationError as error:
            raise Refused(
                f"the evidence of {self.finding.fault} on {self.finding.subject!r} is not usable: {error}"
            ) from error


class Remediation(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """A remediation, declared.

    `plan(host, case, settings)` looks at the finding (its subject and evidence), at what is known beside it and,
    where it must, at the host; it returns steps as data or raises Refused with the reason. It changes nothing.
    `risk` is how much can go wrong: low takes nothing away from anybody, high may cut off who is connected.
    `stays(case)` is asked before something is taken out of service again to undo a plan: with the finding that was
    healed and what the checks say now, it says why that must stay ("": it need not): it is the last healthy one.
    `heals_as_set` returns the codes that the owner's settings name besides those in `heals`.
    """

    name: str
    title: str
    heals: tuple[str, ...]
    heals_as_set: Callable[[R], tuple[str, ...]] | None = None
    risk: Risk = "high"  # until its author has thought about it
    settings: type[R]
    plan: Callable[[Host, Case, R], Plan]
    stays: Callable[[Case], str] | None = None
