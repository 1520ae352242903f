"""Where the history lives."""

import pwd
from collections.abc import Mapping
from pathlib import Path

from watchdog.errors import HistoryError


def default_path(environ: Mapping[str, str], euid: int) -> Path:
    """Return root's or a user's own history file (XDG Base Directory Specification for users).

    Raises HistoryError when the user has no home to put it in.
    """
    if euid == 0:
        return Path("/var/lib/watchdog/history.db")
    # The specification: a relative path is invalid and to be ignored.
    state = Path(environ.get("XDG_STATE_HOME", ""))
    if not state.is_absolute():
        state = _home(environ, euid) / ".local/state"
    return state / "watchdog/history.db"


def _home(environ: Mapping[str, str], euid: int) -> Path:
    home = Path(environ.get("HOME", ""))
    if home.is_absolute():
        return home
    try:
        return Path(pwd.getpwuid(euid).pw_dir)
    except KeyError:
        raise HistoryError(
            f"user {euid} has no home directory for the history: set XDG_STATE_HOME to a folder it can write"
        ) from None
