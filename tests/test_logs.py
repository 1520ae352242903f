"""What is new in the logs: files that grow, rotate, are cut off and vanish, and the journal."""

import json
import os
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.errors import Unobservable
from watchdog.host import Host
from watchdog.logs import (
    JOURNAL,
    MAX_TAIL_BYTES,
    LogPosition,
    LogTail,
    _parse_entry,
    mark_logs,
    move_position,
    new_lines,
    read_logs,
    skipped_logs,
)

LOG = "/var/log/mail.log"
BOOT = "db8c97356c014f52b970f3d11479c12d"
# As journalctl of systemd 252 printed it on Debian 12 for what was sent to journald's two sockets.
REAL_ENTRIES = (Path(__file__).parent / "fixtures/journal-debian-12.jsonl").read_text().splitlines()


class Tree:
    """A root folder with logs in it, and a journalctl that prints what it is told."""

    def __init__(self, root: Path) -> None:
        self.log = root / LOG.lstrip("/")
        self.log.parent.mkdir(parents=True)
        self.root, self.programs = root, root / "bin"
        self.programs.mkdir()
        self.host = Host(root, str(self.programs))

    def append(self, *lines: str) -> None:
        with self.log.open("a") as file:
            file.writelines(f"{line}\n" for line in lines)

    def rotate(self) -> None:
        self.log.rename(f"{self.log}.1")

    def journal(self, *entries: str, stderr: str = "", exit_code: int = 0) -> None:
        (self.root / "var/log/journal/3d1219c7").mkdir(parents=True, exist_ok=True)
        (self.programs / "said").write_text("".join(f"{entry}\n" for entry in entries))
        program = self.programs / "journalctl"
        program.write_text(
            f"#!/bin/sh\necho \"$*\" > {self.programs}/asked\necho '{stderr}' >&2\n"
            f"/bin/cat {self.programs}/said\nexit {exit_code}\n"
        )
        program.chmod(0o755)

    def read(self, *files: str) -> LogTail:
        return read_logs(self.host, lambda line: "noise" not in line, identifiers=("dovecot", "ntpd"), files=files)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def texts(lines: Sequence[object]) -> list[str]:
    return [getattr(line, "text", "") for line in lines]


def entry(monotonic_us: int, message: str = "m", boot: str = BOOT) -> str:
    return json.dumps(
        {
            "__MONOTONIC_TIMESTAMP": str(monotonic_us),
            "_BOOT_ID": boot,
            "SYSLOG_IDENTIFIER": "dovecot",
            "MESSAGE": message,
        }
    )


def test_at_the_first_look_everything_is_old(tree: Tree) -> None:
    tree.append("a", "b")
    tail = tree.read()
    assert texts(tail.lines) == ["a", "b"]
    assert new_lines(tail, None) == ()


def test_what_was_appended_is_new_once(tree: Tree) -> None:
    tree.append("a")
    first = move_position(None, tree.read())
    tree.append("b", "noise", "c")
    tail = tree.read()
    assert texts(new_lines(tail, first)) == ["b", "c"]
    assert new_lines(tree.read(), move_position(first, tail)) == ()


def test_a_line_that_is_still_being_written_waits(tree: Tree) -> None:
    tree.append("a")
    first = move_position(None, tree.read())
    with tree.log.open("a") as file:
        file.write("half a l")
    second = tree.read()
    assert new_lines(second, first) == ()
    with tree.log.open("a") as file:
        file.write("ine\n")
    assert texts(new_lines(tree.read(), move_position(first, second))) == ["half a line"]


def test_rotated_by_a_new_file(tree: Tree) -> None:
    tree.append("a")
    first = move_position(None, tree.read())
    tree.append("b")
    tree.rotate()
    tree.append("c")
    assert texts(new_lines(tree.read(), first)) == ["b", "c"]


def test_what_was_rotated_before_the_first_look_stays_old(tree: Tree) -> None:
    tree.append("old")
    tree.rotate()
    tree.append("a")
    first = move_position(None, tree.read())
    tree.append("b")
    assert texts(new_lines(tree.read(), first)) == ["b"]


def test_rotated_twice_tells_the_newest_and_not_what_nobody_read(tree: Tree) -> None:
    tree.append("a")
    first = move_position(None, tree.read())
    tree.rotate()
    tree.append("b")
    tree.rotate()
    tree.append("c")
    assert texts(new_lines(tree.read(), first)) == ["c"]


def test_cut_off_by_copytruncate(tree: Tree) -> None:
    tree.append("a", "a longer line")
    first = move_position(None, tree.read())
    os.truncate(tree.log, 0)
    tree.append("b")
    assert texts(new_lines(tree.read(), first)) == ["b"]


def test_cut_off_and_begun_with_the_same_line(tree: Tree) -> None:
    tree.append("a", "b", "c")
    first = move_position(None, tree.read())
    os.truncate(tree.log, 0)
    tree.append("a")
    assert texts(new_lines(tree.read(), first)) == ["a"]


def test_a_log_that_comes_into_being_is_new(tree: Tree) -> None:
    first = move_position(None, tree.read())
    tree.append("a")
    assert texts(new_lines(tree.read(), first)) == ["a"]


def test_a_log_that_vanishes_and_comes_back(tree: Tree) -> None:
    tree.append("a")
    first = move_position(None, tree.read())
    tree.log.unlink()
    second = tree.read()
    assert new_lines(second, first) == ()
    tree.append("b")
    assert texts(new_lines(tree.read(), move_position(first, second))) == ["b"]


def test_a_log_named_later_has_only_old_lines_at_first(tree: Tree) -> None:
    first = move_position(None, tree.read())
    (tree.root / "own.log").write_text("a\n")
    tail = tree.read("/own.log")
    assert texts(tail.lines) == ["a"]
    assert new_lines(tail, first) == ()


def test_only_the_end_is_read_and_the_gap_is_told(tree: Tree) -> None:
    tree.append("a")
    first = move_position(None, tree.read())
    tree.append(*(f"noise {'x' * 1000}" for _ in range(300)), "b")
    tail = tree.read()
    assert texts(new_lines(tail, first)) == ["b"]
    assert tail.begins[LOG].offset == tree.log.stat().st_size - MAX_TAIL_BYTES
    assert skipped_logs(tail, first) == (LOG,)
    assert skipped_logs(tail, move_position(first, tail)) == ()
    assert skipped_logs(tail, None) == ()


def test_a_line_as_long_as_the_tail_is_left_out(tree: Tree) -> None:
    tree.append("x" * (2 * MAX_TAIL_BYTES), "b")
    assert texts(tree.read().lines) == ["b"]


def test_what_moves_a_terminals_cursor_is_taken_out(tree: Tree) -> None:
    tree.log.write_bytes(b"a\x1b[2Jb\r\xff\x00" + b"y" * 5000 + b"\n")
    (line,) = tree.read().lines
    assert line.text.startswith("a?[2Jb?�?yyy")
    assert len(line.text) == 1000


def test_a_pipe_is_no_log_and_does_not_hang(tree: Tree) -> None:
    os.mkfifo(tree.log)
    assert tree.read().problems == {LOG: f"cannot read {LOG}: it is not a file"}


def test_what_cannot_be_read_is_a_problem_and_keeps_its_mark(tree: Tree) -> None:
    tree.append("a")
    first = move_position(None, tree.read())
    tree.log.rename(tree.root / "kept")
    tree.log.mkdir()
    tail = tree.read()
    assert list(tail.problems) == [LOG]
    tree.log.rmdir()
    (tree.root / "kept").rename(tree.log)
    tree.append("b")
    assert texts(new_lines(tree.read(), move_position(first, tail))) == ["b"]


def test_the_journal_takes_the_place_of_the_syslog_files(tree: Tree) -> None:
    tree.append("in the file")
    tree.journal(*REAL_ENTRIES)
    tail = tree.read()
    assert texts(tail.lines) == [
        "dovecot[7999]: imap(691): Fatal: Time just moved backwards by 14.049423 seconds.",
        "dovecot[7999]: bad�??[m",
        "ntpd[77]: CLOCK: time stepped by -18.000027",
    ]
    assert tail.lines[0].boottime_seconds == pytest.approx(2852.744109 + tree.host.suspended_seconds(), abs=0.01)
    assert tail.ends[JOURNAL].monotonic_us == 2852744503
    asked = (tree.programs / "asked").read_text().split()
    assert "--boot" in asked
    assert "--identifier=dovecot" in asked
    assert not any(argument.startswith("--since") for argument in asked)


def test_entries_of_the_journal_are_new_by_the_monotonic_clock(tree: Tree) -> None:
    tree.journal(entry(10, "a"), entry(20, "b"))
    first = move_position(None, tree.read())
    tree.journal(entry(20, "b"), entry(30, "c"))
    assert texts(new_lines(tree.read(), first)) == ["dovecot: c"]


def test_entries_of_another_boot_are_new(tree: Tree) -> None:
    tree.journal(entry(1000, "a"))
    first = move_position(None, tree.read())
    tree.journal(entry(10, "b", "b" * 32))
    assert texts(new_lines(tree.read(), first)) == ["dovecot: b"]


def test_a_journal_that_was_empty_has_new_entries(tree: Tree) -> None:
    tree.journal("-- No entries --")
    first = move_position(None, tree.read())
    tree.journal(entry(10, "a"))
    assert texts(new_lines(tree.read(), first)) == ["dovecot: a"]


def test_a_journal_that_grew_faster_than_we_read(tree: Tree) -> None:
    tree.journal(entry(10))
    first = move_position(None, tree.read())
    tree.journal(*(entry(1000 + i) for i in range(1000)))
    assert skipped_logs(tree.read(), first) == (JOURNAL,)


@pytest.mark.parametrize(
    ("found", "texts_of_it", "skipped"),
    [
        pytest.param(
            [entry(1500, "twice"), entry(30, "later"), entry(20, "old")],
            ["dovecot: old", "dovecot: later"],
            (),
            id="found-newest-first",
        ),
        pytest.param(["; exit 1"], [], (JOURNAL,), id="nothing-matches-or-it-cannot-search"),
    ],
)
def test_a_journal_is_searched_further_back(
    tree: Tree, found: list[str], texts_of_it: list[str], skipped: tuple[str, ...]
) -> None:
    tree.journal(entry(10))
    first = move_position(None, tree.read())
    tree.journal(*(entry(1000 + i) for i in range(1000)))
    (tree.programs / "found").write_text("".join(f"{one}\n" for one in found))
    program = tree.programs / "journalctl"
    search = f'case "$*" in *--grep=x*) /bin/cat {tree.programs}/found; exit {len(skipped)};; esac'
    program.write_text(program.read_text().replace("#!/bin/sh\n", f"#!/bin/sh\n{search}\n"))
    tail = read_logs(tree.host, lambda _: True, identifiers=("dovecot",), grep="x")
    assert texts(new_lines(tail, first))[:-1000] == texts_of_it
    assert skipped_logs(tail, first) == skipped
    assert tail.ends[JOURNAL].monotonic_us == 1999


@pytest.mark.parametrize(
    ("stderr", "exit_code", "words"),
    [
        ("Failed to search journal: Bad message", 1, "journalctl ended with 1 and said: Failed to search"),
        ("Hint: You are currently not seeing messages from other users and the system.", 0, "systemd-journal"),
        ("No journal files were opened due to insufficient permissions.", 0, "insufficient permissions"),
    ],
)
def test_a_journal_that_cannot_be_read_is_a_problem(tree: Tree, stderr: str, exit_code: int, words: str) -> None:
    tree.journal(entry(10), stderr=stderr, exit_code=exit_code)
    tail = tree.read()
    assert tail.lines == ()
    assert words in tail.problems[JOURNAL]
    assert JOURNAL not in move_position(None, tail).marks


def test_a_folder_where_no_journal_was_ever_written_is_none(tree: Tree) -> None:
    (tree.root / "var/log/journal").mkdir()
    tree.append("a")
    assert texts(tree.read().lines) == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "nonsense",
        '{"__MONOTONIC_TIMESTAMP":"x","_BOOT_ID":"b"}',
        '{"__MONOTONIC_TIMESTAMP":[1],"_BOOT_ID":"b"}',
        '{"__MONOTONIC_TIMESTAMP":"' + "9" * 5000 + '","_BOOT_ID":"b"}',
        '{"__MONOTONIC_TIMESTAMP":"' + "9" * 400 + '","_BOOT_ID":"b"}',
        "[" * 100_000,
    ],
)
def test_what_is_no_entry(text: str) -> None:
    assert _parse_entry(text, 0.0) is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (None, "dovecot: "),
        (["a", "b"], "dovecot: a"),
        ([1.5], "dovecot: "),
        ([300], "dovecot: "),
        ([], "dovecot: "),
    ],
)
def test_a_message_in_its_odd_forms(message: object, expected: str) -> None:
    line = _parse_entry(json.dumps(json.loads(entry(1)) | {"MESSAGE": message}), 0.0)
    assert line is not None
    assert line.text == expected


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=10,
    ),
    st.text(),
)
def test_any_entry_is_read_without_an_error(value: object, text: str) -> None:
    _parse_entry(text, 0.0)
    _parse_entry(json.dumps(value), 0.0)
    for name in ("__MONOTONIC_TIMESTAMP", "_BOOT_ID", "MESSAGE", "SYSLOG_PID", "SYSLOG_IDENTIFIER"):
        line = _parse_entry(json.dumps(json.loads(entry(1)) | {name: value}), 0.0)
        assert line is None or isinstance(line.text, str)


def test_this_machine_says_where_its_logs_end() -> None:
    tail = read_logs(Host(), lambda line: False, identifiers=("dovecot",))
    assert set(tail.ends) | set(tail.problems)
    assert new_lines(tail, LogPosition()) == ()


# Marked without being read


@pytest.fixture
def marked(tree: Tree) -> Tree:
    """A tree that knows which boot it is."""
    path = tree.root / "proc/sys/kernel/random/boot_id"
    path.parent.mkdir(parents=True)
    path.write_text(f"{uuid.UUID(BOOT)}\n")
    return tree


def test_what_is_written_after_a_mark_is_new(marked: Tree) -> None:
    marked.append("a")
    mark = mark_logs(marked.host)
    marked.append("b")
    assert texts(new_lines(marked.read(), mark)) == ["b"]
    assert new_lines(marked.read(), mark_logs(marked.host)) == ()


def test_a_line_that_was_being_written_at_the_mark_is_new_whole(marked: Tree) -> None:
    with marked.log.open("w") as file:
        file.write("half a l")
    mark = mark_logs(marked.host)
    with marked.log.open("a") as file:
        file.write("ine\n")
    assert texts(new_lines(marked.read(), mark)) == ["half a line"]


def test_a_mark_holds_when_the_log_is_rotated(marked: Tree) -> None:
    marked.append("a")
    mark = mark_logs(marked.host)
    marked.append("b")
    marked.rotate()
    marked.append("c")
    assert texts(new_lines(marked.read(), mark)) == ["b", "c"]


def test_a_log_that_was_not_there_at_the_mark_is_new(marked: Tree) -> None:
    mark = mark_logs(marked.host, files=["/var/log/ntp.log"])
    (marked.root / "var/log/ntp.log").write_text("a\n")
    assert texts(new_lines(marked.read("/var/log/ntp.log"), mark)) == ["a"]


def test_a_log_that_could_not_be_read_at_the_mark_has_only_old_lines(marked: Tree) -> None:
    marked.log.symlink_to(marked.log)
    mark = mark_logs(marked.host)
    marked.log.unlink()
    marked.append("a")
    assert new_lines(marked.read(), mark) == ()


def test_entries_that_the_journal_received_after_a_mark_are_new(marked: Tree) -> None:
    before = round(marked.host.stamp().boottime_ns / 1e3 - marked.host.suspended_seconds() * 1e6)
    mark = mark_logs(marked.host)
    after = round(marked.host.stamp().boottime_ns / 1e3 - marked.host.suspended_seconds() * 1e6) + 1
    marked.journal(entry(before - 1, "old"), entry(after, "new"))
    assert texts(new_lines(marked.read(), mark)) == ["dovecot: new"]


def test_read_tail_of_nothing_and_of_a_folder(tree: Tree) -> None:
    assert tree.host.read_tail("/nosuch", 10) is None
    with pytest.raises(Unobservable, match="cannot read /var"):
        tree.host.read_tail("/var", 10)
