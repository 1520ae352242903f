"""Runs a piece of a test in a process of its own: one that can be killed, be somebody else, or mount things.

Forked, so that it needs to read nothing of ours: the project may lie where only root may look.
"""

import ctypes
import os
import pickle
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.needs import MISSING

T = TypeVar("T")
NOBODY = 65534
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_RDONLY, _MS_REMOUNT, _MS_REC, _MS_PRIVATE = 1, 32, 0x4000, 1 << 18
_libc = ctypes.CDLL(None, use_errno=True)


def fork(work: Callable[[], object]) -> int:
    """Start a child and return its pid; it ends with 0 when the work did, and says to stderr what went wrong."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    except BaseException:  # noqa: BLE001 - a child must never return into pytest
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(status)


def in_child(work: Callable[[], T]) -> T:
    """Return what the work returns, having done it in a child."""
    reader, writer = os.pipe()

    def send() -> None:
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(work(), pipe)

    pid = fork(send)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, "the child failed: see its traceback"
    result: T = pickle.loads(answer)  # noqa: S301 - our own child wrote it
    return result


def as_nobody(work: Callable[[], T]) -> T:
    """Do the work as a user without privileges: in a child when we are root, else here."""
    if os.geteuid() != 0:
        return work()

    def drop() -> T:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        return work()

    return in_child(drop)


def with_own_mounts(work: Callable[[], T]) -> T:
    """Do the work in a child whose mounts nobody else sees; skip where no such namespace can be made."""

    def unshare() -> bool:
        uid, gid = os.geteuid(), os.getegid()
        flags = _CLONE_NEWNS if uid == 0 else _CLONE_NEWNS | _CLONE_NEWUSER
        if _libc.unshare(flags):
            return False
        if uid != 0:
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
            Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
        try:
            mount("none", Path("/"), "none", _MS_REC | _MS_PRIVATE, "")
        except OSError:
            return False
        return True

    def unshared() -> T:
        assert unshare()
        return work()

    if not in_child(unshare):
        pytest.skip(f"{MISSING}a mount namespace of our own; it takes root with CAP_SYS_ADMIN")
    return in_child(unshared)


def where_nobody_is_a_stranger(work: Callable[[], T]) -> T:
    """Do the work in a child to which the files of NOBODY are closed, even when it is root.

    As root it is root of a user namespace that knows everybody but NOBODY: a capability reaches only the files of
    those whom its namespace knows (user_namespaces(7)). Not as NOBODY, who may not be let into the checkout.
    """
    if os.geteuid() != 0:
        return work()

    def enter() -> bool:
        told, tell = os.pipe()
        pid = os.getpid()

        def map_ids() -> None:
            os.read(told, 1)
            for kind in ("uid", "gid"):
                Path(f"/proc/{pid}/{kind}_map").write_text(f"0 0 {NOBODY}")

        mapper = fork(map_ids)
        entered = not _libc.unshare(_CLONE_NEWUSER)
        os.write(tell, b"!")
        return os.waitstatus_to_exitcode(os.waitpid(mapper, 0)[1]) == 0 and entered

    def entered() -> T:
        assert enter()
        return work()

    if not in_child(enter):
        pytest.skip(f"{MISSING}a user namespace of our own; it takes root with CAP_SYS_ADMIN and CAP_SETUID")
    return in_child(entered)


def mount_tmpfs(folder: Path, size: str) -> None:
    mount("tmpfs", folder, "tmpfs", 0, f"size={size},mode=755")


def remount_read_only(folder: Path) -> None:
    mount("tmpfs", folder, "tmpfs", _MS_REMOUNT | _MS_RDONLY, "")


def enlarge(folder: Path, size: str) -> None:
    mount("tmpfs", folder, "tmpfs", _MS_REMOUNT, f"size={size}")


def mount(source: str, target: Path, kind: str, flags: int, options: str) -> None:
    """mount(2) itself: mount(8) adds options at a remount that a user namespace does not allow."""
    if _libc.mount(source.encode(), os.fsencode(target), kind.encode(), flags, options.encode()):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(target))
