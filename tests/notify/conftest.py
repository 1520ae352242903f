"""What the tests of notifying share: servers, a CA of our own, and the real process that sends."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.forked import SENDER, Forked
from tests.notify.servers import Internet, Reply, Web
from tests.stand_ins import Clock
from watchdog.content import Content
from watchdog.notify import leash, spawning, trying
from watchdog.notify.errands import Answer, Errand
from watchdog.notify.samples import full
from watchdog.notify.spawning import program, sender_program
from watchdog.notify.trying import send_now

Serve = Callable[..., Web]
Online = Callable[..., "tuple[Web, Sender, Internet]"]


@dataclass(frozen=True)
class Sender:
    """Sends through the real child process, in an environment of the test's own."""

    environ: dict[str, str]

    def __call__(
        self,
        *urls: str,
        content: Content | None = None,
        limit: float = 30.0,
        templates: str = "",
        key: str = "",
        attach: tuple[str, ...] = (),
        taken: tuple[str, ...] = (),
    ) -> list[Answer]:
        """Return the answers in the order of the URLs."""
        errands = [
            Errand(
                id=number,
                target=f"t{number}",
                url=url,
                content=content or full("fired"),
                limit_seconds=limit,
                templates=templates,
                key=key,
                attach=attach,
                taken=taken,
            )
            for number, url in enumerate(urls)
        ]
        answers = [answer for answer, _ in send_now(errands, limit, self.environ, Clock().stamp)]
        return sorted(answers, key=lambda answer: answer.id)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def start_forked(argv: Sequence[str], environ: Mapping[str, str]) -> Forked:
    """Start the process that sends as `spawning.start` does, but forked, and so without its leash."""
    assert argv == sender_program()
    return Forked(
        program(leash.SENDER),
        SENDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in environ.items() if name in spawning._PASSED_ON},
        cwd=os.sep,
        start_new_session=True,
    )


@pytest.fixture
def send(ca_file: Path, monkeypatch: pytest.MonkeyPatch) -> Sender:
    """Send with our CA trusted, and no proxy, by a process that need not load apprise anew.

    Those of tests/notify/test_child.py, test_command.py and test_delivery.py are started as they are for real.
    """
    monkeypatch.setattr(trying, "start", start_forked)
    return Sender(
        {
            "PATH": os.environ["PATH"],
            "NO_PROXY": "*",
            "SSL_CERT_FILE": str(ca_file),
            "REQUESTS_CA_BUNDLE": str(ca_file),
        }
    )


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Web] = []

    def start(*answers: Reply | str, port: int = 0, tls: trustme.LeafCert | None = None) -> Web:
        servers.append(Web(*answers, port=port, tls=tls))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def online(authority: trustme.CA, send: Sender, serve: Serve) -> Iterator[Online]:
    """Be the internet: a server with the certificates of these hosts, and who reaches no other."""
    opened: list[Internet] = []

    def start(*hosts: str, answers: tuple[Reply | str, ...] = (Reply(),)) -> tuple[Web, Sender, Internet]:
        server = serve(*answers, tls=authority.issue_cert(*hosts))
        opened.append(Internet(server))
        environ = {name: value for name, value in send.environ.items() if name != "NO_PROXY"}
        return server, Sender({**environ, "HTTPS_PROXY": opened[-1].url}), opened[-1]

    yield start
    for one in opened:
        one.close()
