"""How the processes of notifying are started: by themselves, and without the secrets of our environment.

They are programs of ours in a process of their own because of what they load (apprise, jinja2: 40 MB that would
stay in a daemon) and of what they know (the URLs). A URL goes to standard input, never into an argument.
"""

import subprocess
import sys
from collections.abc import Mapping

# What it takes to reach a server, in this host's way, and to find Python: nothing that may hold a target's URL.
_PASSED_ON = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
)


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what a child is given of our environment."""
    return {name: environ[name] for name in _PASSED_ON if name in environ}


def argv(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of ours.

    `-I`: nothing of the current folder, of PYTHON* or of the user's own packages can take the place of ours.
    """
    return [sys.executable, "-I", "-m", module, *arguments]


def start(module: str, environ: Mapping[str, str], *arguments: str) -> "subprocess.Popen[bytes]":
    """Start a module of ours. It hears no Ctrl-C: who started it ends it."""
    return subprocess.Popen(
        argv(module, *arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=child_environment(environ),
        start_new_session=True,
    )
