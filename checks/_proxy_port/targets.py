"""`[[checks.proxy_port.targets]]`: a proxy that is named, what it must serve, and how to log in there."""

import os
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from checks._proxy_port.ports import name_port
from watchdog.linux.http_answer import HttpRequest
from watchdog.plugin import Host, Secret, Tls, Unobservable

Status = Annotated[int, msgspec.Meta(ge=200, le=599)]
_HOST_AND_PORT = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^:/@\[\]]+):[0-9]{1,5}")
_MAX_LOGIN_CHARACTERS = 1024


class ProxyTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A proxy by its IP address and port.

    `url` is what to ask it for: `http://...` by GET, `https://...` or `host:port` by CONNECT; without it nothing
    foreign is asked for. `status` are the answers that are right. `login_file` and `login_env` say where to find
    `user:password`.
    """

    address: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    method: Literal["CONNECT", "GET"] | None = None
    url: str = ""
    status: tuple[Status, ...] = ()
    tls: bool = False
    ca_file: Path | None = None
    server_name: str = ""
    verify: bool = True
    login_file: Path | None = None
    login_env: str | None = None

    def __post_init__(self) -> None:
        try:
            ip_address(self.address)
        except ValueError:
            raise ValueError("an IP address (a name that does not resolve would be another fault)") from None
        if self.login_file and self.login_env:
            raise ValueError("at most one of login_file and login_env")
        if not self.tls and (self.ca_file or self.server_name or not self.verify):
            raise ValueError("tls = true with ca_file, server_name and verify")
        if self.status and not self.url:
            raise ValueError("a url whose status is to be checked")
        if self.url or self.method == "GET":
            self.request()

    @property
    def subject(self) -> str:
        """What it is called in findings."""
        return name_port(str(ip_address(self.address)), self.port)

    def request(self) -> HttpRequest:
        """Return the request that the settings name. ValueError when there can be none."""
        url = urlsplit(self.url if "://" in self.url else f"tunnel://{self.url}")
        if "@" in url.netloc:
            raise ValueError("a url without a login: a login for the proxy stands in login_file or login_env")
        method = self.method or ("GET" if url.scheme == "http" else "CONNECT")
        if method == "GET":
            if url.scheme != "http" or not url.hostname:
                raise ValueError('an "http://..." url to GET; an "https://..." one is asked for by CONNECT')
            return HttpRequest(method=method, target=self.url, host=url.netloc)
        place = url.netloc
        if url.scheme in ("http", "https") and url.hostname and url.port is None:
            place = f"{url.netloc}:{443 if url.scheme == 'https' else 80}"
        if url.scheme not in ("http", "https", "tunnel") or not _HOST_AND_PORT.fullmatch(place):
            raise ValueError('a url such as "https://example.org/" or "example.org:443" to CONNECT to')
        return HttpRequest(method=method, target=place, host=place)

    def tls_settings(self) -> Tls | None:
        """Return how TLS is spoken, None where it is not."""
        if not self.tls:
            return None
        ca_file = str(self.ca_file) if self.ca_file else ""
        return Tls(server_name=self.server_name, ca_file=ca_file, verify=self.verify)

    def read_login(self, host: Host) -> Secret | None:
        """Return the login, None where there is to be none. Raises Unobservable, which never shows it."""
        if self.login_file:
            source, text = str(self.login_file), host.read_text(str(self.login_file)) or ""
        elif self.login_env:
            source, text = f"${self.login_env}", os.environ.get(self.login_env, "")
        else:
            return None
        login = text.strip()
        if ":" not in login or not login.isprintable() or len(login) > _MAX_LOGIN_CHARACTERS:
            found = "something else (not shown: it may be secret)" if login else "nothing"
            raise Unobservable(f"{source}: expected the proxy's login as user:password on one line, found {found}")
        return Secret(login)
