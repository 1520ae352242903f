"""The metrics over HTTP: a real client, real sockets; who dawdles, floods or asks for something else."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchdog.errors import HistoryError, WatchdogError
from watchdog.report.scraping import MetricsServer


@pytest.fixture
def server() -> Iterator[MetricsServer]:
    with MetricsServer("127.0.0.1", 0, lambda: "a 1\n# EOF\n") as one:
        yield one


def ask(server: MetricsServer, method: str, path: str, **headers: str) -> tuple[int, str, str]:
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    client.request(method, path, headers=headers)
    answer = client.getresponse()
    body = answer.read().decode()
    client.close()
    return answer.status, answer.headers["Content-Type"] or "", body


OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
PROMETHEUS = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        pytest.param(PROMETHEUS, OPENMETRICS, id="prometheus"),
        pytest.param("*/*", PLAIN, id="curl"),
        pytest.param("text/html", PLAIN, id="a-browser"),
    ],
)
def test_a_scrape(server: MetricsServer, accept: str, kind: str) -> None:
    assert ask(server, "GET", "/metrics", Accept=accept) == (200, kind, "a 1\n# EOF\n")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("HEAD", "/metrics", 200, id="only-the-head"),
        pytest.param("GET", "/metrics?name[]=a", 200, id="with-a-query"),
        pytest.param("GET", "/", 404, id="something-else"),
        pytest.param("GET", "/metrics/../../etc/passwd", 404, id="a-file"),
        pytest.param("POST", "/metrics", 501, id="not-a-question"),
    ],
)
def test_what_else_is_asked(server: MetricsServer, method: str, path: str, status: int) -> None:
    assert ask(server, method, path)[0] == status


def test_a_history_that_cannot_be_read_is_said() -> None:
    def render() -> str:
        raise HistoryError("there is no history yet")

    with MetricsServer("127.0.0.1", 0, render) as server:
        assert ask(server, "GET", "/metrics") == (503, "text/plain; charset=utf-8", "there is no history yet\n")


def test_who_says_nothing_keeps_nobody_waiting_and_a_flood_is_turned_away(server: MetricsServer) -> None:
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(7)]
    try:
        assert ask(server, "GET", "/metrics")[0] == 200
        silent += [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
        turned_away = silent[-1]
        turned_away.settimeout(10)
        assert turned_away.recv(1) == b""
    finally:
        for one in silent:
            one.close()
    # They are gone, so there is room again.
    for _ in range(100):
        try:
            assert ask(server, "GET", "/metrics")[0] == 200
            break
        except (ConnectionError, http.client.HTTPException):
            threading.Event().wait(0.05)
    else:
        pytest.fail("nobody is answered any more")


def test_stopped_it_answers_no_more_and_its_port_is_free_again() -> None:
    first = MetricsServer("127.0.0.1", 0, lambda: "")
    first.start()
    port = first.port
    first.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    with MetricsServer("127.0.0.1", port, lambda: "# EOF\n") as second:
        assert ask(second, "GET", "/metrics")[2] == "# EOF\n"


def test_it_sleeps_while_nobody_scrapes(server: MetricsServer) -> None:
    assert ask(server, "GET", "/metrics")[0] == 200
    (thread,) = (thread for thread in threading.enumerate() if thread.name == "metrics")
    status = Path(f"/proc/self/task/{thread.native_id}/status")

    def times_asleep() -> list[str]:
        return [line for line in status.read_text().splitlines() if line.startswith("voluntary_ctxt_switches")]

    time.sleep(1)  # it may still be busy with us
    before = times_asleep()
    time.sleep(1)
    assert times_asleep() == before


def test_a_host_without_a_thread_left_costs_only_those_scrapes(
    server: MetricsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        for _ in range(20):
            with pytest.raises((ConnectionError, http.client.HTTPException)):
                ask(server, "GET", "/metrics")
    assert ask(server, "GET", "/metrics")[0] == 200


def test_a_port_that_is_taken_is_said(server: MetricsServer) -> None:
    with pytest.raises(WatchdogError, match=rf"port {server.port}: Address already in use"):
        MetricsServer("127.0.0.1", server.port, lambda: "").start()


def test_ipv6_loopback() -> None:
    with MetricsServer("::1", 0, lambda: "# EOF\n") as server:
        client = http.client.HTTPConnection("::1", server.port, timeout=10)
        client.request("GET", "/metrics")
        assert client.getresponse().read() == b"# EOF\n"
