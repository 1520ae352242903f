"""The daemon's ear for the wire, for real: keepalived in namespaces, the daemon beside it, and what wakes it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.namespaces import Net
from tests.lab.routers import PRIORITY, VIP, Routers, instance, routers
from tests.lab.standing import Standing, standing
from tests.lab.test_wire import FLOOD
from tests.lab.uml import CHECKOUT
from watchdog.linux.inet import parse_mac

# Longer than any of these tests: only what is heard makes it look.
ONCE = 'every = "1h"\n'
SETTINGS = {"a": ONCE, "b": ONCE, "c": ONCE + 'interfaces = ["eth0"]\n'}
V2 = {"version": 2, "advert_int": "1"}
SPLIT, NOBODY = "vrrp.split_brain", "vrrp.no_master"
CLAIM = """
import socket, sys
from watchdog.linux.arp import build_gratuitous_arp
channel = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
channel.bind(("eth0", 0x0806))
arp = bytearray(build_gratuitous_arp(sys.argv[1], sys.argv[2]))
arp[7] = int(sys.argv[3])
channel.send(bytes.fromhex(sys.argv[4]) + bytes.fromhex(sys.argv[2].replace(":", "")) + b"\\x08\\x06" + bytes(arp))
"""


@pytest.fixture
def lab(net: Net, tmp_path: Path) -> Iterator[Routers]:
    with routers(net, tmp_path) as lab:
        yield lab


@pytest.fixture
def daemons(lab: Routers, tmp_path: Path) -> Iterator[dict[str, Standing]]:
    """A daemon on each host that looks only when something wakes it, beside keepaliveds of a second's interval."""
    lab.start_both(**V2)
    with standing(lab.hosts, tmp_path, SETTINGS) as daemons:
        settle(daemons)
        yield daemons


def settle(daemons: dict[str, Standing]) -> None:
    """Wait until nothing wakes them any more."""
    looks: dict[str, int] = {}
    ends = time.monotonic() + 60
    while looks != (looks := {name: one.looks() for name, one in daemons.items()}):
        assert time.monotonic() < ends, f"something goes on waking them: {looks}"
        time.sleep(4)


def test_adverts_that_go_on_wake_nobody_and_a_look_knows_all_at_once(daemons: dict[str, Standing]) -> None:
    looks = {name: one.looks() for name, one in daemons.items()}
    time.sleep(8)
    assert {name: one.looks() for name, one in daemons.items()} == looks
    seen = {name: one.run() for name, one in daemons.items()}
    assert {name: (check["verdict"], check["findings"]) for name, check in seen.items()} == {
        name: ("ok", []) for name in daemons
    }
    # Without an ear none can be over before an interval, and what it may be late by: 1.3 s.
    assert max(check["took_seconds"] for check in seen.values()) < 1.3


def test_a_split_is_told_by_the_adverts_alone_and_so_is_its_end(
    lab: Routers, daemons: dict[str, Standing]
) -> None:
    lab.drop("b")
    lab.wait("b is active too", lab.split)
    for name, one in daemons.items():
        one.wait(f"{name} tells the split", lambda one=one: one.open(SPLIT), 10)  # type: ignore[misc]
    lab.let_through("b")
    lab.wait("b gives up", lambda: not lab.split())
    for name, one in daemons.items():
        one.wait(f"{name} tells that it is over", lambda one=one: not one.open(SPLIT), 30)  # type: ignore[misc]
    assert {name: one.incidents() for name, one in daemons.items()} == {
        name: [(SPLIT, "eth0/vrid51", "resolved")] for name in daemons
    }
    time.sleep(20)  # as long as an announcement is taken for the same takeover
    # Now no advert of b arrives at anybody: that it takes the address over again is all there is to hear.
    lab.drop("switch", "ip protocol vrrp", "bridge", "forward")
    lab.wait("b is active too", lab.split)
    for name, one in daemons.items():
        one.wait(f"{name} tells the second split", lambda one=one: one.open(SPLIT), 10)  # type: ignore[misc]


def test_takeovers_of_every_kind_are_seen_and_no_split(lab: Routers, daemons: dict[str, Standing]) -> None:
    looks = daemons["c"].looks()
    lab.stop("a")  # it says good-bye: priority 0
    lab.wait("b takes over", lambda: lab.holds("b"))
    daemons["c"].wait("c looks at it", lambda: daemons["c"].looks() > looks, 10)
    lab.start("a", instance(PRIORITY["a"], **V2))
    lab.wait("a takes it back", lambda: lab.holds("a") and not lab.holds("b"))
    time.sleep(4)
    lab.daemons["a"].kill()  # it says nothing, and leaves the address behind
    lab.hosts["a"].run(["ip", "address", "del", f"{VIP}/24", "dev", "eth0"], check=False)
    lab.wait("b takes over again", lambda: lab.holds("b"))
    settle(daemons)
    assert {name: one.incidents() for name, one in daemons.items()} == {name: [] for name in daemons}


def test_nobody_left_is_told_when_a_backup_would_have_taken_over(
    lab: Routers, daemons: dict[str, Standing]
) -> None:
    lab.stop("b")
    lab.stop("a")
    daemons["c"].wait("c misses both", lambda: daemons["c"].open(NOBODY), 15)
    lab.start("b", instance(PRIORITY["b"], **V2))
    daemons["c"].wait("c hears b", lambda: not daemons["c"].open(NOBODY), 15)
    assert daemons["c"].incidents() == [(NOBODY, "eth0/vrid51", "resolved")]


@pytest.mark.parametrize(
    ("operation", "to"),
    [
        pytest.param(1, "ffffffffffff", id="an-announcement"),
        pytest.param(2, "", id="an-answer-to-us"),
    ],
)
def test_a_foreign_claim_of_the_address_wakes(
    lab: Routers, daemons: dict[str, Standing], operation: int, to: str
) -> None:
    looks = {name: one.looks() for name, one in daemons.items()}
    to = to or parse_mac(lab.hosts["a"].ip("-br link show dev eth0").split()[2]).hex()
    words = [VIP, "02:00:00:00:00:99", str(operation), to]
    code = ["env", f"PYTHONPATH={CHECKOUT}", sys.executable, "-c", CLAIM]
    lab.hosts["c"].run([*code, *words])
    daemons["a"].wait("a looks", lambda: daemons["a"].looks() > looks["a"], 10)
    if operation == 1:  # everybody hears it
        daemons["b"].wait("b looks", lambda: daemons["b"].looks() > looks["b"], 10)
    settle(daemons)
    if operation == 2:
        again = daemons["a"].looks()
        lab.hosts["c"].run([*code, *words])
        time.sleep(3)
        assert daemons["a"].looks() == again, "the same answer again is no news"
    assert daemons["a"].incidents() == [], "one frame proves nothing"


def test_a_link_that_comes_and_goes_is_listened_to_anew(lab: Routers, daemons: dict[str, Standing]) -> None:
    lab.switch.ip("link set dev port2 down")
    daemons["c"].wait("c sees no link", lambda: daemons["c"].run()["verdict"] == "unknown", 30)
    lab.switch.ip("link set dev port2 up")
    # A look of its own: what was heard before the link went is no longer what there is.
    daemons["c"].wait("c hears it again", lambda: daemons["c"].run()["verdict"] == "ok", 60)
    lab.hosts["c"].ip("link set dev eth0 down")
    daemons["c"].wait("c sees no link", lambda: daemons["c"].run()["verdict"] == "unknown", 30)
    lab.hosts["c"].ip("link set dev eth0 up")
    daemons["c"].wait("c hears it again", lambda: daemons["c"].run()["verdict"] == "ok", 60)
    settle(daemons)
    lab.drop("b")
    lab.wait("b is active too", lab.split)
    daemons["c"].wait("c tells the split", lambda: daemons["c"].open(SPLIT), 10)


def test_a_flood_neither_hides_a_split_nor_wakes_without_end(lab: Routers, daemons: dict[str, Standing]) -> None:
    advert = (CHECKOUT / "tests/fixtures/vrrp/v3.hex").read_text().strip()
    flood = lab.hosts["c"].popen([sys.executable, "-c", FLOOD, advert], stdout=subprocess.DEVNULL)
    try:
        time.sleep(10)
        looks = daemons["a"].looks()
        time.sleep(20)
        assert daemons["a"].looks() - looks <= 4, "once in ten seconds, besides what it was looking at"
        lab.drop("b")
        lab.wait("b is active too", lab.split)
        for name in "ab":
            daemons[name].wait(f"{name} tells the split", lambda name=name: daemons[name].open(SPLIT), 60)  # type: ignore[misc]
    finally:
        flood.kill()
        flood.wait()
