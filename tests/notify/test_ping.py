"""The dead-man ping, to real servers; a cycle waits for none of them."""

import threading
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.notify.conftest import Serve
from tests.notify.servers import HANG, RESET, Reply, Web, unused_port
from tests.stand_ins import Clock
from watchdog.errors import WatchdogError
from watchdog.model import Stamp
from watchdog.notify import ping
from watchdog.notify.ping import Pinger, fetch
from watchdog.secret import Secret

TOKEN = "pLaNt3dS3cr3t"  # noqa: S105 - it is planted


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def url_of(server: Web, path: str = f"/{TOKEN}") -> Callable[[], Secret]:
    return lambda: Secret(f"http://127.0.0.1:{server.server_port}{path}")


@pytest.mark.parametrize(
    ("reply", "trouble"),
    [
        pytest.param(Reply(), "", id="heard"),
        pytest.param(Reply(status=404, body=TOKEN), "it answered with HTTP status 404", id="no-such-check"),
        pytest.param(Reply(status=500), "it answered with HTTP status 500", id="500"),
        pytest.param(RESET, "it could not be reached, or cut the connection off", id="reset"),
        pytest.param(HANG, "it did not answer in time", id="hangs"),
        pytest.param(
            Reply(status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"}),
            "it answered with HTTP status 302",
            id="sent-elsewhere",
        ),
    ],
)
def test_what_it_answers(serve: Serve, monkeypatch: pytest.MonkeyPatch, reply: Reply | str, trouble: str) -> None:
    monkeypatch.setattr(ping, "LIMIT_SECONDS", 1.0 if reply == HANG else 30.0)
    server = serve(reply)
    assert fetch(url_of(server), "") == trouble
    assert [(request.method, request.path) for request in server.received] == [("GET", f"/{TOKEN}")]


def test_a_redirect_within_the_same_server_is_followed(serve: Serve) -> None:
    server = serve(Reply(status=307, headers={"Location": "/there"}), Reply())
    assert fetch(url_of(server), "") == ""
    assert [request.path for request in server.received] == [f"/{TOKEN}", "/there"]


@pytest.mark.parametrize(
    ("path", "suffix", "asked"),
    [
        pytest.param("/x", "/fail", "/x/fail", id="healthchecks"),
        pytest.param("/x/", "/fail", "/x/fail", id="slash"),
        pytest.param("/x?create=1", "/fail", "/x/fail?create=1", id="before-the-query"),
    ],
)
def test_where_the_suffix_goes(serve: Serve, path: str, suffix: str, asked: str) -> None:
    server = serve()
    assert fetch(url_of(server, path), suffix) == ""
    assert server.received[0].path == asked


def refuse() -> Secret:
    raise WatchdogError("/etc/w/ping: not there")


@pytest.mark.parametrize(
    ("read_url", "trouble"),
    [
        pytest.param(refuse, "its URL cannot be read: /etc/w/ping: not there", id="no-url"),
        pytest.param(
            lambda: Secret(f"file:///{TOKEN}"), "its URL is neither https:// nor http://", id="another-scheme"
        ),
        pytest.param(lambda: Secret(f"http://[{TOKEN}/"), "ValueError", id="no-address"),
        pytest.param(
            lambda: Secret(f"http://127.0.0.1:{unused_port()}/{TOKEN}"),
            "it could not be reached, or cut the connection off",
            id="nobody-there",
        ),
    ],
)
def test_what_keeps_it_from_being_asked(read_url: Callable[[], Secret], trouble: str) -> None:
    assert fetch(read_url, "") == trouble


def pinger_of(server: Web, clock: Clock, told: list[str], suffix: str = "") -> Pinger:
    def stamp() -> Stamp:
        """Go back an hour by the wall clock with each minute that passes."""
        return replace(clock.stamp(), wall_ns=-round(clock.seconds * 60e9))

    return Pinger(url_of(server), 60.0, suffix, stamp, told.append)


def test_not_more_often_than_told_by_boottime_whatever_the_wall_clock_does(serve: Serve) -> None:
    server, clock, told = serve(), Clock(), list[str]()
    pinger = pinger_of(server, clock, told)
    for seconds in (0.0, 30.0, 29.0, 1.0, 120.0):  # 0, 30, 59, 60, 180 s
        clock.wait(seconds)
        pinger.cycle_is_over(recorded=True)
        pinger.wait()
    assert (len(server.received), told) == (3, [])


def test_a_cycle_that_is_not_on_record_is_not_healthy(serve: Serve) -> None:
    server, clock = serve(), Clock()
    pinger = pinger_of(server, clock, [])
    pinger.cycle_is_over(recorded=False)
    pinger.wait()
    assert server.received == []
    pinger = pinger_of(server, clock, [], "/fail")
    pinger.cycle_is_over(recorded=False)
    pinger.wait()
    assert [request.path for request in server.received] == [f"/{TOKEN}/fail"]


def test_one_that_hangs_holds_up_nothing_and_is_not_asked_again_meanwhile(serve: Serve) -> None:
    server, clock, told = serve(HANG), Clock(), list[str]()
    pinger = pinger_of(server, clock, told)
    for _ in range(10):
        pinger.cycle_is_over(recorded=True)  # returns at once, though nobody answers
        clock.wait(3600)
    assert len([thread for thread in threading.enumerate() if thread.name == "ping"]) == 1
    assert pinger.trouble == "it did not answer in time"
    assert told == ["the ping of [notify.ping] fails: it did not answer in time"], "silence here is no news there"
    server.over.set()
    pinger.wait()
    assert len(server.received) == 1


def test_that_it_fails_is_told_once_and_that_it_is_over(serve: Serve) -> None:
    server, clock, told = serve(Reply(status=500), Reply(status=500), Reply()), Clock(), list[str]()
    pinger = pinger_of(server, clock, told)
    troubles = []
    for _ in range(3):
        pinger.cycle_is_over(recorded=True)
        pinger.wait()
        troubles.append(pinger.trouble)
        clock.wait(60)
    assert troubles == ["it answered with HTTP status 500"] * 2 + [""]
    assert told == [
        "the ping of [notify.ping] fails: it answered with HTTP status 500",
        "the ping goes out again",
    ]
    assert not any(TOKEN in text for text in told)
