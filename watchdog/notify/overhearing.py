"""What servers say to apprise, which keeps it to itself: status, Retry-After, words, or why there was no answer.

apprise hands out whether a message was taken and, in the text of a log record, a status; the rest it drops or logs
beside secrets. Whether to try again, and when, is in what it drops. So in this process, which does nothing else,
the two ways by which its services speak, requests' adapter and smtplib, also tell the errand of their thread.
"""

import errno
import functools
import http.client
import json
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
import requests
from requests.adapters import HTTPAdapter

from watchdog.notify.scrubbing import words_of

# A server that sends without end would fill the memory; no service's answer is nearly as long.
MOST_BYTES = 1 << 20
# No service means more; a foreign server's "ten years" would be as good as never.
LONGEST_WAIT_SECONDS = 86400.0


class Heard(msgspec.Struct):
    """The last that was heard on behalf of an errand. `trouble`: why there was no answer, in our words.

    `taken`: the recipients who have the message, where it has several.
    """

    protocol: str = ""
    status: int = 0
    retry_after_seconds: float | None = None
    words: str = ""
    trouble: str = ""
    taken: list[str] = msgspec.field(default_factory=list)

    def forget(self) -> None:
        """Begin to listen anew, to another try."""
        self.protocol, self.status, self.words, self.trouble = "", 0, "", ""
        self.retry_after_seconds = None

    def answered(self, protocol: str, status: int, words: str, retry_after: float | None = None) -> None:
        """Note an answer."""
        self.protocol, self.status, self.words = protocol, status, words
        self.retry_after_seconds, self.trouble = retry_after, ""


_of_thread = threading.local()


@contextmanager
def hearing(heard: Heard) -> Iterator[None]:
    """Note what servers say to this thread."""
    _of_thread.heard = heard
    try:
        yield
    finally:
        del _of_thread.heard


@functools.cache
def listen() -> None:
    """Begin to overhear, in this process and for good."""
    HTTPAdapter.send = _http(HTTPAdapter.send)  # type: ignore[method-assign]
    smtplib.SMTP.getreply = _reply(smtplib.SMTP.getreply)  # type: ignore[method-assign]
    for name in ("connect", "starttls", "send"):
        setattr(smtplib.SMTP, name, _call(getattr(smtplib.SMTP, name)))


def _heard() -> Heard:
    return getattr(_of_thread, "heard", None) or Heard()


def _http(send: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
    @functools.wraps(send)
    def sent(*args: Any, **kwargs: Any) -> requests.Response:
        heard = _heard()
        try:
            response = send(*args, **kwargs)
            body = _read(response)
        except requests.RequestException as error:
            heard.trouble = in_words(error)
            raise
        words = words_of(body, response.headers.get("Content-Type", ""))
        heard.answered("HTTP", response.status_code, words, _retry_after(response, body))
        return response

    return sent


def _read(response: requests.Response) -> bytes:
    """Read an answer, bounded, and leave it as requests itself would have read it."""
    parts, length = [], 0
    for part in response.iter_content(1 << 16):
        parts.append(part)
        length += len(part)
        if length > MOST_BYTES:
            response.close()
            raise requests.ConnectionError(OSError(errno.EFBIG, f"its answer is longer than {MOST_BYTES} bytes"))
    body = b"".join(parts)
    response._content = body  # noqa: SLF001 - what `Response.content` would have set
    return body


def _reply(getreply: Callable[..., tuple[int, bytes]]) -> Callable[..., tuple[int, bytes]]:
    @functools.wraps(getreply)
    def replied(connection: smtplib.SMTP) -> tuple[int, bytes]:
        heard = _heard()
        try:
            code, text = getreply(connection)
        except (smtplib.SMTPException, OSError) as error:
            heard.trouble = in_words(error)
            raise
        if code >= 400:
            heard.answered("SMTP", code, text.decode(errors="replace"))
        elif code < 200:  # smtplib's own word for a line that begins with no number
            heard.trouble = "what answers there is no mail server"
        return code, text

    return replied


def _call(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            if not isinstance(error, smtplib.SMTPResponseException):
                _heard().trouble = in_words(error)
            raise

    return called


def _retry_after(response: requests.Response, body: bytes) -> float | None:
    """Return for how long a server asks to be left alone: by its header, or as services say it in JSON."""
    if response.status_code not in (413, 429, 503):
        return None
    header = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", header):
        return _bounded(float(header))
    try:  # a date counts from the server's own, so it takes nobody's clock to be right
        wait = parsedate_to_datetime(header) - parsedate_to_datetime(response.headers.get("Date", ""))
        return _bounded(wait.total_seconds())
    except (TypeError, ValueError, OverflowError):  # no date, one without a zone, a zone that is nowhere
        return _retry_after_in(body)


def _retry_after_in(body: bytes) -> float | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):  # nested without end
        return None
    if not isinstance(answer, dict):
        return None
    parameters = answer.get("parameters")
    inner = parameters if isinstance(parameters, dict) else {}
    for name, unit in (("retry_after", 1.0), ("retry_after_ms", 1000.0)):
        value = answer.get(name, inner.get(name))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            # Bounded first: an int may be larger than any float.
            return _bounded(min(value, LONGEST_WAIT_SECONDS * unit) / unit)
    return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)


_TROUBLES: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "its host name cannot be resolved"),
    (ssl.SSLCertVerificationError, "its certificate is not trusted"),
    (ssl.SSLError, "no TLS connection could be agreed on"),
    (ConnectionRefusedError, "it refused the connection"),
    (TimeoutError, "it did not answer in time"),
    (requests.Timeout, "it did not answer in time"),
    (ConnectionError, "it cut the connection off"),
    (http.client.HTTPException, "its answer is no HTTP"),
    (smtplib.SMTPServerDisconnected, "it cut the connection off"),
    (smtplib.SMTPNotSupportedError, "it offers no STARTTLS, or no login that is known here"),
    (requests.exceptions.ProxyError, "the proxy did not let it through"),
)


def in_words(error: BaseException) -> str:
    """Say why there was no answer, by the kinds of the errors alone: their texts hold the URL."""
    chain = list(_chain(error, set()))
    for kind, words in _TROUBLES:
        if any(isinstance(one, kind) for one in chain):
            return words
    said = [one.strerror for one in chain if isinstance(one, OSError) and one.strerror]
    return said[-1].lower() if said else type(chain[-1]).__name__


def _chain(error: BaseException, seen: set[int]) -> Iterator[BaseException]:
    """Yield an error and all that it was made of: HTTP libraries hide the cause in arguments and attributes."""
    if id(error) in seen:
        return
    seen.add(id(error))
    yield error
    for inner in (*error.args, getattr(error, "reason", None), error.__cause__, error.__context__):
        if isinstance(inner, BaseException):
            yield from _chain(inner, seen)
