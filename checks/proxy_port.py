"""A proxy's port is dead, answers without proxying, or is slow.

A connection alone proves little: a stopped process accepts (the kernel does it for it), and a web server in the
proxy's place answers. So each is asked a real proxied request, all side by side (watchdog/probing.py). Unless the
settings name a url, no foreign site is asked for: a proxy on this host fetches a page that we serve on 127.0.0.1
for that moment; one elsewhere is asked for a tunnel to its own loopback (CONNECT 127.0.0.1:PORT), which any proxy
answers at once, granted or refused, whatever its network, DNS and rules are; a web server says 400, 404 or 405.

No fault: 403 and 407 (it is alive, and has rules), 500, 502, 503, 504 (what lies behind it is at fault). What is a
fault of what was found and not named is in _proxy_port/verdict.py. Sources: RFC 9110, squid.conf(5), proc(5).
"""

from collections.abc import Iterator, Mapping
from typing import Annotated

import msgspec

from checks._proxy_port.asking import Ask, ask_all, found, gone, named, pooled
from checks._proxy_port.faults import FAULTS
from checks._proxy_port.local import LocalPorts, find_local
from checks._proxy_port.ports import KnownPort, Port, parse_subject
from checks._proxy_port.targets import ProxyTarget
from checks._proxy_port.verdict import judge_port, spoke_as_proxy, works
from watchdog.linux.ipvs import Pool
from watchdog.plugin import (
    Check,
    CheckSettings,
    Duration,
    Facts,
    Finding,
    Hearing,
    Host,
    Judgement,
    NotApplicable,
    Note,
    Signal,
    TimeLimits,
    Unobservable,
    Unseen,
    has_ipvs,
    noted_in,
    read_pools,
    without_noted,
)

_POOLS = "ipvs"  # the subject of what is unseen when the pools are
_ACCEPTED = ("answered", "connected")  # what shows that the port can be asked from here
_MARGIN_SECONDS = 1.0  # of time_limit, for all but the two rounds of probes


class ProxyPortSettings(CheckSettings, frozen=True, kw_only=True):
    """`[checks.proxy_port]`: whom to ask besides those found, how long to wait, what is slow.

    `processes` are the names of the programs that are forward proxies, `reverse_processes` of those that are only
    connected to; `pool_ports` the ports that are a proxy's in an IPVS pool; `ignore` the subjects to leave alone.
    """

    targets: tuple[ProxyTarget, ...] = ()
    processes: tuple[str, ...] = ("squid", "tinyproxy")
    reverse_processes: tuple[str, ...] = ("haproxy",)
    pool_ports: tuple[Annotated[int, msgspec.Meta(ge=1, le=65535)], ...] = (3128, 8080, 8118, 8888)
    ignore: tuple[str, ...] = ()
    connect_timeout: Duration = Duration(2)
    answer_timeout: Duration = Duration(5)
    slow: Duration = Duration(2)
    start_grace: Duration = Duration(120)
    time_limit: Duration = Duration(20)

    def __post_init__(self) -> None:
        subjects = [target.subject for target in self.targets]
        if len(set(subjects)) < len(subjects):
            raise ValueError("each address and port once among targets")
        for subject in self.ignore:
            parse_subject(subject)
        if not self.connect_timeout or not self.answer_timeout:
            raise ValueError("a connect_timeout and an answer_timeout above zero")
        if 2 * (self.connect_timeout + self.answer_timeout) + _MARGIN_SECONDS > self.time_limit:
            raise ValueError(
                "a connect_timeout and an answer_timeout that fit twice into time_limit, with 1s to spare"
            )


class ProxyPortFacts(Facts, frozen=True, kw_only=True):
    """Every port that was asked; `hidden`: programs whose ports we may not see; `pools_problem`: why no pools."""

    boottime_seconds: float
    ports: tuple[Port, ...] = ()
    hidden: tuple[str, ...] = ()
    pools_problem: str = ""


class ProxyPortMemory(Facts, frozen=True, kw_only=True):
    """What the ports that were found once did, and the notes of the last look, each to be written only once."""

    known: tuple[KnownPort, ...] = ()
    noted: tuple[str, ...] = ()


def observe(host: Host, settings: ProxyPortSettings, before: ProxyPortMemory | None) -> ProxyPortFacts:
    """Find the proxies and ask them, all at the same time. Asks nothing where there is none."""
    local = find_local(host, settings.processes, settings.reverse_processes)
    pools, pools_problem = _read_pools(host)
    asks = _asks(host, settings, local, pools, before)
    limits = TimeLimits(
        connect_seconds=settings.connect_timeout,
        answer_seconds=settings.answer_timeout,
        whole_seconds=(settings.time_limit - _MARGIN_SECONDS) / 2,
    )
    return ProxyPortFacts(
        boottime_seconds=host.stamp().boottime_ns / 1e9,
        ports=ask_all(asks, limits),
        hidden=local.hidden,
        pools_problem=pools_problem,
    )


def judge(
    facts: ProxyPortFacts, before: ProxyPortMemory | None, settings: ProxyPortSettings
) -> Iterator[Judgement]:
    """Judge every port; a note only when it was not there at the last look. NotApplicable where there is none."""
    if not facts.ports and not facts.hidden and not facts.pools_problem:
        raise NotApplicable(
            "no proxy listens here, no IPVS pool is on a proxy's port, [[checks.proxy_port.targets]] names none"
        )
    yield from without_noted(_judge_all(facts, before, settings), before.noted if before else (), _about)


def remember(
    facts: ProxyPortFacts, before: ProxyPortMemory | None, settings: ProxyPortSettings
) -> ProxyPortMemory:
    """Keep of every port that was found what it ever did; forget what was ignored, or is gone on purpose."""
    known = _known(before)
    # Pools that could not be read this time are not gone.
    kept = [port for port in known.values() if port.source != "local" and facts.pools_problem]
    for port in facts.ports:
        if _is_gone_on_purpose(port, facts) or (port.named and not (port.here and port.program)):
            continue
        answer, once = port.answer, known.get(port.subject)
        kept.append(
            KnownPort(
                subject=port.subject,
                source=port.source,
                question=port.question,
                program=port.program,
                exe=port.exe,
                tls=port.tls,
                service=port.service,
                contained=port.contained,
                answered=bool(once and once.answered) or bool(answer and answer.outcome in _ACCEPTED),
                proxied=bool(once and once.proxied) or spoke_as_proxy(port),
            )
        )
    noted = noted_in(_judge_all(facts, before, settings), _about)
    return ProxyPortMemory(known=tuple(kept), noted=noted)


def _read_pools(host: Host) -> tuple[tuple[Pool, ...], str]:
    if not has_ipvs(host):
        return (), ""
    try:
        return read_pools(host), ""
    except Unobservable as error:
        return (), str(error)


def _asks(
    host: Host,
    settings: ProxyPortSettings,
    local: LocalPorts,
    pools: tuple[Pool, ...],
    before: ProxyPortMemory | None,
) -> list[Ask]:
    """Return whom to ask what, each subject once: what the settings name comes before what was found."""
    known = _known(before)
    asks = [named(host, target, local.ports, known.get(target.subject)) for target in settings.targets]
    seen = {ask.port.subject for ask in asks} | set(settings.ignore)
    # A program's port that is named by another of its addresses (127.0.0.1:3128 for [::]:3128) is not asked twice.
    asked = {(ask.port.program, ask.port.port) for ask in asks if ask.port.program}
    candidates = [found(host, port) for port in local.ports if (port.program, port.port) not in asked]
    candidates += pooled(pools, settings.pool_ports)
    listening = {ask.port.subject for ask in candidates}
    candidates += [
        gone(host, one)
        for one in known.values()
        if one.source == "local" and one.subject not in listening and one.program in _programs(settings)
    ]
    for ask in candidates:
        if ask.port.subject not in seen:
            seen.add(ask.port.subject)
            asks.append(ask)
    return asks


def _programs(settings: ProxyPortSettings) -> tuple[str, ...]:
    return (*settings.processes, *settings.reverse_processes)


def _judge_all(
    facts: ProxyPortFacts, before: ProxyPortMemory | None, settings: ProxyPortSettings
) -> Iterator[Judgement]:
    known = _known(before)
    for program in facts.hidden:
        reason = (
            f"needs root (CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH) to see which ports {program} listens on, as it is"
            " no systemd service whose control group and configuration tell; or name them in targets"
        )
        yield Unseen(subject=program, reason=reason)
    if facts.pools_problem:
        yield Unseen(subject=_POOLS, reason=facts.pools_problem)
    for port in facts.ports:
        judgements = judge_port(port, known.get(port.subject), settings.slow, _besides(port, facts))
        if _is_gone_on_purpose(port, facts):
            yield Note(subject=port.subject, summary=_say_gone(port))
        elif port.here and facts.boottime_seconds < settings.start_grace:
            yield from (_not_yet(one) if isinstance(one, Finding) else one for one in judgements)
        else:
            yield from judgements


def _is_gone_on_purpose(port: Port, facts: ProxyPortFacts) -> bool:
    """Tell whether a program was removed, or runs and listens elsewhere, and nobody has taken its port."""
    if port.named or port.listens or (port.answer and port.answer.outcome != "refused"):
        return False
    moved = any(other.listens and other.program == port.program for other in facts.ports)
    return moved or not port.installed


def _besides(port: Port, facts: ProxyPortFacts) -> tuple[str, ...]:
    """Return the other ports on this host of the same program, and the same service, that answer."""
    if not (port.here and port.program):
        return ()
    others = (other for other in facts.ports if other.here and other.subject != port.subject and works(other))
    return tuple(
        other.subject for other in others if (other.program, other.service) == (port.program, port.service)
    )


def _say_gone(port: Port) -> str:
    if not port.installed:
        return f"{port.program} was removed, so nothing is expected on {port.subject} any more"
    return f"{port.program} no longer listens on {port.subject}, but elsewhere: taken for a change of its settings"


def _not_yet(finding: Finding) -> Unseen:
    return Unseen(subject=finding.subject, reason=f"the host has just booted: {finding.summary}")


def _known(before: ProxyPortMemory | None) -> Mapping[str, KnownPort]:
    return {port.subject: port for port in before.known} if before else {}


def _about(note: Note) -> str:
    """Return what makes a note the same as that of the last look: numbers in it may change."""
    return f"{note.subject} {note.evidence.get('why', 'gone')} {note.evidence.get('status', '')}"


CHECK = Check(
    name="proxy_port",
    title="proxies answer, and do proxy",
    faults=FAULTS,
    settings=ProxyPortSettings,
    facts=ProxyPortFacts,
    memory=ProxyPortMemory,
    observe=observe,
    judge=judge,
    remember=remember,
    wakes=frozenset({Signal.ADDRESS}),
    hearing=Hearing(files=("/etc/squid",)),
)
