import sqlite3
from functools import partial
from pathlib import Path

import pytest

from tests.history.make import at, open_history
from watchdog.history.connect import connect_reader


class Interrupted(sqlite3.Connection):
    def close(self) -> None:
        super().close()
        raise KeyboardInterrupt


def test_ctrl_c_while_a_connection_closes_is_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "history.db"
    open_history(path, at(10)).close()
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Interrupted))
    connection = connect_reader(path, immutable=False)
    with pytest.raises(KeyboardInterrupt):
        connection.close()
    assert caplog.text == ""
