"""The files that `watchdog install` puts in place, as they will be; is one that is there still ours? Pure.

Each begins with a seal: the SHA-256 of what follows it. So a file that somebody changed is known from one that an
older watchdog wrote, and no list of what was installed is kept anywhere.
"""

import enum
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

# What stands in the shipped files where the path of the program belongs.
PROGRAM = "/opt/host-watchdog/bin/watchdog"
_SEAL = (
    "# Put here by `watchdog install`; `watchdog install --remove` takes it away while it is unchanged. sha256 "
)
# What neither systemd (%, $, quotes) nor cron (%) makes something else of.
_PLAIN = re.compile(r"/[A-Za-z0-9/_.+@-]+")


class Variant(enum.Enum):
    """How the watchdog is kept going on this host, one of them at a time; and, beside it, who gets the report."""

    DAEMON = "daemon"
    TIMER = "timer"
    CRON = "cron"
    WEEKLY = "weekly"
    MONTHLY = "monthly"

    @property
    def looks(self) -> bool:
        """Tell whether it keeps somebody looking."""
        return self not in (Variant.WEEKLY, Variant.MONTHLY)

    @property
    def files(self) -> Mapping[str, str]:
        """Where each of its files goes, and what it is called among those that are shipped."""
        return _FILES[self]

    @property
    def wanted(self) -> Mapping[str, str]:
        """The units to be enabled, and the link that says that one is."""
        return _WANTED[self]

    @property
    def start(self) -> tuple[str, ...]:
        """What a person types to have it run."""
        return _START[self]


_UNITS = "etc/systemd/system"
_FILES: Mapping[Variant, Mapping[str, str]] = {
    Variant.DAEMON: {
        "etc/sysusers.d/host-watchdog.conf": "sysusers.d/host-watchdog.conf",
        "etc/tmpfiles.d/host-watchdog.conf": "tmpfiles.d/host-watchdog.conf",
        f"{_UNITS}/host-watchdog.service": "systemd/host-watchdog.service",
        f"{_UNITS}/host-watchdog-heal.socket": "systemd/host-watchdog-heal.socket",
        f"{_UNITS}/host-watchdog-heal.service": "systemd/host-watchdog-heal.service",
    },
    Variant.TIMER: {
        f"{_UNITS}/host-watchdog-run.service": "systemd/host-watchdog-run.service",
        f"{_UNITS}/host-watchdog-run.timer": "systemd/host-watchdog-run.timer",
    },
    Variant.CRON: {"etc/cron.d/host-watchdog": "cron.d/host-watchdog"},
    Variant.WEEKLY: {
        f"{_UNITS}/host-watchdog-report@7d.service": "systemd/host-watchdog-report@.service",
        f"{_UNITS}/host-watchdog-report@7d.timer": "systemd/host-watchdog-report@7d.timer",
    },
    Variant.MONTHLY: {
        f"{_UNITS}/host-watchdog-report@31d.service": "systemd/host-watchdog-report@.service",
        f"{_UNITS}/host-watchdog-report@31d.timer": "systemd/host-watchdog-report@31d.timer",
    },
}
_WANTED: Mapping[Variant, Mapping[str, str]] = {
    Variant.DAEMON: {
        "host-watchdog-heal.socket": f"{_UNITS}/sockets.target.wants/host-watchdog-heal.socket",
        "host-watchdog.service": f"{_UNITS}/multi-user.target.wants/host-watchdog.service",
    },
    Variant.TIMER: {"host-watchdog-run.timer": f"{_UNITS}/timers.target.wants/host-watchdog-run.timer"},
    Variant.CRON: {},
    Variant.WEEKLY: {
        "host-watchdog-report@7d.timer": f"{_UNITS}/timers.target.wants/host-watchdog-report@7d.timer"
    },
    Variant.MONTHLY: {
        "host-watchdog-report@31d.timer": f"{_UNITS}/timers.target.wants/host-watchdog-report@31d.timer"
    },
}


def _reported(days: str) -> tuple[str, ...]:
    return (
        'in the settings: [report] to = ["NAME"], a target of [notify.targets]',
        f"systemctl daemon-reload && systemctl enable --now host-watchdog-report@{days}.timer",
        f"watchdog report --since {days} --send-as-set, to see that it arrives",
    )


_START: Mapping[Variant, tuple[str, ...]] = {
    Variant.DAEMON: (
        "systemd-sysusers && systemd-tmpfiles --create host-watchdog.conf",
        "systemctl daemon-reload && systemctl enable --now host-watchdog-heal.socket host-watchdog.service",
        "systemctl status host-watchdog.service; watchdog status",
    ),
    Variant.TIMER: (
        "systemctl daemon-reload && systemctl enable --now host-watchdog-run.timer",
        "systemctl list-timers host-watchdog-run.timer; watchdog status",
    ),
    Variant.WEEKLY: _reported("7d"),
    Variant.MONTHLY: _reported("31d"),
    Variant.CRON: ("nothing: cron finds it within a minute; then: watchdog status",),
}


class Shipped(msgspec.Struct, frozen=True, kw_only=True):
    """One file to be: where it goes below the root, and its text."""

    path: str
    text: str


class There(enum.Enum):
    """What stands where a file of ours goes."""

    NOTHING = "nothing"
    THE_SAME = "the same"
    OURS = "an older one of ours, unchanged"
    CHANGED = "ours, changed by somebody"
    FOREIGN = "not put there by watchdog install"


def shipped(variant: Variant, read: Callable[[str], str], command: tuple[str, ...]) -> Iterator[Shipped]:
    """Yield the files of a variant with the command that this host shall run; `read` returns a shipped file."""
    for path, name in variant.files.items():
        yield Shipped(path=path, text=seal(read(name).replace(PROGRAM, " ".join(command))))


def is_plain(path: str) -> bool:
    """Tell whether a path means itself wherever it is written: no blank, no %, no quotes."""
    return _PLAIN.fullmatch(path) is not None


def seal(text: str) -> str:
    """Return the text behind its seal."""
    return f"{_SEAL}{_digest(text)}\n{text}"


def compare(there: str | None, text: str) -> There:
    """Say what stands where `text` is to go (None: nothing)."""
    if there is None:
        return There.NOTHING
    if there == text:
        return There.THE_SAME
    first, _, rest = there.partition("\n")
    if not first.startswith(_SEAL):
        return There.FOREIGN
    return There.OURS if first == f"{_SEAL}{_digest(rest)}" else There.CHANGED


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
