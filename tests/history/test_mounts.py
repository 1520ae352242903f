"""Where the file cannot be written, or hardly: read-only, full, somebody else's."""

import os
from pathlib import Path

import pytest

from tests.history.child import as_nobody, enlarge, fork, mount_tmpfs, remount_read_only, with_own_mounts
from tests.history.make import at, cycle, open_history, result
from tests.needs import need
from watchdog.errors import HistoryError
from watchdog.history.read import Reader
from watchdog.model import CheckResult, Note


def complaint_of_writer(path: Path) -> str:
    try:
        with open_history(path, at(100)) as history:
            history.record(cycle(at(100), result()))
    except HistoryError as error:
        return str(error)
    return ""


def counted(path: Path) -> list[int]:
    with Reader.open(path) as reader:
        return [span.count for span in reader.latest_spans()]


def record(path: Path, times: int = 1) -> None:
    with open_history(path) as history:
        for n in range(times):
            history.record(cycle(at(10 + n), result()))


def test_a_read_only_file_system(path: Path) -> None:
    def work() -> tuple[str, list[int]]:
        mount_tmpfs(path.parent, "4m")
        record(path)
        remount_read_only(path.parent)
        return complaint_of_writer(path), counted(path)

    complaint, counts = with_own_mounts(work)
    assert "cannot be written: the file or its file system is read-only" in complaint
    assert counts == [1]


def test_a_read_only_file_system_with_no_history(path: Path) -> None:
    def work() -> str:
        mount_tmpfs(path.parent, "4m")
        remount_read_only(path.parent)
        return complaint_of_writer(path)

    assert "cannot be written: the file or its file system is read-only" in with_own_mounts(work)


def test_a_read_only_file_system_after_a_crash(path: Path) -> None:
    """What stands only in the WAL is read too."""

    def work() -> list[int]:
        mount_tmpfs(path.parent, "4m")

        def crash() -> None:
            history = open_history(path)
            for n in range(3):
                history.record(cycle(at(10 + n), result()))
            os.kill(os.getpid(), 9)

        os.waitpid(fork(crash), 0)
        remount_read_only(path.parent)
        return counted(path)

    assert with_own_mounts(work) == [3]


def big(n: int) -> CheckResult:
    return CheckResult(check="bond", judged=True, notes=(Note(subject="s", summary=f"{n}" + "x" * 20_000),))


def test_a_full_disk(path: Path) -> None:
    """Nothing of what was recorded is lost, and it goes on when there is room again."""

    def work() -> tuple[str, int, int, str, int]:
        mount_tmpfs(path.parent, "2m")
        recorded, complaint = 0, ""
        with open_history(path) as history:
            while not complaint and recorded < 200:
                try:
                    history.record(cycle(at(10 + recorded), big(recorded)))
                    recorded += 1
                except HistoryError as error:
                    complaint = str(error)
        with Reader.open(path) as reader:
            kept = len(reader.period(1e9, at(1000)).notes)
        again = complaint_of_writer(path)
        enlarge(path.parent, "8m")
        with open_history(path) as history:
            assert history.set_aside is None
            history.record(cycle(at(1000), big(0)))
        with Reader.open(path) as reader:
            after = len(reader.period(1e9, at(1000)).notes)
        return complaint, recorded, kept, again, after

    complaint, recorded, kept, again, after = with_own_mounts(work)
    assert "the disk that holds the history" in complaint
    assert "is full" in complaint
    assert 10 < recorded < 200
    assert kept == recorded
    assert again == "" or "is full" in again
    assert after == recorded + 1


def test_a_disk_too_full_to_begin(path: Path) -> None:
    def work() -> tuple[str, list[str], str]:
        mount_tmpfs(path.parent, "64k")
        complaint = complaint_of_writer(path)
        enlarge(path.parent, "8m")
        left = sorted(p.name for p in path.parent.iterdir())
        return complaint, left, complaint_of_writer(path)

    complaint, left, later = with_own_mounts(work)
    assert "is full" in complaint
    assert "history.db" not in left
    assert later == ""


def test_damage_on_a_full_disk(path: Path) -> None:
    """The damaged file is out of the way, the fresh one has to wait for room; then it begins by itself."""

    def work() -> tuple[str, list[str], list[int]]:
        mount_tmpfs(path.parent, "2m")
        path.write_bytes(b"x" * (1 << 20))
        path.with_name("history.db.lock").touch()  # it was ours before it was damaged
        filler = path.with_name("filler")
        filler.write_bytes(b"x" * (900 << 10))
        complaint = complaint_of_writer(path)
        filler.unlink()
        record(path)
        return complaint, sorted(p.name.partition("-")[0] for p in path.parent.iterdir()), counted(path)

    complaint, names, counts = with_own_mounts(work)
    assert "is full" in complaint
    assert names == ["history.db", "history.db.damaged", "history.db.lock"]
    assert counts == [1]


def give(folder: Path, path: Path, mode: int) -> None:
    for part in folder.iterdir():
        part.chmod(0o644)
    path.chmod(mode)


def test_a_user_who_may_only_read(open_folder: Path) -> None:
    path = open_folder / "history.db"
    record(path)
    give(open_folder, path, 0o444)
    folder_mode = 0o555 if os.geteuid() != 0 else 0o755
    open_folder.chmod(folder_mode)
    try:
        assert as_nobody(lambda: counted(path)) == [1]
        complaint = as_nobody(lambda: complaint_of_writer(path))
    finally:
        open_folder.chmod(0o755)
    # Root's file: its lock cannot be had. One's own: the lock can, and then the file is found to be read-only.
    assert ("no permission" if os.geteuid() == 0 else "read-only") in complaint


def test_a_user_who_may_only_read_beside_the_writer(open_folder: Path) -> None:
    path = open_folder / "history.db"
    with open_history(path) as history:
        history.record(cycle(at(10), result()))
        give(open_folder, path, 0o644)
        assert as_nobody(lambda: counted(path)) == [1]
        history.record(cycle(at(20), result()))
        assert as_nobody(lambda: counted(path)) == [2]


def test_a_frozen_view_that_moves_is_taken_again(open_folder: Path) -> None:
    """A reader that found no WAL and may not make its index reads the bare file; a writer may come in between."""
    need(None if os.geteuid() == 0 else "root, because the reader must be another user than the writer")
    path = open_folder / "history.db"
    record(path)
    give(open_folder, path, 0o444)
    go, went = os.pipe()
    done, tell = os.pipe()

    def read_twice() -> list[list[int]]:
        with Reader.open(path) as reader:
            assert reader._frozen
            first = [span.count for span in reader.latest_spans()]
            os.write(tell, b"!")
            os.read(go, 1)
            return [first, [span.count for span in reader.latest_spans()]]

    def write() -> None:
        os.read(done, 1)
        path.chmod(0o644)
        with open_history(path) as history:
            history.record(cycle(at(20), result()))
        os.write(went, b"!")

    writer = fork(write)
    assert as_nobody(read_twice) == [[1], [2]]
    os.waitpid(writer, 0)


def test_a_user_who_may_not_even_read(open_folder: Path) -> None:
    path = open_folder / "history.db"
    record(path)
    give(open_folder, path, 0o000)

    def complaint() -> str:
        with pytest.raises(HistoryError) as error:
            Reader.open(path)
        return str(error.value)

    assert "no permission for the history" in as_nobody(complaint)


def test_a_folder_that_cannot_be_made(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    try:
        assert "no permission" in as_nobody(lambda: complaint_of_writer(open_folder / "new" / "history.db"))
    finally:
        open_folder.chmod(0o755)


def test_a_file_that_may_not_be_written(open_folder: Path) -> None:
    """The lock can be had, the file not."""
    path = open_folder / "history.db"
    record(path)
    give(open_folder, path, 0o444)
    path.with_name("history.db.lock").chmod(0o666)
    complaint = as_nobody(lambda: complaint_of_writer(path))
    assert "read-only" in complaint or "no permission" in complaint
    assert not list(open_folder.glob("*damaged*"))
    assert counted(path) == [1]


def test_a_folder_in_its_place(path: Path) -> None:
    path.mkdir()
    assert "not a watchdog history: it is left alone" in complaint_of_writer(path)
    assert path.is_dir()
