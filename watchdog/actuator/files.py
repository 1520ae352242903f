"""Text files, replaced whole: what a reader finds is the old one or the new one, never half of either.

The new file is written beside the old, gets its owner, mode and extended attributes (an SELinux label, an ACL),
and takes its place by one rename. The first time, the old one is also kept as a hidden `.NAME.before-watchdog`: a
wildcard such as /etc/network/interfaces.d/* does not read it.
"""

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path

from watchdog.actuator.failed import StepFailed
from watchdog.errors import Unobservable
from watchdog.host import Host
from watchdog.steps import Prepared, WriteFile

BACKUP = ".{}.before-watchdog"
_MODE_BITS = 0o7777


def prepare_file(step: WriteFile, host: Host) -> Prepared:
    """Say whether the file is as wanted; StepFailed when it is neither that nor what it was when planned."""
    now = _read(step, _target(step, host))
    if now == step.after:
        return Prepared(needed=False)
    if now != step.before:
        raise _changed(step)
    undo = WriteFile(
        path=step.path,
        before=step.after,
        after=step.before,
        mode=step.mode,
        own=step.own,
    )
    return Prepared(needed=True, undo=undo)


def write_file(step: WriteFile, host: Host) -> str:
    """Put the content in place, or take the file away."""
    target = _target(step, host)
    try:
        now = _read(step, target)
        if now == step.after:
            return f"{step.path} is so already"
        if now != step.before:
            raise _changed(step)
        if not step.own:
            _keep_backup(target)
        if step.after is None:
            target.unlink()
            if step.own:
                with contextlib.suppress(OSError):  # somebody has put another file there
                    target.parent.rmdir()
                    target = target.parent
        else:
            if step.own:
                target.parent.mkdir(exist_ok=True)
            _replace(target, step.after.encode(), step.mode)
        _sync(target.parent)
    except OSError as error:
        raise _failed(step, error) from error
    return f"{'removed' if step.after is None else 'wrote'} {step.path}"


def _target(step: WriteFile, host: Host) -> Path:
    """Return the file itself, behind links; its folder must be there."""
    path = host.path(step.path)
    try:
        target = path.resolve(strict=path.is_symlink())
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise StepFailed(f"writing {step.path}: its link leads nowhere") from error
    if not target.parent.is_dir() and not (step.own and target.parent.parent.is_dir()):
        raise StepFailed(f"writing {step.path}: there is no folder {target.parent}")
    return target


def _read(step: WriteFile, target: Path) -> str | None:
    try:
        if not target.exists():
            return None
        status = target.stat()
        if not stat.S_ISREG(status.st_mode):
            raise StepFailed(f"writing {step.path}: it is not a file")
        return target.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise StepFailed(f"writing {step.path}: it holds bytes that are no UTF-8 text") from error
    except (OSError, Unobservable) as error:
        raise StepFailed(f"writing {step.path}: it cannot be read: {error}") from error


def _replace(target: Path, content: bytes, mode: int) -> None:
    """Write beside the target and rename; whatever fails leaves the target as it was."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".watchdog-new", dir=target.parent)
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            _take_after(target, descriptor, mode)
            os.fsync(descriptor)
        new.rename(target)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _keep_backup(target: Path) -> None:
    backup = target.with_name(BACKUP.format(target.name))
    if target.exists() and not backup.exists():
        _replace(backup, target.read_bytes(), stat.S_IMODE(target.stat().st_mode))
        with backup.open("rb") as file:
            _take_after(target, file.fileno(), 0)


def _take_after(target: Path, descriptor: int, mode: int) -> None:
    """Give a file the owner, mode and attributes of the target; where there is none yet, this mode."""
    try:
        status = target.stat()
    except FileNotFoundError:
        os.fchmod(descriptor, mode)
        return
    os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, status.st_mode & _MODE_BITS)
    for attribute in _attributes(target):
        os.setxattr(descriptor, attribute, os.getxattr(target, attribute))


def _attributes(target: Path) -> list[str]:
    try:
        return os.listxattr(target)
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENOSYS):
            return []
        raise


def _sync(folder: Path) -> None:
    """Make the rename outlive a power cut; some file systems cannot, and have nothing to do."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _changed(step: WriteFile) -> StepFailed:
    if step.before is None:
        return StepFailed(f"writing {step.path}: somebody has made it since; look again")
    return StepFailed(f"writing {step.path}: somebody changed it since it was read; look again")


def _failed(step: WriteFile, error: OSError) -> StepFailed:
    return StepFailed(f"writing {step.path}: {error.strerror}")
