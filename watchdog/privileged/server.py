"""The privileged end of the socket: one request a connection, one at a time, and out when nobody asks any more."""

import os
import pwd
import select
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

from watchdog.errors import WatchdogError
from watchdog.privileged.duty import Duty
from watchdog.privileged.framing import Garbled, receive, send, user_of
from watchdog.privileged.messages import USER, Denied, Request

# systemd hands over the socket as this descriptor (sd_listen_fds(3)).
FIRST_DESCRIPTOR = 3
IDLE_SECONDS = 60.0
# A request is written in one go, and its answer read at once.
_REQUEST_SECONDS = 5.0
_LOOK_SECONDS = 5.0


def inherited_socket(environ: Mapping[str, str]) -> socket.socket:
    """Return the listening socket that systemd made; WatchdogError when it did not start us."""
    if environ.get("LISTEN_PID") != str(os.getpid()) or environ.get("LISTEN_FDS") != "1":
        raise WatchdogError(
            "this is started by host-watchdog-heal.socket, and by nobody else: watchdog install --daemon"
        )
    listener = socket.socket(fileno=FIRST_DESCRIPTOR)
    if listener.family != socket.AF_UNIX or listener.type != socket.SOCK_STREAM:
        raise WatchdogError("what systemd handed over is no Unix stream socket: see host-watchdog-heal.socket")
    listener.set_inheritable(False)
    return listener


def allowed_users() -> frozenset[int]:
    """Return who may ask: root, and the daemon's user where there is one."""
    users = {0}
    with suppress(KeyError):
        users.add(pwd.getpwnam(USER).pw_uid)
    return frozenset(users)


def serve(
    listener: socket.socket,
    duty: Duty,
    users: frozenset[int],
    log: Callable[[str], None],
    *,
    idle_seconds: float = IDLE_SECONDS,
) -> None:
    """Answer until nobody has asked for so long, and no plan is under way.

    Whoever is no such user, dawdles, floods or babbles is logged and left; the next is answered.
    """
    idle = 0.0
    while idle < idle_seconds or duty.busy:
        if not select.select([listener], [], [], min(_LOOK_SECONDS, idle_seconds))[0]:
            idle += min(_LOOK_SECONDS, idle_seconds)
            continue
        idle = 0.0
        with suppress(OSError):  # gone before it was taken
            channel, _ = listener.accept()
            with channel:
                _serve_one(channel, duty, users, log)


def _serve_one(channel: socket.socket, duty: Duty, users: frozenset[int], log: Callable[[str], None]) -> None:
    uid = user_of(channel)
    channel.settimeout(_REQUEST_SECONDS)
    if uid not in users:
        log(f"refused: user {uid} may not ask for anything; only root and {USER} may")
        return
    try:
        request = receive(channel, Request, _REQUEST_SECONDS)
    except Garbled as error:
        log(f"refused: user {uid}: {error}")
        with suppress(OSError, Garbled):
            send(channel, Denied(reason=str(error)))
        return
    reply = duty.answer(request, by_root=uid == 0)
    log(f"user {uid} asked {_in_words(request)}: {_in_words(reply)}")
    channel.settimeout(_REQUEST_SECONDS)
    with suppress(Garbled):
        send(channel, reply)


def _in_words(message: object) -> str:
    """Say on a line what was asked or answered; never the memories, nor a file's text."""
    step = getattr(message, "step", None)
    words = [type(message).__name__]
    words += [
        str(value)
        for name in ("remediation", "fault", "subject", "reason")
        if (value := getattr(message, name, ""))
    ]
    words += [step.describe().partition("\n")[0]] if step is not None else []
    return " ".join(words)
