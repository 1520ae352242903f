"""Bring a dead proxy of this host back: start it when it crashed, restart it when it hangs.

One that was stopped by a signal goes on where it was (SIGCONT): that takes nothing away, and an init script would
wait for it to end until the time is over. Else only what died by itself is brought back: what is disabled, masked
or was stopped is not to run, and what systemd is starting needs nobody.

A restart takes whatever the program still serves with it, so none where another port of the same program answers,
where the kernel says that it listens and yet connections are refused (a firewall does that), or where its
configuration would not let it start again. Not for a port that answers wrongly (its rules, or another program) or
slowly. A firewall that drops silently looks like a program that hangs: then a restart has no effect.

Sources: systemctl(1), kill(1), squid(8), haproxy(1).
"""

import msgspec

from remediations._restart_proxy.configuration import demand_sound_configuration
from remediations._restart_proxy.service import choose_action, has_systemd
from watchdog.plugin import (
    Case,
    Host,
    Plan,
    Refused,
    Remediation,
    RemediationSettings,
    RunCommand,
    UnitAction,
    Unobservable,
)

# A squid with a large cache reads its index first.
_SETTLE_SECONDS = 30.0
_HANGS = ("unanswered", "closed", "reset", "silent")


class RestartProxySettings(RemediationSettings, frozen=True, kw_only=True):
    """`[remediations.restart_proxy]`: which service is behind a port, where that is not found out."""

    units: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        if not all(_is_unit_name(unit) for unit in self.units.values()):
            raise ValueError('the name of a service, such as "squid.service"')


class _Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What proxy_port.dead must tell us of a port of this host; what is not so is left out there."""

    why: str
    program: str = ""
    here: bool = False
    pids: tuple[int, ...] = ()
    stopped: tuple[int, ...] = ()
    service: str = ""
    contained: bool = False
    answers_besides: tuple[str, ...] = ()


def plan(host: Host, case: Case, settings: RestartProxySettings) -> Plan:
    """Return what brings it back; Refused where it is not to run, or nothing here would help."""
    subject, evidence = case.finding.subject, case.evidence(_Evidence)
    if not evidence.here:
        raise Refused(f"{subject} is on another host: what is wrong there can only be put right there")
    if evidence.contained:
        raise Refused(f"{evidence.program} on {subject} runs in a container: have its own engine restart it")
    if evidence.why == "stopped":
        return _continue(host, evidence)
    if evidence.why == "refused" and evidence.pids:
        raise Refused(
            f"{evidence.program} does listen on {subject}, and connections are refused: a firewall on this host"
            " does that (nft list ruleset), and no restart cures it"
        )
    if evidence.why == "refused":
        return _revive(host, subject, _unit(host, subject, evidence, settings), evidence)
    if evidence.why not in _HANGS:
        raise Refused(f"no restart cures that: {case.finding.summary}")
    if not evidence.pids:
        raise Refused(f"something answers on {subject}, but no proxy that is known listens there (ss -ltnp)")
    return _restart(host, subject, _unit(host, subject, evidence, settings), evidence)


def _continue(host: Host, evidence: _Evidence) -> Plan:
    """Let stopped processes go on where they were; not one that a debugger holds."""
    if not evidence.stopped:
        raise Refused(f"which process of {evidence.program} is stopped is not known")
    for pid in evidence.stopped:
        if pid <= 1 or _state(host, pid) != "T":
            raise Refused(f"process {pid} is not stopped by a signal: it goes on again, or a debugger holds it")
    pids = tuple(map(str, evidence.stopped))
    return Plan(
        summary=f"let {evidence.program or 'the proxy'} go on, which was stopped: process {', '.join(pids)}",
        steps=(RunCommand(argv=("kill", "-CONT", *pids)),),
        note="whoever stopped it (kill -STOP, Ctrl-Z on a terminal) may do so again; nothing takes this back.",
    )


def _state(host: Host, pid: int) -> str:
    """Return the letter of a process's state (proc(5)), "" for one that is gone."""
    try:
        return ((host.read_text(f"/proc/{pid}/stat") or "").rpartition(")")[2].split() or [""])[0]
    except Unobservable:
        return ""


def _unit(host: Host, subject: str, evidence: _Evidence, settings: RestartProxySettings) -> str:
    unit = settings.units.get(subject) or (evidence.service if has_systemd(host) else evidence.program)
    if not _is_unit_name(unit):
        raise Refused(
            f"which service listens on {subject} is not known (it was started by hand, or never seen there); name"
            f' it: [remediations.restart_proxy] units = {{ "{subject}" = "squid.service" }}'
        )
    return unit


def _is_unit_name(name: str) -> bool:
    return bool(name) and name.isprintable() and not name.startswith(("-", ".")) and not set(name) & set("/ ")


def _revive(host: Host, subject: str, unit: str, evidence: _Evidence) -> Plan:
    """Return the start of a program that died, or the restart of one that runs and does not listen any more."""
    if choose_action(host, unit, evidence.pids) == "restart":
        return _restart(host, subject, unit, evidence)
    return Plan(
        summary=f"start {unit}, which died: nobody listens on {subject}",
        steps=(UnitAction(unit=unit, action="start"),),
        settle_seconds=_SETTLE_SECONDS,
        note="see in its log why it died: what killed it may do so again.",
    )


def _restart(host: Host, subject: str, unit: str, evidence: _Evidence) -> Plan:
    if evidence.answers_besides:
        raise Refused(
            f"{unit} answers on {', '.join(evidence.answers_besides)}: a restart would cut off who is served"
            f" there; look for a firewall in front of {subject}, and at its log"
        )
    if choose_action(host, unit, evidence.pids) != "restart":
        raise Refused(f"{unit} does not run, though a program listens on {subject}: that is not this service's")
    if evidence.pids and (not has_systemd(host) or evidence.service == unit):
        demand_sound_configuration(host, evidence.program, evidence.pids[0])
    return Plan(
        summary=f"restart {unit}, which does not answer on {subject}",
        steps=(UnitAction(unit=unit, action="restart"),),
        settle_seconds=_SETTLE_SECONDS,
        note="the connections that it still has are cut, and nothing takes that back; see in its log why it hung.",
    )


REMEDIATION = Remediation(
    name="restart_proxy",
    title="start a proxy of this host that died, restart one that hangs",
    heals=("proxy_port.dead",),
    # Whoever it still serves is cut off.
    risk="medium",
    settings=RestartProxySettings,
    plan=plan,
)
