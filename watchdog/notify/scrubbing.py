"""What a server said, fit to be told: one short line, without the secrets of the URL it was asked by. Pure."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, unquote_plus, urlsplit

from watchdog.notify.errands import MOST_WORDS
from watchdog.notify.inert import one_line
from watchdog.secret import mask_secrets

# What is shorter is a word ("ops", "text") that a server may well say by itself; a login is hidden from here on.
_SHORTEST = 6
_SHORTEST_LOGIN = 3
_BETWEEN = re.compile(r"[/@:?&=#,;+ \[\]]+")
_WORD_AT_END = re.compile(r"[^/@:?&=#,;+ \[\]<>]+\Z")
_MOST_READ = 4096
_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", re.IGNORECASE | re.DOTALL)
# Where services put what is wrong.
_SAID_AS = ("error_description", "description", "message", "error", "detail", "title", "errors", "status", "text")


def scrub(text: str, url: str) -> str:
    """Return a text on one line of at most MOST_WORDS characters, `***` for each secret of `url` in it."""
    # Cut first, so that a long answer costs nothing, but leave no half of a secret at the cut.
    text = text[: MOST_WORDS * 20]
    for secret in sorted(set(secrets_in(url)), key=len, reverse=True):
        text = re.sub(re.escape(secret), "***", text, flags=re.IGNORECASE)
    return one_line(mask_secrets(text), MOST_WORDS)


def secrets_in(url: str) -> Iterator[str]:
    """Yield what may be secret in a URL: login, host (a token with many services), each part of path and query.

    In each way of writing it: as it stands, without the escapes, and as HTTP sends a login.
    """
    whole = url.partition("://")[2]
    for part in _BETWEEN.split(whole):
        yield from _ways(part, _SHORTEST)
    for part in _BETWEEN.split(unquote(whole)):
        yield from _ways(part, _SHORTEST)
    for value in re.split(r"[/?&]", whole):
        yield from _ways(value.partition("=")[2] or value, _SHORTEST)
    try:
        parts = urlsplit(url)
        user, password = parts.username or "", parts.password or ""
    except ValueError:  # brackets that hold no address
        return
    for login in (user, password):
        yield from _ways(login, _SHORTEST_LOGIN)
    for pair in (f"{user}:{password}", f"{unquote(user)}:{unquote(password)}"):
        yield base64.b64encode(pair.encode()).decode()


def words_of(body: bytes, content_type: str) -> str:
    """Return what an answer says for people: the field in which services say it, or its text without tags."""
    text = _beginning(body)
    if "json" in content_type or text.lstrip()[:1] in ("{", "["):
        try:
            return _said(json.loads(text)) or text
        except (ValueError, RecursionError):  # nested without end
            return text
    return " ".join(_TAG.sub(" ", text).split()) if "html" in content_type else text


def _beginning(body: bytes) -> str:
    """Return the beginning of an answer without the word that is cut off: half a secret looks like none."""
    text = body[: _MOST_READ + 1].decode(errors="replace")
    return text if len(body) <= _MOST_READ else _WORD_AT_END.sub("", text)[:_MOST_READ]


def _ways(part: str, shortest: int) -> Iterator[str]:
    for text in (part, unquote(part), unquote_plus(part)):
        if len(text) >= shortest:
            yield text


def _said(value: Any, depth: int = 0) -> str:
    match value:
        case str():
            return value
        case dict() if depth < 4:
            said = (_said(value[name], depth + 1) for name in _SAID_AS if name in value)
            return next(filter(None, said), "")
        case list() if depth < 4:
            return "; ".join(filter(None, (_said(item, depth + 1) for item in value[:3])))
    return ""
