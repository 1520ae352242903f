"""Decides whom to ask what, and asks all of them side by side."""

import socket
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address

import msgspec
from msgspec.structs import replace

from checks._proxy_port.local import LocalPort
from checks._proxy_port.ports import (
    KnownPort,
    Port,
    PortAnswer,
    Question,
    control_question,
    name_port,
    parse_subject,
)
from checks._proxy_port.squid_conf import Mode
from checks._proxy_port.targets import ProxyTarget
from watchdog.linux.http_answer import HttpHead, HttpRequest
from watchdog.linux.ipvs import Pool
from watchdog.plugin import (
    OWN_ORIGIN,
    Answer,
    Host,
    Secret,
    Target,
    TimeLimits,
    Tls,
    Unobservable,
    probe_all,
)

_QUESTIONS: dict[Mode, Question] = {
    "forward": "own_page",
    "tls": "own_page",
    "reverse": "http",
    "intercept": "connection",
    # A database behind haproxy counts, and Redis reports as an attack, a web request that it is sent.
    "other": "connection",
}
_OWN_PAGE = "GET http://127.0.0.1:PORT/ of our own"
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where programs listen, not we
# Fields that only proxies and caches send. The first of them say that the answer is the proxy's own, the last
# (Squid's own pages bear them too) that it may be passed on.
_PROXY_FIELDS = ("x-squid-error", "proxy-authenticate", "proxy-agent", "via", "x-cache")
_PROXY_SERVERS = ("squid", "tinyproxy", "privoxy")


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A port with what is needed to ask it, secrets included; these never become facts."""

    port: Port
    request: HttpRequest | None = None
    tls: Tls | None = None
    login: Secret | None = None


def is_local(address: str) -> bool:
    """Tell whether an address is one of this host's: the kernel then reaches it from itself. No packet is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as trial:
            trial.connect((address, 9))
            source: str = trial.getsockname()[0]
    except OSError:
        return False
    return source == address or source.startswith("127.")


def named(host: Host, target: ProxyTarget, local: Sequence[LocalPort], known: KnownPort | None = None) -> Ask:
    """Return how to ask a proxy that the settings name; without a url nothing foreign is asked for.

    `known` is which program was last seen to listen there.
    """
    address, port = parse_subject(target.subject)
    here = is_local(address)
    mine = next((one for one in local if here and one.port == port and one.address in (address, *_ANY)), None)
    question: Question = "url" if target.url else control_question(here=here)
    request = target.request() if target.url else _tunnel(port) if question == "tunnel" else None
    known = known if here and mine is None else None
    named = Port(
        subject=target.subject,
        address=address,
        port=port,
        source="settings",
        question=question,
        here=here,
        asked=_say(request) if request else _OWN_PAGE,
        tls=target.tls,
        status=target.status,
        with_login=bool(target.login_file or target.login_env),
        program=mine.program if mine else known.program if known else "",
        exe=mine.exe if mine else known.exe if known else "",
        stopped=mine.stopped if mine else (),
        pids=mine.pids if mine else (),
        service=mine.service if mine else known.service if known else "",
        contained=mine.contained if mine else bool(known and known.contained),
        listens=known is None,
    )
    try:
        return Ask(port=named, request=request, tls=target.tls_settings(), login=target.read_login(host))
    except Unobservable as error:
        return Ask(port=msgspec.structs.replace(named, problem=str(error)))


def found(host: Host, local: LocalPort) -> Ask:
    """Return how to ask a port of this host."""
    return _ask_local(
        Port(
            subject=name_port(local.address, local.port),
            address=_reachable(host, local.address),
            port=local.port,
            source="local",
            question=_QUESTIONS[local.mode],
            here=True,
            tls=local.mode == "tls",
            program=local.program,
            exe=local.exe,
            stopped=local.stopped,
            pids=local.pids,
            service=local.service,
            contained=local.contained,
        )
    )


def gone(host: Host, known: KnownPort) -> Ask:
    """Return how to ask a port of this host on which a proxy was once seen and is not now."""
    address, port = parse_subject(known.subject)
    return _ask_local(
        Port(
            subject=known.subject,
            address=_reachable(host, address),
            port=port,
            source="local",
            question=known.question,
            here=True,
            tls=known.tls,
            program=known.program,
            exe=known.exe,
            service=known.service,
            contained=known.contained,
            listens=False,
            installed=not known.exe or host.path(known.exe).exists(),
        )
    )


def pooled(pools: Iterable[Pool], ports: Sequence[int]) -> Iterator[Ask]:
    """Yield how to ask the pools on a proxy's port: each weighted real server, and the VIP where it can be.

    On the host that has the VIP it cannot: a real server in direct return answers with the VIP as its source,
    which is the asking host's own. Weight 0 is drained, on purpose: nobody is sent there.
    """
    for pool in pools:
        if pool.protocol != "tcp" or pool.port not in ports:
            continue
        if any(server.weight for server in pool.servers) and not is_local(pool.address):
            yield _ask_pooled(pool.address, pool.port, "vip", pool.name)
        for server in pool.servers:
            if server.weight and server.forwarding != "local":
                yield _ask_pooled(server.address, server.port or pool.port, "ipvs", pool.name)


def ask_all(asks: Sequence[Ask], limits: TimeLimits) -> tuple[Port, ...]:
    """Ask all that can be asked at the same time; return every port with its answer.

    Takes `limits.whole_seconds` at most, and twice that where the answer to a url leaves a doubt. A proxy that is
    silent may be waiting for who lies behind it; and a web server may serve its own page for any url. What reaches
    nobody tells.
    """
    ports = [ask.port for ask in asks]
    first = [number for number, port in enumerate(ports) if not port.problem]
    for number, answer in zip(first, probe_all([_target(asks[one]) for one in first], limits), strict=True):
        ports[number] = msgspec.structs.replace(ports[number], answer=_port_answer(answer))
    doubted = [number for number, port in enumerate(ports) if _is_in_doubt(port)]
    controls = [_target(_control(asks[number])) for number in doubted]
    for number, answer in zip(doubted, probe_all(controls, limits), strict=True):
        ports[number] = msgspec.structs.replace(ports[number], control=_port_answer(answer))
    return tuple(ports)


def _is_in_doubt(port: Port) -> bool:
    answer = port.answer
    if answer is None or port.question != "url" or answer.phase != "answer":
        return False
    if answer.outcome == "answered":
        return answer.status < 400 and not answer.voice and not port.asked.startswith("CONNECT ")
    return answer.outcome in ("unanswered", "closed", "reset")


def _control(ask: Ask) -> Ask:
    port = msgspec.structs.replace(ask.port, question=control_question(here=ask.port.here))
    return replace(ask, port=port, request=_tunnel(ask.port.port))


def _ask_pooled(address: str, port: int, source: str, pool: str) -> Ask:
    request = _tunnel(port)
    return Ask(
        port=Port(
            subject=name_port(address, port),
            address=address,
            port=port,
            source="vip" if source == "vip" else "ipvs",
            question="tunnel",
            asked=_say(request),
            pool=pool,
        ),
        request=request,
    )


def _ask_local(port: Port) -> Ask:
    asked, request = "", None
    if port.question == "own_page":
        asked = _OWN_PAGE
    elif port.question == "http":
        request = HttpRequest(method="HEAD", target="/", host=port.subject)
        asked = "HEAD /"
    # Our own host needs no certificate to be believed.
    tls = Tls(verify=False) if port.tls else None
    return Ask(port=msgspec.structs.replace(port, asked=asked), request=request, tls=tls)


def _say(request: HttpRequest) -> str:
    """Name a request; what follows a question mark may be secret."""
    path, mark, _ = request.target.partition("?")
    return f"{request.method} {path}{mark}{'...' if mark else ''}"


def _tunnel(port: int) -> HttpRequest:
    """Ask a proxy for a tunnel to its own loopback: answered at once, whatever its network, DNS or rules say."""
    return HttpRequest(method="CONNECT", target=f"127.0.0.1:{port}", host=f"127.0.0.1:{port}")


def _reachable(host: Host, address: str) -> str:
    """Return where to reach what listens there; a host without IPv6 can still listen on `::`, for IPv4.

    A link-local address is told with its device, which the list of listeners does not name.
    """
    if ":" not in address:
        return _ANY.get(address, address)
    rows = [line.split() for line in (host.read_text("/proc/net/if_inet6") or "").splitlines()]
    devices = {row[0]: row[-1] for row in rows if row}
    if address == "::" and "00000000000000000000000000000001" not in devices:
        return "127.0.0.1"
    bare = ip_address(address)
    device = devices.get(bare.packed.hex(), "") if bare.is_link_local and "%" not in address else ""
    return f"{address}%{device}" if device else _ANY.get(address, address)


def _target(ask: Ask) -> Target:
    return Target(
        address=ask.port.address,
        port=ask.port.port,
        request=OWN_ORIGIN if ask.port.question == "own_page" else ask.request,
        tls=ask.tls,
        proxy_login=ask.login,
    )


def _port_answer(answer: Answer) -> PortAnswer:
    head = answer.head or HttpHead(status=0)
    return PortAnswer(
        outcome=answer.outcome,
        phase=answer.phase,
        detail=answer.detail,
        status=head.status,
        reason=head.reason,
        voice=_voice(head),
        server=head.fields.get("server", ""),
        reached_origin=answer.reached_origin,
        connect_seconds=answer.connect_seconds,
        tls_seconds=answer.tls_seconds,
        first_byte_seconds=answer.first_byte_seconds,
        total_seconds=answer.total_seconds,
    )


def _voice(head: HttpHead) -> str:
    server = head.fields.get("server", "")
    if server.lower().startswith(_PROXY_SERVERS):
        return f"server: {server}"
    return next((f"{name}: {head.fields[name]}" for name in _PROXY_FIELDS if name in head.fields), "")
