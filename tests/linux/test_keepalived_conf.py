"""What keepalived makes of its configuration; tests/lab/test_keepalived_conf.py asks the real one."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files_in_memory import Files
from watchdog.linux.conf_files import MalformedConfError
from watchdog.linux.keepalived_conf import KeepalivedConf, parse_keepalived_conf
from watchdog.linux.keepalived_lvs import MAX_POOLS, HttpCheck, RealServer, VirtualServer
from watchdog.linux.keepalived_vrrp import digest_password

PATH = "/etc/keepalived/keepalived.conf"
VIP, RS = "virtual_ipaddress { 10.0.0.10 }", "real_server 10.0.0.21 80 { weight 1 }"


def read(text: str) -> KeepalivedConf:
    conf = parse_keepalived_conf(PATH, Files({PATH: text}), config_id="lb1")
    assert conf is not None
    return conf


def instance(lines: str, **expected: Any) -> tuple[Any, Any]:
    (found,) = read(f"vrrp_instance i {{\ninterface eth0\nvirtual_router_id 5\n{lines}\n}}\n").instances
    return {key: getattr(found, key) for key in expected}, expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            VIP, {"priority": 100, "advert_seconds": 1.0, "version": 2, "state": "BACKUP"}, id="defaults"
        ),
        pytest.param("state MASTER", {"priority": 255, "state": "MASTER"}, id="a-master-without-priority-owns"),
        pytest.param("priority 255", {"state": "MASTER"}, id="the-owner-is-master"),
        pytest.param("priority 256", {"priority": 100}, id="a-priority-beyond-bounds"),
        pytest.param("priority ten", {"priority": 100}, id="a-priority-that-is-none"),
        pytest.param("state MASTER\nnopreempt\npriority 9", {"nopreempt": False}, id="no-nopreempt-as-master"),
        pytest.param("advert_int 0.2", {"advert_seconds": 1.0}, id="version-2-knows-whole-seconds"),
        pytest.param("version 3\nadvert_int 0.2", {"advert_seconds": 0.2}, id="version-3-knows-hundredths"),
        pytest.param("version 3\nadvert_int 200", {"advert_seconds": 40.95}, id="version-3-ends-at-40.95"),
        pytest.param("advert_int -1", {"advert_seconds": 1.0}, id="an-interval-that-is-none"),
        pytest.param("virtual_ipaddress { fd00::1 }", {"family": "ipv6", "version": 3}, id="ipv6-is-version-3"),
        pytest.param("native_ipv6", {"family": "ipv6", "version": 3}, id="native-ipv6"),
        pytest.param("version 2\nvirtual_ipaddress { fd00::1 }", {"version": 3}, id="ipv6-with-version-2"),
        pytest.param(
            "authentication { auth_type PASS\nauth_pass abc }",
            {"auth": "pass", "auth_digest": digest_password(b"abc")},
            id="password",
        ),
        pytest.param("authentication { auth_type PASS }", {"auth": "none"}, id="no-password"),
        pytest.param(
            "version 3\nauthentication { auth_type PASS\nauth_pass a }", {"auth": "none"}, id="3-has-none"
        ),
        pytest.param("strict_mode\nauthentication { auth_type AH\nauth_pass a }", {"auth": "none"}, id="strict"),
        pytest.param("use_vmac", {"use_vmac": "vrrp.5"}, id="vmac"),
        pytest.param("use_vmac 02:00:00:00:00:01 v5", {"use_vmac": "v5"}, id="vmac-with-address-and-name"),
        pytest.param("no_accept", {"accept": False}, id="no-accept"),
        pytest.param("down_timer_adverts 5", {"down_timer_adverts": 5}, id="down-timer"),
        pytest.param("strict_mode off", {"strict": False, "accept": True}, id="strict-off"),
        pytest.param("unicast_peer { 10.0.0.3 }", {"multicast_group": ""}, id="unicast"),
        pytest.param("mcast_dst_ip 224.0.0.9", {"multicast_group": "224.0.0.9"}, id="another-group"),
    ],
)
def test_an_instance(lines: str, expected: dict[str, Any]) -> None:
    found, wanted = instance(lines, **expected)
    assert found == wanted


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            "vrrp_instance i { interface eth0 }",
            "vrrp_instance i: it needs a virtual_router_id of 1 to 255",
            id="vrid",
        ),
        pytest.param(
            "vrrp_instance i { virtual_router_id 5 }", "vrrp_instance i: it needs an interface", id="interface"
        ),
        pytest.param("vrrp_instance { a }", "vrrp_instance : it needs a name of its own", id="name"),
        pytest.param("virtual_server group g { a }", "virtual_server group g: there is no such group", id="group"),
        pytest.param(
            "virtual_server 10.0.0.10 80 { a }", "virtual_server 10.0.0.10 80: it has no real server", id="servers"
        ),
        pytest.param(
            f"virtual_server lb 80 {{ {RS} }}",
            "virtual_server lb 80: lb 80 is no address, port or fwmark",
            id="address",
        ),
    ],
)
def test_what_keepalived_would_not_run(text: str, problem: str) -> None:
    conf = read(text)
    assert (conf.instances, conf.virtual_servers, conf.problems) == ((), (), (problem,))


def test_pools_without_end_are_cut_short() -> None:
    ranges = "10.0.0.0-10.0.15.255 80\n" * 1_000
    conf = read(f"virtual_server_group g {{\n{ranges}}}\nvirtual_server group g {{ {RS} }}")
    assert len(conf.virtual_servers) == MAX_POOLS
    assert conf.problems == (f"more than {MAX_POOLS} pools: those beyond are not looked at",)


def test_a_password_that_is_not_utf8_is_not_compared() -> None:
    lines = "interface eth0; virtual_router_id 5; authentication { auth_type PASS; auth_pass %s }"
    known, unknown = (
        read(f"vrrp_instance i {{ {lines % word} }}".replace("; ", "\n")).instances[0]
        for word in ("s3cret", "s3cr\N{REPLACEMENT CHARACTER}t")
    )
    assert (known.auth, bool(known.auth_digest)) == ("pass", True)
    assert (unknown.auth, unknown.auth_digest) == ("pass", "")


def servers(text: str) -> list[tuple[str, int, int | None, list[tuple[str, int, int]]]]:
    return [
        (pool.address, pool.port, pool.fwmark, [(one.address, one.port, one.weight) for one in pool.real_servers])
        for pool in read(text).virtual_servers
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f"virtual_server 10.0.0.10 80 {{ {RS} }}", [("10.0.0.10", 80, None, [("10.0.0.21", 80, 1)])], id="one"
        ),
        pytest.param(
            f"virtual_server fd00::a 80 {{ real_server fd00::b 80 {{ }}\n {RS} }}",
            [("fd00::a", 80, None, [("fd00::b", 80, 1)])],
            id="another-family-is-left-out",
        ),
        pytest.param(
            "virtual_server 10.0.0.10 80 { lb_kind DR\nreal_server 10.0.0.21 8080 { weight 3 } }",
            [("10.0.0.10", 80, None, [("10.0.0.21", 80, 3)])],
            id="dr-keeps-the-port",
        ),
        pytest.param(
            "virtual_server 10.0.0.10 80 { weight 4\nreal_server 10.0.0.21 8080 { a }\nreal_server 10.0.0.22 }",
            [("10.0.0.10", 80, None, [("10.0.0.21", 8080, 4), ("10.0.0.22", 80, 4)])],
            id="nat-changes-the-port",
        ),
        pytest.param(
            "virtual_server fwmark 7 { lb_kind DR\nreal_server 10.0.0.21 80 { weight 0 } }",
            [("", 0, 7, [("10.0.0.21", 0, 0)])],
            id="fwmark",
        ),
        pytest.param(
            f"virtual_server_group g {{\n10.0.0.10 80\n10.0.1.0/31 81\n10.0.2.8-9 82\nfwmark 3\n}}\n"
            f"virtual_server group g {{ {RS} }}",
            [
                *(("10.0.0.10", 80, None, [("10.0.0.21", 80, 1)]),),
                *((f"10.0.1.{n}", 81, None, [("10.0.0.21", 80, 1)]) for n in (0, 1)),
                *((f"10.0.2.{n}", 82, None, [("10.0.0.21", 80, 1)]) for n in (8, 9)),
                ("", 0, 3, [("10.0.0.21", 80, 1)]),
            ],
            id="group",
        ),
        pytest.param(
            f"virtual_server 10.0.0.10 80 {{ {RS}\n{RS} }}",
            [("10.0.0.10", 80, None, [("10.0.0.21", 80, 1)])],
            id="the-same-server-twice",
        ),
        pytest.param(
            "virtual_server_group g { 10.0.0.0/8 80 }\nvirtual_server group g { " + RS + " }", [], id="huge"
        ),
    ],
)
def test_virtual_servers(text: str, expected: Any) -> None:
    assert servers(text) == expected


def test_a_whole_virtual_server() -> None:
    (found,) = read(
        """virtual_server 10.0.0.10 8080 {
          delay_loop 6
          lvs_sched rr
          lvs_method DR
          protocol TCP
          inhibit_on_failure
          quorum 2
          alpha
          sorry_server 10.0.0.99 8080
          real_server 10.0.0.21 8080 { weight 2
            TCP_CHECK { connect_timeout 3 } }
          real_server 10.0.0.22 8080 { inhibit_on_failure off
            HTTP_GET { url { path /
              status_code 200 } }
            MISC_CHECK { misc_path /bin/true } }
        }"""
    ).virtual_servers
    plain = RealServer(address="10.0.0.21", port=8080, weight=2, forwarding="dr", inhibit_on_failure=True)
    assert found == VirtualServer(
        address="10.0.0.10",
        port=8080,
        protocol="tcp",
        scheduler="rr",
        forwarding="dr",
        quorum=2,
        alpha=True,
        sorry_server=RealServer(address="10.0.0.99", port=8080, forwarding="dr", inhibit_on_failure=True),
        real_servers=(
            msgspec.structs.replace(plain, checkers=("TCP_CHECK",)),
            RealServer(
                address="10.0.0.22",
                port=8080,
                weight=1,
                forwarding="dr",
                checkers=("HTTP_GET", "MISC_CHECK"),
                http_check=HttpCheck(statuses=((200, 200),)),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        pytest.param("", 0, id="no-persistence"),
        pytest.param("persistence_timeout 50", 50, id="seconds"),
        pytest.param("persistence_timeout", 360, id="keepaliveds-own-default"),
        pytest.param("persistence_timeout soon", 0, id="no-number"),
        pytest.param("persistence_timeout 2678401", 0, id="more-than-a-month"),
    ],
)
def test_persistence(words: str, seconds: int) -> None:
    (found,) = read(f"virtual_server 10.0.0.10 80 {{ {words}\n{RS} }}").virtual_servers
    assert found.persistent_seconds == seconds


@pytest.mark.parametrize(
    ("checker", "expected"),
    [
        pytest.param("TCP_CHECK { connect_timeout 3 }", None, id="none"),
        pytest.param("HTTP_GET { }", HttpCheck(), id="defaults"),
        pytest.param(
            "HTTP_GET { connect_port 81\nurl { path /up\nstatus_code 200 204 300-399\nvirtualhost a.example } }",
            HttpCheck(path="/up", host="a.example", port=81, statuses=((200, 200), (204, 204), (300, 399))),
            id="a-url",
        ),
        pytest.param("SSL_GET { virtualhost a }", HttpCheck(tls=True, host="a"), id="tls"),
        pytest.param("HTTP_GET { url { path /\ndigest 00 } }", HttpCheck(by_status=False), id="by-content"),
        pytest.param(
            "HTTP_GET { url { path /a }\nurl { path /b } }", HttpCheck(path="/a", by_status=False), id="two-urls"
        ),
        pytest.param("HTTP_GET { url { status_code ok } }", HttpCheck(), id="no-status"),
    ],
)
def test_what_keepalived_asks_by_http(checker: str, expected: HttpCheck | None) -> None:
    (pool,) = read(
        f"virtual_server 10.0.0.10 80 {{\nreal_server 10.0.0.21 80 {{\n{checker}\n}}\n}}"
    ).virtual_servers
    assert pool.real_servers[0].http_check == expected


def test_a_configuration_says_no_password_and_goes_into_json() -> None:
    conf = read(
        "vrrp_instance i { interface eth0\nvirtual_router_id 5\n"
        f"authentication {{ auth_type PASS\nauth_pass s3cret }}\n{VIP} }}"
    )
    written = msgspec.json.encode(conf)
    assert b"s3cret" not in written
    assert msgspec.json.decode(written, type=KeepalivedConf) == conf


def test_digests_tell_passwords_apart_as_far_as_they_are_sent() -> None:
    assert digest_password(b"12345678") == digest_password(b"123456789")
    assert digest_password(b"1") == digest_password(b"1\0\0\0\0\0\0\0")
    assert digest_password(b"1") != digest_password(b"2")


def test_pools_in_another_namespace_are_told() -> None:
    assert read("net_namespace_ipvs other").ipvs_namespace == "other"
    assert read("net_namespace_ipvs").ipvs_namespace == ""
    assert read("").ipvs_namespace is None


BLOCKS = (
    "vrrp_instance",
    "virtual_server",
    "virtual_server_group",
    "global_defs",
    "authentication",
    "real_server",
)
BRACES = ("{", "{", "}", "}", "group", "g", "fwmark", "virtual_ipaddress", "unicast_peer", "sorry_server", "dev")
NAMES = ("interface", "virtual_router_id", "priority", "advert_int", "version", "state", "strict_mode", "use_vmac")
MORE = (
    "auth_type",
    "auth_pass",
    "min_ttl",
    "weight",
    "lb_kind",
    "protocol",
    "quorum",
    "ip_family",
    "vrrp_version",
)
VALUES = ("MASTER", "PASS", "AH", "DR", "NAT", "TUN", "TCP", "inet6", "1", "300", "-1", "0.5", "1e9", ":")
ADDRESSES = ("10.0.0.1", "10.0.0.1/31", "10.0.0.1-9", "fd00::1", "fd00::1-f", "net_namespace_ipvs")
KEYWORDS = (*BLOCKS, *BRACES, *NAMES, *MORE, *VALUES, *ADDRESSES)
LINES = st.lists(st.lists(st.sampled_from(KEYWORDS), max_size=4).map(" ".join)).map("\n".join)


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(), LINES))
def test_any_text(text: str) -> None:
    try:
        conf = read(text)
    except MalformedConfError:
        return
    assert msgspec.json.decode(msgspec.json.encode(conf), type=KeepalivedConf) == conf
    for one in conf.instances:
        assert 1 <= one.vrid <= 255
        assert 1 <= one.priority <= 255
        assert 0.01 <= one.advert_seconds <= 255
