"""chrony's configuration: what it says of steps and of servers.

`chronyd -p -f FILE` (4.1 and later) prints it flattened, in the order chronyd reads it, and that is what
`parse_directives` takes. `flatten_chrony_conf` reads it the same way itself, for where that program cannot be
run, and knows the file and line of each directive besides.
Sources: chrony conf.c, cmdparse.c (CPS_NormalizeLine); chrony.conf(5).
"""

import re
from collections.abc import Iterable, Iterator
from posixpath import basename

import msgspec

from watchdog.linux.conf_files import ConfFiles, Followed, MalformedConfError

MAX_INCLUDE_LEVEL = 10  # MAX_INCLUDE_LEVEL: chronyd refuses to start beyond it
_COMMENT = ("!", ";", "#", "%")
# What scanf's %lf and %d take from the beginning of a word.
_DOUBLE = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)


class Directive(msgspec.Struct, frozen=True, kw_only=True):
    """One directive: its name in lower case, its arguments, and where it stands ("" and 0 where not known)."""

    name: str
    arguments: tuple[str, ...]
    path: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """Where it stands, for people: `/etc/chrony/chrony.conf line 47`."""
        return f"{self.path} line {self.line}" if self.path else ""


class MakeStep(msgspec.Struct, frozen=True, kw_only=True):
    """`makestep THRESHOLD LIMIT`: limit < 0 is any time, 0 never, > 0 only the first so many updates."""

    threshold_seconds: float
    limit: int
    place: str = ""

    def __str__(self) -> str:
        return f"makestep {self.threshold_seconds:g} {self.limit}"


class ChronyConf(msgspec.Struct, frozen=True, kw_only=True):
    """What the directives say.

    `makesteps` are all of them in order: the last is in force, the others are overridden. `initstepslew_seconds`
    is the threshold of the step at start, None without one. `servers` are the directives' own; those of
    `source_folders` come from `read_sources`.
    """

    makesteps: tuple[MakeStep, ...] = ()
    initstepslew_seconds: float | None = None
    leap_second_mode: str = "system"
    servers: tuple[str, ...] = ()
    source_folders: tuple[tuple[str, ...], ...] = ()


class Flattened(msgspec.Struct, frozen=True, kw_only=True):
    """The directives in the order chronyd reads them, and the files and folders looked at."""

    directives: tuple[Directive, ...]
    files: tuple[str, ...]


def flatten_chrony_conf(path: str, files: ConfFiles, *, prefix: str = "") -> Flattened:
    """Read a file with its `include` and `confdir`. MalformedConfError for what chronyd would not start with."""
    followed = Followed(files, prefix)
    return Flattened(directives=tuple(_follow_file(path, followed, level=1)), files=tuple(followed.read))


def flatten_directives(lines: Iterable[str], files: ConfFiles, *, prefix: str = "") -> Flattened:
    """Read directives given on the command line, which stand in place of the file."""
    followed = Followed(files, prefix)
    return Flattened(
        directives=tuple(_follow(lines, "command line", followed, level=0)), files=tuple(followed.read)
    )


def parse_directives(text: str) -> tuple[Directive, ...]:
    """Read the output of `chronyd -p`, or one file without following what it includes."""
    return tuple(_directives(text.split("\n"), ""))


def parse_chrony_conf(directives: Iterable[Directive]) -> ChronyConf:
    """Apply the directives in order. MalformedConfError for what chronyd would not start with."""
    makesteps: list[MakeStep] = []
    initstepslew: float | None = None
    leap_second_mode = "system"
    servers: list[str] = []
    folders: list[tuple[str, ...]] = []
    for directive in directives:
        match directive.name:
            case "makestep":
                makesteps.append(_makestep(directive))
            case "initstepslew":
                initstepslew = _double(directive, 0)
            case "leapsecmode":
                leap_second_mode = " ".join(directive.arguments).lower()
            case "server" | "pool":
                servers += directive.arguments[:1]
            case "sourcedir":
                folders.append(directive.arguments)
    return ChronyConf(
        makesteps=tuple(makesteps),
        initstepslew_seconds=initstepslew,
        leap_second_mode=leap_second_mode,
        servers=tuple(dict.fromkeys(servers)),
        source_folders=tuple(folders),
    )


def read_sources(conf: ChronyConf, files: ConfFiles, *, prefix: str = "") -> tuple[str, ...]:
    """Return the servers of the `.sources` files, which chronyd loads at any time (`chronyc reload sources`)."""
    followed = Followed(files, prefix)
    servers: list[str] = []
    for folders in conf.source_folders:
        for path in _in_folders(folders, ".sources", followed):
            # A line that is not ended is one that is still being written: chronyd leaves it out.
            ended = (followed.read_text(path) or "").rpartition("\n")[0]
            directives = parse_directives(ended)
            servers += (d.arguments[0] for d in directives if d.name in ("server", "pool") and d.arguments)
    return tuple(dict.fromkeys(servers))


def _follow_file(path: str, files: Followed, level: int) -> Iterator[Directive]:
    if level > MAX_INCLUDE_LEVEL:
        raise MalformedConfError(f"{path} is included more than {MAX_INCLUDE_LEVEL} levels deep")
    text = files.read_text(path)
    if text is None:
        raise MalformedConfError(f"{path} does not exist")
    yield from _follow(text.split("\n"), path, files, level)


def _follow(lines: Iterable[str], path: str, files: Followed, level: int) -> Iterator[Directive]:
    for directive in _directives(lines, path):
        if directive.name == "include":
            included = files.matching(directive.arguments[0]) if directive.arguments else ()
        elif directive.name == "confdir":
            included = _in_folders(directive.arguments, ".conf", files)
        else:
            yield directive
            continue
        for name in included:
            yield from _follow_file(name, files, level + 1)


def _directives(lines: Iterable[str], path: str) -> Iterator[Directive]:
    for number, line in enumerate(lines, start=1):
        # A comment is a whole line; a sign further on belongs to an argument.
        words = line.split()
        if words and not words[0].startswith(_COMMENT):
            yield Directive(name=words[0].lower(), arguments=tuple(words[1:]), path=path, line=number)


def _in_folders(folders: tuple[str, ...], suffix: str, files: Followed) -> tuple[str, ...]:
    """Return the paths by file name; of one name in several folders only that of the first."""
    found: dict[str, str] = {}
    for folder in folders:
        for path in files.matching(f"{folder}/*{suffix}"):
            found.setdefault(basename(path), path)
    return tuple(path for _, path in sorted(found.items()))


def _makestep(directive: Directive) -> MakeStep:
    limit = _INTEGER.match(directive.arguments[1]) if len(directive.arguments) == 2 else None
    if limit is None:
        raise _not_understood(directive)
    return MakeStep(threshold_seconds=_double(directive, 0), limit=int(limit[0]), place=directive.place)


def _double(directive: Directive, position: int) -> float:
    number = _DOUBLE.match(directive.arguments[position]) if directive.arguments else None
    if number is None:
        raise _not_understood(directive)
    return min(float(number[0]), 1e9)  # beyond is for ever, and JSON knows no infinity


def _not_understood(directive: Directive) -> MalformedConfError:
    where = f" in {directive.place}" if directive.place else ""
    return MalformedConfError(f"chronyd does not take {directive.name} {' '.join(directive.arguments)!r}{where}")
