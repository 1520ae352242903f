"""Each way in which a TCP service can fail to answer is told apart; whatever it sends is bounded.

What needs a firewall, real proxies or a thousand targets is in tests/lab and bench.
"""

import resource
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from watchdog.linux.http_answer import HttpRequest
from watchdog.probing import OWN_ORIGIN, Answer, Target, TimeLimits, Tls, _descriptors, probe_all
from watchdog.secret import Secret

LIMITS = TimeLimits(connect_seconds=5, answer_seconds=5, whole_seconds=20)
SHORT = TimeLimits(connect_seconds=5, answer_seconds=0.3, whole_seconds=20)
GET = HttpRequest(method="GET", target="http://192.0.2.1/", host="192.0.2.1")

Serve = Callable[[socket.socket], None]


@contextmanager
def server(serve: Serve, family: int = socket.AF_INET) -> Iterator[int]:
    """Serve one connection after the other on a loopback port."""
    with socket.create_server(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    link, _ = listener.accept()
                    with link, suppress(OSError):
                        link.settimeout(5)
                        serve(link)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def probe(port: int, limits: TimeLimits = LIMITS, **what: object) -> Answer:
    (answer,) = probe_all([Target(**{"address": "127.0.0.1", "port": port, **what})], limits)  # type: ignore[arg-type]
    return answer


def says(*pieces: bytes) -> Serve:
    def serve(link: socket.socket) -> None:
        link.recv(4096)
        for piece in pieces:
            link.sendall(piece)
        link.shutdown(socket.SHUT_WR)
        link.recv(1)

    return serve


def hangs(link: socket.socket) -> None:
    while link.recv(4096):
        pass


def resets(link: socket.socket) -> None:
    link.recv(4096)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def floods(piece: bytes) -> Serve:
    def serve(link: socket.socket) -> None:
        link.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            link.sendall(piece)

    return serve


def trickles(link: socket.socket) -> None:
    link.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        link.sendall(b"y")
        threading.Event().wait(0.01)


@pytest.mark.parametrize(
    ("serve", "outcome", "detail"),
    [
        pytest.param(says(b"HTTP/1.1 200 OK\r\n\r\n"), "answered", "", id="answers"),
        pytest.param(says(b"HT", b"TP/1.1 50", b"3 No\r\n\r", b"\nbody"), "answered", "", id="in-pieces"),
        pytest.param(hangs, "unanswered", "", id="accepts-and-never-answers"),
        pytest.param(trickles, "unanswered", "in the middle of its answer", id="trickles"),
        pytest.param(says(), "closed", "", id="hangs-up"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\n"), "closed", "in the middle of its answer", id="half-an-answer"),
        pytest.param(resets, "reset", "Connection reset by peer", id="resets"),
        pytest.param(says(b"220 mail ESMTP\r\n"), "not_http", "it says '220 mail ESMTP??', which", id="mail"),
        pytest.param(floods(b"X: y\r\n" * 99), "not_http", "the head of its answer is longer", id="endless-head"),
    ],
)
def test_outcomes(serve: Serve, outcome: str, detail: str) -> None:
    with server(serve) as port:
        answer = probe(port, SHORT, request=GET)
    assert (answer.outcome, answer.phase) == (outcome, "answer")
    assert answer.detail.startswith(detail)
    assert (answer.detail == "") == (detail == "")
    assert answer.connect_seconds is not None
    assert answer.total_seconds is not None
    assert (answer.head is not None) == (outcome == "answered")


def test_a_connection_is_enough_where_nothing_is_asked() -> None:
    with server(hangs) as port:
        answer = probe(port, SHORT)
    assert (answer.outcome, answer.phase) == ("connected", "connect")
    assert answer.first_byte_seconds is None


def test_nobody_listens() -> None:
    with server(hangs) as port:
        pass
    assert probe(port).outcome == "refused"


def test_no_way_there() -> None:
    # Class E: the kernel has no route and asks nobody.
    answer = probe(80, address="255.255.255.255")
    assert answer.outcome == "unreachable"
    assert answer.detail != ""


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        pytest.param("proxy.example", "does not appear to be an IPv4 or IPv6 address", id="a-name"),
        pytest.param("fe80::1%nosuch0", "no interface with this name", id="an-interface-that-is-gone"),
    ],
)
def test_what_cannot_be_tried(address: str, detail: str) -> None:
    answer = probe(80, address=address)
    assert answer.outcome == "untried"
    assert detail in answer.detail


def test_ipv6() -> None:
    with server(says(b"HTTP/1.1 204 x\r\n\r\n"), socket.AF_INET6) as port:
        assert probe(port, address="::1", request=GET).outcome == "answered"


def test_what_is_said() -> None:
    heard: list[bytes] = []

    def serve(link: socket.socket) -> None:
        heard.append(link.recv(4096))
        link.sendall(b"HTTP/1.1 407 x\r\n\r\n")

    with server(serve) as port:
        probe(port, request=GET, proxy_login=Secret("a:b"))
        probe(port, request=GET, login=Secret("a:b"))
    assert b"Proxy-Authorization: Basic YTpi" in heard[0]
    assert b"\r\nAuthorization: Basic YTpi" in heard[1]
    assert "a:b" not in repr(Target(address="::1", port=1, proxy_login=Secret("a:b")))


@pytest.mark.parametrize(
    ("status_line", "outcome"),
    [
        pytest.param(b"HTTP/1.1 403 No ", "answered", id="in-the-reason"),
        pytest.param(b"HTTP/1.1 999 No ", "not_http", id="in-what-is-no-http"),
    ],
)
def test_an_answer_that_repeats_what_was_said_tells_no_secret(status_line: bytes, outcome: str) -> None:
    def repeats(link: socket.socket) -> None:
        heard = link.recv(4096).replace(b"\r\n", b" ")
        link.sendall(status_line + heard + b"\r\nVia: lab:password " + heard + b"\r\n\r\n")

    asks = HttpRequest(method="GET", target="http://x/?token=of-the-url", host="x")
    with server(repeats) as port:
        answer = probe(port, request=asks, proxy_login=Secret("lab:password"), login=Secret("web:word"))
    assert answer.outcome == outcome
    assert "GET http://x/?***" in repr(answer)
    for secret in ("password", "of-the-url", "bGFiOnBhc3N3b3Jk", "d2ViOndvcmQ="):
        assert secret not in repr(answer)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    words = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=proxy"
        f" -addext subjectAltName=IP:127.0.0.1,DNS:proxy.example -keyout {file} -out {file}.crt"
    )
    subprocess.run(words.split(), check=True, capture_output=True)
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


@pytest.mark.parametrize(
    ("tls", "outcome", "phase", "detail"),
    [
        pytest.param(Tls(ca_file="CA"), "answered", "answer", "", id="by-address"),
        pytest.param(Tls(ca_file="CA", server_name="proxy.example"), "answered", "answer", "", id="by-name"),
        pytest.param(Tls(verify=False), "answered", "answer", "", id="any-certificate-will-do"),
        pytest.param(Tls(), "tls_failed", "tls", "self-signed certificate", id="not-trusted"),
        pytest.param(
            Tls(ca_file="CA", server_name="x.example"), "tls_failed", "tls", "not valid for 'x.e", id="name"
        ),
        pytest.param(Tls(ca_file="CA", server_name=".x"), "tls_failed", "tls", "idna", id="no-name"),
        pytest.param(Tls(ca_file="/nowhere"), "tls_failed", "tls", "authorities in /nowhere: No such", id="no-ca"),
    ],
)
def test_tls(certificate: Path, tls: Tls, outcome: str, phase: str, detail: str) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def serve(link: socket.socket) -> None:
        with context.wrap_socket(link, server_side=True) as spoken:
            says(b"HTTP/1.1 200 OK\r\n\r\n")(spoken)

    if tls.ca_file == "CA":
        tls = Tls(ca_file=str(certificate), server_name=tls.server_name)
    with server(serve) as port:
        answer = probe(port, request=GET, tls=tls)
    assert (answer.outcome, answer.phase) == (outcome, phase)
    assert detail in answer.detail
    assert (answer.tls_seconds is not None) == (outcome == "answered")


@pytest.mark.parametrize(
    ("serve", "outcome"),
    [
        pytest.param(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "tls_failed", id="plain-http"),
        pytest.param(hangs, "unanswered", id="hangs"),
        pytest.param(resets, "reset", id="resets"),
        pytest.param(says(), "reset", id="hangs-up"),
    ],
)
def test_tls_that_is_not_spoken(serve: Serve, outcome: str) -> None:
    # A machine that is busy with other tests may take longer than SHORT for a word that does come.
    limits = SHORT if serve is hangs else LIMITS
    with server(serve) as port:
        answer = probe(port, limits, request=GET, tls=Tls(verify=False))
    assert (answer.outcome, answer.phase) == (outcome, "tls")


def test_a_page_of_our_own() -> None:
    """A proxy of ten lines fetches it; a web server answers in our origin's place; one answers but never asks."""

    def proxies(link: socket.socket) -> None:
        request = link.recv(4096)
        port = int(request.split()[1].split(b":")[2].split(b"/")[0])
        with socket.create_connection(("127.0.0.1", port)) as onward:
            onward.sendall(request)
            link.sendall(onward.recv(4096))

    pretends = says(b"HTTP/1.1 204 No Content\r\n\r\n")
    with server(proxies) as good, server(pretends) as bad, server(hangs) as hung:
        targets = [
            *(Target(address="127.0.0.1", port=port, request=OWN_ORIGIN) for port in (good, bad, hung)),
            Target(address="127.0.0.1", port=bad, request=GET),
        ]
        answers = probe_all(targets, SHORT)
    assert [(one.outcome, one.reached_origin) for one in answers] == [
        ("answered", True),
        ("answered", False),
        ("unanswered", False),
        ("answered", False),
    ]


def test_answers_come_in_the_order_of_the_targets() -> None:
    with server(says(b"HTTP/1.1 200 OK\r\n\r\n")) as good, server(hangs) as bad:
        targets = [Target(address="127.0.0.1", port=port, request=GET) for port in [bad, good, bad, good] * 3]
        answers = probe_all(targets, SHORT, at_once=2)
    assert [answer.outcome for answer in answers] == ["unanswered", "answered", "unanswered", "answered"] * 3
    assert probe_all([], SHORT) == ()


def test_what_there_is_no_time_for_is_not_tried() -> None:
    limits = TimeLimits(connect_seconds=0.2, answer_seconds=0.2, whole_seconds=0.5)
    with server(hangs) as port:
        targets = [Target(address="127.0.0.1", port=port, request=GET)] * 2
        answers = probe_all(targets, limits, at_once=1)
    assert [answer.outcome for answer in answers] == ["unanswered", "untried"]
    assert answers[1].detail.startswith("no time was left for it")


@pytest.fixture
def descriptors() -> Iterator[Callable[[int, int], None]]:
    """Set our own limits of descriptors, soft and hard, and put back the soft one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield lambda new_soft, new_hard: resource.setrlimit(resource.RLIMIT_NOFILE, (new_soft, new_hard))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_soft_limit_of_descriptors_is_raised(descriptors: Callable[[int, int], None]) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    descriptors(256, hard)
    assert _descriptors(1000) == 1000
    assert 2128 < resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 2500


def test_what_the_hard_limit_does_not_let_happens_in_turns() -> None:
    """In a process of its own: a hard limit cannot be put back."""
    script = (
        "import resource, sys; sys.path.insert(0, '.');"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (200, 300));"
        "from tests.test_probing import *; from watchdog.probing import _descriptors;"
        "assert 70 < _descriptors(1000) < 90, _descriptors(1000);"
        "\nwith server(hangs) as port:"
        "\n    answers = probe_all([Target(address='127.0.0.1', port=port)] * 500, LIMITS)"
        "\nassert {a.outcome for a in answers} == {'connected'}, answers"
    )
    subprocess.run([".venv/bin/python", "-c", script], check=True, timeout=60, cwd=Path(__file__).parents[1])
