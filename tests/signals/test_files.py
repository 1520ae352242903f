"""Files that change and logs that grow, in a folder of the test's own; what a program says that is followed."""

import select
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.errors import Unobservable
from watchdog.host import Host
from watchdog.linux.inotify import parse_events
from watchdog.signals.files import FilesEar, Listening
from watchdog.signals.journal import JournalEar


def heard(ear: FilesEar | JournalEar, seconds: float = 0.0) -> set[str]:
    """Return who is woken now; waiting for the first of it, where something must come."""
    woken: set[str] = set()
    while select.select([ear.descriptor], [], [], 0.0 if woken else seconds)[0]:
        woken |= set(ear.hear())
        if isinstance(ear, JournalEar) and ear.is_over:
            break
    return woken


def write(path: Path, text: str = "new") -> None:
    path.write_text(text)


def replace(path: Path) -> None:
    path.with_suffix(".tmp").write_text("new")
    path.with_suffix(".tmp").rename(path)


@pytest.fixture
def ear(tmp_path: Path) -> FilesEar:
    etc = tmp_path / "etc"
    (etc / "ntp.d").mkdir(parents=True)
    (etc / "keepalived").mkdir()
    (etc / "ntp.conf").write_text("old")
    (tmp_path / "log").mkdir()
    (tmp_path / "log/mail.log").write_text("old: Time moved backwards\n")
    return FilesEar(
        (
            Listening(check="ntp", files=(f"{etc}/ntp.conf", f"{etc}/ntp.d", f"{etc}/chrony/chrony.conf")),
            Listening(check="vrrp", files=(f"{etc}/keepalived",)),
            Listening(check="mail", logs=(f"{tmp_path}/log/mail.log",), hears=lambda line: ": Time " in line),
        )
    )


@pytest.mark.parametrize(
    ("path", "change", "woken"),
    [
        pytest.param("etc/ntp.conf", write, {"ntp"}, id="written"),
        pytest.param("etc/ntp.conf", replace, {"ntp"}, id="replaced-as-editors-do"),
        pytest.param("etc/ntp.conf", Path.unlink, {"ntp"}, id="taken-away"),
        pytest.param("etc/ntp.d/local.conf", write, {"ntp"}, id="a-file-in-a-folder"),
        pytest.param("etc/keepalived/keepalived.conf", write, {"vrrp"}, id="another-check's"),
        pytest.param("etc/passwd", write, set(), id="nobody's"),
        pytest.param("etc/ntp.conf", Path.read_text, set(), id="read-only"),
    ],
)
def test_who_is_woken(
    tmp_path: Path, ear: FilesEar, path: str, change: Callable[[Path], object], woken: set[str]
) -> None:
    change(tmp_path / path)
    assert heard(ear) == woken
    ear.close()


def test_a_folder_that_was_not_there_is_watched_once_it_is(tmp_path: Path, ear: FilesEar) -> None:
    (tmp_path / "etc/chrony").mkdir()
    assert heard(ear) == {"ntp"}
    (tmp_path / "etc/chrony/chrony.conf").write_text("makestep 1 -1")
    assert heard(ear) == {"ntp"}
    (tmp_path / "etc/ntp.conf").write_text("still watched")
    assert heard(ear) == {"ntp"}
    ear.close()


def test_a_log_is_read_from_its_end_on_line_by_line(tmp_path: Path, ear: FilesEar) -> None:
    log = tmp_path / "log/mail.log"
    with log.open("a") as file:
        for text, woken in (
            ("imap: Error: nothing of it\n", set[str]()),
            ("imap: Fatal: Time just mo", set[str]()),
            ("ved backwards by 18 seconds\n", {"mail"}),
            ("and on\n", set[str]()),
        ):
            file.write(text)
            file.flush()
            assert heard(ear) == woken, text
    ear.close()


def test_a_rotated_log_is_followed(tmp_path: Path, ear: FilesEar) -> None:
    log = tmp_path / "log/mail.log"
    log.rename(log.with_suffix(".1"))
    log.write_text("imap: Fatal: Time just moved backwards by 18 seconds\n")
    assert heard(ear) == {"mail"}
    with log.open("a") as file:
        file.write("imap: Fatal: Time just moved backwards by 19 seconds\n")
    assert heard(ear) == {"mail"}
    log.write_text("")
    with log.open("a") as file:
        file.write("lmtp: Fatal: Time just moved backwards by 20 seconds\n")
    assert heard(ear) == {"mail"}, "copied and cut short, as copytruncate does"
    ear.close()


def test_a_flood_is_read_at_its_end_only(tmp_path: Path, ear: FilesEar) -> None:
    with (tmp_path / "log/mail.log").open("a") as file:
        file.write("imap: Time to go\n" + "x" * 999_999 + "\n")
        file.write("y\n" * 1000)
    assert heard(ear) == set()
    ear.close()


@given(st.binary(max_size=200))
def test_whatever_is_read_nothing_is_raised(data: bytes) -> None:
    assert len(list(parse_events(data))) <= len(data) // 16


def test_a_program_is_followed_until_it_is_ended(tmp_path: Path) -> None:
    program = tmp_path / "talk"
    program.write_text("#!/bin/sh\nprintf 'one\\ntwo: Ti'; printf 'me back\\n'; exec /bin/sleep 60\n")
    program.chmod(0o755)
    wanted = (
        ("mail", lambda line: "Time" in line),
        ("ntp", lambda line: line == "one"),
        ("os", lambda line: False),
    )
    follower = Host(program_folders=str(tmp_path)).follow(["talk"])
    ear = JournalEar(follower, wanted)
    woken: set[str] = set()
    while woken != {"mail", "ntp"}:
        more = heard(ear, 10)
        assert more, "nothing came"
        woken |= more
    assert not ear.is_over
    ear.close()


def test_a_program_that_ends_is_over(tmp_path: Path) -> None:
    program = tmp_path / "brief"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    ear = JournalEar(Host(program_folders=str(tmp_path)).follow(["brief"]), ())
    assert heard(ear, 10) == set()
    assert ear.is_over
    ear.close()
    with pytest.raises(Unobservable, match="not installed"):
        Host(program_folders=str(tmp_path)).follow(["nothing"])
