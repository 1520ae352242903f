"""A proxy's port, what it is asked, and what it answered; and what is remembered of it. Plain data."""

from ipaddress import ip_address
from typing import Literal

from watchdog.plugin import Facts

# settings: named there; local: found listening on this host; ipvs: a real server of a pool; vip: the pool itself.
Source = Literal["settings", "local", "ipvs", "vip"]

# What a port is asked. A page of our own and a tunnel are what any proxy must have an answer to, and reach no
# foreign site; `url` is what the settings name; `http` any page at all, of what is no forward proxy; `connection`
# asks nothing.
Question = Literal["own_page", "tunnel", "url", "http", "connection"]


class PortAnswer(Facts, frozen=True, kw_only=True):
    """What came of asking: `outcome` and `phase` as in watchdog/probing.py, the rest of the answer's head.

    `voice` is what in the answer only a proxy says (`Via: 1.1 proxy (squid/5.7)`), "" for nothing.
    """

    outcome: str
    phase: str
    detail: str = ""
    status: int = 0
    reason: str = ""
    voice: str = ""
    server: str = ""
    reached_origin: bool = False
    connect_seconds: float | None = None
    tls_seconds: float | None = None
    first_byte_seconds: float | None = None
    total_seconds: float | None = None


class Port(Facts, frozen=True, kw_only=True):
    """A port to ask; `here` is whether its address is this host's.

    `status` are those that the settings want, none: what a proxy would say. `listens` is False for a port of this
    host on which the program that was once seen there listens no more, and `installed` whether the file of that
    program is still there. `service` and `contained` are as in LocalPort, `pids` the processes that listen.
    `problem`: why it could not be asked. `control` is the answer to what reaches no
    foreign site, where that to a url leaves a doubt.
    """

    subject: str
    address: str
    port: int
    source: Source
    question: Question
    here: bool = False
    asked: str = ""
    tls: bool = False
    status: tuple[int, ...] = ()
    with_login: bool = False
    pool: str = ""
    program: str = ""
    exe: str = ""
    stopped: tuple[int, ...] = ()
    pids: tuple[int, ...] = ()
    service: str = ""
    contained: bool = False
    listens: bool = True
    installed: bool = True
    problem: str = ""
    answer: PortAnswer | None = None
    control: PortAnswer | None = None

    @property
    def named(self) -> bool:
        """Whether the settings say that this is a proxy; else it must first have shown it."""
        return self.source == "settings"


class KnownPort(Facts, frozen=True, kw_only=True):
    """What a port that was found once did, and must go on doing: answer HTTP, answer as a proxy.

    Of one that the settings name (source `settings`) only the program is of use, once it no longer listens.
    """

    subject: str
    source: Source
    question: Question
    program: str = ""
    exe: str = ""
    tls: bool = False
    service: str = ""
    contained: bool = False
    answered: bool = False
    proxied: bool = False

    def __post_init__(self) -> None:
        # It comes back out of the history, which gives up what cannot be; asking it would fail at every look.
        parse_subject(self.subject)


def control_question(*, here: bool) -> Question:
    """Return what a proxy is asked when no foreign site is to be reached."""
    return "own_page" if here else "tunnel"


def name_port(address: str, port: int) -> str:
    """Return the subject: `192.168.100.10:8080`, `[2001:db8::1]:3128`."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def parse_subject(text: str) -> tuple[str, int]:
    """Read an address and a port, the address as the kernel writes it. ValueError when it is none."""
    host, _, port = text.rpartition(":")
    address = str(ip_address(host.removeprefix("[").removesuffix("]")))
    if not port.isdecimal() or not 0 < int(port) <= 65535 or name_port(address, 1) != f"{_lower(host)}:1":
        raise ValueError(
            f'an address and a port such as "192.0.2.1:8080" or "[2001:db8::1]:8080", not {text[:80]!r}'
        )
    return address, int(port)


def _lower(host: str) -> str:
    """Return an address in small letters, but not its device's name: `fe80::1%enP2p1s0`."""
    address, percent, device = host.partition("%")
    return f"{address.lower()}{percent}{device}"
