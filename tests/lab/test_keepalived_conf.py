"""What we read in keepalived.conf against what the real keepalived understood: its own dump of each instance."""

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import namespaces
from tests.lab.namespaces import Host, Net
from tests.lab.unpacked import program
from tests.needs import need
from watchdog.host import Host as Machine
from watchdog.linux.keepalived_conf import parse_keepalived_conf
from watchdog.linux.keepalived_vrrp import VirtualAddress, VrrpInstance

pytestmark = pytest.mark.xdist_group("keepalived_conf")

CONFIG_ID = "lb1"
PLAIN = """\
vrrp_instance proxies {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 150
  advert_int 2
  authentication {
    auth_type PASS
    auth_pass 1111
  }
  virtual_ipaddress {
    192.168.100.10/24 brd 192.168.100.255 dev eth0 label eth0:1
    192.168.100.11
  }
  virtual_ipaddress_excluded {
    10.0.0.1/32
  }
}
"""
BARE = """\
vrrp_instance bare {
  interface eth1
  virtual_router_id 7
  virtual_ipaddress { 10.9.8.7 }
}
"""
UNICAST = """\
global_defs {
  vrrp_version 3
}
vrrp_instance unicast {
  interface eth0
  virtual_router_id 52
  priority 100 # as good as any
  advert_int 0.5
  nopreempt
  unicast_src_ip 192.168.100.2
  unicast_peer {
    192.168.100.3
    192.168.100.4 min_ttl 254 max_ttl 255
  }
  virtual_ipaddress {
    192.168.100.12/24
  }
}
"""
VMAC = """\
vrrp_instance vmac {
  interface eth0
  virtual_router_id 53
  use_vmac
  vmac_xmit_base
  advert_int 1
  virtual_ipaddress {
    192.168.100.13/24
  }
}
vrrp_instance named {
  interface eth0
  virtual_router_id 54
  use_vmac vip54
  virtual_ipaddress {
    192.168.100.14/24
    192.168.100.15/24 dev eth1
  }
}
"""
SIX = """\
vrrp_instance six {
  interface eth0
  virtual_router_id 55
  priority 120
  advert_int 1.5
  authentication { auth_type PASS
    auth_pass ignored }
  virtual_ipaddress {
    fe80::1
    2001:db8::10/64
    192.168.100.99
  }
}
"""
TWICE = """\
vrrp_sync_group G { group { two other } }
vrrp_instance one { interface eth0
  virtual_router_id 61
  version 3
  priority 255
  advert_int 3
  virtual_ipaddress { 192.168.100.61 } }
vrrp_instance two
{
  interface eth1
  virtual_router_id 62
  state BACKUP
  priority 300
  advert_int 1.4
  authentication
  {
    auth_type AH
    auth_pass longerthan8
  }
  virtual_ipaddress
  {
    192.168.100.62
  }
}
vrrp_instance one { interface eth1
  virtual_router_id 63
  virtual_ipaddress { 192.168.100.63 } }
"""
STRICT = """\
global_defs {
  vrrp_strict
  vrrp_mcast_group4 224.0.0.42
}
vrrp_instance strict {
  interface eth0
  virtual_router_id 64
  authentication {
    auth_type PASS
    auth_pass dropped
  }
  virtual_ipaddress {
    192.168.100.64
  }
}
"""
SCRIPTED = """\
! the words of the manual, all at once
$IF=eth0 # where
$ADDRESSES=\\
 192.168.100.71/24   \\
 192.168.100.72/24 # the other \\

$PEERS=\\
 unicast_peer { \\
   192.168.100.3 \\
 }
include conf.d/*.conf
@other vrrp_instance theirs {
@other   interface eth9
@lb1 vrrp_instance ours {
@^other   interface $IF
@^lb1   interface eth1
  virtual_router_id 71
@lb1 priority 201
@other priority 101
  virtual_ipaddress {
    $ADDRESSES
    "192.168.100.73/24" dev ${IF}
  }
  $PEERS
}
$MAKE=\\
vrrp_instance made_$N {\\
  interface $IF\\
  virtual_router_id $N\\
  virtual_ipaddress { 192.168.101.$N }\\
}
~SEQ(N, 81, 83) $MAKE
$LIST=\\
vrrp_instance listed_$N {\\
  interface eth1\\
  virtual_router_id $N\\
  priority $P\\
  virtual_ipaddress { ${NET}.$N }\\
}
$NET=192.168.102
~LST({N,P},{91,11},{92,12}) $LIST
"""
INCLUDED = """\
vrrp_instance included {
  interface $IF
  include ../more/detail
  virtual_ipaddress { 192.168.100.74 }
}
"""
DETAIL = "virtual_router_id 74\npriority 74\n"


@pytest.fixture(scope="module")
def balancer() -> Iterator[Host]:
    need(namespaces.missing())
    with Net() as net:
        a, b = net.host("a"), net.host("b")
        for number, interface in enumerate(("eth0", "eth1")):
            net.cable(a, interface, b, interface)
            a.address(interface, f"192.168.10{number}.2/24")
        yield a


def understood(host: Host, path: Path) -> list[dict[str, str]]:
    """Start the real keepalived with a configuration, and return what it dumps of its instances."""
    files = [word for kind in "prcb" for word in (f"-{kind}", str(path.parent / f"{kind}.pid"))]
    process = host.popen(
        [*program("keepalived", "keepalived"), "-P", "-n", "-l", "-d", "-f", str(path), "-i", CONFIG_ID, *files],
        stdout=(log := (path.parent / "log").open("w+")),
        stderr=log,
    )
    try:
        ends = time.monotonic() + 20
        while "------< Interfaces >------" not in (text := (path.parent / "log").read_text()):
            assert time.monotonic() < ends, text
            assert process.poll() is None, text
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    instances: list[dict[str, str]] = []
    heading = ""
    for line in text.partition("------< VRRP Topology >------")[2].splitlines():
        said = line.partition(": ")[2]
        if said.startswith(" VRRP Instance = "):
            instances.append({"Name": said.partition(" = ")[2]})
        elif instances and said.startswith("     ") and heading:
            entry = re.sub(r" brd \S+| scope .*|@\S+", "", said.strip())
            instances[-1][heading] = instances[-1].get(heading, "") + entry + "\n"
        elif instances and said.startswith("   "):
            line = re.sub(r"^(Multicast address) ([^,]*).*|(Check unicast src) : ", r"\1\3 = \2", said.strip())
            key, _, value = line.partition(" = ")
            heading = re.sub(r"( \(\d+\))? ?:$", "", key)
            if value:
                instances[-1][key] = value.partition(", vmac on ")[0]
        elif "------<" in said:
            break
    return instances


def told(instance: VrrpInstance) -> dict[str, str]:
    """Say what we read in the words of keepalived's dump, which leaves out what is empty."""
    kinds = {"none": "", "pass": "SIMPLE_PASSWORD", "ah": "IPSEC_AH"}
    unit, per_second = ("milli-sec", 1000) if instance.version == 3 else ("sec", 1)
    return {
        "Name": instance.name,
        "VRRP Version": str(instance.version),
        "Wantstate": instance.state,
        "Interface": instance.use_vmac or instance.interface,
        "Virtual Router ID": str(instance.vrid),
        "Priority": str(instance.priority),
        "Advert interval": f"{instance.advert_seconds * per_second:g} {unit}",
        "Accept": "enabled" if instance.accept else "disabled",
        "Preempt": "disabled" if instance.nopreempt else "enabled",
        "Down timer adverts": str(instance.down_timer_adverts),
        "Authentication type": kinds[instance.auth],
        "Virtual IP": _addresses(instance.virtual_addresses),
        "Virtual IP Excluded": _addresses(instance.excluded_addresses),
        "Multicast address": instance.multicast_group,
        "Unicast Peer": "".join(
            f"{peer.address} min_ttl {peer.min_ttl} max_ttl {peer.max_ttl}\n" for peer in instance.unicast_peers
        ),
        "Check unicast src": ("yes" if instance.check_unicast_source else "no") if instance.unicast_peers else "",
    }


def _addresses(addresses: tuple[VirtualAddress, ...]) -> str:
    return "".join(f"{_with_length(one)} dev {one.interface}\n" for one in addresses)


def _with_length(one: VirtualAddress) -> str:
    whole = one.prefix_length == (128 if ":" in one.address else 32)
    return one.address if whole else f"{one.address}/{one.prefix_length}"


@pytest.mark.parametrize(
    ("text", "others"),
    [
        pytest.param(PLAIN, {}, id="plain"),
        pytest.param(BARE, {}, id="defaults"),
        pytest.param(UNICAST, {}, id="unicast-version-3"),
        pytest.param(VMAC, {}, id="vmac"),
        pytest.param(SIX, {}, id="ipv6"),
        pytest.param(TWICE, {}, id="several-and-one-name-twice"),
        pytest.param(STRICT, {}, id="strict"),
        pytest.param(
            SCRIPTED,
            {"conf.d/a.conf": INCLUDED, "conf.d/b.txt": "nonsense {", "more/detail": DETAIL},
            id="includes-conditions-definitions-sequences",
        ),
    ],
)
def test_we_read_what_keepalived_understands(
    balancer: Host, tmp_path: Path, text: str, others: dict[str, str]
) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_text(text)
    for name, content in others.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    dumped = understood(balancer, path)
    conf = parse_keepalived_conf(str(path), Machine(), config_id=CONFIG_ID)
    assert conf is not None
    ours = [told(instance) for instance in conf.instances]
    # A daemon that is told not to authenticate says so, one that was told nothing does not.
    theirs = [{key: one.get(key, "").replace("none", "") for key in ours[0]} for one in dumped]
    assert ours == theirs
