"""The ears, on this machine's own kernel: nothing of it is changed."""

import os
import select
import struct
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.daemon.ears import Ears
from watchdog.daemon.log import Log
from watchdog.host import Host
from watchdog.linux.netlink import MalformedMessageError
from watchdog.linux.route_news import News, parse_news
from watchdog.model import Signal
from watchdog.signals.clock import ClockEar
from watchdog.signals.network import EVERYTHING, NetworkEar
from watchdog.signals.timerfd import Alarm, open_clock_watch, was_set


def readable(descriptor: int, seconds: float) -> bool:
    return bool(select.select([descriptor], [], [], seconds)[0])


def test_an_alarm_goes_off_at_its_time_and_not_before() -> None:
    alarm, host = Alarm(), Host()
    alarm.set(host.boottime_ns() + 50_000_000)
    began = host.boottime_ns()
    assert readable(alarm.descriptor, 5)
    assert host.boottime_ns() - began >= 49_000_000
    alarm.clear()
    assert not readable(alarm.descriptor, 0)
    alarm.set(began)
    assert readable(alarm.descriptor, 5), "what has passed is now"
    alarm.clear()
    alarm.set(host.boottime_ns() + 10**12)
    alarm.set(None)
    assert not readable(alarm.descriptor, 0)
    alarm.close()


def test_nobody_set_the_clock() -> None:
    watch = open_clock_watch()
    assert not was_set(watch)
    os.close(watch)


def test_the_clocks_ear_ends_when_told() -> None:
    before = threading.active_count()
    ear = ClockEar(Host().stamp, lambda: None)
    assert threading.active_count() == before + 1
    ear.close()
    assert threading.active_count() == before
    assert ear.readings() == ()


def test_who_rings_too_late_writes_into_nothing_that_was_opened_since(tmp_path: Path) -> None:
    ears = Ears(Host(), Log({}))
    bell = ears.bell
    ears.close()
    with (tmp_path / "history").open("wb") as file:
        os.dup2(file.fileno(), bell)
        ears.ring()
        os.close(bell)
    assert (tmp_path / "history").read_bytes() == b""


def test_an_overrun_is_another_socket_and_a_look_at_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    class Overrun:
        def recvfrom(self, _: int) -> tuple[bytes, tuple[int, int]]:
            raise OSError(105, os.strerror(105))

        def close(self) -> None:
            closed.append(True)

    closed: list[bool] = []
    ear = NetworkEar()
    before = ear.descriptor
    kept, ear._socket = ear._socket, Overrun()  # type: ignore[assignment]
    assert set(ear.hear()) == EVERYTHING
    assert (ear.overruns, closed) == (1, [True])
    assert ear.descriptor != before
    assert list(ear.hear()) == []
    ear.close()
    kept.close()


def message(kind: int, body: bytes) -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body


def neighbour(state: int, mac: bytes, kind: int = 28) -> bytes:
    attributes = struct.pack("=HH4s", 8, 1, bytes((10, 0, 0, 1)))
    if mac:
        attributes += struct.pack("=HH6sxx", 10, 2, mac)
    return message(kind, struct.pack("=BxxxiHBB", 2, 3, state, 0, 1) + attributes)


ONE, OTHER = b"\2\0\0\0\0\1", b"\2\0\0\0\0\2"


def test_news_are_told_by_their_kind() -> None:
    packet = b"".join(message(kind, bytes(4)) for kind in (16, 17, 20, 24, 33, 3, 2))
    assert [news.kind for news in parse_news(packet)] == ["link", "link", "address", "route", "rule"]


@pytest.mark.parametrize(
    ("packets", "heard"),
    [
        pytest.param([neighbour(2, ONE)], 0, id="seen-for-the-first-time"),
        pytest.param([neighbour(2, ONE), neighbour(4, ONE), neighbour(8, ONE), neighbour(2, ONE)], 0, id="ageing"),
        pytest.param([neighbour(2, ONE), neighbour(2, OTHER)], 1, id="another-machine-has-the-address"),
        pytest.param([neighbour(2, ONE), neighbour(1, b""), neighbour(2, ONE)], 0, id="asked-again"),
        pytest.param([neighbour(2, ONE), neighbour(0x20, b"")], 1, id="nobody-answers-any-more"),
        pytest.param([neighbour(0x20, b""), neighbour(0x20, b"")], 0, id="nobody-ever-answered"),
        pytest.param([neighbour(2, ONE), neighbour(2, ONE, 29)], 1, id="the-entry-is-taken-away"),
    ],
)
def test_only_a_neighbour_that_is_another_one_or_gone_is_worth_a_look(packets: list[bytes], heard: int) -> None:
    ear = NetworkEar()
    new = [ear._is_new(news) for packet in packets for news in parse_news(packet)]
    ear.close()
    assert sum(new) == heard


@given(st.binary(max_size=200), st.integers(0, 40))
def test_whatever_comes_only_its_own_error_comes_out(data: bytes, kind: int) -> None:
    for packet in (data, message(kind, data), message(28, data)):
        try:
            assert all(isinstance(news, News) for news in parse_news(packet))
        except MalformedMessageError:
            continue


def test_every_kind_has_its_signal() -> None:
    assert {Signal(kind) for kind in ("link", "address", "route", "rule", "neighbour")} == EVERYTHING
    assert Path("/proc/net/netlink").exists()
