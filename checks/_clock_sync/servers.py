"""Names of NTP servers, their addresses, and which of them get a vote.

Names are resolved in threads of their own, because getaddrinfo(3) knows no time limit; one that hangs is left
behind.
"""

import queue
import socket
import threading
from collections.abc import Callable, Iterable, Sequence

import msgspec

from watchdog.plugin import Host, render_seconds

MAX_SERVERS = 16
NTP_PORT = 123
# With fewer names than this, several addresses of one name (a pool) vote, so that there is a majority to be had.
_ENOUGH_NAMES = 4
_ADDRESSES_OF_A_NAME = 4


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """A server as people write it: `time.example`, `192.0.2.1:1123`, `2001:db8::1`, `[2001:db8::1]:123`."""

    text: str
    host: str
    port: int


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An address to send to; `scope` is IPv6's flow and interface."""

    family: int
    address: str
    port: int
    scope: tuple[int, ...] = ()

    @property
    def sockaddr(self) -> tuple[str | int, ...]:
        """The address as sockets take it."""
        return (self.address, self.port, *self.scope)

    @property
    def text(self) -> str:
        """The address for people, with its port unless that is NTP's."""
        if self.port == NTP_PORT:
            return self.address
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


class Ballot(msgspec.Struct, frozen=True, kw_only=True):
    """One vote: the name, and the addresses to try in turn."""

    name: str
    endpoints: tuple[Endpoint, ...]


def parse_server(text: str) -> Server:
    """Read a server as people write it. ValueError when it is none."""
    host, port = text, str(NTP_PORT)
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"a server such as [2001:db8::1]:123, not {text!r}")
        port = rest[1:] or port
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    plain = host.isprintable() and host.isascii() and not set(host) & set(' /\\"')
    if not (0 < len(host) <= 255) or not plain or not (port.isascii() and port.isdigit() and len(port) < 6):
        raise ValueError(f'a server such as "time.example" or "192.0.2.1:123", not {text!r}')
    if not 0 < int(port) < 65536:
        raise ValueError(f"a port from 1 to 65535, not {port}")
    return Server(text=text, host=host, port=int(port))


def resolve(host: Host, names: Iterable[str], seconds: float) -> dict[str, tuple[Endpoint, ...] | str]:
    """Return the addresses of each name, or why there are none; within `seconds`, whatever the resolver does."""
    resolved: dict[str, tuple[Endpoint, ...] | str] = {}
    servers: list[Server] = []
    for name in dict.fromkeys(names):
        try:
            servers.append(parse_server(name))
            resolved[name] = f"its name was not resolved within {render_seconds(seconds)}"
        except ValueError as error:
            resolved[name] = f"expected {error}"
    answers: queue.SimpleQueue[tuple[str, tuple[Endpoint, ...] | str]] = queue.SimpleQueue()
    started = host.stamp()
    for server in servers:
        threading.Thread(target=_answer_with(answers, server), name=f"resolve-{server.host}", daemon=True).start()
    for _ in servers:
        left = seconds - host.stamp().seconds_since(started)
        try:
            name, endpoints = answers.get(timeout=max(left, 0))
        except queue.Empty:
            break
        resolved[name] = endpoints
    return resolved


def choose(found: Sequence[tuple[str, tuple[Endpoint, ...]]]) -> tuple[Ballot, ...]:
    """Give every name its votes: no address twice, and no name in two families, as that is one machine.

    An address of the other family is kept for the second try.
    """
    share = 1 if len(found) >= _ENOUGH_NAMES else _ADDRESSES_OF_A_NAME
    taken: set[str] = set()
    ballots = []
    for name, endpoints in found:
        fresh = [one for one in endpoints if one.text not in taken]
        first = [one for one in fresh if one.family == fresh[0].family][:share]
        others = [one for one in fresh if one.family != fresh[0].family]
        for position, endpoint in enumerate(first):
            ballot = Ballot(name=name, endpoints=(endpoint, *others[position : position + 1]))
            taken |= {one.text for one in ballot.endpoints}
            ballots.append(ballot)
    return tuple(ballots[:MAX_SERVERS])


def _answer_with(
    answers: "queue.SimpleQueue[tuple[str, tuple[Endpoint, ...] | str]]", server: Server
) -> Callable[[], None]:
    return lambda: answers.put((server.text, _resolve(server)))


def _resolve(server: Server) -> tuple[Endpoint, ...] | str:
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        return f"its name cannot be resolved: {getattr(error, 'strerror', None) or error}"
    return tuple(
        dict.fromkeys(
            Endpoint(family=family, address=str(address), port=int(port), scope=tuple(map(int, scope)))
            for family, _, _, _, (address, port, *scope) in found
        )
    )
