"""Serves one text to whoever scrapes it, over HTTP on loopback: `GET /metrics`, and nothing else."""

import errno
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from socket import AF_INET6, SHUT_RDWR, socket
from types import TracebackType
from typing import Any, Self

from watchdog.errors import WatchdogError
from watchdog.report.openmetrics import CONTENT_TYPE, PLAIN_CONTENT_TYPE

# Scrapers are few and quick. Whoever opens more connections, or says nothing on one, is none.
_MOST_AT_ONCE = 8
_PATIENCE_SECONDS = 5.0


class MetricsServer:
    """Answers from threads of its own from `start` to `stop`; `render` is asked for the text at each scrape.

    What `render` raises (WatchdogError, OSError) is a 503 with its words.
    """

    def __init__(self, address: str, port: int, render: Callable[[], str]) -> None:
        self._address, self._port, self._render = address, port, render
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port it listens on: the one given or, for 0, one that was free."""
        return int(self._server.server_address[1]) if self._server else self._port

    def start(self) -> None:
        """Listen. Raises WatchdogError when the port is taken or not to be had."""
        try:
            self._server = _Server(self._address, self._port, self._render)
        except OSError as error:
            reason = error.strerror or str(error)
            raise WatchdogError(
                f"metrics cannot be served on {self._address} port {self._port}: {reason}"
            ) from error
        self._thread = threading.Thread(target=self._server.serve, name="metrics", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; what is being answered is left to end by itself."""
        if self._server:
            self._server.wake_and_end()
            if self._thread:
                self._thread.join()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # who is slow must not keep the daemon from ending

    def __init__(self, address: str, port: int, render: Callable[[], str]) -> None:
        if ip_address(address).version == 6:
            self.address_family = AF_INET6
        self.render = render
        self._room = threading.BoundedSemaphore(_MOST_AT_ONCE)
        self._over = threading.Event()
        super().__init__((address, port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking DNS who we are, as HTTPServer would."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "localhost", int(self.server_address[1])

    def serve(self) -> None:
        """Answer until told to end, asleep while nobody scrapes (`serve_forever` looks around all the time)."""
        while not self._over.is_set():
            self.handle_request()

    def wake_and_end(self) -> None:
        """Have `serve` return."""
        self._over.set()
        with suppress(OSError):
            self.socket.shutdown(SHUT_RDWR)

    def get_request(self) -> tuple[socket, Any]:
        """Accept a connection; who cannot be for want of a descriptor is not tried again without a pause."""
        try:
            return super().get_request()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                self._over.wait(_PATIENCE_SECONDS)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, while there is room for one more."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # the host, or our cgroup, has no thread left
            self._room.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        """Say nothing of a scraper that went away."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _PATIENCE_SECONDS
    server_version, sys_version = "watchdog", ""

    def do_GET(self) -> None:
        """Answer a scrape."""
        if self.path.partition("?")[0] != "/metrics":
            self._answer(HTTPStatus.NOT_FOUND, "here is only /metrics\n", "text/plain; charset=utf-8")
            return
        accepts = self.headers.get("Accept", "")
        kind = CONTENT_TYPE if "application/openmetrics-text" in accepts else PLAIN_CONTENT_TYPE
        try:
            self._answer(HTTPStatus.OK, self.server.render(), kind)
        except (WatchdogError, OSError) as error:
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}\n", "text/plain; charset=utf-8")

    do_HEAD = do_GET  # noqa: N815 - the name that http.server calls

    def _answer(self, status: HTTPStatus, text: str, kind: str) -> None:
        body = text.encode(errors="backslashreplace")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server gives it
        """Say nothing: a scrape is no event."""
