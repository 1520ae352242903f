"""Draining with the real process that sends: apprise, to a web server on this machine that misbehaves as told."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.in_namespace import ROOT
from tests.notify.senders import StandInOutbox, Waiting, message, outbox_of
from tests.notify.web import PLANTED, Target, unused_port, url_of
from watchdog.host import Host
from watchdog.model import Message, Severity, Stamp
from watchdog.notify import Drained, Pace, drain
from watchdog.secret import Secret

pytestmark = pytest.mark.program

PACE = Pace(limit_seconds=30.0)


def fates(drained: Drained) -> dict[str, dict[str, int]]:
    return {name: dict(found) for name, found in drained.fates.items()}


def now() -> Stamp:
    return Host().stamp()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture(autouse=True)
def _nothing_leaks(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Whatever a test here does: the secret is in no output."""
    yield
    assert not any(PLANTED in text for text in capfd.readouterr())


@pytest.fixture
def serve() -> Iterator[Callable[..., Target]]:
    targets: list[Target] = []

    def start(*answers: int | str, port: int = 0) -> Target:
        targets.append(Target(*answers, port=port))
        return targets[-1]

    yield start
    for target in targets:
        target.close()


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
    assert fates(drain(outbox, {"ops": url_of(target.server_port)}, now, PACE)) == {"ops": {"sent": 1}}
    assert outbox.sent == [1]
    (received,) = target.received
    assert (waiting.title in received["title"], waiting.body in received["message"]) == (True, True)
    assert received["type"] == kind


def test_each_target_meets_its_own_fate(serve: Callable[..., Target]) -> None:
    """All in one drain: well, says no, hangs up, is not there, cannot be: nobody costs the others anything."""
    well, refusing, hanging_up = serve(200), serve(500), serve("hang up")
    outbox = outbox_of("well", "no", "up", "away", "unreadable", "well")
    targets = {
        "well": url_of(well.server_port),
        "no": url_of(refusing.server_port),
        "up": url_of(hanging_up.server_port),
        "away": url_of(unused_port()),
        "unreadable": lambda: Secret(f"nosuch://{PLANTED}"),
    }
    drained = drain(outbox, targets, now, PACE)
    assert fates(drained) == {
        "well": {"sent": 2},
        "no": {"failed": 1},
        "up": {"failed": 1},
        "away": {"failed": 1},
        "unreadable": {"refused": 1},
    }
    assert sorted(outbox.sent) == [1, 6]
    assert "500" in drained.errors["no"]
    assert not any(PLANTED in error for error in drained.errors.values())


def test_a_target_that_hangs_costs_its_limit_and_not_the_others(serve: Callable[..., Target]) -> None:
    hanging, well, outbox = serve("hang"), serve(200), outbox_of("slow", "slow", "ops")
    targets = {"slow": url_of(hanging.server_port), "ops": url_of(well.server_port)}
    drained = drain(outbox, targets, now, Pace(limit_seconds=3.0))
    assert fates(drained) == {"ops": {"sent": 1}, "slow": {"failed": 1}}
    assert drained.errors["slow"].startswith("slow did not take it within")
    assert len(hanging.received) == 1, "the second message did not have to find out again"


def test_a_target_that_is_away_gets_everything_when_it_comes_back(serve: Callable[..., Target]) -> None:
    port, outbox = unused_port(), outbox_of("ops", "ops")
    targets = {"ops": url_of(port)}
    assert fates(drain(outbox, targets, now, PACE)) == {"ops": {"failed": 1}}
    outbox.wake()
    back = serve(200, port=port)
    assert fates(drain(outbox, targets, now, PACE)) == {"ops": {"sent": 2}}
    assert len(back.received) == 2


def test_one_message_that_a_target_does_not_take_does_not_hold_up_the_next(serve: Callable[..., Target]) -> None:
    target, outbox = serve(500, 200), outbox_of("ops", "ops")
    assert fates(drain(outbox, {"ops": url_of(target.server_port)}, now, PACE)) == {
        "ops": {"sent": 1, "failed": 1}
    }
    assert outbox.sent == [2]


@pytest.mark.parametrize(
    ("sender", "told"),
    [
        pytest.param("Apprise(url).notify(body='x')", True, id="apprise-by-itself"),
        pytest.param("drain(outbox_of('ops'), {'ops': lambda: Secret(url)}, now, Pace())", False, id="ours"),
    ],
)
def test_the_secret_is_told_by_apprise_and_not_by_us(
    serve: Callable[..., Target], sender: str, told: bool
) -> None:
    """The first case is the control: what is searched for everywhere here would be there to be found."""
    program = (
        "import logging, sys; from apprise import Apprise; from watchdog.notify import Pace, drain\n"
        "from watchdog.secret import Secret; from tests.notify.test_delivery import now\n"
        "from tests.notify.senders import outbox_of; from tests.notify.web import json_url\n"
        f"url = json_url(int(sys.argv[1])); logging.basicConfig(level=1); {sender}"
    )
    command = [sys.executable, "-c", program, str(serve(500).server_port)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert (PLANTED in ran.stderr) == told


def test_this_process_never_imports_what_sends(serve: Callable[..., Target]) -> None:
    program = (
        "import sys; from watchdog.notify import Pace, drain; from tests.notify.test_delivery import now\n"
        "from tests.notify.senders import outbox_of; from tests.notify.web import url_of\n"
        "drained = drain(outbox_of('ops'), {'ops': url_of(int(sys.argv[1]))}, now, Pace())\n"
        "print(drained.total('sent'), 'apprise' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(serve(200).server_port)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout == "1 False\n"
