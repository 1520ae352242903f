"""`python tests/fork_server.py SOCKET PREPARE`: runs Python programs as children forked from here.

What they all import is imported once, by the code PREPARE. A request is one packet of JSON (`Request`) with four
descriptors: the child's three streams, and where its pid and, when it has ended, its wait status are told, in 8
bytes each. The server ends when nobody can ask any more; what it started goes on, as it would without it.
"""

import gc
import importlib
import json
import os
import runpy
import selectors
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

MOST_BYTES = 200_000  # what a packet may have by default: net.core.wmem_default


class Request(TypedDict):
    """A program, and the surroundings it finds."""

    argv: list[str]  # the words after the interpreter's own options: a script, or -m and a module, and arguments
    environment: dict[str, str]
    folder: str
    umask: int  # -1: as it is
    new_session: bool


def serve(requests: socket.socket) -> Request | None:
    """Return None when nobody can ask any more; and, in each child, what that child has to do."""
    running: dict[int, tuple[int, int]] = {}  # by the pidfd: the pid, and where its end is told
    selector = selectors.DefaultSelector()
    selector.register(requests, selectors.EVENT_READ)
    while True:
        try:
            ready = selector.select()
        except KeyboardInterrupt:  # which ends who would ask, too
            return None
        for key, _ in ready:
            if key.fd != requests.fileno():
                pid, told = running.pop(key.fd)
                selector.unregister(key.fd)
                os.close(key.fd)
                _, status = os.waitpid(pid, 0)
                tell(told, status)
                os.close(told)
                continue
            packet, descriptors, _, _ = socket.recv_fds(requests, MOST_BYTES, 4)
            if not packet:
                return None
            *streams, told = descriptors
            if (pid := os.fork()) == 0:
                selector.close()
                requests.close()
                for number, stream in enumerate(streams):
                    os.dup2(stream, number)
                os.closerange(3, os.sysconf("SC_OPEN_MAX"))
                request: Request = json.loads(packet)
                return request
            for stream in streams:
                os.close(stream)
            pidfd = os.pidfd_open(pid)
            running[pidfd] = (pid, told)
            selector.register(pidfd, selectors.EVENT_READ)
            tell(told, pid)


def tell(told: int, number: int) -> None:
    with suppress(BrokenPipeError):  # who asked has gone
        os.write(told, number.to_bytes(8, "little"))


def surround(request: Request, path: list[str]) -> None:
    """Make of this process what the interpreter makes of itself; `path` are the folders that it always has."""
    if request["new_session"]:
        os.setsid()
    os.chdir(request["folder"])
    if request["umask"] >= 0:
        os.umask(request["umask"])
    added = dict(os.environ)  # of the child's own; but the interpreter may have added LC_CTYPE
    os.environ.clear()
    os.environ.update(request["environment"] | added)
    time.tzset()
    named = "" if sys.flags.isolated else os.environ.get("PYTHONPATH", "")
    sys.path[:] = dict.fromkeys([*map(os.path.abspath, named.split(os.pathsep) if named else ()), *path])
    importlib.invalidate_caches()
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        old = getattr(sys, name)
        stream = open(  # noqa: SIM115 - for as long as the process is
            number, "w" if number else "r", encoding=old.encoding, errors=old.errors, closefd=False
        )
        stream.buffer.raw.name = f"<{name}>"
        stream.reconfigure(line_buffering=stream.line_buffering or number == 2)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def run(argv: list[str]) -> None:
    """Be the program. What it raises is for the interpreter to tell, as ever."""
    sys.orig_argv[:] = [*sys.orig_argv[: -len(sys.argv)], *argv]
    if argv[0] == "-m":
        if not sys.flags.isolated:
            sys.path.insert(0, str(Path.cwd()))
        sys.argv[:] = ["-m", *argv[2:]]
        runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
        return
    if not sys.flags.isolated:
        sys.path.insert(0, str(Path(argv[0]).resolve().parent))
    sys.argv[:] = argv
    runpy.run_path(argv[0], run_name="__main__")


def main() -> None:
    descriptor, prepare = sys.argv[1:]
    path = sys.path[:] if sys.flags.isolated else sys.path[1:]  # without the folder of this script
    exec(prepare, {})  # noqa: S102 - our tests' own words
    assert threading.active_count() == 1, "a fork would leave what other threads hold as it is"
    gc.collect()
    gc.freeze()
    request = serve(socket.socket(fileno=int(descriptor)))
    if request is not None:
        surround(request, path)
        run(request["argv"])


if __name__ == "__main__":
    main()
