"""Whose the files of a history are: one that root makes in the folder of the daemon's user is left to it."""

import os
import stat
from pathlib import Path


def leave_to_folder(descriptor: int, folder: Path) -> None:
    """As root, give a file that we just made, and nothing is in yet, to whom its folder belongs. Raises OSError.

    SQLite does the same with the WAL and its index. Else the daemon could not open its own history after a
    `watchdog run` of root's.
    """
    file, owner = os.fstat(descriptor), folder.stat()
    made_by_root = file.st_uid == 0 and file.st_size == 0 and file.st_nlink == 1 and stat.S_ISREG(file.st_mode)
    if os.geteuid() == 0 and owner.st_uid != 0 and made_by_root:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
