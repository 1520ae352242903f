"""Real proxies and what stands behind them, on the hosts of a Net; each ends with its host."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.lab.namespaces import Host
from tests.lab.uml import PACKAGES
from tests.lab.unpacked import program

_WEB = """
import http.server, socket, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
Server(("::", int(sys.argv[1])), Page).serve_forever()
"""
LOGIN = "lab:secret-of-the-lab"


def wait_until(true: Callable[[], object], what: str, seconds: float = 120) -> None:
    """Wait for a condition, not for a time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(0.02)


def listens(host: Host, port: int) -> bool:
    return bool(host.run(["ss", "-ltnH", f"sport = :{port}"]).stdout)


def _start(host: Host, argv: list[str], port: int) -> subprocess.Popen[str]:
    process = host.popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    wait_until(lambda: listens(host, port) or process.poll() is not None, f"port {port} on {host.name}")
    assert process.poll() is None, f"{argv} ended with {process.returncode}"
    return process


def squid(
    host: Host, folder: Path, port: int = 8080, rules: str = "http_access allow all"
) -> subprocess.Popen[str]:
    """Start a squid, in the mounts of its own that `ip netns exec` gives it.

    Its shared memory would outlive a squid that is killed, and its user may not be able to enter the checkout.
    """
    tree = _squid_tree(folder)
    home = folder / f"squid-{host.name}-{port}"
    home.mkdir(exist_ok=True)
    home.chmod(0o777)
    conf = home / "squid.conf"
    settings = {
        "pid_filename": "none",
        "cache_log": home / "cache.log",
        "access_log": "none",
        "cache_effective_user": "nobody",
        "coredump_dir": home,
        "mime_table": tree / "share/squid/mime.conf",
        "error_directory": tree / "share/squid/errors/templates",
        "icon_directory": tree / "share/squid/icons",
        "unlinkd_program": tree / "lib/squid/unlinkd",
        "pinger_enable": "off",
        "visible_hostname": "lab",
        "shutdown_lifetime": "0 seconds",
    }
    lines = [f"http_port {port}", rules, *(f"{name} {value}" for name, value in settings.items())]
    conf.write_text("\n".join([*lines, ""]))
    start = [*program("squid", "squid"), "-N", "-f", str(conf)]
    script = f'mount -t tmpfs tmpfs /dev/shm && mount --bind {PACKAGES}/squid/usr {tree} && exec "$@"'
    return _start(host, ["sh", "-c", script, "sh", *start], port)


def _squid_tree(folder: Path) -> Path:
    tree = folder / "squid-package"
    tree.mkdir(exist_ok=True)
    return tree


def squid_login_rules(folder: Path) -> str:
    """Return the rules of a squid that wants LOGIN."""
    user, _, password = LOGIN.partition(":")
    hashed = subprocess.run(["openssl", "passwd", "-apr1", password], capture_output=True, text=True, check=True)
    passwords = folder / "passwords"
    passwords.write_text(f"{user}:{hashed.stdout}")
    return (
        f"auth_param basic program {_squid_tree(folder)}/lib/squid/basic_ncsa_auth {passwords}\n"
        "auth_param basic children 1\nacl known proxy_auth REQUIRED\nhttp_access allow known\nhttp_access deny all"
    )


def tinyproxy(host: Host, folder: Path, port: int = 8888, rules: str = "") -> subprocess.Popen[str]:
    """Start a tinyproxy."""
    conf = folder / f"tinyproxy-{host.name}-{port}.conf"
    conf.write_text(f"Port {port}\nListen 0.0.0.0\nTimeout 60\nMaxClients 50\nLogLevel Critical\n{rules}\n")
    return _start(host, [*program("tinyproxy", "tinyproxy"), "-d", "-c", str(conf)], port)


def haproxy(host: Host, folder: Path, port: int, rest: str) -> subprocess.Popen[str]:
    """Start a haproxy; `rest` are its frontends and backends."""
    conf = folder / f"haproxy-{host.name}-{port}.cfg"
    times = " timeout connect 500ms\n timeout client 20s\n timeout server 20s\n retries 0\n"
    conf.write_text(f"defaults\n mode http\n{times}{rest}\n")
    return _start(host, [*program("haproxy", "haproxy"), "-db", "-f", str(conf)], port)


def web(host: Host, port: int) -> subprocess.Popen[str]:
    """Start a web server that serves its one page for every url, as many do, and knows no tunnel."""
    return _start(host, [sys.executable, "-c", _WEB, str(port)], port)


def send(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Signal a program and what it started; one that is told to stop has stopped when this returns."""
    os.killpg(process.pid, number)
    if number == signal.SIGSTOP:
        # Each of them stops only when it next gets a processor, which a busy machine does not give at once.
        wait_until(lambda: set(_states(process.pid)) <= {"T", "Z"}, f"process group {process.pid} to stop")


def _states(group: int) -> Iterator[str]:
    """Yield the states of the threads of a process group, as /proc names them: T is stopped."""
    for stat in Path("/proc").glob("[0-9]*/task/[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            state, _, of_group = stat.read_text().rpartition(") ")[2].split()[:3]
            if int(of_group) == group:
                yield state


def end(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def certificate(folder: Path, *addresses: str) -> Path:
    """Make a certificate that nobody signed, with its key in one file, as haproxy wants it."""
    file = folder / "tls.pem"
    names = ",".join(f"IP:{address}" for address in addresses)
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=lab"
    made = [*words.split(), "-addext", f"subjectAltName={names}", "-keyout", str(file), "-out", f"{file}.crt"]
    subprocess.run(["openssl", *made], check=True, capture_output=True)
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


def firewall(host: Host, rule: str) -> None:
    """Let one rule alone hold on what comes in; "" for none."""
    rules = f"table inet lab {{ chain i {{ type filter hook input priority 0; {rule}; }}; }}" if rule else ""
    host.run(["nft", "-f", "-"], input_text=f"table inet lab\ndelete table inet lab\n{rules}\n")
