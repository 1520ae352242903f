"""The two ends over a real socket: the daemon's healer heals through it, and whoever misuses it is left."""

import dataclasses
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from tests.needs import need
from tests.privileged.house import ASK, DARK, PLUGINS, Place
from tests.stand_ins import StandInEyes, StandInJournal
from watchdog.actuator import StepFailed
from watchdog.cli.hands import attempt_under_way
from watchdog.errors import Refused, WatchdogError
from watchdog.healing import Brakes, Consent, Healer
from watchdog.model import Incident, IncidentState, Severity
from watchdog.privileged.client import Hands
from watchdog.privileged.duty import Duty
from watchdog.privileged.framing import Garbled, receive, send
from watchdog.privileged.messages import MOST_BYTES, Denied, Planned, Reply
from watchdog.privileged.server import allowed_users, inherited_socket, serve
from watchdog.steps import Outcome, Plan

ME = os.geteuid()


@dataclass
class Serving:
    """Root's end, in a thread."""

    place: Place
    path: Path
    log: list[str] = field(default_factory=list)

    def start(self, *, users: frozenset[int] = frozenset({ME}), idle_seconds: float = 0.3) -> threading.Thread:
        self.path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self.path))
        self.path.chmod(0o666)
        listener.listen(4)
        self.duty: Duty = self.place.duty()

        def run() -> None:
            with listener:
                serve(listener, self.duty, users, self.log.append, idle_seconds=idle_seconds)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def connect(self) -> socket.socket:
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        channel.connect(str(self.path))
        channel.settimeout(20)
        return channel

    def hands(self) -> Hands:
        return Hands(memories=dict, path=self.path)


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    # Where every user could connect, if only the mode of the socket kept them out.
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield Serving(place=Place(tmp_path), path=folder / "heal.sock")
    shutil.rmtree(folder)


def incident(serving: Serving) -> Incident:
    now = serving.place.host.stamp()
    return Incident(
        id=1,
        fault="lamp.out",
        subject="hall",
        severity=Severity.CRITICAL,
        state=IncidentState.FIRING,
        summary="",
        evidence={},
        opened=now,
        last_seen=now,
    )


def healer(serving: Serving, journal: StandInJournal) -> Healer:
    """Return the daemon's: it sees for itself, and does nothing itself."""
    house, hands = serving.place.house(), serving.hands()
    permissions = house.config.permissions
    return Healer(
        host=serving.place.host,
        registry=hands.lend(PLUGINS, permissions),
        permissions=permissions,
        journal=journal,
        eyes=StandInEyes(check="lamp", see=lambda: house.look({})["lamp"]),
        actuator=hands,
        wait=lambda seconds: setattr(
            serving.place.host, "later_seconds", serving.place.host.later_seconds + seconds
        ),
    )


ALONE = Consent(asked=False, permission=lambda name: "")


def test_the_daemon_heals_by_root_s_hands(serving: Serving) -> None:
    serving.start(idle_seconds=30)
    journal = StandInJournal()
    treatment = healer(serving, journal).heal(incident(serving), (), Brakes(), ALONE)
    assert treatment.outcome is Outcome.HEALED
    assert serving.place.lamp.read_text() == "light\n"
    assert next((one.state, one.undo) for one in treatment.journal) == ("done", DARK)


def test_root_s_list_calls_an_attempt_what_the_history_calls_it(serving: Serving) -> None:
    serving.start(idle_seconds=30)
    journal = StandInJournal()
    now = serving.place.host.stamp()
    for _ in range(4):
        journal.begin_attempt(9, "another", "propose", Plan(summary="", steps=()), Outcome.HEALED, "", now)
    hands = dataclasses.replace(serving.hands(), attempt=partial(attempt_under_way, journal))
    one = replace(
        healer(serving, journal),
        registry=hands.lend(PLUGINS, serving.place.house().config.permissions),
        actuator=hands,
    )
    treatment = one.heal(incident(serving), (), Brakes(), ALONE)
    assert treatment.attempt_id == 5
    assert [one.id for one in serving.duty.ledger.attempts()] == [5]


def test_what_did_not_help_is_taken_back_by_root_s_hands(serving: Serving) -> None:
    serving.start(idle_seconds=30)
    blind = serving.place.house().look({})["lamp"]  # it is dark, whatever is done
    one = replace(healer(serving, StandInJournal()), eyes=StandInEyes(check="lamp", see=lambda: blind))
    treatment = one.heal(incident(serving), (), Brakes(), ALONE)
    assert treatment.outcome is Outcome.NO_EFFECT
    assert serving.place.lamp.read_text() == "dark\n"
    assert not (serving.place.root / "etc/switch").exists()
    assert {entry.state for entry in serving.duty.ledger.entries} == {"undone"}


def test_without_root_s_hands_it_is_refused_and_says_what_to_type(serving: Serving) -> None:
    with pytest.raises(Refused, match=r"systemctl enable --now host-watchdog-heal\.socket"):
        healer(serving, StandInJournal()).heal(incident(serving), (), Brakes(), ALONE)
    with pytest.raises(StepFailed, match="does not answer"):
        serving.hands().do(DARK, serving.place.host)


def _say(channel: socket.socket, raw: bytes) -> None:
    channel.sendall(raw)
    channel.shutdown(socket.SHUT_WR)


GOOD = msgspec.msgpack.encode(ASK)


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def changed(**words: object) -> bytes:
    return framed(msgspec.msgpack.encode(msgspec.msgpack.decode(GOOD) | words))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        pytest.param(b"", "ended half-way", id="nothing"),
        pytest.param(b"\0\0", "ended half-way", id="half-a-length"),
        pytest.param(framed(GOOD)[:-1], "ended half-way", id="a-byte-too-few"),
        pytest.param((MOST_BYTES + 1).to_bytes(4, "big"), "at most", id="a-byte-too-many"),
        pytest.param(b"\xff\xff\xff\xff" + b"x" * 1000, "at most", id="four-gigabytes"),
        pytest.param(framed(b""), "no message", id="empty"),
        pytest.param(framed(b"\x91" * 200_000), "no message", id="nested-without-end"),
        pytest.param(framed(GOOD + b"\0"), "no message", id="something-after-it"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", "at most", id="another-protocol"),
        pytest.param(changed(say="doanything"), "no message", id="another-word"),
        pytest.param(changed(mode="auto"), "no message", id="a-key-too-many"),
        pytest.param(changed(remediation=["change_bulb"]), "no message", id="another-type"),
        pytest.param(changed(subject="x" * 501), "no message", id="a-subject-too-long"),
        pytest.param(changed(memories={"lamp": "text"}), "no message", id="memories-that-are-text"),
    ],
)
def test_who_babbles_is_told_so_and_the_next_is_answered(serving: Serving, raw: bytes, why: str) -> None:
    serving.start(idle_seconds=30)
    with serving.connect() as channel:
        _say(channel, raw)
        reply = receive(channel, Reply, 20)
    assert isinstance(reply, Denied)
    assert why in reply.reason
    assert len(serving.log) == 1
    assert serving.place.lamp.read_text() == "dark\n"
    with serving.connect() as channel:
        send(channel, ASK)
        assert isinstance(receive(channel, Reply, 20), Planned)


def test_who_dawdles_is_left(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchdog.privileged.server._REQUEST_SECONDS", 0.5)
    serving.start(idle_seconds=30)
    with serving.connect() as silent, serving.connect() as next_one:
        silent.sendall(framed(GOOD)[:10])
        send(next_one, ASK)
        assert isinstance(receive(next_one, Reply, 20), Planned)
    assert "was not whole within 0.5 s" in serving.log[0]


def test_who_goes_away_before_the_answer_costs_nothing(serving: Serving) -> None:
    serving.start(idle_seconds=30)
    for _ in range(3):
        with serving.connect() as channel:
            send(channel, ASK)
    with serving.connect() as channel:
        send(channel, ASK)
        assert isinstance(receive(channel, Reply, 20), Planned)


def test_a_large_message_arrives_whole(serving: Serving) -> None:
    serving.start(idle_seconds=30)
    with serving.connect() as channel:
        send(channel, msgspec.structs.replace(ASK, memories={"other": b"x" * (3 << 20)}))
        assert isinstance(receive(channel, Reply, 20), Planned)
    with serving.connect() as channel, pytest.raises(Garbled, match="longer than"):
        send(channel, msgspec.structs.replace(ASK, memories={"other": b"x" * (5 << 20)}))


def hears_nothing(channel: socket.socket) -> bool:
    """Ask, and tell whether the other end hung up without a word; a reset says that it did not even read."""
    try:
        send(channel, ASK)
        return channel.recv(1) == b""
    except (ConnectionResetError, BrokenPipeError):
        return True


def test_another_user_is_not_even_read(serving: Serving) -> None:
    serving.start(users=frozenset({ME + 1}), idle_seconds=30)
    with serving.connect() as channel:
        assert hears_nothing(channel)
    assert serving.log == [f"refused: user {ME} may not ask for anything; only root and host-watchdog may"]


def test_the_kernel_says_who_asks(serving: Serving) -> None:
    """A process of nobody's, over a socket that is open to all."""
    need(None if ME == 0 else "root, who alone can become another user")
    serving.start(idle_seconds=30)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgid(65534)
            os.setuid(65534)
            with serving.connect() as channel:
                code = 0 if hears_nothing(channel) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert serving.log == ["refused: user 65534 may not ask for anything; only root and host-watchdog may"]


def test_it_ends_when_nobody_asks_and_no_plan_is_under_way(serving: Serving) -> None:
    thread = serving.start(idle_seconds=0.3)
    thread.join(20)
    assert not thread.is_alive()


def test_it_stays_while_a_plan_is_under_way(serving: Serving) -> None:
    thread = serving.start(idle_seconds=0.3)
    with serving.connect() as channel:
        send(channel, ASK)
        assert isinstance(receive(channel, Reply, 20), Planned)
    thread.join(1.5)
    assert thread.is_alive()
    serving.place.host.later_seconds = 200
    thread.join(20)
    assert not thread.is_alive()


def test_only_systemd_starts_it() -> None:
    with pytest.raises(WatchdogError, match=r"host-watchdog-heal\.socket"):
        inherited_socket({})
    assert 0 in allowed_users()
