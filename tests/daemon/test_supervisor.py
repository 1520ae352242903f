"""What systemd and the journal would hear: real sockets, and a loop that is well or not."""

import os
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchdog.daemon.log import ERROR, Log
from watchdog.daemon.supervisor import Petting, Supervisor


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.settimeout(10)
        yield listener


def test_fields_go_in_one_datagram(listener: socket.socket) -> None:
    Supervisor({"NOTIFY_SOCKET": listener.getsockname()}).tell(READY=1, STATUS="two\nlines")
    assert listener.recv(1000) == b"READY=1\nSTATUS=two lines"


def test_an_abstract_socket() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0watchdog-test-{os.getpid()}")
        listener.settimeout(10)
        Supervisor({"NOTIFY_SOCKET": f"@watchdog-test-{os.getpid()}"}).tell(STOPPING=1)
        assert listener.recv(1000) == b"STOPPING=1"


@pytest.mark.parametrize("name", ["", "vsock:2:1234", "relative", "/nowhere/at/all"])
def test_nobody_to_tell_is_no_trouble(name: str) -> None:
    Supervisor({"NOTIFY_SOCKET": name} if name else {}).tell(READY=1)


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        pytest.param({}, 0.0, id="nobody-asked"),
        pytest.param({"WATCHDOG_USEC": "30000000"}, 10.0, id="three-times-as-often-as-we-must"),
        pytest.param({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 10.0, id="us"),
        pytest.param({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, 0.0, id="another-process"),
        pytest.param({"WATCHDOG_USEC": "soon"}, 0.0, id="nonsense"),
    ],
)
def test_how_often_to_pet(environ: dict[str, str], seconds: float) -> None:
    assert Supervisor(environ).pet_seconds == seconds


def test_a_loop_that_is_stuck_is_no_longer_spoken_for(listener: socket.socket) -> None:
    asked = threading.Semaphore(0)
    well = [True, True, False, False]

    def is_well() -> bool:
        asked.release()
        return well.pop(0) if well else False

    environ = {"NOTIFY_SOCKET": listener.getsockname(), "WATCHDOG_USEC": "30000"}
    petting = Petting(Supervisor(environ), is_well)
    for _ in range(5):
        assert asked.acquire(timeout=10)
    petting.close()
    listener.setblocking(False)
    assert [listener.recv(100), listener.recv(100)] == [b"WATCHDOG=1"] * 2
    with pytest.raises(BlockingIOError):
        listener.recv(100)


def fields_of(packet: bytes) -> dict[str, str]:
    """Read the journal's native protocol."""
    fields = {}
    while packet:
        line, _, packet = packet.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            (length,) = struct.unpack_from("<Q", packet)
            value, packet = packet[8 : 8 + length], packet[9 + length :]
        fields[name.decode()] = value.decode()
    return fields


def journal_of(listener: socket.socket, tmp_path: Path) -> Log:
    file = os.open(tmp_path / "stderr", os.O_CREAT | os.O_RDWR)
    status = os.fstat(file)
    environ = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
    return Log(environ, path=listener.getsockname(), stderr=file)


def test_the_journal_gets_fields(listener: socket.socket, tmp_path: Path) -> None:
    journal_of(listener, tmp_path).say(
        "clock\x1b went back", ERROR, WATCHDOG_SUBJECT="two\nlines", WATCHDOG_INCIDENT=7
    )
    assert fields_of(listener.recv(10000)) == {
        "MESSAGE": "clock  went back",
        "PRIORITY": "3",
        "SYSLOG_IDENTIFIER": "watchdog",
        "WATCHDOG_SUBJECT": "two\nlines",
        "WATCHDOG_INCIDENT": "7",
    }


def test_a_journal_that_is_gone_leaves_stderr(
    listener: socket.socket, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = journal_of(listener, tmp_path)
    (tmp_path / "socket").unlink()
    log.say("still heard")
    assert capsys.readouterr().err == "watchdog: still heard\n"


def test_a_stderr_that_is_no_journal_is_written_to(capsys: pytest.CaptureFixture[str]) -> None:
    Log({"JOURNAL_STREAM": "1:2"}).say("plain\r\nwords")
    assert capsys.readouterr().err == "watchdog: plain  words\n"
