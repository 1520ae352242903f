"""Asks TCP services side by side whether they answer, and tells precisely at which step one does not.

A connection, TLS where it is spoken, one HTTP request, the head of its answer: never more, and each within its
time. All on one asyncio loop, so a thousand dead targets take as long as one. What is sent back can be anything:
it is bounded in bytes and in time.

asyncio is imported late: it costs 20 ms, and a host with nothing to ask needs none of it.
"""

import enum
import errno
import os
import resource
import socket
import threading
from base64 import b64encode
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec.structs import replace

from watchdog.linux.http_answer import (
    HttpHead,
    HttpRequest,
    MalformedHttpError,
    may_end_head,
    parse_head,
    render_request,
)
from watchdog.secret import Secret

if TYPE_CHECKING:
    import asyncio
    import ssl

# How a probe ended. `phase` of the answer says at which step: connect, tls, answer.
#   answered     the head of an HTTP answer is there (`head`)
#   connected    the connection (and TLS) works; nothing was to be asked
#   refused      connect: nobody listens there, or a firewall rejects it
#   silent       connect: nobody answers at all; the packets are dropped, or the host is gone
#   unreachable  connect: the network says that there is no way (`detail`)
#   unanswered   the connection works, and then nothing came in time: the program hangs
#   closed       it hung up in an orderly way without an answer
#   reset        it hung up abruptly
#   tls_failed   TLS: the handshake or the certificate (`detail`)
#   not_http     what came is no HTTP (`detail`)
#   untried      not this service's fault: we had no descriptor or no time left (`detail`)
Outcome = Literal[
    "answered",
    "connected",
    "refused",
    "silent",
    "unreachable",
    "unanswered",
    "closed",
    "reset",
    "tls_failed",
    "not_http",
    "untried",
]
Phase = Literal["connect", "tls", "answer"]
# The outcome, the detail, the head.
_Ending = tuple[Outcome, str, HttpHead | None]

# Descriptors that are left to the rest of this process: the history, netlink, programs that are run.
_SPARE_DESCRIPTORS = 128
# So many connections are begun before those under way are looked after; else each would look slow.
_BATCH = 32
_LONGEST_DETAIL = 200
# What is shorter is no secret, and stands in any text.
_SHORTEST_SECRET = 4
_NO_TIME = "no time was left for it: a longer time limit, or more open files (ulimit -n), would help"
_IN_THE_MIDDLE = "in the middle of its answer"
_LIMIT_LOCK = threading.Lock()
# A stream holds back its sender at twice this.
_READ_BYTES = 4096
_OUR_LACK = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class OwnOrigin(enum.Enum):
    """Stands for the request for a page of our own, which is only known while we serve it (watchdog/origin.py)."""

    REQUEST = "GET http://127.0.0.1/ from ourselves"


OWN_ORIGIN = OwnOrigin.REQUEST


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """How TLS is spoken: `server_name` is sent (SNI) and must stand in the certificate, "" is the address.

    `ca_file` holds the authorities to trust in place of the system's; without `verify` any certificate will do.
    """

    server_name: str = ""
    ca_file: str = ""
    verify: bool = True


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where to connect (an IP address, `fe80::1%eth0` for link-local ones), and what to say there, if anything.

    `OWN_ORIGIN` asks a proxy of this host for a page of our own. The logins are `user:password`, for a proxy and
    for an origin server.
    """

    address: str
    port: int
    request: HttpRequest | OwnOrigin | None = None
    tls: Tls | None = None
    proxy_login: Secret | None = None
    login: Secret | None = None


class TimeLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How long a target may take to connect, and then (TLS and the answer together) to answer; and all of them.

    When what is left of `whole_seconds` would not do for a target any more, it is not tried.
    """

    connect_seconds: float
    answer_seconds: float
    whole_seconds: float


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a probe, the step at which it ended, and how long each step took that was gone through.

    `first_byte_seconds` counts from the request; `total_seconds` from the beginning to the end of the head.
    `reached_origin` tells whether the request for a page of our own came to us (False where none was sent).
    """

    outcome: Outcome
    phase: Phase = "connect"
    detail: str = ""
    head: HttpHead | None = None
    reached_origin: bool = False
    connect_seconds: float | None = None
    tls_seconds: float | None = None
    first_byte_seconds: float | None = None
    total_seconds: float | None = None


def probe_all(targets: Sequence[Target], limits: TimeLimits, *, at_once: int = 16384) -> tuple[Answer, ...]:
    """Probe all targets at the same time (as far as descriptors go) and return their answers in this order.

    Takes `limits.whole_seconds` at most. Never raises for what a target or the network does.
    """
    import asyncio

    if not targets:
        return ()
    return asyncio.run(_probe_each(targets, limits, _descriptors(min(at_once, len(targets)))))


def _descriptors(wanted: int) -> int:
    """Return how many connections may be open at once; raises our own soft limit for them where the hard one lets.

    Half of what is free is left, as another check may be probing beside us.
    """
    with _LIMIT_LOCK:
        in_use = len(os.listdir("/proc/self/fd")) + _SPARE_DESCRIPTORS  # noqa: PTH208 - names only
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        needed = in_use + 2 * wanted
        if hard != resource.RLIM_INFINITY:
            needed = min(needed, hard)
        if soft != resource.RLIM_INFINITY and soft < needed:
            with suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
                soft = needed
        return wanted if soft == resource.RLIM_INFINITY else max(min(wanted, (soft - in_use) // 2), 1)


class _Round(msgspec.Struct, kw_only=True):
    """What the probes of one call share: their loop, when it must be over, the TLS settings that were read."""

    limits: TimeLimits
    loop: "asyncio.AbstractEventLoop"
    ends: float
    contexts: "dict[Tls, ssl.SSLContext]" = msgspec.field(default_factory=dict)

    def context(self, tls: Tls) -> "ssl.SSLContext":
        """Return the TLS settings, made once: reading the authorities takes 20 ms. Raises _BadAuthoritiesError."""
        if tls not in self.contexts:
            self.contexts[tls] = _context(tls)
        return self.contexts[tls]


async def _probe_each(targets: Sequence[Target], limits: TimeLimits, at_once: int) -> tuple[Answer, ...]:
    if not any(target.request is OWN_ORIGIN for target in targets):
        return await _probe_in_turns(targets, limits, at_once)
    from watchdog.origin import Origin

    tokens: dict[int, str] = {}
    asking = list(targets)
    async with AsyncExitStack() as stack:
        try:
            origin = await stack.enter_async_context(Origin())
        except OSError as error:
            lack = Answer(outcome="untried", detail=f"cannot serve a page of our own on 127.0.0.1: {_say(error)}")
            return (lack,) * len(targets)
        for number, target in enumerate(targets):
            if target.request is OWN_ORIGIN:
                tokens[number], request = origin.request()
                asking[number] = replace(target, request=request)
        answers = await _probe_in_turns(asking, limits, at_once)
        return tuple(
            replace(answer, reached_origin=tokens.get(number) in origin.reached)
            for number, answer in enumerate(answers)
        )


async def _probe_in_turns(targets: Sequence[Target], limits: TimeLimits, at_once: int) -> tuple[Answer, ...]:
    import asyncio

    loop = asyncio.get_running_loop()
    shared = _Round(limits=limits, loop=loop, ends=loop.time() + limits.whole_seconds)
    turn = asyncio.Semaphore(at_once)

    async def in_turn(target: Target) -> Answer:
        async with turn:
            if shared.ends - loop.time() < limits.connect_seconds + limits.answer_seconds:
                return Answer(outcome="untried", detail=_NO_TIME)
            return await _probe(target, shared)

    tasks = []
    for number, target in enumerate(targets, 1):
        tasks.append(asyncio.create_task(in_turn(target)))
        if number % _BATCH == 0:
            await asyncio.sleep(0)
    return tuple(await asyncio.gather(*tasks))


class _Attempt(msgspec.Struct, kw_only=True):
    """How far the probe of one target came."""

    connect_seconds: float
    phase: Phase = "connect"
    tls_seconds: float | None = None
    first_byte_seconds: float | None = None


async def _probe(target: Target, shared: _Round) -> Answer:
    """Connect, and go on from there; every error becomes an answer."""
    import asyncio

    try:
        address = _socket_address(target)
        link = socket.socket(socket.AF_INET6 if len(address) > 2 else socket.AF_INET, socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        return Answer(outcome="untried", detail=f"cannot open a connection: {_say(error)}")
    with link:
        link.setblocking(False)
        began = shared.loop.time()
        try:
            async with asyncio.timeout(shared.limits.connect_seconds):
                await shared.loop.sock_connect(link, address)
        except TimeoutError:  # ours, or the kernel's own ETIMEDOUT
            return Answer(outcome="silent")
        except OSError as error:
            return _not_connected(error)
        attempt = _Attempt(connect_seconds=shared.loop.time() - began)
        outcome, detail, head = await _talk(link, target, shared, attempt)
        return Answer(
            outcome=outcome,
            phase=attempt.phase,
            detail=detail,
            head=head,
            connect_seconds=attempt.connect_seconds,
            tls_seconds=attempt.tls_seconds,
            first_byte_seconds=attempt.first_byte_seconds,
            total_seconds=shared.loop.time() - began,
        )


def _socket_address(target: Target) -> tuple[str, int] | tuple[str, int, int, int]:
    """Return what connect(2) wants, so that no name is ever looked up. Raises OSError and ValueError."""
    address = ip_address(target.address)
    if address.version == 4:
        return str(address), target.port
    scope = socket.if_nametoindex(address.scope_id) if address.scope_id else 0
    return str(address).partition("%")[0], target.port, 0, scope


def _not_connected(error: OSError) -> Answer:
    if error.errno == errno.ECONNREFUSED:
        return Answer(outcome="refused")
    if error.errno in _OUR_LACK:
        return Answer(outcome="untried", detail=_say(error))
    return Answer(outcome="unreachable", detail=_say(error))


async def _talk(link: socket.socket, target: Target, shared: _Round, attempt: _Attempt) -> _Ending:
    """Speak TLS and ask, as far as the target wants it; every error becomes an outcome."""
    import asyncio
    from ssl import SSLError

    transport: asyncio.WriteTransport | None = None
    try:
        async with asyncio.timeout(shared.limits.answer_seconds):
            if target.tls:
                reader, writer = await _speak_tls(link, target, target.tls, shared, attempt)
            elif target.request:
                reader, writer = await asyncio.open_connection(sock=link, limit=_READ_BYTES)
            else:
                return "connected", "", None
            transport = writer.transport
            if not isinstance(target.request, HttpRequest):
                return "connected", "", None
            attempt.phase = "answer"
            writer.write(_words(target, target.request))
            return await _hear(reader, shared, attempt, _secrets(target, target.request))
    except TimeoutError:
        return "unanswered", _IN_THE_MIDDLE if attempt.first_byte_seconds else "", None
    except (SSLError, ValueError, _BadAuthoritiesError) as error:  # ValueError: no such name can be
        return "tls_failed", _say(error), None
    except OSError as error:
        return "reset", _say(error), None
    finally:
        if transport is not None:
            transport.abort()


async def _speak_tls(
    link: socket.socket, target: Target, tls: Tls, shared: _Round, attempt: _Attempt
) -> "tuple[asyncio.StreamReader, asyncio.StreamWriter]":
    import asyncio

    attempt.phase = "tls"
    began = shared.loop.time()
    name = tls.server_name or target.address.partition("%")[0]
    streams = await asyncio.open_connection(
        sock=link, ssl=shared.context(tls), server_hostname=name, limit=_READ_BYTES
    )
    attempt.tls_seconds = shared.loop.time() - began
    return streams


def _words(target: Target, request: HttpRequest) -> bytes:
    return render_request(
        request,
        proxy_login=target.proxy_login.reveal() if target.proxy_login else "",
        login=target.login.reveal() if target.login else "",
    )


def _secrets(target: Target, request: HttpRequest) -> tuple[bytes, ...]:
    """Return what was said and must not come back in an answer that repeats it: logins, the query of a url."""
    logins = [one.reveal().encode() for one in (target.proxy_login, target.login) if one]
    query = request.target.partition("?")[2].encode()
    secrets = (*map(b64encode, logins), *logins, query)
    return tuple(secret for secret in secrets if len(secret) >= _SHORTEST_SECRET)


async def _hear(
    reader: "asyncio.StreamReader", shared: _Round, attempt: _Attempt, secrets: Sequence[bytes]
) -> _Ending:
    """Read until the head of the answer is whole, or can no longer become one; without the secrets in it."""
    began, said = shared.loop.time(), b""
    while piece := await reader.read(_READ_BYTES):
        if not said:
            attempt.first_byte_seconds = shared.loop.time() - began
        said += piece
        if not may_end_head(said, len(piece)):
            continue
        for secret in secrets:
            said = said.replace(secret, b"*" * len(secret))
        try:
            head = parse_head(said)
        except MalformedHttpError as error:
            return "not_http", str(error), None
        if head:
            return "answered", "", head
    return "closed", _IN_THE_MIDDLE if said else "", None


class _BadAuthoritiesError(Exception):
    """The file of authorities to trust cannot be used."""


def _context(tls: Tls) -> "ssl.SSLContext":
    """Return the TLS settings. Raises _BadAuthoritiesError."""
    import ssl

    try:
        context = ssl.create_default_context(cafile=tls.ca_file or None)
    except OSError as error:
        raise _BadAuthoritiesError(f"cannot use the authorities in {tls.ca_file}: {_say(error)}") from error
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _say(error: BaseException) -> str:
    """Return what an error says in one bounded line: the certificate's trouble, or the kernel's words."""
    text = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error)
    return " ".join(str(text).split())[:_LONGEST_DETAIL]
