"""Steps on bonds, with the real kernel: what it does, what it refuses, and what takes it back."""

import json
from collections.abc import Callable

import pytest

from tests.lab.uml import Transcript

pytestmark = pytest.mark.xdist_group("bond_options")

SCENARIO = r"""
cable eth0 switch port0
cable eth1 switch port1
cable eth2 switch port2
bond bond0 "mode active-backup miimon 100" eth0 eth1
bond bond1 "mode active-backup arp_interval 1000 arp_ip_target 192.0.2.1" eth2
ip link add lone type dummy
within 5 member eth0 mii_status up
within 5 member eth1 mii_status up
ip link set dev bond0 type bond active_slave eth0
within 5 says /sys/class/net/bond0/bonding/active_slave eth0
"${WATCHDOG%/*}/python" -c '
import json, subprocess, time
from watchdog.actuator import StepFailed, do, prepare
from watchdog.host import Host
from watchdog.steps import BondOption, LinkChange

host, said = Host(), {}

def step(bond, option, value):
    return BondOption(bond=bond, option=option, value=value)

def seen(option, bond="bond0"):
    with open(f"/sys/class/net/{bond}/bonding/{option}") as file:
        return file.read().split()[0]

def carry_out(name, option, value):
    one = step("bond0", option, value)
    prepared = prepare(one, host)
    told = [prepared.needed, seen(option)]
    do(one, host)
    do(one, host)
    told += [prepare(one, host).needed, seen(option)]
    do(prepared.undo, host)
    do(prepared.undo, host)
    said[name] = [*told, seen(option)]

def refuse(name, one):
    for call in (prepare, do):
        try:
            call(one, host)
        except StepFailed as failure:
            said[name] = str(failure).removeprefix(f"{one.describe()}: ")

carry_out("another-member", "active_slave", "eth1")
carry_out("monitoring-off", "miimon", "0")
refuse("not-in-the-bond", step("bond0", "active_slave", "lone"))
refuse("in-another-bond", step("bond0", "active_slave", "eth2"))
refuse("itself", step("bond0", "active_slave", "bond0"))
refuse("no-such-member", step("bond0", "active_slave", "eth9"))
refuse("no-such-bond", step("bond9", "miimon", "100"))
refuse("no-bond", step("lone", "miimon", "100"))
refuse("a-member-is-no-bond", step("eth0", "miimon", "100"))
refuse("words", step("bond0", "miimon", "often"))
refuse("leading-zeros", step("bond0", "miimon", "0100"))
refuse("negative", step("bond0", "miimon", "-1"))
refuse("arp", step("bond1", "miimon", "100"))
said["arp-is-still-on"] = [seen("arp_interval", "bond1"), seen("miimon", "bond1")]
subprocess.run("ip -n switch link set dev port1 down".split(), check=True)
with open("/sys/class/net/eth1/bonding_slave/mii_status") as status:
    while status.read().strip() != "down":
        time.sleep(0.1)
        status.seek(0)
refuse("down", step("bond0", "active_slave", "eth1"))
said["active-at-last"] = seen("active_slave")
do(step("bond0", "miimon", "0"), host)
subprocess.run("ip -n switch link set dev port1 up".split(), check=True)
with open("/sys/class/net/eth1/carrier") as carrier:
    while carrier.read().strip() != "1":
        time.sleep(0.1)
        carrier.seek(0)
time.sleep(1)
with open("/sys/class/net/eth1/bonding_slave/mii_status") as status:
    said["down-for-ever"] = status.read().strip()
print(json.dumps(said))' > "$OUT/said.json"
"""


@pytest.fixture(scope="module")
def said(boot: Callable[..., Transcript]) -> dict[str, object]:
    told = boot(SCENARIO, modules=("bonding", "veth", "dummy"))
    answers: dict[str, object] = json.loads(told.files["said.json"])
    return answers


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("another-member", [True, "eth0", False, "eth1", "eth0"], id="another-member"),
        pytest.param("monitoring-off", [True, "100", False, "0", "100"], id="monitoring-off"),
        pytest.param("not-in-the-bond", "lone is not in bond0", id="not-in-the-bond"),
        pytest.param("in-another-bond", "eth2 is not in bond0", id="in-another-bond"),
        pytest.param("itself", "bond0 is not in bond0", id="itself"),
        pytest.param("no-such-member", "no such device", id="no-such-member"),
        pytest.param("no-such-bond", "no such device", id="no-such-bond"),
        pytest.param("no-bond", "lone is no bond", id="no-bond"),
        pytest.param("a-member-is-no-bond", "eth0 is no bond", id="a-member-is-no-bond"),
        pytest.param("words", "expected milliseconds, not 'often'", id="words"),
        pytest.param("leading-zeros", "expected milliseconds, not '0100'", id="leading-zeros"),
        pytest.param("negative", "expected milliseconds, not '-1'", id="negative"),
        pytest.param(
            "arp", "it would turn off the ARP monitoring of bond1 (arp_interval 1000)", id="arp-monitoring"
        ),
        pytest.param("arp-is-still-on", ["1000", "0"], id="arp-is-still-on"),
        pytest.param("down", "the kernel says: Invalid argument", id="a-member-that-is-down"),
        # Why bond_monitor_links does not turn its monitoring off again with a member down.
        pytest.param("down-for-ever", "down", id="what-is-down-when-monitoring-ends-stays-down"),
        pytest.param("active-at-last", "eth0", id="what-was-refused-changed-nothing"),
    ],
)
def test_bond_options(said: dict[str, object], name: str, expected: object) -> None:
    assert said[name] == expected
