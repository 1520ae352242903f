"""Programs of ours without the second in which each imports what all import: forked from one that has it loaded.

A server (tests/fork_server.py) for each way of starting the interpreter; it begins with the first program that
needs it, and ends with this process. What the kernel keeps of a program (name, command line, memory) is the
server's, and its parent is the server: who looks at these, or tests what is imported, starts a real program.
"""

import atexit
import functools
import inspect
import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.fork_server import Request

_SERVER = Path(__file__).parent / "fork_server.py"
# What is read before any code of ours runs, and so can only be set for a whole server.
_READ_AT_THE_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "OPENSSL_")

# What the commands of `watchdog` import, each when it needs it; not what a process of its own does (apprise).
WATCHDOG = """
import encodings.utf_8_sig, importlib, pkgutil
import alembic.command, psutil, pyroute2, rich.console, rich.table, sqlalchemy.dialects.sqlite
import checks, remediations, watchdog
APART = ("watchdog.cli.__main__", "watchdog.history.migrations.", "watchdog.notify.")
for package in (checks, remediations, watchdog):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.startswith(APART):
            importlib.import_module(module.name)
"""

# What the process that sends imports.
SENDER = """
import apprise, watchdog.notify.sender
apprise.NotificationManager().load_modules()
"""

_STARTING = inspect.signature(subprocess.Popen._execute_child)  # type: ignore[attr-defined]


class Forked(subprocess.Popen[Any]):
    """A Python program, as subprocess.Popen, but for how it is started and waited for.

    `args` are a script of this interpreter's, or begin with this interpreter and its options. `prepare` is code
    that imports what such programs have in common.
    """

    def __init__(self, args: Sequence[str], prepare: str, **how: Any) -> None:
        self._prepare = prepare
        super().__init__(args, **how)

    def _execute_child(self, *positional: Any) -> None:
        given = _STARTING.bind(self, *positional).arguments
        options, argv = _apart(given["args"])
        environment = dict(os.environ if given["env"] is None else given["env"])
        request = Request(
            argv=argv,
            environment=environment,
            folder=str(Path(given["cwd"] or os.curdir).absolute()),
            umask=given["umask"],
            new_session=given["start_new_session"],
        )
        streams = [given[name] for name in ("p2cread", "c2pwrite", "errwrite")]
        inherited = [number if stream == -1 else stream for number, stream in enumerate(streams)]
        self._told, told = os.pipe()
        server = _server(os.getpid(), options, self._prepare, _at_the_start(environment))
        socket.send_fds(server, [json.dumps(request).encode()], [*inherited, told])
        os.close(told)
        self.pid = self._hear()
        self._child_created = True
        pipes = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
        self._close_pipe_fds(*(given[name] for name in pipes))  # type: ignore[attr-defined]

    def _hear(self) -> int:
        said = os.read(self._told, 8)
        if len(said) != 8:
            raise ChildProcessError("the server of tests/forked.py ended: its stderr says why")
        return int.from_bytes(said, "little")

    def _try_wait(self, flags: int) -> tuple[int, int]:
        if flags & os.WNOHANG:
            waiting = select.poll()
            waiting.register(self._told, select.POLLIN)
            if not waiting.poll(0):
                return 0, 0
        status = self._hear()
        os.close(self._told)
        return self.pid, status

    def _internal_poll(self, _deadstate: int | None = None) -> int | None:
        if self.returncode is None and self._waitpid_lock.acquire(blocking=False):  # else another thread waits
            try:
                pid, status = self._try_wait(os.WNOHANG)
                if pid:
                    self._handle_exitstatus(status)
            finally:
                self._waitpid_lock.release()
        return self.returncode


def run(
    args: Sequence[str], prepare: str, *, env: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """Do as subprocess.run with its output captured as text."""
    with Forked(args, prepare, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        try:
            out, err = program.communicate(timeout=timeout)
        except BaseException:
            program.kill()
            raise
    return subprocess.CompletedProcess(args, program.returncode, out, err)


def _apart(args: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """Return the options of the interpreter, and what they say or leave to run."""
    if args[0] != sys.executable:
        return (), list(args)
    count = next(number for number, word in enumerate(args[1:], 1) if word == "-m" or not word.startswith("-"))
    return tuple(args[1:count]), list(args[count:])


def _at_the_start(environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, value)
        for name, value in sorted(environment.items())
        if name.startswith(_READ_AT_THE_START) and name != "PYTHONPATH"
    )


@functools.cache
def _server(
    _pid: int, options: tuple[str, ...], prepare: str, environment: tuple[tuple[str, str], ...]
) -> socket.socket:
    """Return where a server takes requests.

    A child of ours (tests/history/child.py), who may be another user, gets one of its own.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        server = subprocess.Popen(
            [sys.executable, *options, str(_SERVER), str(theirs.fileno()), prepare],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    atexit.register(_end, ours, server)
    return ours


def _end(requests: socket.socket, server: subprocess.Popen[bytes]) -> None:
    """Wait for a server, so that what its programs took counts as ours (times(2)); a killed one's ends as well."""
    requests.close()
    server.wait()
