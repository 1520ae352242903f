"""TOML tables become typed settings, with every problem at once and in words. Pure.

msgspec stops at the first error and speaks of JSON. So `problems_in` walks the table beside the type and asks
msgspec about one value at a time.
"""

import enum
import math
import re
import types
import typing
from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from watchdog.errors import ConfigError, Problem
from watchdog.registry import nearest
from watchdog.secret import Secret
from watchdog.toml import render_key
from watchdog.units import Duration, Interval

T = TypeVar("T")

# What stands behind the scheme of a URL is often a password, wherever a person wrote it by mistake.
_AFTER_SCHEME = re.compile(r"(?<=://)[^'\"]*")
_LONGEST_FOUND = 60
_LONGEST_KEY = 200
_MOST_NAMED = 16


class Place(msgspec.Struct, frozen=True):
    """Where in which file: `checks.proxy_port.targets[1].port`."""

    source: str
    key: str = ""

    def child(self, name: str) -> "Place":
        """Return the place of a key in this table."""
        return Place(self.source, f"{self.key}.{render_key(name)}" if self.key else render_key(name))

    def item(self, index: int) -> "Place":
        """Return the place of an element, counted from 0, of this list."""
        return Place(self.source, f"{self.key}[{index}]")

    def problem(self, expected: str, found: str, *, hint: str | None = None) -> Problem:
        """Return what is wrong here."""
        key = _shortened(_AFTER_SCHEME.sub("***", self.key), _LONGEST_KEY)
        return Problem(source=self.source, key=key, expected=expected, found=found, nearest=hint)

    def unknown(self, what: str, name: str, known: Mapping[str, object]) -> Problem:
        """Return the problem of a name here that is none of those known."""
        shown = [*known][:_MOST_NAMED] + (["..."] if len(known) > _MOST_NAMED else [])
        expected = f"{what} ({', '.join(shown) or 'there is none'})"
        return self.problem(expected, render_found(name), hint=nearest(name, known))


def convert(value: object, kind: type[T]) -> T:
    """Return a value as `kind`; msgspec.ValidationError when `problems_in` would have found one."""
    return msgspec.convert(value, kind, dec_hook=_read_own)


def plain(value: object) -> Any:
    """Return settings as TOML can say them: durations and paths as text, secrets as `***`."""
    return msgspec.to_builtins(value, enc_hook=_say_own)


def parse_toml(data: bytes, top: Place) -> dict[str, Any]:
    """Return the tables of a TOML file. Raises ConfigError with the line."""
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([top.problem("UTF-8 text", f"byte 0x{data[error.start]:02x} at line {line}")]) from error
    except RecursionError as error:
        raise ConfigError([top.problem("TOML", "lists or tables nested too deeply")]) from error
    except ValueError as error:  # a TOMLDecodeError, or a number of five thousand digits
        raise ConfigError([top.problem("TOML", str(error))]) from error


def problems_in(value: object, kind: Any, place: Place) -> Iterator[Problem]:
    """Yield everything that keeps `value` from being of `kind`: unknown keys, missing keys, wrong values."""
    kind = _without_none(kind)
    inside = list(_problems_inside(value, _unwrapped(kind), place))
    yield from inside
    if inside:
        return
    if isinstance(value, float) and not math.isfinite(value):
        yield place.problem(_in_words(kind), render_found(value))
        return
    try:
        convert(value, kind)
    except msgspec.ValidationError as error:
        yield _problem_of_value(value, kind, place, str(error).partition(" - at `")[0])


def render_found(value: object) -> str:
    """Show in an error what was found: on one line, not too long, without what stands behind a URL's scheme."""
    return _shortened(_AFTER_SCHEME.sub("***", repr(value)), _LONGEST_FOUND)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def render_kind_only(value: object) -> str:
    """Show as much of a value that is, or should have been, a secret as cannot give it away."""
    if isinstance(value, dict):
        return " and ".join(map(render_key, value)) or "an empty table"
    if isinstance(value, (str, list)):
        return f"{'text' if isinstance(value, str) else 'a list'} (not shown: it may be secret)"
    return render_found(value)


def _problems_inside(value: object, kind: Any, place: Place) -> Iterator[Problem]:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if _is_struct(kind) and isinstance(value, dict):
        yield from _problems_of_table(value, kind, place)
    elif origin in (list, set, frozenset) or (origin is tuple and arguments[-1] is Ellipsis):
        for index, element in enumerate(value if isinstance(value, list) else ()):
            yield from problems_in(element, arguments[0], place.item(index))
    elif origin in (dict, Mapping) and isinstance(value, dict):
        for name, element in value.items():
            yield from problems_in(element, arguments[1], place.child(name))


def _problems_of_table(table: Mapping[str, object], kind: Any, place: Place) -> Iterator[Problem]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, value in table.items():
        if name in fields:
            yield from problems_in(value, fields[name].type, place.child(name))
        else:
            yield place.child(name).unknown("one of the keys", name, fields)
    for name, field in fields.items():
        if field.required and name not in table:
            yield place.child(name).problem(_in_words(field.type), "nothing: it has no default")


def _problem_of_value(value: object, kind: Any, place: Place, message: str) -> Problem:
    bare = _unwrapped(kind)
    # Only our own types and a struct's __post_init__ speak in words a person uses; msgspec says `int`, `array`.
    spoken = bare in _OWN or (_is_struct(bare) and isinstance(value, dict))
    hint = nearest(value, _choices(bare)) if isinstance(value, str) else None
    found = render_kind_only(value) if _holds_secret(kind) else render_found(value)
    return place.problem(message if spoken else _in_words(kind), found, hint=hint)


def _read_own(kind: type, value: object) -> Any:
    if kind is Duration or kind is Interval:
        return kind.parse(value)
    if not isinstance(value, str):
        raise ValueError("text")  # noqa: TRY004 - msgspec adds the place to a ValueError
    if kind is Path and not value.startswith("/"):
        raise ValueError("an absolute path (cron and systemd start elsewhere than you)")
    if kind is Path and "\0" in value:
        raise ValueError("a path, in which no NUL can be")
    return kind(value)


def _say_own(value: object) -> str:
    if isinstance(value, (Duration, Secret, Path)):
        return str(value)
    raise NotImplementedError(f"settings cannot hold a {type(value).__name__}")


_OWN = {Duration, Interval, Secret, Path}


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _without_none(kind: Any) -> Any:
    """Turn `X | None` into `X`: None is a default that TOML cannot say."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return reduce(or_, (one for one in typing.get_args(kind) if one is not types.NoneType))
    return kind


def _unwrapped(kind: Any) -> Any:
    return typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind


def _holds_secret(kind: Any) -> bool:
    if _is_struct(kind):
        return any(_holds_secret(field.type) for field in msgspec.structs.fields(kind))
    return kind is Secret or any(map(_holds_secret, typing.get_args(kind)))


def _choices(kind: Any) -> Mapping[str, object]:
    """Return the texts an enumeration or a Literal allows, none for other types."""
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {str(member.value): member for member in kind}
    if typing.get_origin(kind) is typing.Literal:
        return {str(choice): choice for choice in typing.get_args(kind)}
    return {}


def _in_words(kind: Any) -> str:
    """Say what a value should be as a person would: `a whole number from 1 to 65535`."""
    kind = _without_none(kind)
    bare = _unwrapped(kind)
    if choices := _choices(bare):
        return " or ".join(f'"{choice}"' for choice in choices)
    if typing.get_origin(bare) in (typing.Union, types.UnionType):
        return " or ".join(map(_in_words, typing.get_args(bare)))
    if bare in (Duration, Interval):
        return 'a duration such as "30s"' + (', or "never"' if bare is Interval else "")
    origin = typing.get_origin(bare) or bare
    name = _NAMES.get(origin, "a table" if _is_struct(bare) else getattr(bare, "__name__", str(bare)))
    limits = (
        [meta for meta in typing.get_args(kind)[1:] if isinstance(meta, msgspec.Meta)] if bare is not kind else []
    )
    return " ".join([name, *(text for meta in limits for text in _limits_in_words(meta))])


_NAMES: Mapping[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Secret: "text",
    Path: "an absolute path",
    list: "a list",
    tuple: "a list",
    set: "a list",
    frozenset: "a list",
    dict: "a table",
    Mapping: "a table",
}


def _limits_in_words(meta: msgspec.Meta) -> Iterator[str]:
    if meta.ge is not None and meta.le is not None:
        yield f"from {meta.ge} to {meta.le}"
        return
    for limit, words in (
        (meta.ge, "of at least {}"),
        (meta.gt, "above {}"),
        (meta.le, "of at most {}"),
        (meta.lt, "below {}"),
        (meta.min_length, "at least {} long"),
        (meta.max_length, "at most {} long"),
        (meta.pattern, "that matches {}"),
    ):
        if limit is not None:
            yield words.format(limit)
