"""A web server of our own for the time of a probe: what a proxy on this host is asked for, and no foreign site.

It listens on 127.0.0.1 only and has nothing to give but 204. A request that arrives proves that the proxy passed
it on; the path says whose it was. asyncio is imported here, so this module is imported late.
"""

import asyncio
from secrets import token_hex
from types import TracebackType
from typing import Self

from watchdog.linux.http_answer import HttpRequest

_ANSWER = b"HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
_MAX_REQUEST_BYTES = 8 << 10
_SECONDS = 10.0


class Origin:
    """The server while it is entered; `reached` are the tokens whose requests came."""

    def __init__(self) -> None:
        self.reached: set[str] = set()
        self._server: asyncio.Server | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_MAX_REQUEST_BYTES)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.close()

    def request(self) -> tuple[str, HttpRequest]:
        """Return a token that nobody can guess, and the request to a proxy that brings it here."""
        token = token_hex(8)
        here = f"127.0.0.1:{self._port}"
        return token, HttpRequest(method="GET", target=f"http://{here}/host-watchdog-{token}", host=here)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            self.reached.add(head.partition(b"\r\n")[0].partition(b"/host-watchdog-")[2][:16].decode("latin-1"))
            writer.write(_ANSWER)
            await writer.drain()
        except (OSError, TimeoutError, EOFError, asyncio.LimitOverrunError):
            pass  # whoever that was did not ask in full
        finally:
            writer.close()
