import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchdog.history import schema


@pytest.fixture(scope="session")
def _place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("place")


@pytest.fixture
def path(_place: Path) -> Path:
    """Where a history may be made: the same place for each test, as what SQLAlchemy compiled is kept by path."""
    shutil.rmtree(_place)
    _place.mkdir(mode=0o700)
    return _place / "history.db"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may look into; pytest's own only its user may."""
    folder = Path(tempfile.mkdtemp(prefix="watchdog-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What an empty history is, as the migrations make it."""
    path = tmp_path_factory.mktemp("made") / "history.db"
    schema.create(path)
    return path.read_bytes()


@pytest.fixture
def made_once(_made: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a new history be a copy of what the migrations made once: for tests of anything but its making."""
    migrate = schema.migrate

    def copy(path: Path) -> None:
        if path.suffix == ".fresh":
            path.write_bytes(_made)
        else:
            migrate(path)

    monkeypatch.setattr(schema, "migrate", copy)
