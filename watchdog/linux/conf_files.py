"""How a parser of configuration files follows their includes: through a reader handed to it, within bounds."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Protocol

# More than any real configuration includes; a file that includes itself ten times over must not keep us busy.
MAX_FILES = 256
MAX_CHARACTERS = 4 << 20


class MalformedConfError(ValueError):
    """The configuration cannot be what a daemon runs with; the text says where and why."""


class ConfFiles(Protocol):
    """What reads files; `watchdog.host.Host` does."""

    def read_text(self, path: str) -> str | None:
        """Return a file's text, None when there is none."""

    def names_in(self, directory: str) -> tuple[str, ...]:
        """Return the sorted names in a directory, none when there is none."""


class Edited:
    """Files as they would be if some had other texts, so that a change can be read before it is made."""

    def __init__(self, files: ConfFiles, texts: Mapping[str, str]) -> None:
        self._files = files
        self._texts = texts

    def read_text(self, path: str) -> str | None:
        """Return the other text, or the file's."""
        return self._texts[path] if path in self._texts else self._files.read_text(path)

    def names_in(self, directory: str) -> tuple[str, ...]:
        """Return the names in a directory: no file comes or goes."""
        return self._files.names_in(directory)


class Followed:
    """Reads files below `prefix` (another mount namespace's root), remembers which, and stops at the bounds."""

    def __init__(self, files: ConfFiles, prefix: str = "") -> None:
        self._files = files
        self._prefix = prefix
        self._characters = 0
        self._looks = 0
        self.read: dict[str, None] = {}

    def read_text(self, path: str) -> str | None:
        """Return a file's text, None when there is none; MalformedConfError beyond the bounds."""
        self._count(path)
        text = self._files.read_text(self._prefix + path)
        self._characters += len(text or "")
        if self._characters > MAX_CHARACTERS:
            raise MalformedConfError(f"more than {MAX_CHARACTERS} characters of configuration, the last of {path}")
        return text

    def names_in(self, directory: str) -> tuple[str, ...]:
        """Return the sorted names in a directory; MalformedConfError beyond the bounds."""
        self._count(directory)
        return self._files.names_in(self._prefix + directory)

    def matching(self, pattern: str) -> tuple[str, ...]:
        """Return the paths that match an absolute glob(7) pattern, sorted; one without wildcards is itself."""
        paths = [""]
        for part in pattern.strip("/").split("/"):
            if not any(sign in part for sign in "*?["):
                paths = [f"{path}/{part}" for path in paths]
                continue
            paths = [
                f"{path}/{name}"
                for path in paths
                for name in self.names_in(path or "/")
                if fnmatchcase(name, part) and (part.startswith(".") or not name.startswith("."))
            ]
        return tuple(sorted(paths))

    def _count(self, path: str) -> None:
        # A path with a NUL exists nowhere, and opening it is an error of another kind than "no such file".
        if "\0" in path:
            raise MalformedConfError(f"{path!r} is not a path")
        self._looks += 1
        if self._looks > MAX_FILES:
            raise MalformedConfError(f"more than {MAX_FILES} files of configuration, the last {path}")
        self.read[path] = None
