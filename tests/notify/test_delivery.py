"""Notifying: apprise for real, to a web server on this machine that misbehaves as told."""

import json
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.in_namespace import ROOT
from tests.stand_ins import Clock
from watchdog.errors import WatchdogError
from watchdog.model import Message, Severity, Stamp
from watchdog.notify import FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS, Drained, drain, retry_seconds
from watchdog.secret import Secret

PLANTED = "pLaNt3dS3cr3t"
LIMIT_SECONDS = 30.0  # never reached but where a test makes a target hang, and then it is shorter


class Target(ThreadingHTTPServer):
    """A web server on 127.0.0.1. `answers` are given in turn, the last for ever: a status, "hang" or "hang up"."""

    daemon_threads = True

    def __init__(self, *answers: int | str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.answers = list(answers)
        self.received: list[dict[str, Any]] = []
        self.over = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Target

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(json.loads(body))
        answers = self.server.answers
        match answers.pop(0) if len(answers) > 1 else answers[0]:
            case "hang":
                self.server.over.wait()
            case "hang up":
                self.close_connection = True
            case int(status):
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing on stderr, which is searched for the secret."""


@dataclass(frozen=True, slots=True)
class Waiting:
    id: int
    message: Message
    attempts: int = 0


@dataclass(slots=True)
class StandInOutbox:
    """Keeps the Outbox protocol in memory; what failed is due again at once, to be drained by the test."""

    due: list[Waiting]
    sent: list[int] = field(default_factory=list)
    failed: list[tuple[int, str, float | None]] = field(default_factory=list)

    def due_messages(self, now: Stamp, limit: int) -> list[Waiting]:
        """At most `limit` for each target, as the history does."""
        counts = Counter[str]()
        found = []
        for waiting in self.due:
            counts[waiting.message.target] += 1
            if counts[waiting.message.target] <= limit:
                found.append(waiting)
        return found

    def mark_sent(self, message_id: int, now: Stamp) -> None:
        self.due = [w for w in self.due if w.id != message_id]
        self.sent.append(message_id)

    def mark_failed(self, retry_after_seconds: Mapping[int, float | None], now: Stamp, error: str) -> None:
        self.failed += [(number, error, retry) for number, retry in retry_after_seconds.items()]
        self.due = [
            Waiting(w.id, w.message, w.attempts + 1) if w.id in retry_after_seconds else w
            for w in self.due
            if retry_after_seconds.get(w.id, 0) is not None
        ]


def message(target: str = "ops", severity: Severity = Severity.WARNING, *, recovery: bool = False) -> Message:
    return Message(
        key="k",
        target=target,
        incident_id=1,
        title="bond0 lost eth1",
        body="eth1 is down; <b>look</b> at ${HOME} \\n *now*",
        severity=severity,
        recovery=recovery,
    )


def outbox_of(*targets: str) -> StandInOutbox:
    return StandInOutbox([Waiting(number, message(target)) for number, target in enumerate(targets, 1)])


def url_of(port: int) -> Callable[[], Secret]:
    """Return a URL with the secret wherever a URL can hold one."""
    url = f"json://{PLANTED}:{PLANTED}@127.0.0.1:{port}/{PLANTED}?+X-Token={PLANTED}&-key={PLANTED}&rto=60"
    return lambda: Secret(url)


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture(autouse=True)
def _nothing_leaks(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> Iterator[None]:
    """Whatever a test here does: the secret is in no log record at any level, no output, no warning."""
    caplog.set_level(1)
    yield
    assert PLANTED not in caplog.text
    assert not any(PLANTED in str(record.__dict__) for record in caplog.get_records("call"))
    assert not any(PLANTED in text for text in capfd.readouterr())
    assert not any(PLANTED in str(warning.message) for warning in recwarn.list)


@pytest.fixture
def serve() -> Iterator[Callable[..., Target]]:
    targets: list[Target] = []

    def start(*answers: int | str, port: int = 0) -> Target:
        targets.append(Target(*answers, port=port))
        return targets[-1]

    yield start
    for target in targets:
        target.close()


def now() -> Stamp:
    return Clock().stamp()


@pytest.mark.parametrize(
    ("waiting", "kind"),
    [
        pytest.param(message(severity=Severity.WARNING), "warning", id="warning"),
        pytest.param(message(severity=Severity.CRITICAL), "failure", id="critical"),
        pytest.param(message(severity=Severity.CRITICAL, recovery=True), "success", id="recovery"),
    ],
)
def test_delivered_as_composed(serve: Callable[..., Target], waiting: Message, kind: str) -> None:
    target, outbox = serve(200), StandInOutbox([Waiting(1, waiting)])
    assert drain(outbox, {"ops": url_of(target.server_port)}, now, LIMIT_SECONDS) == Drained(sent=1)
    assert outbox.sent == [1]
    (received,) = target.received
    assert (received["title"], received["message"], received["type"]) == (waiting.title, waiting.body, kind)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(500, "ops answered with HTTP status 500", id="500"),
        pytest.param(
            401, "ops answered with HTTP status 401; check the address and the credentials in its URL", id="401"
        ),
        pytest.param(404, "ops answered with HTTP status 404; check", id="404"),
        pytest.param("hang up", "ops could not be reached, or did not take the message", id="hangs-up"),
    ],
)
def test_a_target_that_says_no_is_tried_again(serve: Callable[..., Target], answer: int | str, error: str) -> None:
    target, outbox = serve(answer), outbox_of("ops")
    assert drain(outbox, {"ops": url_of(target.server_port)}, now, LIMIT_SECONDS) == Drained(failed=1)
    ((number, said, retry),) = outbox.failed
    assert (number, said.startswith(error)) == (1, True)
    assert retry is not None
    assert PLANTED not in said


def test_a_target_that_hangs_costs_its_limit_and_not_the_others(serve: Callable[..., Target]) -> None:
    hanging, well, outbox = serve("hang"), serve(200), outbox_of("slow", "slow", "ops")
    targets = {"slow": url_of(hanging.server_port), "ops": url_of(well.server_port)}
    assert drain(outbox, targets, now, 3.0) == Drained(sent=1, failed=2)
    assert outbox.sent == [3]
    assert {error for _, error, _ in outbox.failed} == {"slow did not take it within 3.0 s"}
    assert len(hanging.received) == 1  # the second message did not have to find out again


def test_however_many_targets_hang_the_limit_is_that_of_all_together(serve: Callable[..., Target]) -> None:
    """Each waits for the other: one after the other, none would ever get its message taken."""
    meet, outbox = threading.Barrier(3), outbox_of("a", "b", "ops")

    def read_url_of(target: Target) -> Callable[[], Secret]:
        def read() -> Secret:
            meet.wait(timeout=60)
            return url_of(target.server_port)()

        return read

    targets = {"a": read_url_of(serve("hang")), "b": read_url_of(serve("hang")), "ops": read_url_of(serve(200))}
    assert drain(outbox, targets, now, 5.0) == Drained(sent=1, failed=2)
    assert outbox.sent == [3]


def test_what_a_dead_target_leaves_waits_each_in_its_own_time(serve: Callable[..., Target]) -> None:
    """One that the target never takes would else be the first for ever, and the others never be tried."""
    outbox = outbox_of(*["ops"] * 20)
    assert drain(outbox, {"ops": url_of(unused_port())}, now, LIMIT_SECONDS) == Drained(failed=20)
    retries = [retry for _, _, retry in outbox.failed]
    assert all(retry and 15 <= retry <= 30 for retry in retries)
    assert len(set(retries)) > 10


def test_a_target_that_is_away_gets_everything_when_it_comes_back(serve: Callable[..., Target]) -> None:
    port, outbox = unused_port(), outbox_of("ops", "ops")
    targets = {"ops": url_of(port)}
    assert drain(outbox, targets, now, LIMIT_SECONDS) == Drained(failed=2)
    assert drain(outbox, targets, now, LIMIT_SECONDS) == Drained(failed=2)
    assert [waiting.attempts for waiting in outbox.due] == [2, 2]
    back = serve(200, port=port)
    assert drain(outbox, targets, now, LIMIT_SECONDS) == Drained(sent=2)
    assert len(back.received) == 2
    assert not any(PLANTED in error for _, error, _ in outbox.failed)


def test_one_message_that_a_target_refuses_does_not_hold_up_the_next(serve: Callable[..., Target]) -> None:
    target, outbox = serve(400, 200), outbox_of("ops", "ops")
    assert drain(outbox, {"ops": url_of(target.server_port)}, now, LIMIT_SECONDS) == Drained(sent=1, failed=1)
    assert outbox.sent == [2]


def test_what_there_was_no_time_for_stays_due_and_is_no_failure(serve: Callable[..., Target]) -> None:
    target, outbox, clock = serve(200), outbox_of("ops", "ops", "ops"), Clock()

    def now_until_it_is_sent() -> Stamp:  # the limit passes with the first message
        if outbox.sent:
            clock.wait(100)
        return clock.stamp()

    assert drain(outbox, {"ops": url_of(target.server_port)}, now_until_it_is_sent, 60.0) == Drained(sent=1)
    assert (outbox.sent, outbox.failed) == ([1], [])
    assert [waiting.id for waiting in outbox.due] == [2, 3]


def test_no_thread_left_on_the_host_is_a_failure_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    outbox = outbox_of("ops")
    assert drain(outbox, {"ops": url_of(1)}, now, LIMIT_SECONDS) == Drained(failed=1)
    assert outbox.failed[0][1] == "this host has no thread left to send to ops"


def test_a_target_no_longer_configured_is_refused() -> None:
    outbox = outbox_of("gone")
    assert drain(outbox, {"ops": url_of(1)}, now, LIMIT_SECONDS) == Drained(refused=1)
    assert outbox.failed == [(1, "gone is configured no longer; its messages cannot be delivered", None)]


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"nosuch://{PLANTED}", id="unknown-scheme"),
        pytest.param(f"slack://{PLANTED}", id="slack-token-that-is-none"),
        pytest.param(f"tgram://{PLANTED}/{PLANTED}", id="telegram-token-that-is-none"),
        pytest.param(PLANTED, id="no-url"),
        pytest.param(f"{PLANTED}://\x00\udc80", id="bytes"),
        pytest.param("", id="empty"),
    ],
)
def test_a_url_that_apprise_cannot_read_is_refused(url: str) -> None:
    outbox = outbox_of("ops")
    assert drain(outbox, {"ops": lambda: Secret(url)}, now, LIMIT_SECONDS) == Drained(refused=1)
    assert outbox.failed == [(1, "apprise cannot read the URL of ops; check it in the settings", None)]


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        pytest.param(
            WatchdogError("/etc/w/url: not there"), "cannot be read: /etc/w/url: not there", id="settings"
        ),
        pytest.param(
            PermissionError(13, "Permission denied"), "cannot be read: Permission denied", id="unreadable"
        ),
        pytest.param(ValueError(f"bad {PLANTED}"), "cannot be read: ValueError", id="anything-else"),
    ],
)
def test_a_url_that_cannot_be_had_now_is_tried_again(trouble: Exception, error: str) -> None:
    def read() -> Secret:
        raise trouble

    outbox = outbox_of("ops")
    assert drain(outbox, {"ops": read}, now, LIMIT_SECONDS) == Drained(failed=1)
    ((_, said, retry),) = outbox.failed
    assert (said, retry is None) == (f"the URL of ops {error}", False)


@pytest.mark.parametrize("kind", [RuntimeError, SystemExit])
def test_what_an_exception_says_goes_no_further(
    monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    import apprise

    def explode(*args: object, **kwargs: object) -> None:
        raise kind(f"cannot post to {PLANTED}")

    monkeypatch.setattr(apprise.Apprise, "notify", explode)
    outbox = outbox_of("ops")
    assert drain(outbox, {"ops": url_of(1)}, now, LIMIT_SECONDS) == Drained(failed=1)
    assert outbox.failed[0][1] == f"sending to ops raised {kind.__name__}"


@pytest.mark.parametrize(
    ("sender", "told"),
    [
        pytest.param("Apprise(url).notify(body='x')", True, id="apprise-by-itself"),
        pytest.param("drain(outbox_of('ops'), {'ops': lambda: Secret(url)}, now, 30.0)", False, id="ours"),
    ],
)
def test_the_secret_is_told_by_apprise_and_not_by_us(
    serve: Callable[..., Target], sender: str, told: bool
) -> None:
    """The first case is the control: what is searched for everywhere here would be there to be found."""
    program = (
        "import logging, sys; from apprise import Apprise; from watchdog.notify import drain\n"
        "from watchdog.secret import Secret; from tests.test_notify import now, outbox_of, url_of\n"
        f"url = url_of(int(sys.argv[1]))().reveal(); logging.basicConfig(level=1); {sender}"
    )
    command = [sys.executable, "-c", program, str(serve(500).server_port)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert (PLANTED in ran.stderr) == told


def test_the_process_ends_though_a_target_still_hangs(serve: Callable[..., Target]) -> None:
    hanging = serve("hang")
    program = (
        "import sys; from watchdog.notify import drain; from tests.test_notify import now, outbox_of, url_of\n"
        "print(drain(outbox_of('ops'), {'ops': url_of(int(sys.argv[1]))}, now, 0.5))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(hanging.server_port)],
        capture_output=True,
        text=True,
        timeout=50,
        cwd=ROOT,
    )
    assert (ran.stdout, ran.stderr) == (f"{Drained(failed=1)}\n", "")


def test_apprise_is_not_even_imported_when_nothing_is_due() -> None:
    program = (
        "import sys; from watchdog.notify import drain; from tests.test_notify import StandInOutbox, now, url_of\n"
        "drain(StandInOutbox([]), {'ops': url_of(1)}, now, 1.0); print('apprise' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout == "False\n"


@pytest.mark.parametrize(
    ("attempts", "longest"),
    [
        pytest.param(0, 30, id="first"),
        pytest.param(1, 60, id="doubles"),
        pytest.param(6, 1920, id="still-doubles"),
        pytest.param(7, 3600, id="an-hour-at-most"),
        pytest.param(10**9, 3600, id="for-ever"),
        pytest.param(-1, 30, id="nonsense-from-a-database"),
    ],
)
def test_retries_come_ever_more_seldom(attempts: int, longest: float) -> None:
    assert retry_seconds(attempts, lambda: 0.0) == longest
    assert retry_seconds(attempts, lambda: 1.0) == longest / 2


@given(st.integers(0, 10**6))
def test_a_retry_is_never_at_once_and_never_out_of_sight(attempts: int) -> None:
    assert FIRST_RETRY_SECONDS / 2 <= retry_seconds(attempts) <= LAST_RETRY_SECONDS
