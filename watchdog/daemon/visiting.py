"""How the other commands speak to a daemon that keeps the history: the other side of door.py."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from watchdog.daemon.door import Ask, DaemonState, door_path, reachable
from watchdog.errors import HistoryError
from watchdog.model import CheckResult, Finding, Metric, Note, Severity, Stamp, Unseen


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What the daemon's checks said when they were asked to look; `unrecorded` is why that is not on record."""

    host: str
    started: Stamp
    ended: Stamp
    results: tuple[CheckResult, ...]
    unrecorded: str = ""


class DaemonSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What is seen of a history's daemon from outside. `runs` None: it is not for us to ask.

    `state` is what it says of itself; None: it does not run, or did not answer in time.
    """

    runs: bool | None
    state: DaemonState | None = None


@contextmanager
def borrowed(history: Path, wait_seconds: float) -> Iterator[None]:
    """Have the daemon let go of its history, if there is one, until the block ends.

    Raises HistoryError when there is one and it does not let go.
    """
    connection = _knock(history, wait_seconds)
    if connection is None:
        yield
        return
    with connection:
        _ask(connection, Ask(ask="lend"))
        if _hear(connection, wait_seconds) is None:
            raise HistoryError(
                f"a watchdog daemon keeps the history {history} and did not lend it within {wait_seconds:g} s:"
                " it may be healing; try again, or see what it says: journalctl -t watchdog"
            )
        yield


def is_kept(history: Path) -> bool:
    """Tell whether a daemon answers for this history."""
    connection = _knock(history, 1.0)
    if connection is not None:
        connection.close()
    return connection is not None


def see_daemon(history: Path, wait_seconds: float) -> DaemonSeen:
    """Ask the daemon of this history how it is."""
    try:
        connection = _connect(history, wait_seconds)
    except (FileNotFoundError, ConnectionRefusedError):
        return DaemonSeen(runs=False)
    except (BlockingIOError, TimeoutError):  # others wait at its door, too
        return DaemonSeen(runs=True)
    except OSError:
        return DaemonSeen(runs=None)
    with connection:
        _ask(connection, Ask(ask="state"))
        answer = _hear(connection, wait_seconds)
    try:
        return DaemonSeen(runs=True, state=msgspec.convert(answer, DaemonState) if answer else None)
    except msgspec.ValidationError:  # it is of another version
        return DaemonSeen(runs=True)


def have_looked(history: Path, checks: Sequence[str], wait_seconds: float) -> Looked | None:
    """Have the daemon look at these checks now, record and do what a cycle does; None: there is no daemon.

    Raises HistoryError when there is one and it does not answer in time.
    """
    connection = _knock(history, wait_seconds)
    if connection is None:
        return None
    with connection:
        _ask(connection, Ask(ask="run", checks=tuple(checks)))
        answer = _hear(connection, wait_seconds)
    if answer is None:
        raise HistoryError(
            f"a watchdog daemon keeps the history {history}; asked to look, it did not answer within"
            f" {wait_seconds:g} s: see what it says, journalctl -t watchdog"
        )
    try:
        return _looked(msgspec.convert(answer, _Answer))
    except msgspec.ValidationError as error:
        raise HistoryError(
            f"the watchdog daemon that keeps {history} answers in another version's words ({error}): restart it"
        ) from error


class _Result(msgspec.Struct, frozen=True, kw_only=True):
    """A CheckResult on its way; evidence is whatever JSON it was."""

    check: str
    judged: bool
    applicable: bool = True
    failed: bool = False
    reason: str = ""
    took_seconds: float = 0.0
    findings: tuple[dict[str, Any], ...] = ()
    unseen: tuple[Unseen, ...] = ()
    notes: tuple[dict[str, Any], ...] = ()
    metrics: tuple[Metric, ...] = ()


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    started: Stamp
    ended: Stamp
    results: tuple[_Result, ...]
    unrecorded: str = ""


def _looked(answer: _Answer) -> Looked:
    results = tuple(
        CheckResult(
            **{
                **msgspec.structs.asdict(one),
                "findings": tuple(_finding(item) for item in one.findings),
                "notes": tuple(Note(**item) for item in one.notes),
            }
        )
        for one in answer.results
    )
    return Looked(
        host=answer.host,
        started=answer.started,
        ended=answer.ended,
        results=results,
        unrecorded=answer.unrecorded,
    )


def _finding(item: Mapping[str, Any]) -> Finding:
    return Finding(**{**item, "severity": Severity(item["severity"])})


def _knock(history: Path, wait_seconds: float) -> socket.socket | None:
    try:
        return _connect(history, wait_seconds)
    except OSError:  # nobody there, what is there is of one that is gone, or it is not for us
        return None


def _connect(history: Path, wait_seconds: float) -> socket.socket:
    """Return a connection to the daemon of this history. Raises OSError."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    connection.settimeout(max(wait_seconds, 0.1))
    try:
        with reachable(door_path(history)) as address:
            connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


def _ask(connection: socket.socket, ask: Ask) -> None:
    try:
        connection.sendall(msgspec.json.encode(ask) + b"\n")
    except OSError:
        return  # what is heard then is nothing


def _hear(connection: socket.socket, wait_seconds: float) -> Any:
    """Return what the daemon answers, None when it does not."""
    connection.settimeout(max(wait_seconds, 0.1))
    said = b""
    try:
        while not said.endswith(b"\n"):
            if not (piece := connection.recv(1 << 16)):
                return None
            said += piece
        return msgspec.json.decode(said)
    except (OSError, msgspec.MsgspecError):
        return None
