"""`python -m tests.notify.zygote HISTORY TARGETS`: drains when it is told to, by processes that start at once.

What takes time, importing apprise and SQLAlchemy, is done here once. For each line on standard input, the id of a
boot, it forks one that drains, which forks one that sends: both as they are else, but for the exec. Their pids are
answered, and "done" when the draining one ended by itself. TARGETS is JSON: the URL of each target by its name.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import apprise
from msgspec.structs import replace

from watchdog.history.records import Keep
from watchdog.history.store import History
from watchdog.host import Host
from watchdog.model import Stamp
from watchdog.notify import Pace, drain, leash
from watchdog.notify.child import Child, Sender, start_sender
from watchdog.secret import Secret


class Forked:
    """What `Child` needs of a process, for one that we forked."""

    def __init__(self) -> None:
        (into, self_in), (self_out, out) = os.pipe(), os.pipe()
        ours = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            os.dup2(into, 0)
            os.dup2(out, 1)
            os.closerange(3, 1024)
            leash.main(ours)
            os._exit(0)
        os.close(into)
        os.close(out)
        self.stdin: IO[bytes] = os.fdopen(self_in, "wb")
        self.stdout: IO[bytes] = os.fdopen(self_out, "rb")
        self.returncode: int | None = None

    def wait(self) -> None:
        _, self.returncode = os.waitpid(self.pid, 0)


def run(path: Path, urls: dict[str, str], boot: str, tell: Callable[[str], None]) -> None:
    """Drain once."""
    forked = [Forked()]
    tell(f"{os.getpid()} {forked[0].pid}")

    def start(wake: Callable[[], None]) -> Sender:
        return Child(wake, forked.pop()) if forked else start_sender(wake)  # type: ignore[arg-type]

    def stamp() -> Stamp:
        return replace(Host().stamp(), boot_id=boot)

    def read(url: str) -> Callable[[], Secret]:
        return lambda: Secret(url)

    with History.open(path, now=stamp(), wait_seconds=20, command="drain", keep=Keep()) as history:
        targets = {name: read(url) for name, url in urls.items()}
        drain(history, targets, stamp, Pace(limit_seconds=30.0, most_at_once=1000), start)
    tell("done")


def main() -> None:
    """Fork for each line."""
    apprise.NotificationManager().load_modules()
    path, urls = Path(sys.argv[1]), json.loads(sys.argv[2])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    answers = os.dup(1)

    def tell(text: str) -> None:
        os.write(answers, f"{text}\n".encode())

    tell("ready")
    while line := os.read(0, 100).decode().strip():
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            run(path, urls, line, tell)
            os._exit(0)


if __name__ == "__main__":
    main()
