"""The ear for the wire: its thread, its sockets and what it takes for a gap; packets come from a socket pair."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.signals.test_adverts import VIP, advert, frame, says
from watchdog.host import Host
from watchdog.linux.inet import ETHERTYPE_IPV4
from watchdog.model import Heed, Past
from watchdog.signals import wire
from watchdog.signals.wire import WireEar
from watchdog.wire import Frame

HEED = Heed(addresses=frozenset({("eth0", VIP)}), ours=frozenset({("eth0", VIP)}))


class Cable:
    """An ear with interfaces of files, and frames that a test sends; `lost` is what the kernel would count."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.lost, self.ends = root, 0, dict[str, socket.socket]()
        for number, name in enumerate(("eth0", "eth1"), 1):
            self.interface(name, ifindex=number)
        self.host, self.news = Host(root), threading.Semaphore(0)
        monkeypatch.setattr(wire, "open_channel", self._open)
        monkeypatch.setattr(wire, "receive", self._receive)
        monkeypatch.setattr(wire, "count_lost", lambda _: self.lost)
        self.ear = WireEar(self.host, self.news.release)

    def interface(self, name: str, *, ifindex: int, carrier_changes: int = 2) -> None:
        folder = self.root / "sys/class/net" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ifindex").write_text(f"{ifindex}\n")
        (folder / "carrier_changes").write_text(f"{carrier_changes}\n")
        (folder / "address").write_text("02:00:00:00:00:01\n")

    def send(self, packet: bytes, name: str = "eth0") -> None:
        self.ends[name].send(packet)

    def was_told(self, seconds: float = 5) -> bool:
        return self.news.acquire(timeout=seconds)

    def past(self, *names: str) -> Past:
        return self.ear.overheard(names or ("eth0",), HEED)

    def _open(self, name: str, _: object) -> socket.socket | None:
        if name == "lo":
            return None
        if name == "gone":
            raise OSError(19, "No such device")
        self.ends[name], channel = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        channel.setblocking(False)
        return channel

    def _receive(self, channel: socket.socket, _: str, now_ns: int) -> Frame:
        packet = channel.recv(2048)
        if not packet:  # the other end is closed
            raise OSError(100, "Network is down")
        if packet == b"claim":
            return says(now_ns / 1e9, "02:00:00:00:00:0b")
        return frame(now_ns / 1e9, packet, protocol=ETHERTYPE_IPV4)


@pytest.fixture
def cable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cable]:
    cable = Cable(tmp_path, monkeypatch)
    yield cable
    cable.ear.close()


def test_nothing_is_listened_to_before_a_look_asks(cable: Cable) -> None:
    before = threading.active_count()
    cable.ear.links_changed()
    assert (threading.active_count(), cable.ends) == (before, {})
    assert cable.past("lo", "gone") == Past()


def test_without_a_thread_there_is_no_ear_and_no_harm(cable: Cable, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        assert cable.past() == Past()
    assert list(cable.past().since_ns) == ["eth0"], "the next look tries again"


def test_what_is_new_is_told_once_and_the_next_look_knows_it(cable: Cable) -> None:
    assert list(cable.past().since_ns) == ["eth0"]
    cable.send(advert())
    assert cable.was_told()
    for _ in range(5):
        cable.send(advert())
    past = cable.past()
    assert [(one.interface, one.packet, one.times) for one in past.heard] == [("eth0", advert(), 6)]
    assert past.heard[0].first_ns >= past.since_ns["eth0"]
    cable.send(b"claim")
    assert cable.was_told(), "somebody else claims an address of ours"
    assert not cable.was_told(0.2)


def test_an_advert_that_does_not_come_is_told(cable: Cable) -> None:
    cable.past()
    cable.send(advert())
    assert cable.was_told()
    assert cable.was_told(10), "three are missing after 3.1 s"


@pytest.mark.parametrize(
    "gap",
    [
        pytest.param(lambda cable: setattr(cable, "lost", 1), id="frames-were-lost"),
        pytest.param(lambda cable: cable.interface("eth0", ifindex=1, carrier_changes=4), id="the-link-was-gone"),
        pytest.param(lambda cable: cable.interface("eth0", ifindex=7), id="it-is-another-interface"),
        pytest.param(lambda cable: cable.ends["eth0"].close(), id="it-went-down"),
        pytest.param(lambda cable: setattr(cable.host, "suspended_seconds", lambda: 1e9), id="the-host-slept"),
        pytest.param(lambda cable: cable.ear.rest(), id="nobody-listened"),
    ],
)
def test_a_gap_ends_the_past(cable: Cable, gap: object) -> None:
    cable.past()
    cable.send(advert())
    assert cable.was_told()
    (heard,) = cable.past().heard
    assert callable(gap)
    gap(cable)
    past = cable.past()
    if not past.since_ns:  # the one that went down was noticed in this look
        past = cable.past()
    assert past.since_ns["eth0"] > heard.last_ns
    assert past.heard == ()


def test_only_what_the_last_look_wanted_is_listened_to(cable: Cable) -> None:
    assert set(cable.past("eth0", "eth1").since_ns) == {"eth0", "eth1"}
    assert set(cable.past("eth1").since_ns) == {"eth1"}
    with pytest.raises(OSError, match="Broken pipe"):
        cable.send(advert(), "eth0")
    cable.send(advert(), "eth1")
    assert cable.was_told()


def test_a_thread_that_died_is_no_ear(cable: Cable, monkeypatch: pytest.MonkeyPatch) -> None:
    cable.past()
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    monkeypatch.setattr(wire.Link, "is_silent", lambda *_: 1 / 0)
    cable.send(advert())
    thread = cable.ear._thread
    assert thread is not None
    thread.join(5)
    assert cable.past() == Past()
