"""Hears that files change: the configurations that checks depend on, and logs, of which the new lines are read.

Folders are watched: an editor replaces a file by another, and logs are rotated. Where a folder is not
there yet, the nearest one above it is watched until it is.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from watchdog.linux.inotify import (
    CLOSE_WRITE,
    CREATE,
    DELETE,
    DELETE_SELF,
    IGNORED,
    MODIFY,
    MOVE_SELF,
    MOVED_FROM,
    MOVED_TO,
    ONLYDIR,
    OVERFLOW,
    FileEvent,
    parse_events,
)
from watchdog.signals.libc import checked, libc

_CHANGES = CLOSE_WRITE | MOVED_FROM | MOVED_TO | CREATE | DELETE | DELETE_SELF | MOVE_SELF | ONLYDIR
_LOST = DELETE_SELF | MOVE_SELF | IGNORED | OVERFLOW
_CLOEXEC, _NONBLOCK = 0o2000000, 0o4000
_MOST_BYTES = 1 << 16
# Of a log that grew by more at once, only the end is read.
_MOST_NEW_BYTES = 1 << 18


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """What one check wants to hear of: paths (files, folders) that change, lines of logs that `hears` knows."""

    check: str
    files: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    hears: Callable[[str], bool] = lambda line: False


class _Log(msgspec.Struct):
    """How far a log was read; `wanted` are the checks and what they listen for."""

    wanted: list[tuple[str, Callable[[str], bool]]]
    inode: int = 0
    offset: int = 0


class FilesEar:
    """Wakes checks by name. Raises OSError when the host has no inotify left for us."""

    def __init__(self, listening: tuple[Listening, ...]) -> None:
        self.descriptor = checked(libc().inotify_init1(_CLOEXEC | _NONBLOCK), "inotify_init1")
        self._files: dict[Path, set[str]] = defaultdict(set)
        self._logs: dict[Path, _Log] = {}
        for one in listening:
            for path in one.files:
                self._files[Path(path)].add(one.check)
            for path in one.logs:
                self._logs.setdefault(Path(path), _Log([])).wanted.append((one.check, one.hears))
        for log_path, log in self._logs.items():
            log.inode, log.offset = _end_of(log_path)
        self._folders: Mapping[int, Path] = {}
        self._watch()

    def hear(self) -> Iterator[str]:
        """Yield the checks to wake, without waiting."""
        try:
            data = os.read(self.descriptor, _MOST_BYTES)
        except BlockingIOError:
            return
        for event in parse_events(data):
            if event.mask & OVERFLOW:
                yield from set[str]().union(*self._files.values())
            elif event.watch in self._folders:
                yield from self._woken_by(event, self._folders[event.watch] / event.name)
        if any(event.mask & (_LOST | CREATE | MOVED_TO | DELETE) for event in parse_events(data)):
            self._watch()

    def close(self) -> None:
        """Stop listening."""
        os.close(self.descriptor)

    def _woken_by(self, event: FileEvent, path: Path) -> Iterator[str]:
        if path in self._logs:
            yield from self._read(path, self._logs[path])
        if event.mask & ~MODIFY:
            for wanted, checks in self._files.items():
                # In a folder that is wanted, the file itself, or a folder above it that came or went.
                if path == wanted or wanted in path.parents or path in wanted.parents:
                    yield from checks

    def _read(self, path: Path, log: _Log) -> Iterator[str]:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return
        try:
            status = os.fstat(descriptor)
            if status.st_ino != log.inode or status.st_size < log.offset:
                log.inode, log.offset = status.st_ino, 0
            log.offset = max(log.offset, status.st_size - _MOST_NEW_BYTES)
            new = os.pread(descriptor, _MOST_NEW_BYTES, log.offset)
        except OSError:
            return
        finally:
            os.close(descriptor)
        whole = new.rfind(b"\n") + 1
        log.offset += whole
        lines = new[:whole].decode(errors="replace").splitlines()
        yield from (check for check, hears in log.wanted if any(map(hears, lines)))

    def _watch(self) -> None:
        """Watch the folders as they are now; watching one again changes nothing."""
        masks: dict[Path, int] = defaultdict(int)
        for path in self._files:
            masks[_nearest_folder(path)] |= _CHANGES
            for folder in _folders_in(path):
                masks[folder] |= _CHANGES
        for path in self._logs:
            masks[_nearest_folder(path.parent)] |= _CHANGES
            masks[path] |= MODIFY  # of the file itself: other files in its folder may be busy
        folders = {}
        for folder, mask in masks.items():
            with suppress(OSError):  # it is gone again, or may not be watched
                watch = checked(
                    libc().inotify_add_watch(self.descriptor, os.fsencode(folder), mask), "inotify_add_watch"
                )
                folders[watch] = folder
        self._folders = folders


def _nearest_folder(path: Path) -> Path:
    """Return the path if it is a folder, else the nearest one above it."""
    return next((one for one in (path, *path.parents) if one.is_dir()), Path("/"))


def _folders_in(path: Path) -> Iterator[Path]:
    """Yield the folder above, in which it may be replaced, and those in it (ntp.d, conf.d)."""
    yield _nearest_folder(path.parent)
    with suppress(OSError):
        yield from (entry for entry in path.iterdir() if entry.is_dir())


def _end_of(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_ino, status.st_size
