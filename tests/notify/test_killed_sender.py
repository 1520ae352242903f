"""Kill -9 at a hundred random moments, with five hundred notifications under way: none lost, few told twice."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.history.make import cycle, incident, message, open_history, result
from tests.in_namespace import ROOT
from tests.notify.web import Target, url_of
from watchdog.history.read import Reader
from watchdog.host import Host

MESSAGES = 500
# From the fork on: before the history is open, before the first message is out, amid them. On a busy machine that
# takes longer, which the first drain finds out.
LONGEST_SECONDS, MOST_SECONDS = 0.35, 2.0


class Zygote:
    """Drains by processes that are killed."""

    def __init__(self, path: Path, urls: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.notify.zygote", path, json.dumps(urls)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "NO_PROXY": "*"},
        )
        assert self.hear() == "ready"

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def drain(self, boot: str) -> tuple[int, int]:
        """Begin to drain; return who drains and who sends."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{boot}\n")
        self.process.stdin.flush()
        said = self.hear()
        while said == "done":  # of one that ended before it was killed
            said = self.hear()
        drainer, sender = said.split()
        return int(drainer), int(sender)


@pytest.fixture
def servers() -> Iterator[list[Target]]:
    servers = [Target(200) for _ in range(3)]
    yield servers
    for server in servers:
        server.close()


def kill(*pids: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return


@pytest.mark.program
@pytest.mark.parametrize(
    ("targets", "kills"), [pytest.param(1, 100, id="one-target"), pytest.param(3, 30, id="three-targets")]
)
def test_none_is_lost_and_at_most_one_is_told_twice_for_each_kill_and_target(
    tmp_path: Path, servers: list[Target], targets: int, kills: int
) -> None:
    path, seed = tmp_path / "history.db", random.randrange(10**6)  # noqa: S311
    chance = random.Random(seed)  # noqa: S311
    names = [f"ops{n}" for n in range(targets)]
    with open_history(path, Host().stamp()) as history:
        now = Host().stamp()
        told = tuple(
            message(f"{n}", title=f"<{n}>", body=f"<{n}>", target=names[n % targets]) for n in range(MESSAGES)
        )
        history.record(cycle(now, result(), incidents=[incident(opened=now)], messages=told))
    urls = {name: url_of(server.server_port)().reveal() for name, server in zip(names, servers, strict=False)}
    zygote = Zygote(path, urls)
    before = []
    began = time.monotonic()
    first = zygote.drain(now.boot_id)
    while not any(server.received for server in servers):
        assert time.monotonic() < began + 60
        time.sleep(0.01)
    longest = min(max(LONGEST_SECONDS, 1.5 * (time.monotonic() - began)), MOST_SECONDS)
    kill(*first)
    for number in range(1, kills):
        before.append(sum(len(server.received) for server in servers))
        drainer, sender = zygote.drain(now.boot_id)
        threading.Event().wait(chance.uniform(0, longest))
        # Who drains, whose sender then is to go with it; or the sender first, and who drains while it copes.
        kill(drainer) if number % 2 else kill(sender)
        threading.Event().wait(chance.uniform(0, 0.02))
        kill(drainer)
    under_way = sum(received < MESSAGES for received in before)
    taken_before = sum(len(server.received) for server in servers)
    for number in range(20):  # a drain has its time limit, which a busy machine may need for a part of them
        zygote.drain(f"after-reboot-{number}")  # so that nothing waits for its lease or its retry
        assert zygote.hear() == "done"
        with Reader.open(path) as reader:
            if not reader.outbox_summary().pending:
                break
    zygote.process.kill()
    zygote.process.wait()

    taken = Counter(body["message"].strip("<>") for server in servers for body in server.received)
    twice = sum(count - 1 for count in taken.values())
    print(f"seed {seed}: {kills} kills, {taken_before} taken by the last, {twice} twice")
    assert taken.keys() == {f"{n}" for n in range(MESSAGES)}
    assert taken_before > 0
    assert twice <= kills * targets
    assert under_way == kills - 1, "each kill had something to lose"
    with Reader.open(path) as reader:
        summary = reader.outbox_summary()
    assert (summary.sent, summary.pending, summary.refused) == (MESSAGES, 0, 0)
