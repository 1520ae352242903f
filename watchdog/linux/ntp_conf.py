"""ntp.conf of classic ntpd and ntpsec: what it says of steps and of servers.

The daemon goes on after a line it does not understand, and such a line has no effect at all: `tinker step 0 foo`
sets nothing. So nothing here is an error but a file that includes without end.
Sources: ntpd/ntp_scanner.c, ntp_parser.y, ntp_config.c, ntp_loopfilter.c of both; ntp.conf(5).
"""

import math
import re
from collections.abc import Iterator
from posixpath import dirname, join

import msgspec

from watchdog.linux.conf_files import ConfFiles, Followed

MAX_INCLUDE_LEVEL = 5  # MAXINCLUDELEVEL: deeper includes are logged and left out
# Keywords are lower case. `tick` is classic ntpd's only; `step` sets both directions.
_TINKER = frozenset(
    ("allan", "dispersion", "freq", "huffpuff", "panic", "step", "stepback", "stepfwd", "stepout", "tick")
)
_SWITCHES = frozenset(
    (
        *("auth", "bclient", "calibrate", "kernel", "mode7", "monitor", "ntp", "pps", "stats"),
        *("unpeer_crypto_early", "unpeer_crypto_nak_early", "unpeer_digest_early"),
    )
)
_TOKEN = re.compile(r'[^\s"#]*"(?P<string>[^"]*)"?|(?P<word>[^\s"#]+)|(?P<comment>#)', re.ASCII)
_NUMBER = re.compile(r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?:e[+-]?)?[gG]*", re.IGNORECASE)


class NtpConf(msgspec.Struct, frozen=True, kw_only=True):
    """What the files say, includes and all.

    `step_back_seconds` and `step_forward_seconds` are the thresholds that `tinker` left in force: None where no
    line sets one (then the option -x or the default counts), 0 for "never". `files` are the files and folders
    looked at, in order.
    """

    step_back_seconds: float | None = None
    step_forward_seconds: float | None = None
    controls_clock: bool = True
    servers: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class NtpLine(msgspec.Struct, frozen=True, kw_only=True):
    """One command: its words, quotes taken off; `quoted` tells which words stood in quotes (never keywords)."""

    words: tuple[str, ...]
    quoted: tuple[bool, ...]


def read_ntp_conf(path: str, files: ConfFiles, *, ntpsec: bool, prefix: str = "") -> NtpConf | None:
    """Read a configuration as the daemon does; None when the file does not exist.

    ntpsec reads `ntp.d/*.conf` beside it as well, and takes relative includes from the including file's folder.
    Raises MalformedConfError when it includes without end, and what `files` raises.
    """
    followed = Followed(files, prefix)
    text = followed.read_text(path)
    if text is None:
        return None
    lines = list(_until_end(_follow(text, path, followed, ntpsec, level=1)))
    if ntpsec:
        lines += _until_end(_follow_folder(join(dirname(path), "ntp.d"), followed, level=2))
    return _apply(lines, tuple(followed.read))


def parse_ntp_conf(text: str) -> NtpConf:
    """Read one text without following includes."""
    return _apply(list(_until_end(iter(parse_lines(text)))), ())


def parse_lines(text: str) -> Iterator[NtpLine]:
    """Split into commands: `#` outside quotes begins a comment, quotes end with the line, only ASCII counts."""
    for line in text.split("\n"):
        words: list[str] = []
        quoted: list[bool] = []
        for token in _TOKEN.finditer("".join(c for c in line if "\0" < c < "\x7f")):
            if token["comment"]:
                break
            words.append(token["word"] or token[0].replace('"', ""))
            quoted.append(token["word"] is None)
        if words:
            yield NtpLine(words=tuple(words), quoted=tuple(quoted))


def _follow(text: str, path: str, files: Followed, ntpsec: bool, level: int) -> Iterator[NtpLine]:
    for line in parse_lines(text):
        if line.words[0] != "includefile" or line.quoted[0] or len(line.words) < 2:
            yield line
            continue
        # The grammar lets a command follow on the same line; it comes after what is included.
        if level <= MAX_INCLUDE_LEVEL:
            yield from _follow_include(line.words[1], path, files, ntpsec, level + 1)
        if len(line.words) > 2:
            yield NtpLine(words=line.words[2:], quoted=line.quoted[2:])


def _follow_include(target: str, path: str, files: Followed, ntpsec: bool, level: int) -> Iterator[NtpLine]:
    # Classic ntpd takes a relative path from its working folder, which for a daemon is the root.
    included = join(dirname(path) if ntpsec else "/", target)
    if ntpsec and files.names_in(included):
        yield from _follow_folder(included, files, level)
        return
    text = files.read_text(included)
    if text is not None:
        yield from _follow(text, included, files, ntpsec, level)


def _follow_folder(folder: str, files: Followed, level: int) -> Iterator[NtpLine]:
    """Yield from the `.conf` files and folders in a folder, in the order of their names (ntpsec only)."""
    if level > MAX_INCLUDE_LEVEL + 1:
        return
    for name in files.names_in(folder):
        if name.endswith(".conf"):
            yield from _follow_include(join(folder, name), folder, files, ntpsec=True, level=level + 1)


def _until_end(lines: Iterator[NtpLine]) -> Iterator[NtpLine]:
    """Stop at the command `end`, which ends every file that is open."""
    for line in lines:
        if line.words[0] == "end" and not line.quoted[0]:
            return
        yield line


def _apply(lines: list[NtpLine], files: tuple[str, ...]) -> NtpConf:
    back: float | None = None
    forward: float | None = None
    controls_clock = True
    servers: list[str] = []
    for line in lines:
        command = "" if line.quoted[0] else line.words[0]
        if command == "tinker":
            for keyword, value in _tinkered(line):
                back = value if keyword in ("step", "stepback") else back
                forward = value if keyword in ("step", "stepfwd") else forward
        elif command == "disable" and _SWITCHES.issuperset(line.words[1:]) and "ntp" in line.words[1:]:
            # `enable` lines are applied before all `disable` lines, wherever they stand.
            controls_clock = False
        elif command in ("server", "pool"):
            servers += _address(line.words[1:])
    return NtpConf(
        step_back_seconds=back,
        step_forward_seconds=forward,
        controls_clock=controls_clock,
        servers=tuple(dict.fromkeys(servers)),
        files=files,
    )


def _tinkered(line: NtpLine) -> list[tuple[str, float]]:
    """Return the (keyword, number) pairs of a tinker line; none when any part of it is wrong."""
    words = line.words[1:]
    pairs = []
    for keyword, text in zip(words[::2], words[1::2], strict=False):
        number = _NUMBER.fullmatch(text)
        if keyword not in _TINKER or number is None:
            return []
        pairs.append((keyword, _threshold(float(number["number"]))))
    return [] if len(words) % 2 or any(line.quoted) else pairs


def _threshold(seconds: float) -> float:
    """Return a step threshold as it works: not positive means never, and nothing is beyond infinity."""
    return seconds if seconds > 0 and math.isfinite(seconds) else 0.0


def _address(words: tuple[str, ...]) -> list[str]:
    """Return the address of a server or pool line; none for a local reference clock (127.127.type.unit)."""
    named = [word for word in words if word not in ("-4", "-6")][:1]
    return [word for word in named if not word.startswith("127.127.")]
