"""Servers on this machine that behave as told: HTTP, HTTPS behind a proxy that is the internet, SMTP."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a server answers."""

    status: int = 200
    body: str = "ok"
    headers: dict[str, str] = field(default_factory=dict)
    type: str = "text/plain"


@dataclass(frozen=True, kw_only=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


HANG, RESET, ENDLESS = "hang", "reset", "endless"


class Web(ThreadingHTTPServer):
    """A web server on 127.0.0.1. `answers` are given in turn, the last for ever; `tls` is its certificate."""

    daemon_threads = True

    def __init__(self, *answers: Reply | str, port: int = 0, tls: trustme.LeafCert | None = None) -> None:
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
        if tls and self.tls:
            tls.configure_cert(self.tls)
        super().__init__(("127.0.0.1", port), _Handler)
        self.answers = list(answers) or [Reply()]
        self.received: list[Request] = []
        self.over = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Speak TLS in the thread of the connection: a client that hangs up costs nobody else."""
        with suppress(OSError):
            super().finish_request(
                self.tls.wrap_socket(request, server_side=True) if self.tls else request, client_address
            )

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing on stderr, which is searched for secrets."""

    def close(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Web

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.received.append(
            Request(method=self.command, path=self.path, headers=dict(self.headers), body=body)
        )
        answers = self.server.answers
        match answers.pop(0) if len(answers) > 1 else answers[0]:
            case "hang":
                self.server.over.wait()
            case "reset":
                linger = struct.pack("ii", 1, 0)  # close() sends RST
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
                self.connection.close()
            case "endless":
                self.send_response(200)
                self.end_headers()
                with suppress(OSError):
                    while not self.server.over.is_set():
                        self.wfile.write(b"x" * 65536)
                self.close_connection = True
            case Reply() as reply:
                self._reply(reply)

    do_GET = do_PUT = do_POST  # noqa: N815 - the names that http.server gives them

    def _reply(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in {"Content-Type": reply.type, **reply.headers}.items():
            self.send_header(name, value)
        data = reply.body.encode()
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The server's clock is its own, and wrong."""
        return "Tue, 01 Jan 2019 12:00:00 GMT"

    def log_message(self, *args: object) -> None:
        """Say nothing on stderr, which is searched for secrets."""


class Internet:
    """An HTTP proxy (CONNECT) by which every host of the internet is one server of ours: no code is patched."""

    def __init__(self, server: Web) -> None:
        self._server = server
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        self.asked.append(head.split()[1].decode())
        there = socket.create_connection(self._server.server_address[:2])  # type: ignore[arg-type]
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=_pump, args=(client, there), daemon=True).start()
        _pump(there, client)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@dataclass
class Mail:
    """What an SMTP server took, and what it answers to whom."""

    user: str = "watchdog"
    password: str = "s3cr3t-Pa55"  # noqa: S105
    rcpt: str = "250 OK"
    rcpts: dict[str, str] = field(default_factory=dict)
    data: str = "250 OK"
    taken: list[EmailMessage] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    over_tls: list[bool] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd gives it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self.rcpts.get(address, self.rcpt)
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data.startswith("2"):
            content = envelope.content
            data = content if isinstance(content, bytes) else str(content).encode()
            message = BytesParser(policy=default).parsebytes(data)
            assert isinstance(message, EmailMessage)
            self.taken.append(message)
            self.over_tls.append(session.ssl is not None)
        return self.data

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, way: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(way)
        right = (data.login.decode(), data.password.decode()) == (self.user, self.password)
        return AuthResult(success=right, handled=False)


@contextmanager
def smtp(mail: Mail, tls: trustme.LeafCert) -> Iterator[int]:
    """Run a mail server that wants STARTTLS and then a login; yield its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    controller = Controller(
        mail,
        hostname="127.0.0.1",
        port=port,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        auth_require_tls=True,
        authenticator=mail.authenticate,
    )
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def greeter(behaviour: str | bytes) -> Iterator[int]:
    """Run a server that greets as told and then knows no command, or hangs, or resets; yield its port."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=greet, args=(client,), daemon=True).start()

    def greet(client: socket.socket) -> None:
        if behaviour == HANG:
            over.wait()
        elif behaviour == RESET:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif isinstance(behaviour, bytes):
            with suppress(OSError):
                client.sendall(behaviour)
                while client.recv(4096):
                    client.sendall(b"250 what you said\r\n")
        client.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        over.set()
        listener.close()
