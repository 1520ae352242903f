import pwd
from pathlib import Path

import pytest

from watchdog.errors import HistoryError
from watchdog.history.paths import default_path


@pytest.mark.parametrize(
    ("environ", "euid", "expected"),
    [
        pytest.param({}, 0, "/var/lib/watchdog/history.db", id="root"),
        pytest.param(
            {"XDG_STATE_HOME": "/x"}, 0, "/var/lib/watchdog/history.db", id="root-whatever-the-environment"
        ),
        pytest.param({"XDG_STATE_HOME": "/x", "HOME": "/h"}, 7, "/x/watchdog/history.db", id="user-with-xdg"),
        pytest.param({"HOME": "/h"}, 7, "/h/.local/state/watchdog/history.db", id="user"),
        pytest.param(
            {"XDG_STATE_HOME": "", "HOME": "/h"}, 7, "/h/.local/state/watchdog/history.db", id="xdg-empty"
        ),
        pytest.param(
            {"XDG_STATE_HOME": "x", "HOME": "/h"}, 7, "/h/.local/state/watchdog/history.db", id="xdg-relative"
        ),
    ],
)
def test_default_path(environ: dict[str, str], euid: int, expected: str) -> None:
    assert default_path(environ, euid) == Path(expected)


def test_without_home_the_password_file_knows() -> None:
    user = next(entry for entry in pwd.getpwall() if entry.pw_uid != 0)
    assert default_path({}, user.pw_uid) == Path(user.pw_dir) / ".local/state/watchdog/history.db"


def test_no_home_at_all() -> None:
    with pytest.raises(HistoryError, match="XDG_STATE_HOME"):
        default_path({}, 4_000_000_000)
