"""keepalived.conf as lines: comments, includes, conditions, definitions, sequences, and braces on their own.

A port of what keepalived's own reader does, its oddities with it: a reference `$X` counts only before a blank, a
comma, a closing bracket or the line's end; a `#` that a definition brings in begins a comment; a line of more than
1023 characters goes on as the next. Source: lib/parser.c (2.2.7 to 2.4), keepalived.conf(5).
"""

import re
from collections.abc import Iterator, Sequence
from posixpath import dirname, join

import msgspec

from watchdog.errors import Unobservable
from watchdog.linux.conf_files import Followed, MalformedConfError

# What definitions and sequences may unfold to, some steps a line; keepalived itself has no bound.
MAX_STEPS = 500_000
MAX_LINE = 1023  # MAXBUF
_MAX_BRACE_PATTERNS = 64
_MAX_PROBLEMS = 20

_DEFINITION = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)=[ \t]*(.*)", re.DOTALL)
_REFERENCE = re.compile(
    r"\$(?:\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)(?P<parameters>[ \t\w]*)\}"
    r"|(?P<bare>[A-Za-z_][A-Za-z0-9_]*)(?=[ \t,)]|\Z))",
    re.ASCII,
)
_INCLUDE = re.compile(r"include[rmwba]?\s+(.*)")
_SEQUENCE = re.compile(
    r"~SEQ(?P<hex>x?)[ \t]*\([ \t]*(?P<name>[^ \t,){]+)[ \t]*,(?P<numbers>[^)]*)\)[ \t]*(?P<text>.*)"
)
_LIST = re.compile(r"~LST[ \t]*\((?P<items>[^()]*)\)[ \t]*(?P<text>.*)")
_LIST_ITEM = re.compile(r"\{([^{}]*)\}|([^\s,{}]+)")
_BRACE_OR_QUOTED = re.compile(r'[{}]|"[^"]*("|\Z)')


class _Frame(msgspec.Struct, frozen=True):
    """Where lines come from: a file (in its folder), or what a definition, a sequence or a split line left."""

    lines: Iterator[str]
    folder: str


class KeepalivedLines:
    """Yields the lines that count: a brace alone, or words without braces outside quotes."""

    def __init__(self, files: Followed, config_id: str) -> None:
        self._files = files
        self._config_id = config_id
        self._definitions: dict[str, tuple[str, ...]] = {
            "_HASH": ("#",),
            "_BANG": ("!",),
            "_INSTANCE": (config_id,),
        }
        self._frames: list[_Frame] = []
        self._steps = 0
        self.problems: list[str] = []

    def open(self, text: str, path: str) -> None:
        """Go on with a file's lines, then with what came before."""
        self._frames.append(_Frame(_file_lines(text), dirname(path)))

    def problem(self, text: str) -> None:
        """Keep what went wrong, as far as anybody would read it."""
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append("".join(c if c.isprintable() else "?" for c in text))

    def __iter__(self) -> Iterator[str]:
        while (taken := self._take()) is not None:
            line = self._resolve(taken)
            if included := _INCLUDE.fullmatch(line):
                self._include(included[1])
            elif line:
                head, rest = _split(line)
                if rest:
                    self._push(iter((rest,)))
                if head:
                    yield head

    def _push(self, lines: Iterator[str]) -> None:
        self._frames.append(_Frame(lines, self._frames[-1].folder if self._frames else "/"))

    def _take(self) -> str | None:
        """Return the next line of the innermost source, None at the end of all."""
        self._spend()
        while self._frames:
            line = next(self._frames[-1].lines, None)
            if line is not None:
                return line
            # A folder stays what it was for whatever the last line of a file brings about.
            if len(self._frames) == 1:
                return None
            self._frames.pop()
        return None

    def _spend(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise MalformedConfError(
                f"its definitions and sequences unfold without an end in sight (more than {MAX_STEPS} steps)"
            )

    def _resolve(self, line: str) -> str:
        """Apply conditions, definitions and sequences; "" for a line that is used up by them."""
        while line:
            self._spend()
            if line.startswith("@"):
                line = self._condition(line)
            if definition := _DEFINITION.fullmatch(line):
                self._define(definition[1], definition[2])
                return ""
            if line.startswith(("~SEQ", "~LST")):
                self._repeat(line)
                return ""
            replaced = None if line.startswith("~") else self._replace(line)
            if replaced is None:
                return line
            line = _uncomment(replaced)
            if not line.startswith("@") and "$" not in line:
                return line
        return ""

    def _condition(self, line: str) -> str:
        """Return what follows `@NAME` when that is our name, or `@^NAME` when it is not; else ""."""
        name, _, rest = line[1:].replace("\t", " ").partition(" ")
        inverted = name.startswith("^")
        ours = bool(self._config_id) and name.removeprefix("^") == self._config_id
        return rest.lstrip(" ") if ours != inverted else ""

    def _define(self, name: str, value: str) -> None:
        """Keep a definition; one that ends with a backslash goes on up to a line that does not."""
        lines = [value]
        while lines[-1].endswith("\\") and (more := self._take()):
            lines.append(more)
        stripped = (line.removesuffix("\\").rstrip(" \t") for line in lines)
        several = [line for line in stripped if line]
        self._definitions[name] = tuple(several) if len(lines) > 1 else (value.removesuffix("\\"),)

    def _replace(self, line: str) -> str | None:
        """Put definitions in the place of their references; None when there are none.

        Of a definition of several lines the first comes here, the others come next.
        """
        position, found = 0, False
        while (position := line.find("$", position)) >= 0:
            reference = _REFERENCE.match(line, position)
            value = self._value(reference) if reference else None
            if reference is None or value is None or (len(value) > 1 and reference.end() < len(line)):
                position += 1
                continue
            self._spend()
            first = value[0] if value else ""
            line = line[:position] + first + line[reference.end() :]
            if len(value) > 1:
                self._push(iter(value[1:]))
            if len(line) > MAX_LINE:
                self.problem(f"a line becomes too long by its definitions: {keyword_of(line)} ...")
                return None
            found = True
            if first.lstrip(" \t").startswith("~"):
                break
        return line if found else None

    def _value(self, reference: re.Match[str]) -> tuple[str, ...] | None:
        name = reference["bare"] or reference["braced"]
        if name == "_PWD":
            return (self._frames[-1].folder,)
        if name in ("_RANDOM", "_ENV"):
            self.problem(f"{reference[0]} is known to keepalived only")
            return None
        return None if (reference["parameters"] or "").strip() else self._definitions.get(name)

    def _repeat(self, line: str) -> None:
        """Go on with the text of a `~SEQ` or `~LST`, once for each of its values."""
        try:
            if sequence := _SEQUENCE.fullmatch(line):
                numbers = _numbers(self._replace(sequence["numbers"]) or sequence["numbers"])
                shape = "{:x}" if sequence["hex"] else "{}"
                sets = ((shape.format(number),) for number in numbers)
                self._push(self._repeated((sequence["name"],), sets, sequence["text"]))
                return
            if listed := _LIST.fullmatch(line):
                items = [
                    tuple(part.strip() for part in (group or single).split(","))
                    for group, single in _LIST_ITEM.findall(listed["items"])
                ]
                self._push(self._repeated(items[0], iter(items[1:]), listed["text"]))
                return
        except (ValueError, IndexError):
            pass
        self.problem(f"cannot be unfolded: {keyword_of(line)} ...")

    def _repeated(self, names: Sequence[str], sets: Iterator[tuple[str, ...]], text: str) -> Iterator[str]:
        for values in sets:
            self._definitions |= {
                name: (value,) for name, value in zip(names, _padded(values, len(names)), strict=True)
            }
            yield text

    def _include(self, pattern: str) -> None:
        """Read the files that match, in their order; what is not there is left out, as keepalived does."""
        folder = self._frames[-1].folder
        paths = [path for one in _unbraced(pattern.strip()) for path in self._files.matching(join(folder, one))]
        texts = [(path, text) for path in paths if (text := self._read(path)) is not None]
        if not texts:
            self.problem(f"include {pattern[:80]}: no such file")
        for path, text in reversed(texts):
            self.open(text, path)

    def _read(self, path: str) -> str | None:
        try:
            return self._files.read_text(path)
        except Unobservable:
            if self._files.names_in(path):  # a folder that the pattern matches is passed over
                return None
            raise


def keyword_of(line: str) -> str:
    """Return the word a line begins with: what follows may be a password, and problems are shown and kept."""
    return re.split(r'[ \t"]', line, maxsplit=1)[0][:80]


def _file_lines(text: str) -> Iterator[str]:
    """Yield a file's lines without their comments; an empty one too, for it ends a definition of several lines."""
    for whole in text.split("\n"):
        line = whole.rstrip("\r")
        if not line:
            yield ""
        for start in range(0, len(line), MAX_LINE):
            if piece := _uncomment(line[start : start + MAX_LINE]):
                yield piece


def _uncomment(line: str) -> str:
    """Strip blanks, and the comment that an unquoted `#` or `!` begins; a backslash takes their meaning away."""
    if not any(sign in line for sign in '#!"\\'):
        return line.strip(" \t")
    kept: list[str] = []
    quoted, position, line = False, 0, line.lstrip(" \t")
    while position < len(line):
        char = line[position]
        if char == "\\" and position + 1 < len(line):
            escaped = line[position + 1]
            kept.append(escaped if not quoted and escaped in "#!" else char + escaped)
            position += 2
            continue
        if char in "#!" and not quoted:
            # Even a comment may end with the backslash that continues a definition.
            return "".join(kept).rstrip(" \t") + ("\\" if _continues(line[position:]) else "")
        quoted ^= char == '"'
        kept.append(char)
        position += 1
    text = "".join(kept)
    return text[:-1].rstrip(" \t") + "\\" if _continues(line) else text.rstrip(" \t")


def _continues(line: str) -> bool:
    """Tell whether a line ends with a backslash that is not itself escaped."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _split(line: str) -> tuple[str, str]:
    """Cut at the first brace outside quotes: (brace, the rest), or (what stands before it, the rest)."""
    if line[0] in "{}":
        return line[0], line[1:].strip(" \t")
    for found in _BRACE_OR_QUOTED.finditer(line):
        if found[0] in "{}":
            return line[: found.start()].rstrip(" \t"), line[found.start() :].rstrip(" \t")
    return line, ""


def _numbers(text: str) -> range:
    """Return what `N`, `FIRST, LAST` or `FIRST, STEP, LAST` means. Raises ValueError."""
    numbers = [int(part, 8 if re.fullmatch(r"\s*-?0[0-7]+\s*", part) else 0) for part in text.split(",")]
    if len(numbers) == 1:
        numbers = [-1 if numbers[0] < 0 else 1, *numbers]
    if len(numbers) == 2:
        numbers = [numbers[0], 1 if numbers[0] <= numbers[1] else -1, numbers[1]]
    first, step, last = numbers
    if (first < last and step < 0) or (first > last and step > 0):
        raise ValueError("a step away from the end")
    return range(first, last + (1 if step > 0 else -1), step)


def _padded(values: tuple[str, ...], length: int) -> tuple[str, ...]:
    return (values + ("",) * length)[:length]


def _unbraced(pattern: str) -> list[str]:
    """Unfold `{a,b}` as glob(3) does with GLOB_BRACE; what is not balanced stays as it is."""
    done: list[str] = []
    left = [pattern]
    while left and len(done) + len(left) <= _MAX_BRACE_PATTERNS:
        one = left.pop(0)
        if innermost := re.search(r"\{([^{}]*,[^{}]*)\}", one):
            head, tail = one[: innermost.start()], one[innermost.end() :]
            left = [head + choice + tail for choice in innermost[1].split(",")] + left
        else:
            done.append(one)
    return done + left
