"""A web server on this machine that misbehaves as told, and URLs for it."""

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from watchdog.secret import Secret

PLANTED = "pLaNt3dS3cr3t"


class Target(ThreadingHTTPServer):
    """A web server on 127.0.0.1. `answers` are given in turn, the last for ever: a status, "hang" or "hang up"."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *answers: int | str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.answers = list(answers)
        self.received: list[dict[str, Any]] = []
        self.over = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Target

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(json.loads(body))
        answers = self.server.answers
        match answers.pop(0) if len(answers) > 1 else answers[0]:
            case "hang":
                self.server.over.wait()
            case "hang up":
                self.close_connection = True
            case int(status):
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

    def handle(self) -> None:
        with suppress(ConnectionError, ValueError):  # who sent was killed, perhaps in the middle
            super().handle()

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()

    def log_message(self, *args: object) -> None:
        """Say nothing on stderr, which is searched for the secret."""


def json_url(port: int) -> str:
    """Return a URL with the secret wherever a URL can hold one."""
    return f"json://{PLANTED}:{PLANTED}@127.0.0.1:{port}/{PLANTED}?+X-Token={PLANTED}&-key={PLANTED}&rto=60"


def url_of(port: int) -> Callable[[], Secret]:
    return lambda: Secret(json_url(port))


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
