"""Who is at the keyboard, for the record."""

import os
import pwd
from collections.abc import Mapping
from contextlib import suppress


def name_person(environ: Mapping[str, str], uid: int | None = None) -> str:
    """Return `root (uid 0), by sudo from anna`: the login name of who runs us, and who became that."""
    number = os.geteuid() if uid is None else uid
    name = str(number)
    with suppress(KeyError):
        name = pwd.getpwuid(number).pw_name
    before = environ.get("SUDO_USER", "")
    became = f", by sudo from {before[:40]}" if before and before.isprintable() and before != name else ""
    return f"{name} (uid {number}){became}"
