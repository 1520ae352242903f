"""The policy route as data: its words, and that nothing odd gets through."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.policy_route import PolicyRoute, commands, problem_of
from watchdog.linux.policy_route_config import (
    ifupdown_lines,
    netplan_lines,
    network_scripts_files,
    networkd_lines,
    nmcli_commands,
)


def way(**changes: Any) -> PolicyRoute:
    words: dict[str, Any] = {
        "source": "10.2.2.2",
        "network": "10.2.2.0/24",
        "device": "eth1",
        "gateway": "10.2.2.1",
        "table": 103,
        "priority": 32765,
    }
    return PolicyRoute(**(words | changes))


KEEPING = way(main_priority=32764)


def test_what_a_person_types() -> None:
    routes = (
        "ip route replace 10.2.2.0/24 dev eth1 table 103",
        "ip route replace default via 10.2.2.1 dev eth1 table 103",
    )
    rules = (
        "ip rule add from 10.2.2.2 table main suppress_prefixlength 0 priority 32764",
        "ip rule add from 10.2.2.2 table 103 priority 32765",
    )
    assert commands(KEEPING, routes=True, rules=True) == (*routes, *rules)
    assert commands(KEEPING, routes=False, rules=True) == rules
    assert commands(way(), routes=True, rules=False) == routes


def test_what_main_knows_is_kept_in_the_words_of_each_program() -> None:
    assert "SuppressPrefixLength=0" in networkd_lines(KEEPING)
    assert any("table 254 suppress_prefixlength 0" in line for line in nmcli_commands(KEEPING, "isp2"))
    rules = network_scripts_files(KEEPING)["rule-eth1"]
    assert rules[0] == "from 10.2.2.2 table main suppress_prefixlength 0 priority 32764"
    assert [line for line in ifupdown_lines(KEEPING) if line.startswith("pre-down")] == [
        f"pre-down ip rule del {rule}" for rule in rules
    ]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="the-original"),
        pytest.param({"main_priority": 32764}, id="keeping-what-main-knows"),
        pytest.param({"main_priority": 1, "priority": 2}, id="first-of-all"),
        pytest.param({"table": 2**32 - 1}, id="the-largest-table"),
        pytest.param({"device": "eth0.100"}, id="a-vlan"),
        pytest.param({"network": "", "gateway": "", "device": "ppp0"}, id="a-line"),
        pytest.param({"network": "", "gateway": "172.31.1.1", "onlink": True}, id="a-single-address"),
        pytest.param(
            {"source": "2001:db8::2", "network": "2001:db8::/64", "gateway": "fe80::1"}, id="link-local-router"
        ),
    ],
)
def test_what_is_sound(changes: dict[str, Any]) -> None:
    assert problem_of(way(**changes)) is None


ANY = st.text(max_size=20) | st.sampled_from(["10.2.2.2", "::1", "10.2.2.0/24", "", "eth1", "fe80::1%eth0"])


@given(
    source=ANY,
    network=ANY,
    gateway=ANY,
    device=ANY,
    table=st.integers(),
    priority=st.integers(),
    main=st.integers(),
)
def test_whatever_is_sound_is_plain(
    source: str, network: str, gateway: str, device: str, table: int, priority: int, main: int
) -> None:
    given_way = way(
        source=source,
        network=network,
        gateway=gateway,
        device=device,
        table=table,
        priority=priority,
        main_priority=main,
    )
    if problem_of(given_way) is None:
        text = " ".join((*commands(given_way, routes=True, rules=True), *netplan_lines(given_way)))
        assert text.isprintable()
        assert not set(text) & set(';|&$`\\"<>*?()%')
