from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from tests.history.make import at, open_history
from watchdog.history import connect, source
from watchdog.history.connect import _engine, connect_writer


class Interrupted(source.Source):
    def close(self) -> None:
        super().close()
        raise KeyboardInterrupt


def test_ctrl_c_while_a_connection_closes_is_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "history.db"
    open_history(path, at(10)).close()
    _engine.cache_clear()
    monkeypatch.setattr(source, "Source", Interrupted)
    connection = connect_writer(path)
    with pytest.raises(KeyboardInterrupt):
        connection.close()
    assert caplog.text == ""


def test_a_history_that_is_lent_and_had_back_is_had_through_one_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []

    def create(*words: object, **options: object) -> Engine:
        made.append(words)
        return create_engine(*words, **options)  # type: ignore[arg-type]

    path = tmp_path / "history.db"
    open_history(path, at(10)).close()
    _engine.cache_clear()
    monkeypatch.setattr(connect, "create_engine", create)
    for seconds in range(11, 31):
        with open_history(path, at(seconds)) as history:
            history.load_memories()
    assert len(made) == 1
