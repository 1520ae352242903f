"""How the processes of notifying are started: by themselves, and without the secrets of our environment.

They are programs of ours in a process of their own because of what they load (apprise, jinja2: 40 MB that would
stay in a daemon) and of what they know (the URLs). A URL goes to standard input, never into an argument.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

# What it takes to reach a server in this host's way, whom to trust, how to write the time. All else may hold
# secrets, or is ours alone (NOTIFY_SOCKET).
_PASSED_ON = frozenset(
    [
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "LC_TIME",
        "TZ",
        "TMPDIR",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
    ]
)


def program(module: str, *arguments: str) -> tuple[str, ...]:
    """Return the command line of a module of ours.

    `-I`: no folder and no variable of anybody's says what it imports.
    """
    return (sys.executable, "-I", "-m", module, *arguments)


def sender_program() -> tuple[str, ...]:
    """Return the command line of the process that sends, and ends with this one."""
    return program("watchdog.notify.leash", str(os.getpid()))


def start(argv: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a program with pipes to and from it, and nothing else of ours. It hears no Ctrl-C. Raises OSError."""
    return subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # libraries log addresses with their secrets
        env={name: value for name, value in environ.items() if name in _PASSED_ON},
        cwd=os.sep,
        start_new_session=True,
    )


def ask(argv: Sequence[str], environ: Mapping[str, str], limit_seconds: float, question: bytes = b"") -> bytes:
    """Start a program, tell it something, and return what it says until it ends; b"" when it does not in time."""
    with start(argv, environ) as child:
        try:
            said, _ = child.communicate(question, timeout=limit_seconds)
        except subprocess.TimeoutExpired:
            return b""
        finally:
            child.kill()
    return said
