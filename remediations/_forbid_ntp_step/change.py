"""What is to be changed so that a daemon no longer steps, and how files are read and edited for it."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from watchdog.linux.ntp_power import StepPower
from watchdog.plugin import Host, Refused, Unobservable

# slew: as far as possible; stepback: never back; never: neither way.
How = Literal["slew", "stepback", "never"]
_LOST_AT_RESTART = ("/run/", "/var/run/", "/tmp/", "/dev/shm/")  # noqa: S108 - a place to recognise, not to use


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The new texts of files by path (none: only a restart is due), what they come to, and how to say it."""

    texts: Mapping[str, tuple[str, str]]
    before: StepPower
    after: StepPower
    summary: str


def read_file(host: Host, path: str) -> str:
    """Return the text of a file that is to be changed. Raises Refused where it could not be put back exactly."""
    try:
        text = host.read_text(path)
    except Unobservable as error:
        raise Refused(f"{error}; run it as root") from error
    if text is None:
        raise Refused(f"{path} is not there; its NTP daemon is set up otherwise here than by its distribution")
    if "\ufffd" in text:
        raise Refused(f"{path} holds bytes that are no UTF-8 text; change it yourself")
    return text


def demand_lasting(path: str) -> None:
    """Refuse to write what is made anew at the next start."""
    if path.startswith(_LOST_AT_RESTART):
        raise Refused(
            f"{path} is made by a program, and what is written there is lost; change what it is made from yourself"
        )
