"""Who sits at the keyboard, as far as this machine can tell: for the record of who allowed or held back what."""

import os
import pwd
from collections.abc import Mapping

from watchdog.errors import Unobservable
from watchdog.host import Host

# What the kernel says of a process that nobody logged in for (a service, cron): (uid_t) -1, audit_setloginuid(3).
_NOBODY_LOGGED_IN = 2**32 - 1
_LONGEST = 64


def name_person(environ: Mapping[str, str]) -> str:
    """Return who runs this command: `alice (uid 1000)`, or `alice, as root (uid 0)`."""
    try:
        login_uid = Host().read_text("/proc/self/loginuid")
    except Unobservable:
        login_uid = None
    return describe_person(environ, os.getuid(), login_uid)


def describe_person(environ: Mapping[str, str], uid: int, login_uid: str | None) -> str:
    """Return `alice, as root (uid 0)` for who became another by sudo or su.

    `login_uid` is what /proc/self/loginuid says: who logged in, whatever became of them since. The kernel keeps it
    from being changed; $SUDO_USER is only believed of root, as anybody else could have set it.
    """
    here = f"{_login(uid)} (uid {uid})"
    logged_in = _parse_uid(login_uid)
    if logged_in is not None and logged_in != uid:
        return f"{_login(logged_in)}, as {here}"
    sudo_user = environ.get("SUDO_USER", "") if uid == 0 and logged_in is None else ""
    if sudo_user and sudo_user != _login(0):
        return f"{_inert(sudo_user)}, as {here}"
    return here


def _login(uid: int) -> str:
    try:
        return _inert(pwd.getpwuid(uid).pw_name)
    except KeyError:
        return "somebody without a name"


def _parse_uid(text: str | None) -> int | None:
    digits = (text or "").strip()
    if not (digits.isascii() and digits.isdigit()):
        return None
    return None if int(digits) >= _NOBODY_LOGGED_IN else int(digits)


def _inert(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:_LONGEST]
