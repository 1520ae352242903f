import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from tests.history.make import open_history
from watchdog.errors import HistoryError
from watchdog.history import schema
from watchdog.history.connect import connect_writer
from watchdog.history.models import METADATA
from watchdog.history.read import Reader
from watchdog.history.version import HEAD


def statements(path: Path) -> dict[str, str]:
    """Every CREATE in a file, as SQLite keeps it, without regard to white space."""
    with sqlite3.connect(path) as raw:
        rows = raw.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: "".join(sql.split()) for name, sql in rows}


def test_head_is_the_newest_migration(path: Path) -> None:
    schema.create(path)
    connection = connect_writer(path)
    script = ScriptDirectory.from_config(schema.alembic_config(connection))
    connection.close()
    assert script.get_heads() == [HEAD]


def test_alembic_sees_no_difference_between_models_and_migrations(path: Path) -> None:
    schema.create(path)
    connection = connect_writer(path)
    with connection.begin():
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    connection.close()
    assert differences == []


def test_models_and_migrations_make_the_very_same_tables(path: Path) -> None:
    """What alembic does not compare (WITHOUT ROWID, partial indexes, ON DELETE), SQLite's own text does."""
    schema.create(path)
    modelled = path.with_name("modelled.db")
    engine = create_engine(f"sqlite:///{modelled}")
    METADATA.create_all(engine)
    engine.dispose()
    migrated = statements(path)
    del migrated["alembic_version"]
    assert {name: sorted(sql) for name, sql in migrated.items()} == {
        name: sorted(sql) for name, sql in statements(modelled).items()
    }


def test_alembic_is_not_imported_for_a_file_that_is_at_head(path: Path) -> None:
    open_history(path).close()
    program = (
        "import sys; from pathlib import Path; from tests.history.make import open_history;"
        f"open_history(Path({str(path)!r})).close(); print('alembic' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "False\n"


def test_the_light_modules_do_without_sqlalchemy() -> None:
    program = (
        "import sys; from watchdog.history import cycle, lock, paths, records;print('sqlalchemy' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "False\n"


def test_a_migration_that_is_killed_half_way_is_done_again(path: Path) -> None:
    """It is built beside: what a killed one left there is in nobody's way."""
    fresh = path.with_name("history.db.fresh")
    fresh.write_bytes(b"half of a file")
    fresh.with_name("history.db.fresh-wal").write_bytes(b"and of a WAL")
    open_history(path).close()
    assert sorted(p.name for p in path.parent.iterdir()) == ["history.db", "history.db.lock"]


def test_a_newer_schema_is_left_alone(path: Path) -> None:
    open_history(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(HistoryError, match=r"written by a newer watchdog .*upgrade watchdog"):
        open_history(path)
    with pytest.raises(HistoryError, match=rf"has schema 9999, this watchdog reads {HEAD}"):
        Reader.open(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE letters (id INTEGER)")
    raw.close()
    before = path.read_bytes()
    for use in (open_history, Reader.open):
        with pytest.raises(HistoryError, match="not a watchdog history: it is left alone"):
            use(path)
    assert path.read_bytes() == before
