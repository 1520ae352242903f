"""`watchdog daemon` as a service manager and a person have it: the real program, a real socket to report to."""

import re
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.cli.command import LAMP, Cli
from watchdog.daemon.visiting import have_looked
from watchdog.registry import load
from watchdog.selfwatch import FAULTS

SLOW = (
    LAMP.replace("lamp", "slow")
    .replace("LAMP", "LAMP")
    .replace(
        'words = Path(os.environ["LAMP"]).read_text().split()',
        "import time; time.sleep(float(os.environ['SLOW'])); words = []",
    )
)
CHANGER = """
import os
from watchdog.plugin import *

def plan(host, case, settings):
    if "bond" not in case.results:
        raise Refused("nobody looked at the bonds")
    step = RunCommand(argv=("/usr/bin/truncate", "--size=0", os.environ["LAMP"]))
    return Plan(summary="change the bulb", steps=(step,), settle_seconds=0)

REMEDIATION = Remediation(name="change_bulb", title="", heals=("lamp.out",), risk="low",
                          settings=RemediationSettings, plan=plan)
"""
SETTINGS = "[checks.lamp]\nevery = '1h'\n"


def within(seconds: float, so: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end, "still not so"
        time.sleep(0.02)


class Running:
    """A daemon, and what it told its service manager."""

    def __init__(self, cli: Cli, listener: socket.socket) -> None:
        self.cli, self._listener = cli, listener
        self.log = cli.folder / "daemon.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                cli.argv("daemon"), env=cli.environ(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def hear(self, wanted: str) -> str:
        """Return the next word to the service manager that begins like that."""
        while True:
            said = self._listener.recv(10000).decode()
            if said.startswith(wanted):
                return said

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def runs_of(self, check: str) -> int:
        """Return how often a check is on record."""
        with sqlite3.connect(f"file:{self.cli.history}?mode=ro", uri=True) as record:
            query = "select sum(count) from spans join checks on checks.id=check_id where name=?"
            return record.execute(query, (check,)).fetchone()[0] or 0


@contextmanager
def running(cli: Cli) -> Iterator[Running]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(cli.folder / "notify"))
        listener.settimeout(30)
        cli.environment["NOTIFY_SOCKET"] = str(cli.folder / "notify")
        daemon = Running(cli, listener)
        try:
            daemon.hear("READY=1")
            yield daemon
        finally:
            if daemon.process.poll() is None:
                daemon.process.kill()
                daemon.process.wait()
            (cli.folder / "notify").unlink()
            print(daemon.log.read_text())


@pytest.fixture
def daemon(cli: Cli, lamp: Callable[[str], None]) -> Iterator[Running]:
    lamp("")
    cli.settings(SETTINGS)
    with running(cli) as daemon:
        within(20, lambda: daemon.runs_of("lamp") == 1)
        yield daemon


def test_it_ends_within_five_seconds_and_in_order(daemon: Running) -> None:
    began = time.monotonic()
    assert daemon.end() == 0
    assert time.monotonic() - began < 5
    daemon.hear("STOPPING=1")
    assert not Path(f"{daemon.cli.history}.door").exists()


def test_run_beside_it_has_it_look_and_shows_what_it_saw(daemon: Running, lamp: Callable[[str], None]) -> None:
    lamp("kitchen")
    ended = daemon.cli("run", "--json", "lamp", "bond")
    assert (ended.code, [one["check"] for one in ended.json["checks"]]) == (2, ["lamp", "bond", "watchdog"])
    assert ended.json["checks"][0]["findings"][0] == {
        "fault": "lamp.out",
        "subject": "kitchen",
        "severity": "critical",
        "summary": "lamp kitchen is out",
        "evidence": {"hours": 3},
    }
    assert daemon.runs_of("lamp") == 2
    assert " lamp.out on kitchen: lamp kitchen is out" in daemon.log.read_text()
    assert "recorded in" in daemon.cli("run", "lamp").out


def test_who_asks_only_for_what_is_switched_off_there_need_not_wait_for_another_look(cli: Cli) -> None:
    settings = "".join(f"[checks.{name}]\nenabled = false\n" for name in load(FAULTS).checks if name != "bond")
    cli.settings(f"{settings}[checks.bond]\nevery = '1h'\n")
    with running(cli) as daemon:
        within(20, lambda: daemon.runs_of("bond") == 1)
        looked = have_looked(cli.history, ["clock_step"], wait_seconds=20.0)
        assert looked is not None
        assert (looked.results, looked.unrecorded, daemon.runs_of("bond")) == ((), "", 1)


def test_what_writes_the_history_borrows_it_and_the_daemon_looks_on(daemon: Running) -> None:
    assert daemon.cli("pause", "--for", "1h", "--why", "a test").code == 0
    assert daemon.cli("notify", "drain").code == 0
    assert daemon.cli("run", "lamp").code == 0
    assert daemon.runs_of("lamp") == 2


@pytest.mark.xdist_group("heals")
def test_what_one_look_finds_is_proposed_by_what_the_others_said_before_and_applied_beside_it(
    cli: Cli, lamp: Callable[[str], None]
) -> None:
    """Its checks look in their turn, or woken, seldom all at once; a plan needs what every one of them says."""
    cli.plugin("changer", CHANGER)
    lamp("")
    cli.settings(SETTINGS)
    with running(cli) as daemon:
        # The slowest of the real checks, which plans are made on, has spoken.
        within(60, lambda: all(daemon.runs_of(name) for name in ("lamp", "bond", "clock_sync")))
        lamp("attic")
        assert cli("run", "lamp").code == 2
        (listed,) = (one for one in cli("heal", "--json").json if one["fault"] == "lamp.out")
        assert [one["summary"] for one in listed["proposals"]] == ["change the bulb"]
        (incident,) = (one for one in cli("incidents", "--json").json if one["fault"] == "lamp.out")
        assert [one["outcome"] for one in incident["attempts"]] == ["proposed"]
        healed = cli("heal", str(incident["id"]), "--apply", "--yes", "--json")
        assert (healed.code, healed.json["outcome"]) == (0, "healed")
        assert cli("run", "lamp").code == 0
        (after,) = (one for one in cli("incidents", "--all", "--json").json if one["fault"] == "lamp.out")
        assert (after["state"], [one["outcome"] for one in after["attempts"]]) == (
            "resolved",
            ["closed", "healed"],
        )
        assert cli("status", "--json").json["daemon"]["running"], "it looks on"
        assert daemon.end() == 0


@pytest.mark.xdist_group("heals")
def test_what_was_healed_ends_at_once_whoever_looked(cli: Cli, lamp: Callable[[str], None]) -> None:
    lamp("attic")
    cli.plugin("changer", CHANGER)
    assert cli("run", "lamp").code == 2
    cli.settings("[remediations.change_bulb]\nmode = 'auto'\n")
    assert cli("run", "bond").code == 0
    (incident,) = (one for one in cli("incidents", "--all", "--json").json if one["fault"] == "lamp.out")
    assert (incident["state"], [one["outcome"] for one in incident["attempts"]]) == ("resolved", ["healed"])


@pytest.mark.xdist_group("heals")
def test_what_a_look_saw_before_it_was_healed_is_of_the_past(cli: Cli, lamp: Callable[[str], None]) -> None:
    """It takes a second to say so, and meanwhile another check's cycle has healed it."""
    lamp("attic")
    assert cli("run", "lamp").code == 2
    cli.plugin("lamp", LAMP.replace(".split()", ".split(); import time; time.sleep(1)"))
    cli.plugin("tick", LAMP.replace("lamp", "tick").replace(".split()", ".split() and ['hall']"))
    cli.plugin("changer", CHANGER.replace('"bond"', '"tick"'))
    quiet = "".join(f"[checks.{name}]\nenabled = false\n" for name in load(FAULTS).checks)
    each = "".join(f"[checks.{name}]\nevery = '1h'\n" for name in ("lamp", "tick"))
    cli.settings(f"{quiet}{each}[remediations.change_bulb]\nmode = 'auto'\n")
    with running(cli) as daemon:
        within(20, lambda: daemon.runs_of("lamp") == 3)
        assert daemon.end() == 0
        log = daemon.log.read_text()
        assert "healed: the check no longer finds the fault" in log
        assert "firing: #2 tick.out on hall" in log, "found in the very cycle in which another was healed"
    (incident,) = (one for one in cli("incidents", "--all", "--json").json if one["fault"] == "lamp.out")
    assert (incident["state"], incident["occurrences"]) == ("resolved", 1)


def test_a_borrower_that_dies_gives_it_back(daemon: Running) -> None:
    with socket.socket(socket.AF_UNIX) as borrower:
        borrower.connect(f"{daemon.cli.history}.door")
        borrower.sendall(b'{"ask": "lend"}\n')
        assert borrower.recv(100) == b'{"lent":true}\n'
    assert daemon.cli("run", "lamp").code == 0
    assert daemon.runs_of("lamp") == 2


def test_status_says_since_when_it_watches_and_when_it_looks_next(daemon: Running) -> None:
    ended = daemon.cli("status", "--json")
    said = ended.json["daemon"]
    assert said["running"]
    assert said["running_seconds"] > 0
    assert 0 < said["next_look_seconds"] <= 3600
    assert ended.json["advice"] == ""
    assert re.search(r"the daemon has watched for .* \(since .* UTC\); next look in ", daemon.cli("status").out)
    with socket.socket(socket.AF_UNIX) as borrower:
        borrower.connect(f"{daemon.cli.history}.door")
        borrower.sendall(b'{"ask": "lend"}\n')
        assert borrower.recv(100) == b'{"lent":true}\n'
        assert "; another command has its history, then it looks on\n" in daemon.cli("status").out
    assert daemon.end() == 0
    after = daemon.cli("status", "--json").json
    assert after["daemon"] == {
        "running": False,
        "since": None,
        "running_seconds": None,
        "next_look_seconds": None,
        "hanging": [],
    }
    assert "the daemon" not in daemon.cli("status").out, "this history has none in place"


def test_one_that_is_busy_is_not_taken_for_one_that_does_not_run(daemon: Running) -> None:
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        ended = daemon.cli("status")
    finally:
        daemon.process.send_signal(signal.SIGCONT)
    assert "the daemon runs, and did not say within 2.0 s how it is" in ended.out
    assert ended.code == 0


@pytest.mark.parametrize("words", [b"", b"GET / HTTP/1.1\r\n\r\n", b"x" * 70000, b'{"ask":"rule"}\n', b"\0\n"])
def test_nonsense_at_the_door_is_sent_away(daemon: Running, words: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as visitor:
        visitor.connect(f"{daemon.cli.history}.door")
        visitor.sendall(words)
        visitor.shutdown(socket.SHUT_WR)
        visitor.settimeout(10)
        with suppress(ConnectionResetError):
            assert visitor.recv(100) == b""
    assert daemon.cli("run", "lamp").code == 0


def test_what_made_the_history_does_not_stay_in_memory(daemon: Running) -> None:
    assert "alembic" not in Path(f"/proc/{daemon.process.pid}/maps").read_text()
    assert "_WATCHDOG_STARTED_OVER=1" in Path(f"/proc/{daemon.process.pid}/environ").read_text()


def test_one_is_enough(daemon: Running) -> None:
    ended = daemon.cli("daemon")
    assert ended.code == 3
    assert ended.err.endswith("already: one is enough\n")


def test_other_settings_are_taken_up_and_bad_ones_are_not(daemon: Running) -> None:
    daemon.cli.settings(SETTINGS + "[checks.bond]\nenabled = false\n")
    daemon.process.send_signal(signal.SIGHUP)
    assert "MONOTONIC_USEC=" in daemon.hear("RELOADING=1")
    first = daemon.hear("READY=1")
    daemon.cli.settings("[checks.lamb]\n")
    daemon.process.send_signal(signal.SIGHUP)
    assert daemon.hear("READY=1") == first
    text = daemon.log.read_text()
    assert "the settings are not taken up, those before stay in force:" in text
    assert "lamb" in text
    assert daemon.process.poll() is None
    assert daemon.cli("run", "lamp").code == 3, "the command line has read the bad settings"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def reload(daemon: Running, metrics: str) -> None:
    daemon.cli.settings(f"{SETTINGS}[metrics]\n{metrics}\n")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.hear("READY=1")


def scraped(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
            return answer.read().endswith(b"# EOF\n")
    except URLError:
        return False


def test_metrics_are_served_elsewhere_or_no_more_once_the_settings_say_so(daemon: Running) -> None:
    one, other = free_port(), free_port()
    assert not scraped(one)
    reload(daemon, f'listen = "127.0.0.1:{one}"')
    assert scraped(one)
    reload(daemon, f'listen = "127.0.0.1:{other}"')
    assert (scraped(one), scraped(other)) == (False, True)
    reload(daemon, "")
    assert not scraped(other)
    assert daemon.end() == 0


def test_a_port_that_is_taken_keeps_the_one_before_and_says_why(daemon: Running) -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wanted = taken.getsockname()[1]
        reload(daemon, f'listen = "127.0.0.1:{wanted}"')
        refusal = f"[metrics] listen is not taken up: metrics cannot be served on 127.0.0.1 port {wanted}: Address"
        assert f"{refusal} already in use; nowhere" in daemon.log.read_text()
        reload(daemon, f'listen = "127.0.0.1:{port}"')
        reload(daemon, f'listen = "127.0.0.1:{wanted}"')
        assert f"already in use; they are served where they were, 127.0.0.1 port {port}" in daemon.log.read_text()
        assert scraped(port)
    reload(daemon, f'listen = "127.0.0.1:{wanted}"')
    assert (scraped(port), scraped(wanted)) == (False, True)


def test_another_textfile_is_taken_up_and_none_is_left_that_nobody_renews(daemon: Running) -> None:
    folder = daemon.cli.folder
    reload(daemon, f'textfile = "{folder}/one.prom"')
    assert (folder / "one.prom").read_text().endswith("# EOF\n")
    reload(daemon, f'textfile = "{folder}/nowhere/other.prom"')
    kept = f"No such file or directory; they are written where they were, {folder}/one.prom"
    assert f"[metrics] textfile is not taken up: {folder}/nowhere/other.prom: {kept}" in daemon.log.read_text()
    (folder / "one.prom").write_text("")
    assert daemon.cli("run", "lamp").code == 0
    within(20, lambda: (folder / "one.prom").read_text().endswith("# EOF\n"))
    reload(daemon, f'textfile = "{folder}/other.prom"')
    assert [one.name for one in folder.glob("*.prom")] == ["other.prom"]
    reload(daemon, "")
    assert not [*folder.glob("*.prom")]
    assert daemon.cli("run", "lamp").code == 0
    assert not [*folder.glob("*.prom")]


def test_it_serves_its_metrics_where_the_settings_say(cli: Cli, lamp: Callable[[str], None]) -> None:
    lamp("kitchen")
    port = free_port()
    cli.settings(f'{SETTINGS}[metrics]\nlisten = "127.0.0.1:{port}"\n')
    with running(cli) as daemon:
        within(20, lambda: daemon.runs_of("lamp") == 1)
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
            text = answer.read().decode()
        assert 'check="lamp"' in text
        assert text.endswith("# EOF\n")
        assert daemon.end() == 0


def test_killed_it_leaves_a_history_that_the_next_one_takes_up(daemon: Running) -> None:
    daemon.process.kill()
    daemon.process.wait()
    assert daemon.cli("run", "lamp").code == 0
    daemon.cli.environment.pop("NOTIFY_SOCKET")
    assert daemon.runs_of("lamp") == 2


def test_it_is_petted_for_while_it_comes_round(cli: Cli, lamp: Callable[[str], None]) -> None:
    lamp("")
    cli.environment["WATCHDOG_USEC"] = "300000"
    with running(cli) as daemon:
        for _ in range(3):
            daemon.hear("WATCHDOG=1")
        assert daemon.end() == 0


def test_a_look_that_hangs_neither_holds_the_others_nor_the_end(cli: Cli, lamp: Callable[[str], None]) -> None:
    lamp("")
    cli.plugin("slow", SLOW)
    cli.environment["SLOW"] = "3600"
    cli.settings("[checks.slow]\nevery = '100ms'\ntime_limit = '200ms'\n[checks.lamp]\nevery = '100ms'\n")
    with running(cli) as daemon:
        within(20, lambda: daemon.runs_of("slow") > 5 and daemon.runs_of("lamp") > 20)
        threads = len(list(Path(f"/proc/{daemon.process.pid}/task").iterdir()))
        assert threads < 6, "it hangs in one thread, not in one each time"
        assert daemon.end() == 0
    assert "slow failed" in daemon.log.read_text()
