"""What hangs on a file besides its content: owner, mode, extended attributes (an SELinux label, an ACL)."""

import errno
import os
from pathlib import Path

_MODE_BITS = 0o7777
_ACL = "system.posix_acl_access"
# Of the content, and reckoned by the kernel itself: those of the old one would forbid to open the new.
_OF_THE_CONTENT = ("security.ima", "security.evm")


def take_after(model: Path | None, descriptor: int, mode: int) -> None:
    """Give a file the owner, attributes and mode of the model; where there is none, this mode.

    Raises OSError when one of them cannot be given: without its label or ACL a file is another one.
    """
    if model is None:
        os.fchmod(descriptor, mode)
        return
    status = model.stat()
    os.fchown(descriptor, status.st_uid, status.st_gid)
    wanted = {name: os.getxattr(model, name) for name in _names(model) if name not in _OF_THE_CONTENT}
    for name, value in wanted.items():
        if _value(descriptor, name) != value:
            os.setxattr(descriptor, name, value)
    if _ACL not in wanted and _value(descriptor, _ACL) is not None:  # the folder's default ACL
        os.removexattr(descriptor, _ACL)
    # Last: an ACL changes the mode.
    os.fchmod(descriptor, status.st_mode & _MODE_BITS)


def _names(file: Path) -> list[str]:
    try:
        return os.listxattr(file)
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENOSYS):
            return []
        raise


def _value(descriptor: int, name: str) -> bytes | None:
    try:
        return os.getxattr(descriptor, name)
    except OSError as error:
        if error.errno in (errno.ENODATA, errno.ENOTSUP, errno.ENOSYS):
            return None
        raise
