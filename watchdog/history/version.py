"""The schema of a file: is it ours, whole, and of today. Tests hold HEAD and TABLES against the migrations."""

from pathlib import Path

from watchdog.errors import HistoryError
from watchdog.history.source import APPLICATION_ID, Source, ask, ask_value
from watchdog.history.trouble import Damaged

HEAD = "0004"
TABLES = frozenset(
    {
        "acks",
        "attempts",
        "audit",
        "boots",
        "checks",
        "configurations",
        "holds",
        "incidents",
        "journal",
        "memories",
        "metrics",
        "notes",
        "outbox",
        "series",
        "spans",
        "targets",
        "tracks",
        "transitions",
        "upkeep",
    }
)


def read_version(source: Source, path: Path) -> str:
    """Return the schema's version; within a transaction of the caller's.

    Raises Damaged when it is a history without its tables, HistoryError when it is another program's database.
    """
    if ask_value(source, "PRAGMA application_id") != APPLICATION_ID:
        raise HistoryError(
            f"{path} is an SQLite database, but not a watchdog history: it is left alone; name another file"
        )
    names = {row["name"] for row in ask(source, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "alembic_version" not in names:
        raise Damaged(path, "the schema's version is missing")
    version = ask_value(source, "SELECT version_num FROM alembic_version")
    missing = sorted(TABLES - names)
    if version == HEAD and missing:
        raise Damaged(path, f"tables are missing: {', '.join(missing)}")
    return str(version)


def require_head(version: str, path: Path) -> None:
    """Raise HistoryError for a schema that this watchdog cannot read."""
    if version != HEAD:
        raise HistoryError(
            f"the history {path} has schema {version}, this watchdog reads {HEAD}: "
            "use the newest watchdog on this host; `watchdog run` then brings an older history up to date"
        )
