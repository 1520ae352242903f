import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a history may be made."""
    return tmp_path / "history.db"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may look into; pytest's own only its user may."""
    folder = Path(tempfile.mkdtemp(prefix="watchdog-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
