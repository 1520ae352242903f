"""The dead-man ping: a URL that is fetched while the watchdog works, so that somebody else notices its silence.

What it tells is that a cycle ran and is on record, whatever that cycle found; of faults the routes tell. It holds
up nothing: one thread, one at a time. Its URL is a secret, so what went wrong is told by kind of error and status.
"""

import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPMessage
from typing import IO, Any
from urllib.parse import urlsplit

from watchdog.errors import WatchdogError
from watchdog.model import Stamp
from watchdog.secret import Secret

LIMIT_SECONDS = 10.0
_TOO_SLOW = "it did not answer in time"


class Pinger:
    """Pings at most once in `every_seconds` by CLOCK_BOOTTIME. `tell` hears when it begins to fail or ends to."""

    def __init__(
        self,
        read_url: Callable[[], Secret],
        every_seconds: float,
        fail_suffix: str,
        now: Callable[[], Stamp],
        tell: Callable[[str], None],
    ) -> None:
        self._read_url, self._every_seconds, self._fail_suffix = read_url, every_seconds, fail_suffix
        self._now, self._tell = now, tell
        self._last: Stamp | None = None
        self._trouble = ""
        self._thread: threading.Thread | None = None

    @property
    def trouble(self) -> str:
        """Why the last ping failed; empty when it did not."""
        return self._trouble

    def cycle_is_over(self, *, recorded: bool) -> None:
        """Ping where it is time. Returns at once."""
        if not recorded and not self._fail_suffix:
            return
        now = self._now()
        if self._last is not None and now.seconds_since(self._last) < self._every_seconds:
            return
        if self._thread is not None and self._thread.is_alive():  # as a resolver can hang, or a slow server
            if self._last is not None and now.seconds_since(self._last) >= LIMIT_SECONDS:
                self._note(_TOO_SLOW)
            return
        self._last = now
        self._thread = threading.Thread(target=self._ping, args=(recorded,), name="ping", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # the host, or our cgroup, has no thread left
            self._note("this host has no thread left")

    def wait(self) -> None:
        """Return when the ping under way is over, or its time is."""
        if self._thread is not None:
            self._thread.join(LIMIT_SECONDS)
            if self._thread.is_alive():
                self._note(_TOO_SLOW)

    def _ping(self, recorded: bool) -> None:
        self._note(fetch(self._read_url, "" if recorded else self._fail_suffix))

    def _note(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._tell(f"the ping of [notify.ping] fails: {trouble}" if trouble else "the ping goes out again")
        self._trouble = trouble


def fetch(read_url: Callable[[], Secret], suffix: str) -> str:
    """Fetch the URL with a suffix; return why that failed, else nothing. Never raises, never tells the URL."""
    try:
        url = read_url().reveal()
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https"):
            return "its URL is neither https:// nor http://"
        path = f"{parts.path.rstrip('/')}{suffix}" if suffix else parts.path
        whole = parts._replace(path=path).geturl()
        request = urllib.request.Request(whole, headers={"User-Agent": "watchdog"})  # noqa: S310 - its scheme was looked at
        opener = urllib.request.build_opener(_SamePlace)
        with opener.open(request, timeout=LIMIT_SECONDS):
            return ""  # what it says does not matter, and may be long
    except WatchdogError as error:
        return f"its URL cannot be read: {error}"
    except urllib.error.HTTPError as error:
        error.close()
        return f"it answered with HTTP status {error.code}"
    except Exception as error:  # noqa: BLE001 - its text may hold the URL: only its kind is told
        return _kind(error)


class _SamePlace(urllib.request.HTTPRedirectHandler):
    """Follows only what stays with the server that was asked: another one has no business with the secret."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Any:
        asked, other = urlsplit(req.full_url), urlsplit(newurl)
        if (asked.scheme, asked.netloc) != (other.scheme, other.netloc):
            raise urllib.error.HTTPError(req.full_url, code, msg, headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _kind(error: BaseException) -> str:
    reason = getattr(error, "reason", None)
    inner = reason if isinstance(reason, BaseException) else error
    if isinstance(inner, TimeoutError):
        return _TOO_SLOW
    if isinstance(inner, ConnectionError):
        return "it could not be reached, or cut the connection off"
    return (inner.strerror or type(inner).__name__).lower() if isinstance(inner, OSError) else type(inner).__name__
