"""Text files, replaced whole: what a reader finds is the old one or the new one, never half of either.

The new file is written beside the old, gets its owner, mode and extended attributes (an SELinux label, an ACL),
and takes its place by one rename, right after a last look at whether the old one is still the one that was read. A
new name is made by a link, which fails where somebody was quicker. The first time, the old one is also kept as a
hidden `.NAME.before-watchdog`: a wildcard such as /etc/network/interfaces.d/* does not read it.

As root, a file is written only where nobody else can turn a folder on the way to it into a link to elsewhere.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from watchdog.actuator.attributes import take_after
from watchdog.actuator.failed import StepFailed
from watchdog.host import Host
from watchdog.steps import Prepared, WriteFile
from watchdog.trust import untrusted_way

BACKUP = ".{}.before-watchdog"
# A file that a person wrote is far below; what is longer, or says so (sparse), is none.
MAX_BYTES = 1 << 20
_PERMISSIONS = 0o777
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)


class _Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was read: its text, and which file it was."""

    text: str
    status: os.stat_result

    @property
    def identity(self) -> tuple[int, ...]:
        """What changes when somebody writes it or puts another in its place."""
        one = self.status
        return (one.st_dev, one.st_ino, one.st_size, one.st_mtime_ns, one.st_ctime_ns)


def prepare_file(step: WriteFile, host: Host) -> Prepared:
    """Say whether the file is as wanted; StepFailed when it is neither that nor what it was when planned."""
    seen = _read(step, _target(step, host))
    now = seen.text if seen else None
    if now == step.after:
        return Prepared(needed=False)
    if now != step.before:
        raise _changed(step)
    mode = stat.S_IMODE(seen.status.st_mode) & _PERMISSIONS if seen else step.mode
    return Prepared(needed=True, undo=replace(step, before=step.after, after=step.before, mode=mode))


def write_file(step: WriteFile, host: Host) -> str:
    """Put the content in place, or take the file away."""
    target = _target(step, host)
    _clear(step, target)
    seen = _read(step, target)
    now = seen.text if seen else None
    if now == step.after:
        return f"{step.path} is so already"
    if now != step.before:
        raise _changed(step)
    try:
        with _backup(target, None if step.own else seen):
            if step.after is None:
                _demand_unchanged(step, target, seen)
                target.unlink()
            else:
                if step.own:
                    target.parent.mkdir(exist_ok=True)
                _put(step, target, seen, _encoded(step))
        _sync(_without_empty_folder(target) if step.own and step.after is None else target.parent)
    except OSError as error:
        raise _failed(step, error) from error
    return f"{'removed' if step.after is None else 'wrote'} {step.path}"


def _target(step: WriteFile, host: Host) -> Path:
    """Return the file itself, behind links; its folder must be there, and in nobody else's hands."""
    path = host.path(step.path)
    try:
        target = path.resolve(strict=path.is_symlink())
        target.name.encode()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise StepFailed(f"writing {step.path}: its link leads nowhere") from error
    except ValueError as error:
        raise StepFailed(f"writing {step.path!r}: no file can be called so") from error
    # One of our own brings its folder.
    folder, seen_as = target.parent, path.parent
    if step.own and not os.path.lexists(folder):
        folder, seen_as = folder.parent, seen_as.parent
    if not folder.is_dir():
        raise StepFailed(f"writing {step.path}: there is no folder {folder}")
    if problem := untrusted_way(folder) or untrusted_way(seen_as):
        raise StepFailed(f"writing {step.path}: others could lead it elsewhere: {problem}")
    return target


def _without_empty_folder(target: Path) -> Path:
    """Take away the folder of a file that is gone, if nothing else is in it; return what was changed."""
    try:
        target.parent.rmdir()
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        return target.parent
    return target.parent.parent


def _read(step: WriteFile, target: Path) -> _Seen | None:
    """Return the file, None when there is none. No link is followed: `target` is where they led."""
    try:
        before = target.lstat()
        if not stat.S_ISREG(before.st_mode):
            raise StepFailed(f"writing {step.path}: it is not a file")
        descriptor = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not os.path.samestat(status, before):
                raise _changed(step)
            if status.st_nlink > 1:
                raise StepFailed(
                    f"writing {step.path}: it has {status.st_nlink} names (hard links), and under the others it "
                    f"would stay as it is; find them: find / -xdev -samefile {target}"
                )
            content = file.read(MAX_BYTES + 1)
        if status.st_size > MAX_BYTES or len(content) > MAX_BYTES:
            raise StepFailed(f"writing {step.path}: it is longer than {MAX_BYTES} bytes")
        return _Seen(text=content.decode(), status=status)
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise StepFailed(f"writing {step.path}: it holds bytes that are no UTF-8 text") from error
    except OSError as error:
        raise StepFailed(f"writing {step.path}: it cannot be read: {error.strerror}") from error


def _encoded(step: WriteFile) -> bytes:
    try:
        content = (step.after or "").encode()
    except UnicodeEncodeError as error:
        raise StepFailed(f"writing {step.path}: what is to be written is no UTF-8 text") from error
    if len(content) > MAX_BYTES:
        raise StepFailed(f"writing {step.path}: what is to be written is longer than {MAX_BYTES} bytes")
    return content


def _put(step: WriteFile, target: Path, seen: _Seen | None, content: bytes) -> None:
    """Write beside the target and put it in its place; whatever fails leaves the target as it was."""
    with _written(target, content, _model(target, content), step.mode) as new:
        if seen:
            _demand_unchanged(step, target, seen)
            new.rename(target)
        else:
            _link(step, new, target)


def _link(step: WriteFile, new: Path, target: Path) -> None:
    """Give a new file its name, unless somebody else has taken it."""
    try:
        target.hardlink_to(new)
    except FileExistsError as error:
        raise _changed(step) from error
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without hard links.
        _demand_unchanged(step, target, None)
        new.rename(target)


def _demand_unchanged(step: WriteFile, target: Path, seen: _Seen | None) -> None:
    """Look a last time, so that what somebody wrote while we did is not lost."""
    now = _read(step, target)
    if (now and (now.identity, now.text)) != (seen and (seen.identity, seen.text)):
        raise _changed(step)


@contextlib.contextmanager
def _written(target: Path, content: bytes, model: Path | None, mode: int) -> Iterator[Path]:
    """Write a file beside the target that takes after `model`, and take its name away again in the end."""
    new = _beside(target)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            take_after(model, descriptor, mode & _PERMISSIONS)
            os.fsync(descriptor)
        yield new
    finally:
        new.unlink(missing_ok=True)


def _beside(target: Path) -> Path:
    """Return what a file is called until it takes the target's place; its folder is in nobody else's hands."""
    return target.with_name(f".{target.name}.watchdog-new")


def _clear(step: WriteFile, target: Path) -> None:
    """Take away what is left of a kill in the middle of writing: half a file, or a second name of a whole one."""
    try:
        for one in (target, target.with_name(BACKUP.format(target.name))):
            _beside(one).unlink(missing_ok=True)
    except OSError as error:
        raise _failed(step, error) from error


def _model(target: Path, content: bytes) -> Path | None:
    """Return the file whose owner, mode and attributes a new one gets: the old one.

    Where it was taken away, the backup, if that is what comes back.
    """
    if target.exists():
        return target
    backup = target.with_name(BACKUP.format(target.name))
    is_it = backup.is_file() and not backup.is_symlink() and backup.read_bytes() == content
    return backup if is_it else None


@contextlib.contextmanager
def _backup(target: Path, seen: _Seen | None) -> Iterator[None]:
    """Keep the old file the first time; not when what was to be done to it then fails."""
    backup = target.with_name(BACKUP.format(target.name))
    if seen is None or os.path.lexists(backup):
        yield
        return
    with _written(backup, seen.text.encode(), target, stat.S_IMODE(seen.status.st_mode)) as new:
        new.rename(backup)
    try:
        yield
    except BaseException:
        backup.unlink(missing_ok=True)
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
