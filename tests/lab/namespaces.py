"""Hosts on one machine: network namespaces, joined by cables and switches, gone when the block ends. Root only.

    with Net() as net:
        a, b = net.host("a"), net.host("b")
        net.cable(a, "eth0", b, "eth0")
        a.address("eth0", "10.0.0.1/24")
        b.address("eth0", "10.0.0.2/24")
        a.run(["ping", "-c1", "10.0.0.2"])

Every interface is made inside a namespace of ours: the machine's own is never touched. Names carry our process id
(`wdlab-4711-a`), so that runs side by side do not meet.
"""

import contextlib
import functools
import itertools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

_COUNT = itertools.count()


class NetError(Exception):
    """A command in a namespace failed; says which, where and with what words."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Host:
    """One host of a Net: `name` is ours, `namespace` the kernel's."""

    name: str
    namespace: str
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(
        self, argv: Sequence[str], *, check: bool = True, timeout_seconds: float = 30, input_text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on this host to its end. Raises NetError when it fails and `check`."""
        done = subprocess.run(
            [*self._enter, *argv],
            text=True,
            capture_output=True,
            input=input_text,
            timeout=timeout_seconds,
        )
        if check and done.returncode:
            raise NetError(f"on host {self.name}: {' '.join(argv)}: exit {done.returncode}: {done.stderr.strip()}")
        return done

    def popen(self, argv: Sequence[str], **options: Any) -> subprocess.Popen[str]:
        """Start a command on this host, in a process group of its own; it is killed when the net is taken down."""
        process = subprocess.Popen([*self._enter, *argv], text=True, start_new_session=True, **options)
        self.processes.append(process)
        return process

    def ip(self, words: str) -> str:
        """Run `ip` on this host and return what it printed: `a.ip("link set dev eth0 down")`."""
        return self.run(["ip", *words.split()]).stdout

    def address(self, interface: str, address: str) -> None:
        """Give an interface an address with its prefix length, usable at once."""
        # nodad: an IPv6 address would be tentative for a second or two.
        self.ip(f"address add {address} dev {interface}{' nodad' if ':' in address else ''}")

    @property
    def _enter(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.namespace)


class Net:
    """Hosts and what joins them; a context manager that takes all of it down, whatever happened inside."""

    def __init__(self) -> None:
        self._prefix = f"wdlab-{os.getpid()}" + (f"-{number}" if (number := next(_COUNT)) else "")
        self._hosts: dict[str, Host] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.ExitStack() as stack:  # one that fails does not keep the others
            for host in self._hosts.values():
                stack.callback(_take_down, host)

    def host(self, name: str) -> Host:
        """Add a host, with its loopback up."""
        host = Host(name=name, namespace=f"{self._prefix}-{name}")
        _ip("netns", "add", host.namespace)
        self._hosts[name] = host
        host.ip("link set dev lo up")
        return host

    def cable(self, a: Host, a_end: str, b: Host, b_end: str) -> None:
        """Join two hosts by a cable (a veth pair), both ends up."""
        a.ip(f"link add name {a_end} type veth peer name {b_end} netns {b.namespace}")
        a.ip(f"link set dev {a_end} up")
        b.ip(f"link set dev {b_end} up")

    def switch(self, name: str, ports: Mapping[Host, str]) -> Host:
        """Join hosts by a switch (a bridge on a host of its own); `ports` names each host's interface."""
        switch = self.host(name)
        switch.ip("link add name bridge type bridge stp_state 0 forward_delay 0")
        switch.ip("link set dev bridge up")
        for number, (host, interface) in enumerate(ports.items()):
            self.cable(switch, f"port{number}", host, interface)
            switch.ip(f"link set dev port{number} master bridge")
        return switch


def missing() -> str | None:
    """Return what this machine lacks for hosts in namespaces, None for nothing."""
    if os.geteuid() != 0:
        return "root, for network namespaces"
    if not shutil.which("ip"):
        return "ip (package iproute2)"
    return _kernel_lacks()


@functools.cache
def _kernel_lacks() -> str | None:
    """Try what the kernel must have, in a namespace: a container's root may not, a small kernel cannot."""
    try:
        with Net() as net:
            trial = net.host("trial")
            for kind in ("veth", "bridge"):
                trial.ip(f"link add name trial type {kind}")
                trial.ip("link delete dev trial")
    except NetError as error:
        return f"a kernel that lets us have network namespaces, veth and bridge ({error})"
    return None


def _take_down(host: Host) -> None:
    """End what runs on the host, ours and what it left behind, then the host."""
    try:
        for process in host.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for _ in range(500):  # 5 s, for daemons, which left their process group
            if not (pids := _ip("netns", "pids", host.namespace).split()):
                break
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            time.sleep(0.01)
    finally:
        _ip("netns", "delete", host.namespace)


def _ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=30)
    if done.returncode:
        raise NetError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout
