"""What is said to an HTTP server or proxy, and the head of what it answers. Pure.

Source: RFC 9112 (HTTP/1.1 messages), RFC 9110 (CONNECT, interim answers), RFC 7617 (Basic).
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

# Servers send some hundred bytes; nginx and Apache themselves refuse requests with more than 8 KiB in a line.
MAX_HEAD_BYTES = 16 << 10
MAX_REQUEST_CHARACTERS = 2048
MAX_INTERIM_ANSWERS = 16
_LONGEST_TEXT = 200
_STATUS_LINE = re.compile(rb"HTTP/[0-9]\.[0-9] +([1-5][0-9][0-9])(?: ([^\r\n]*))?\r?")
_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")
_METHOD = re.compile(r"[A-Z]{1,16}")
_WORD = re.compile(r"[!-~]+")


class MalformedHttpError(Exception):
    """What came is not an HTTP/1 answer; says in words what it is instead."""


class HttpRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request without a body: `target` as it stands in the first line, `host` as in the header Host.

    ValueError for what could not stand there: blanks, control characters, more than ASCII.
    """

    method: str
    target: str
    host: str

    def __post_init__(self) -> None:
        if not _METHOD.fullmatch(self.method):
            raise ValueError("a method in capitals, such as GET")
        for part in (self.target, self.host):
            if not _WORD.fullmatch(part) or len(part) > MAX_REQUEST_CHARACTERS:
                raise ValueError("a URL of printable ASCII without blanks (others are written %XX, names in xn--)")


class HttpHead(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a final answer: status 200 to 599, and the fields by lower-case name, printable and bounded.

    Of a field that comes twice the first counts.
    """

    status: int
    reason: str = ""
    fields: Mapping[str, str] = msgspec.field(default_factory=lambda: MappingProxyType({}))


def render_request(request: HttpRequest, *, proxy_login: str = "", login: str = "") -> bytes:
    """Return the bytes to send; a login is `user:password`, for the proxy or for the origin (RFC 7617, UTF-8)."""
    lines = [f"{request.method} {request.target} HTTP/1.1", f"Host: {request.host}", "User-Agent: host-watchdog"]
    for name, credentials in (("Proxy-Authorization", proxy_login), ("Authorization", login)):
        if credentials:
            lines.append(f"{name}: Basic {b64encode(credentials.encode()).decode()}")
    lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode()


def parse_head(data: bytes) -> HttpHead | None:
    """Return the head of the final answer in what came so far; None: it is not whole yet.

    Interim answers (100, 103 ...) are passed over. Raises MalformedHttpError as soon as it can be known.
    """
    rest = data[:MAX_HEAD_BYTES].lstrip(b"\r\n")
    for _ in range(MAX_INTERIM_ANSWERS):
        if not rest:
            break
        if not rest.startswith(b"HTTP/"[: len(rest)]):
            raise MalformedHttpError(f"it says {_printable(rest[:40])!r}, which is no HTTP answer")
        end = _HEAD_ENDS.search(rest)
        if end is None:
            break
        head = _parse_whole(rest[: end.start()])
        if head.status >= 200:
            return head
        rest = rest[end.end() :]
    else:
        raise MalformedHttpError(f"it sends more than {MAX_INTERIM_ANSWERS} interim answers")
    if len(data) >= MAX_HEAD_BYTES:
        raise MalformedHttpError(f"the head of its answer is longer than {MAX_HEAD_BYTES >> 10} KiB")
    return None


def may_end_head(said: bytes, new_bytes: int) -> bool:
    """Tell whether `parse_head` may say something new of what came, of which the end is new.

    So that an answer in a thousand pieces is not parsed a thousand times.
    """
    new = said[max(len(said) - new_bytes - 3, 0) :]
    begins = len(said) - new_bytes < len(b"HTTP/")
    return begins or len(said) >= MAX_HEAD_BYTES or b"\n\n" in new or b"\n\r\n" in new


def _parse_whole(text: bytes) -> HttpHead:
    first, *lines = text.split(b"\n")
    status_line = _STATUS_LINE.fullmatch(first)
    if status_line is None:
        raise MalformedHttpError(f"its first line is {_printable(first)!r}, which is no HTTP status line")
    fields: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if colon:
            fields.setdefault(_printable(name).lower(), _printable(value.strip()))
    status, reason = status_line.groups()
    return HttpHead(status=int(status), reason=_printable((reason or b"").strip()), fields=fields)


def _printable(text: bytes) -> str:
    """Return bounded text in which nothing moves the cursor of a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text[:_LONGEST_TEXT].decode("ascii", "replace"))
