"""Asks NTP servers side by side, each once or twice, and says of each what it answered or why there is no answer.

The exchange is ours and not ntplib's: times are taken by BOOTTIME with the wall clock beside it, and an answer
during which the clock was stepped is thrown away.
"""

import errno
import selectors
import socket
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from checks._clock_sync.servers import Ballot, Endpoint, choose, resolve
from watchdog.linux.ntp_packet import (
    MAX_BYTES,
    KissOfDeathError,
    Measurement,
    NtpPacketError,
    NtpReply,
    StrayPacketError,
    build_request,
    measure,
    parse_reply,
)
from watchdog.plugin import Facts, Host, Stamp, render_seconds

TRIES = 2
STEP_NS = 1_000_000  # as in clock_step: readings differ by less than a microsecond
_MAX_STRAYS = 64


class Answer(Facts, frozen=True, kw_only=True):
    """A valid answer; the offset is positive when our clock is behind. `leap` is 0 none, 1 insert, 2 delete."""

    offset_seconds: float
    round_trip_seconds: float
    stratum: int
    leap: int
    root_delay_seconds: float
    root_dispersion_seconds: float

    @property
    def distance_seconds(self) -> float:
        """How wrong the offset can be at most, if the server is honest (RFC 5905: root distance)."""
        return (self.round_trip_seconds + self.root_delay_seconds) / 2 + self.root_dispersion_seconds


class ServerFacts(Facts, frozen=True, kw_only=True):
    """One server that was asked, or was to be; `problem` says why there is no answer.

    `kiss` is the code of a kiss-o'-death that forbids to ask again; `address` is "" where the name has none.
    """

    name: str
    address: str = ""
    answer: Answer | None = None
    problem: str = ""
    kiss: str = ""


class TimeLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How long all names together may take to resolve, and each of the tries to be answered."""

    resolve_seconds: float
    answer_seconds: float


class _Query(msgspec.Struct, kw_only=True):
    endpoint: Endpoint
    socket: socket.socket
    request: bytes
    sent: Stamp
    strays: list[str] = msgspec.field(default_factory=list)


class _Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a try; `base_ns` is REALTIME - BOOTTIME when the answer came."""

    endpoint: Endpoint
    answer: Answer | None = None
    base_ns: int = 0
    problem: str = ""
    kiss: str = ""
    try_again: bool = False


def ask(
    host: Host, names: Iterable[str], refused: Mapping[str, str], limits: TimeLimits
) -> tuple[ServerFacts, ...]:
    """Ask every server at the same time. `refused` are the addresses not to ask, with the reason.

    Takes `resolve_seconds` and twice `answer_seconds` at most; never raises for what a server or resolver does.
    """
    facts: list[ServerFacts] = []
    found: list[tuple[str, tuple[Endpoint, ...]]] = []
    for name, endpoints in resolve(host, names, limits.resolve_seconds).items():
        if isinstance(endpoints, str):
            facts.append(ServerFacts(name=name, problem=endpoints))
            continue
        facts += (
            ServerFacts(name=name, address=one.text, problem=refused[one.text])
            for one in endpoints
            if one.text in refused
        )
        found.append((name, tuple(one for one in endpoints if one.text not in refused)))
    ballots = choose(found)
    outcomes = _ask_all(host, ballots, limits.answer_seconds)
    now = host.stamp()
    facts += (_settle(ballot, outcome, now) for ballot, outcome in zip(ballots, outcomes, strict=True))
    return tuple(facts)


def _ask_all(host: Host, ballots: Sequence[Ballot], seconds: float) -> list[_Outcome]:
    outcomes: dict[int, _Outcome] = {}
    for attempt in range(TRIES):
        open_ones = {
            position: ballot.endpoints[attempt % len(ballot.endpoints)]
            for position, ballot in enumerate(ballots)
            if position not in outcomes or outcomes[position].try_again
        }
        if open_ones:
            outcomes |= _ask_once(host, open_ones, seconds)
    return [outcomes[position] for position in range(len(ballots))]


def _ask_once(host: Host, endpoints: Mapping[int, Endpoint], seconds: float) -> dict[int, _Outcome]:
    """Send to all, then take what comes until all have answered or the time is over."""
    outcomes: dict[int, _Outcome] = {}
    started = host.stamp()
    with selectors.DefaultSelector() as selector:
        for position, endpoint in endpoints.items():
            sent = _send(host, endpoint)
            if isinstance(sent, _Outcome):
                outcomes[position] = sent
            else:
                selector.register(sent.socket, selectors.EVENT_READ, (position, sent))
        while selector.get_map() and (left := seconds - host.stamp().seconds_since(started)) > 0:
            for key, _ in selector.select(left):
                position, query = key.data
                outcome = _receive(host, query)
                if outcome is not None:
                    outcomes[position] = outcome
                    selector.unregister(query.socket)
                    query.socket.close()
        for key in list(selector.get_map().values()):
            position, query = key.data
            problem = query.strays[-1] if query.strays else f"no answer within {render_seconds(seconds)}"
            outcomes[position] = _Outcome(endpoint=query.endpoint, problem=problem, try_again=True)
            query.socket.close()
    return outcomes


def _send(host: Host, endpoint: Endpoint) -> _Query | _Outcome:
    """Send one request from a port of its own; connected, so that only the server's own answers come in."""
    request = build_request()
    try:
        channel = socket.socket(endpoint.family, socket.SOCK_DGRAM)
    except OSError as error:  # a kernel without IPv6
        return _Outcome(endpoint=endpoint, problem=_say(error), try_again=True)
    try:
        channel.setblocking(False)
        channel.connect(endpoint.sockaddr)
        sent = host.stamp()
        channel.send(request)
    except OSError as error:
        channel.close()
        return _Outcome(endpoint=endpoint, problem=_say(error), try_again=True)
    return _Query(endpoint=endpoint, socket=channel, request=request, sent=sent)


def _receive(host: Host, query: _Query) -> _Outcome | None:
    """Take one datagram; None when the answer is still to come."""
    try:
        data = query.socket.recv(MAX_BYTES + 1)
    except BlockingIOError:  # a checksum was wrong
        return None
    except OSError as error:
        return _Outcome(endpoint=query.endpoint, problem=_say(error), try_again=True)
    came = host.stamp()
    stepped_ns = _base_ns(came) - _base_ns(query.sent)
    try:
        reply = parse_reply(data, query.request)
        measured = measure(reply, query.sent.wall_ns, came.boottime_ns - query.sent.boottime_ns)
    except StrayPacketError as error:
        query.strays.append(str(error))
        flooded = len(query.strays) >= _MAX_STRAYS
        return _Outcome(endpoint=query.endpoint, problem=str(error)) if flooded else None
    except KissOfDeathError as error:
        kiss = error.code if error.refuses else ""
        return _Outcome(endpoint=query.endpoint, problem=str(error), kiss=kiss)
    except NtpPacketError as error:
        return _Outcome(endpoint=query.endpoint, problem=str(error))
    if abs(stepped_ns) >= STEP_NS:
        return _Outcome(endpoint=query.endpoint, problem=_stepped(stepped_ns))
    return _Outcome(endpoint=query.endpoint, answer=_answer(reply, measured), base_ns=_base_ns(came))


def _settle(ballot: Ballot, outcome: _Outcome, now: Stamp) -> ServerFacts:
    """Say what came of a vote; an offset from before a step is not one of the clock as it is now."""
    answer, problem = outcome.answer, outcome.problem
    stepped_ns = _base_ns(now) - outcome.base_ns
    if answer and abs(stepped_ns) >= STEP_NS:
        answer, problem = None, _stepped(stepped_ns)
    return ServerFacts(
        name=ballot.name, address=outcome.endpoint.text, answer=answer, problem=problem, kiss=outcome.kiss
    )


def _answer(reply: NtpReply, measured: Measurement) -> Answer:
    return Answer(
        offset_seconds=measured.offset_seconds,
        round_trip_seconds=measured.round_trip_seconds,
        stratum=reply.stratum,
        leap=reply.leap,
        root_delay_seconds=reply.root_delay_seconds,
        root_dispersion_seconds=reply.root_dispersion_seconds,
    )


def _base_ns(stamp: Stamp) -> int:
    return stamp.wall_ns - stamp.boottime_ns


def _stepped(step_ns: int) -> str:
    return f"the clock was stepped by {render_seconds(step_ns / 1e9)} while it was asked"


def _say(error: OSError) -> str:
    if error.errno == errno.ECONNREFUSED:
        return "nothing listens there (port unreachable)"
    return f"cannot be asked: {error.strerror or error}"
