"""Holds what a format says against its golden file. After a change that is meant: WATCHDOG_GOLDEN=renew."""

import os
from collections.abc import Iterable
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"


def agree(name: str, pieces: Iterable[str]) -> None:
    """Fail where a file below golden/ says it otherwise; write it instead where it is to be renewed."""
    text, file = "".join(pieces), GOLDEN / name
    if os.environ.get("WATCHDOG_GOLDEN") == "renew":
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, newline="")
    assert text == file.read_bytes().decode(), f"{file} tells it otherwise; renew with WATCHDOG_GOLDEN=renew"
