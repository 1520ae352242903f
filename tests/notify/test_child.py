"""The process that sends, as a process: what it is given, and that it never outlives who started it."""

import os
import selectors
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from tests.in_namespace import ROOT
from tests.stand_ins import Clock
from watchdog.content import Content
from watchdog.notify import trying
from watchdog.notify.child import Child, Ended, Event, Ready
from watchdog.notify.errands import Answer, Errand
from watchdog.notify.spawning import sender_program, start


class Talk:
    """A child that runs a program of the test, and what it says."""

    def __init__(self, program: str) -> None:
        self.woken = threading.Semaphore(0)
        argv = (sys.executable, "-I", "-c", textwrap.dedent(program))
        self.child = Child(self.woken.release, start(argv, os.environ))

    def hear(self) -> Event:
        while True:
            for event in self.child.events():
                return event
            assert self.woken.acquire(timeout=60)


def ends(process: int) -> bool:
    """Tell whether a process that is not our child is gone, or goes within a minute."""
    with os.fdopen(process), selectors.DefaultSelector() as selector:
        selector.register(process, selectors.EVENT_READ)
        return bool(selector.select(60))


def errand(text: str = "s") -> Errand:
    content = Content(kind="test", host="mx1", summary=text)
    return Errand(id=7, target="ops", url="json://secret", content=content, limit_seconds=1)


def test_a_large_errand_waits_for_nobody_and_is_answered() -> None:
    talk = Talk(
        """
        import json, sys, time
        print("{}", flush=True)
        time.sleep(0.3)
        given = json.loads(sys.stdin.readline())
        size = len(given["content"]["summary"])
        print(json.dumps({"id": given["id"], "outcome": "failed", "error": f"{size}"}), flush=True)
        sys.stdin.read()
        """
    )
    talk.child.send(errand("x" * 1_000_000))
    assert isinstance(talk.hear(), Ready)
    assert talk.hear() == Answer(id=7, outcome="failed", error="1000000")
    talk.child.kill()
    assert isinstance(talk.hear(), Ended)


def test_a_name_that_is_not_utf8_reaches_it_as_far_as_it_can_be_said() -> None:
    talk = Talk(
        """
        import json, sys
        text = json.loads(sys.stdin.readline())["content"]["summary"]
        print(json.dumps({"id": 7, "outcome": "failed", "error": ascii(text)}), flush=True)
        """
    )
    talk.child.send(errand("eth\udcff\n\u00e9"))
    assert talk.hear() == Answer(id=7, outcome="failed", error=ascii("eth?\n\u00e9"))
    talk.child.kill()


def test_neither_does_such_a_name_trouble_who_sends_now(monkeypatch: pytest.MonkeyPatch) -> None:
    answering = 'import sys; [print(\'{"id": 7, "outcome": "sent"}\', flush=True) for line in sys.stdin]'
    monkeypatch.setattr(trying, "sender_program", lambda: (sys.executable, "-I", "-c", answering))
    answers = [answer for answer, _ in trying.send_now([errand("eth\udcff")], 30.0, os.environ, Clock().stamp)]
    assert answers == [Answer(id=7, outcome="sent")]


@pytest.mark.parametrize(
    ("program", "why"),
    [
        pytest.param("pass", "ended", id="ends"),
        pytest.param("import os; os.abort()", "ended", id="crashes"),
        pytest.param("print('Traceback')", "makes no sense", id="no-json"),
        pytest.param("print('{\"id\": 1}')", "makes no sense", id="half-an-answer"),
        pytest.param('print(\'{"id": 1, "outcome": "maybe"}\')', "makes no sense", id="unknown-outcome"),
        pytest.param("print('x' * 10_000_000)", "makes no sense", id="floods"),
    ],
)
def test_a_child_that_fails_says_so_once(program: str, why: str) -> None:
    talk = Talk(program)
    event = talk.hear()
    assert isinstance(event, Ended)
    assert why in event.error
    talk.child.send(errand())
    talk.child.kill()
    talk.child.kill()


def test_it_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    talk = Talk(
        f"""
        import subprocess, sys
        other = subprocess.Popen(["sleep", "600"])
        open({str(tmp_path / "pid")!r}, "w").write(str(other.pid))
        print("{{}}", flush=True)
        sys.stdin.read()
        """
    )
    assert isinstance(talk.hear(), Ready)
    other = os.pidfd_open(int((tmp_path / "pid").read_text()))
    talk.child.kill()
    assert ends(other)


def test_it_has_of_our_environment_what_sending_needs_and_none_of_our_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours = {"WATCHDOG_ON_CALL_URL", "NOTIFY_SOCKET", "CREDENTIALS_DIRECTORY", "PYTHONPATH", "LD_PRELOAD"}
    for name in ours:
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    with (tmp_path / "history").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        talk = Talk(
            """
            import json, os
            held = [os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
            words = [*os.environ, *held, os.getcwd(), f"leads={os.getpgrp() == os.getpid()}"]
            print(json.dumps({"id": 1, "outcome": "failed", "error": " ".join(words)}))
            """
        )
        answer = talk.hear()
    assert isinstance(answer, Answer)
    words = answer.error.split()
    assert {"https_proxy", "/", "leads=True"} <= set(words)
    assert not (ours | {file.name}) & set(words)
    talk.child.kill()


def test_its_words_on_stderr_reach_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    talk = Talk("import sys; print('slack://TOKEN', file=sys.stderr)")
    assert isinstance(talk.hear(), Ended)
    talk.child.kill()
    assert "TOKEN" not in "".join(capfd.readouterr())


def test_no_secret_is_in_its_arguments() -> None:
    argv = sender_program()
    assert argv[1:] == ("-I", "-m", "watchdog.notify.leash", str(os.getpid()))


@pytest.mark.parametrize("when", ["at once", "once it can send"])
def test_who_is_killed_does_not_leave_it_behind(when: str) -> None:
    program = """
        import threading, sys
        from watchdog.notify.child import start_sender
        woken = threading.Event()
        child = start_sender(woken.set)
        print(child._process.pid, flush=True)
        woken.wait()
        print("ready", flush=True)
        threading.Event().wait()
        """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert parent.stdout is not None
    sender = os.pidfd_open(int(parent.stdout.readline()))
    if when == "once it can send":
        assert parent.stdout.readline() == "ready\n"
    parent.kill()
    parent.wait()
    assert ends(sender)
