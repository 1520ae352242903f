"""Reading IPVS: nothing is asked where there is none, and ipvsadm is where the kernel refuses."""

from pathlib import Path

import pytest

from watchdog import ipvs
from watchdog.errors import Unobservable
from watchdog.host import Host

HEADER = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
"""
ONE = HEADER + "TCP  C0A8640A:1F90 rr\n"


def machine(root: Path, table: str | None, ipvsadm: str | None = None) -> Host:
    """Return a host with this table, and an ipvsadm that is this script."""
    (root / "bin").mkdir()
    if table is not None:
        (root / "proc/net").mkdir(parents=True)
        (root / "proc/net/ip_vs").write_text(table)
    if ipvsadm is not None:
        (root / "bin/ipvsadm").write_text(f"#!/bin/sh\n{ipvsadm}\n")
        (root / "bin/ipvsadm").chmod(0o755)
    return Host(root, program_folders=f"{root}/bin:/usr/bin:/bin")


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kernel refuse, as it does where it has no IPVS or we no right."""

    def refuse() -> None:
        raise Unobservable("the kernel does not show its IPVS pools")

    monkeypatch.setattr(ipvs, "_ask_kernel", refuse)


@pytest.mark.parametrize(
    ("table", "has"),
    [pytest.param(None, False, id="no-ipvs"), pytest.param(HEADER, True, id="no-pool")],
)
def test_nobody_is_asked_where_there_is_no_pool(tmp_path: Path, table: str | None, has: bool) -> None:
    host = machine(tmp_path, table, "echo asked; exit 1")
    assert (ipvs.has_ipvs(host), ipvs.read_pools(host)) == (has, ())


@pytest.mark.usefixtures("refused")
def test_ipvsadm_is_asked_where_the_kernel_refuses(tmp_path: Path) -> None:
    saved = "-A -t 192.168.100.10:8080 -s rr\n-a -t 192.168.100.10:8080 -r 192.168.100.21:8080 -g -w 1"
    (pool,) = ipvs.read_pools(machine(tmp_path, ONE, f"[ \"$*\" = -Sn ] && echo '{saved}'"))
    assert (pool.name, [server.name for server in pool.servers]) == (
        "192.168.100.10:8080",
        ["192.168.100.21:8080"],
    )


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize(
    ("ipvsadm", "said"),
    [
        pytest.param(None, "ipvsadm is not installed", id="missing"),
        pytest.param("echo no right >&2; exit 2", "ipvsadm -Sn ended with 2 and said: no right", id="refuses-too"),
        pytest.param("echo nonsense", "is neither a service|names no service", id="says-nonsense"),
    ],
)
def test_where_both_fail_both_are_told(tmp_path: Path, ipvsadm: str | None, said: str) -> None:
    with pytest.raises(Unobservable, match=f"^the kernel does not show its IPVS pools; and .*({said})"):
        ipvs.read_pools(machine(tmp_path, ONE, ipvsadm))
