import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


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
