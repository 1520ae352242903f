"""The schema: how it is made, and brought up to date.

Alembic takes 0.5 s to import, so it is only asked when the file is not at HEAD.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from watchdog.errors import HistoryError
from watchdog.history.connect import connect_writer, explained, keep_wal, pragma
from watchdog.history.owner import leave_to_folder
from watchdog.history.source import APPLICATION_ID
from watchdog.history.version import HEAD

if TYPE_CHECKING:
    from alembic.config import Config


def create(path: Path) -> None:
    """Make an empty history.

    It is built under another name and appears at once and whole: who is killed on the way leaves no half of it.
    """
    fresh = path.with_name(f"{path.name}.fresh")
    with explained(path):
        for suffix in ("", "-wal", "-shm", "-journal"):
            fresh.with_name(f"{fresh.name}{suffix}").unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        try:
            leave_to_folder(descriptor, path.parent)
        finally:
            os.close(descriptor)
        connection = connect_writer(fresh)
        try:
            pragma(connection, f"application_id={APPLICATION_ID}")
            keep_wal(connection)
        finally:
            connection.close()
        migrate(fresh)
        fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def migrate(path: Path) -> None:
    """Bring a file to HEAD, all or nothing; HistoryError when its schema is not one that we know."""
    from alembic import command
    from alembic.util import CommandError

    # Without foreign keys, because SQLite alters a table by copying it.
    connection = connect_writer(path, foreign_keys=False)
    try:
        with connection.begin():
            command.upgrade(alembic_config(connection), "head")
    except CommandError as error:
        raise HistoryError(
            f"the history {path} was written by a newer watchdog ({error}): "
            f"upgrade watchdog, or move the file away to begin a fresh one (this one knows schema {HEAD})"
        ) from error
    finally:
        connection.close()


def alembic_config(connection: Connection) -> "Config":
    """Return what alembic needs to know, with no file of its own; env.py uses the connection it is given."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "watchdog.history:migrations")
    config.attributes["connection"] = connection
    return config
