"""IPVS pools from ipvsadm's words and from the kernel's attributes, good and bad."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.ipvs import (
    MalformedPoolError,
    Pool,
    PoolServer,
    parse_ipvsadm,
    parse_member,
    pool_of,
    server_of,
)

# What ipvsadm 1.31 printed on Linux 6.1.
SAVED = """\
-A -t 192.168.100.10:8080 -s rr
-a -t 192.168.100.10:8080 -r 192.168.100.21:8080 -g -w 1
-a -t 192.168.100.10:8080 -r 192.168.100.22:8080 -i -w 0 --tun-type ipip
-A -u 192.168.100.10:53 -s wlc -p 300
-a -u 192.168.100.10:53 -r 10.0.0.1:5353 -m -w 5
-A -t [2001:db8::1]:80 -s sh -b sh-port
-a -t [2001:db8::1]:80 -r 10.0.0.2:80 -i -w 1 --tun-type ipip
-a -t [2001:db8::1]:80 -r [2001:db8::5]:80 -g -w 1
-A -f 7 -6 -s sh
-a -f 7 -6 -r [2001:db8::5]:0 -g -w 1
"""


def server(address: str, port: int, weight: int, forwarding: Any) -> PoolServer:
    return PoolServer(address=address, port=port, weight=weight, forwarding=forwarding)


def test_what_ipvsadm_saves() -> None:
    assert parse_ipvsadm(SAVED) == (
        Pool(
            family="ipv4",
            scheduler="rr",
            address="192.168.100.10",
            port=8080,
            protocol="tcp",
            servers=(server("192.168.100.21", 8080, 1, "dr"), server("192.168.100.22", 8080, 0, "tun")),
        ),
        Pool(
            family="ipv4",
            scheduler="wlc",
            address="192.168.100.10",
            port=53,
            protocol="udp",
            persistent_seconds=300,
            servers=(server("10.0.0.1", 5353, 5, "nat"),),
        ),
        Pool(
            family="ipv6",
            scheduler="sh",
            address="2001:db8::1",
            port=80,
            protocol="tcp",
            servers=(server("10.0.0.2", 80, 1, "tun"), server("2001:db8::5", 80, 1, "dr")),
        ),
        Pool(family="ipv6", scheduler="sh", fwmark=7, servers=(server("2001:db8::5", 0, 1, "dr"),)),
    )


def test_names_are_those_of_subjects() -> None:
    assert [(pool.name, pool.servers[0].name) for pool in parse_ipvsadm(SAVED)] == [
        ("192.168.100.10:8080", "192.168.100.21:8080"),
        ("udp:192.168.100.10:53", "10.0.0.1:5353"),
        ("[2001:db8::1]:80", "10.0.0.2:80"),
        ("fwmark7-ipv6", "[2001:db8::5]:0"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("nonsense", id="no-option"),
        pytest.param("-A -s rr", id="no-service"),
        pytest.param("-A -t 10.0.0.1 -s rr", id="no-port"),
        pytest.param("-A -t 10.0.0.1:http -s rr", id="a-name-for-a-port"),
        pytest.param("-A -t 10.0.0.1:65536 -s rr", id="a-port-beyond-bounds"),
        pytest.param("-A -t 10.0.0.1:80 -s rr -p x", id="persistence"),
        pytest.param("-A -f x -s rr", id="mark"),
        pytest.param("-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1", id="a-server-of-no-service"),
        pytest.param("-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w -1", id="weight"),
        pytest.param("-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -g -w 1", id="no-server"),
    ],
)
def test_what_ipvsadm_never_says(text: str) -> None:
    with pytest.raises(MalformedPoolError):
        parse_ipvsadm(text)


# As pyroute2 0.9.7 decodes a message of Linux 6.1.
SERVICE: dict[str, Any] = {
    "AF": 2,
    "PROTOCOL": 6,
    "ADDR": "192.168.100.10",
    "PORT": 8080,
    "SCHED_NAME": "rr",
    "FLAGS": {"flags": 3, "mask": 4294967295},
    "TIMEOUT": 300,
    "NETMASK": "255.255.255.255",
}
DEST: dict[str, Any] = {
    "ADDR": "192.168.100.21",
    "PORT": 8080,
    "FWD_METHOD": 3,
    "WEIGHT": 1,
    "ACTIVE_CONNS": 4,
    "INACT_CONNS": 5,
    "ADDR_FAMILY": 2,
}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param(
            SERVICE,
            Pool(
                family="ipv4",
                scheduler="rr",
                address="192.168.100.10",
                port=8080,
                protocol="tcp",
                persistent_seconds=300,
            ),
            id="persistent",
        ),
        pytest.param(
            SERVICE | {"FLAGS": {"flags": 2}},
            Pool(family="ipv4", scheduler="rr", address="192.168.100.10", port=8080, protocol="tcp"),
            id="not-persistent",
        ),
        pytest.param(
            {"AF": 10, "FWMARK": 7, "SCHED_NAME": "sh", "FLAGS": {"flags": 2}, "TIMEOUT": 0},
            Pool(family="ipv6", scheduler="sh", fwmark=7),
            id="fwmark",
        ),
    ],
)
def test_a_service_of_the_kernel(attributes: dict[str, Any], expected: Pool) -> None:
    assert pool_of(attributes) == expected


def test_a_server_of_the_kernel() -> None:
    assert server_of(DEST) == PoolServer(
        address="192.168.100.21",
        port=8080,
        weight=1,
        forwarding="dr",
        active_connections=4,
        inactive_connections=5,
    )


@pytest.mark.parametrize("missing", ["AF", "PROTOCOL", "ADDR", "PORT", "SCHED_NAME"])
def test_a_service_without_a_part_is_none(missing: str) -> None:
    with pytest.raises(MalformedPoolError):
        pool_of({key: value for key, value in SERVICE.items() if key != missing})


@pytest.mark.parametrize("missing", ["ADDR", "PORT", "WEIGHT", "FWD_METHOD"])
def test_a_server_without_a_part_is_none(missing: str) -> None:
    with pytest.raises(MalformedPoolError):
        server_of({key: value for key, value in DEST.items() if key != missing})


OPTIONS = ("-A", "-a", "-t", "-u", "-f", "-r", "-s", "-p", "-w", "-g", "-i", "-m", "-6", "--sctp-service")
WORDS = st.sampled_from((*OPTIONS, "10.0.0.1:80", "[::1]:80", "1", "x", ":", "[]:9"))


@given(st.one_of(st.text(), st.lists(st.lists(WORDS).map(" ".join)).map("\n".join)))
def test_any_text(text: str) -> None:
    try:
        pools = parse_ipvsadm(text)
    except MalformedPoolError:
        return
    assert all(pool.name for pool in pools)


VALUES = st.one_of(st.none(), st.integers(), st.text(max_size=4), st.dictionaries(st.just("flags"), st.integers()))


@given(st.dictionaries(st.sampled_from([*SERVICE, *DEST, "FWMARK"]), VALUES))
def test_any_attributes(attributes: dict[str, Any]) -> None:
    for build in (pool_of, server_of):
        try:
            build(attributes)
        except MalformedPoolError:
            continue


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.168.100.10:8080/192.168.100.21:80", ("192.168.100.10:8080", "192.168.100.21:80")),
        ("udp:10.0.0.1:53/[2001:db8::5]:53", ("udp:10.0.0.1:53", "[2001:db8::5]:53")),
        ("sctp:[2001:db8::1]:99/10.0.0.2:99", ("sctp:[2001:db8::1]:99", "10.0.0.2:99")),
    ],
)
def test_a_server_in_its_pool(text: str, expected: tuple[str, str]) -> None:
    assert parse_member(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "192.168.100.10:8080",
        "fwmark7/10.0.0.2:80",
        "tcp:10.0.0.1:80/10.0.0.2:80",
        "10.0.0.1:80/10.0.0.2:80/10.0.0.3:80",
        "10.0.0.1:080/10.0.0.2:80",
        "2001:db8::1:80/10.0.0.2:80",
        "10.0.0.1:80/10.0.0.2:\uff18\uff10",
    ],
)
def test_what_is_no_server_in_a_pool(text: str) -> None:
    with pytest.raises(MalformedPoolError):
        parse_member(text)


@given(st.text() | st.text(alphabet="0123456789.:[]/udpsct").map(lambda text: f"10.0.0.1:80/{text}"))
def test_any_member(text: str) -> None:
    try:
        pool, server = parse_member(text)
    except MalformedPoolError:
        return
    assert f"{pool}/{server}" == text
