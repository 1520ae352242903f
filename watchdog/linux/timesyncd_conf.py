"""timesyncd.conf with its drop-ins: which servers. There is nothing in it about steps: timesyncd always may.

Sources: timesyncd.conf(5), systemd.syntax(7).
"""

from collections.abc import Iterable, Iterator
from posixpath import basename

import msgspec

from watchdog.linux.conf_files import ConfFiles, Followed

# From the strongest to the weakest: a file hides one of the same name further down.
_FOLDERS = ("/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd", "/lib/systemd")


class TimesyncdConf(msgspec.Struct, frozen=True, kw_only=True):
    """`ntp` are the servers asked for, `fallback` those used without any; both empty: the built-in ones."""

    ntp: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def servers(self) -> tuple[str, ...]:
        """The servers that the configuration leads to (a network link may add its own)."""
        return self.ntp or self.fallback


def read_timesyncd_conf(files: ConfFiles) -> TimesyncdConf:
    """Read the main file and the drop-ins in order. Raises what `files` raises, MalformedConfError if too many."""
    followed = Followed(files)
    texts = []
    main = (followed.read_text(f"{folder}/timesyncd.conf") for folder in _FOLDERS)
    texts.append(next((text for text in main if text is not None), ""))
    texts += (followed.read_text(path) or "" for path in _drop_ins(followed))
    return parse_timesyncd_conf(texts, files=tuple(followed.read))


def parse_timesyncd_conf(texts: Iterable[str], *, files: tuple[str, ...] = ()) -> TimesyncdConf:
    """Read texts in order: servers add up, an empty value clears what came before."""
    lists: dict[str, list[str]] = {"NTP": [], "FallbackNTP": []}
    for text in texts:
        for key, value in _assignments(text):
            if key in lists:
                lists[key] = [*lists[key], *value.split()] if value else []
    return TimesyncdConf(
        ntp=tuple(dict.fromkeys(lists["NTP"])), fallback=tuple(dict.fromkeys(lists["FallbackNTP"])), files=files
    )


def _drop_ins(files: Followed) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for folder in _FOLDERS:
        for path in files.matching(f"{folder}/timesyncd.conf.d/*.conf"):
            found.setdefault(basename(path), path)
    return tuple(path for _, path in sorted(found.items()))


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    """Yield key and value of the section [Time]; a backslash at the end of a line joins the next to it."""
    section, pending = "", list[str]()
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped.startswith(("#", ";")):
            continue  # also between joined lines
        if stripped.endswith("\\"):
            pending.append(stripped[:-1] + " ")
            continue
        whole = "".join((*pending, stripped))
        pending.clear()
        if whole.startswith("["):
            section = whole
        elif section == "[Time]" and "=" in whole:
            key, _, value = whole.partition("=")
            yield key.strip(), value.strip()
