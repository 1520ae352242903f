"""/etc/os-release: which distribution this is. Source: os-release(5)."""

import shlex
from collections.abc import Iterator

import msgspec

_INSTALLERS = {
    "apt install": ("debian", "ubuntu"),
    "dnf install": ("rhel", "fedora", "centos"),
    "zypper install": ("suse", "opensuse", "sles"),
}


class OsRelease(msgspec.Struct, frozen=True, kw_only=True):
    """The distribution's own name for itself, those it is like (nearest first) and its version; "" if not said."""

    id: str = ""
    id_like: tuple[str, ...] = ()
    version_id: str = ""

    def is_like(self, *names: str) -> bool:
        """Tell whether this is one of these distributions or derived from one."""
        return any(name in (self.id, *self.id_like) for name in names)


def parse_os_release(text: str) -> OsRelease:
    """Read the file; a line that is not a shell assignment is left out."""
    said = dict(_assignments(text))
    return OsRelease(
        id=said.get("ID", "").lower(),
        id_like=tuple(said.get("ID_LIKE", "").lower().split()),
        version_id=said.get("VERSION_ID", ""),
    )


def install_command(os: OsRelease, package: str) -> str:
    """Return how a package is installed here, as one would type it; in words on an unknown distribution."""
    for command, names in _INSTALLERS.items():
        if os.is_like(*names):
            return f"{command} {package}"
    return f"install the package {package}"


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n"):
        key, equals, value = line.strip().partition("=")
        if not equals or key.startswith("#"):
            continue
        try:
            yield key, "".join(shlex.split(value, comments=True))
        except ValueError:  # a quote that is not closed
            continue
