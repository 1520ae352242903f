"""The wire without a network: what is an answer, what the filter lets in, and what a host without rights says."""

import struct
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.linux.test_arp import ARP_REPLY, advertisement
from watchdog.host import Host
from watchdog.linux.arp import build_arp_probe, build_gratuitous_arp
from watchdog.linux.inet import ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6
from watchdog.wire import (
    MOST_BYTES,
    Frame,
    Kind,
    Question,
    _ipv6_of,
    _mac_of,
    _program,
    own_macs,
    read_answer,
    read_claim,
)

CAPTURED = Path(__file__).parent / "fixtures/vrrp"


def frame(protocol: int, packet: bytes, *, to_us: bool = True) -> Frame:
    return Frame(
        interface="eth0",
        mac="02:00:00:00:00:09",
        protocol=protocol,
        outgoing=False,
        to_us=to_us,
        packet=packet,
        boottime_ns=0,
    )


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(frame(ETHERTYPE_ARP, ARP_REPLY), ("192.168.100.10", "02:00:00:00:00:02"), id="arp"),
        pytest.param(frame(ETHERTYPE_IPV6, advertisement()), ("fd00::10", "02:00:00:00:00:02"), id="ndp"),
        pytest.param(
            frame(ETHERTYPE_IPV6, advertisement(option=b"")), ("fd00::10", "02:00:00:00:00:09"), id="at-its-sender"
        ),
        pytest.param(frame(ETHERTYPE_ARP, ARP_REPLY, to_us=False), None, id="an-answer-to-somebody-else"),
        pytest.param(frame(ETHERTYPE_ARP, ARP_REPLY[:7] + b"\x01" + ARP_REPLY[8:]), None, id="a-question"),
        pytest.param(frame(ETHERTYPE_ARP, b"rubbish"), None, id="rubbish"),
        pytest.param(frame(ETHERTYPE_IPV4, ARP_REPLY), None, id="not-arp-at-all"),
    ],
)
def test_an_answer_is_what_was_sent_to_us(seen: Frame, expected: tuple[str, str] | None) -> None:
    answer = read_answer(seen)
    assert (answer and (answer[0].address, answer[1])) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(
            frame(ETHERTYPE_ARP, ARP_REPLY), ("192.168.100.10", "02:00:00:00:00:02", False), id="an-answer"
        ),
        pytest.param(
            frame(ETHERTYPE_ARP, build_gratuitous_arp("192.0.2.1", "02:00:00:00:00:07"), to_us=False),
            ("192.0.2.1", "02:00:00:00:00:07", True),
            id="an-announcement",
        ),
        pytest.param(frame(ETHERTYPE_ARP, build_arp_probe("192.0.2.1", "02:00:00:00:00:07")), None, id="a-probe"),
        pytest.param(
            frame(ETHERTYPE_IPV6, advertisement(), to_us=False), ("fd00::10", "02:00:00:00:00:02", False), id="ndp"
        ),
        pytest.param(
            frame(ETHERTYPE_IPV6, advertisement(flags=0x20)),
            ("fd00::10", "02:00:00:00:00:02", True),
            id="ndp-unasked",
        ),
        pytest.param(
            frame(ETHERTYPE_IPV6, advertisement(option=b"")),
            ("fd00::10", "02:00:00:00:00:09", False),
            id="at-its-sender",
        ),
        pytest.param(frame(ETHERTYPE_ARP, b"rubbish"), None, id="rubbish"),
        pytest.param(frame(ETHERTYPE_IPV4, ARP_REPLY), None, id="not-arp-at-all"),
        pytest.param(replace(frame(ETHERTYPE_ARP, ARP_REPLY), outgoing=True), None, id="our-own"),
    ],
)
def test_a_claim_is_whoever_says_to_have_an_address(seen: Frame, expected: tuple[str, str, bool] | None) -> None:
    assert read_claim(seen) == expected


def test_a_question_is_written_as_answers_are() -> None:
    assert Question(interface="eth0", address="FD00:0::0010") == Question(interface="eth0", address="fd00::10")
    with pytest.raises(ValueError, match="address"):
        Question(interface="eth0", address="proxy.example")


def accepts(kinds: set[Kind], protocol: int, packet: bytes, vlan: int = 0) -> bool:
    """Run the filter as the kernel would: its loads, its comparisons, its returns."""
    program = [struct.unpack_from("HBBI", _program(kinds), at) for at in range(0, len(_program(kinds)), 8)]
    position, accumulator, kept = 0, 0, 0
    while True:
        code, when_equal, when_not, value = program[position]
        position += 1
        if code == 0x06:
            assert value in (0, MOST_BYTES)
            return value > 0
        if code == 0x20 and value < len(packet):
            accumulator = int.from_bytes(packet[value : value + 4], "big")
        elif code == 0x20:
            accumulator = {0xFFFFF000: protocol, 0xFFFFF000 + 44: vlan}[value]
        elif code == 0x07:
            kept = accumulator
        elif code == 0x1D:
            position += when_equal if accumulator == kept else when_not
        elif code == 0x30:
            if value >= len(packet):
                return False  # a load beyond the end drops the frame
            accumulator = packet[value]
        elif code == 0x54:
            accumulator &= value
        else:
            assert code == 0x15
            position += when_equal if accumulator == value else when_not


EAR: set[Kind] = {"vrrp", "neighbours", "announcements"}
GRATUITOUS = build_gratuitous_arp("192.168.100.10", "02:00:00:00:00:02")
ARP_REQUEST = build_arp_probe("192.168.100.10", "02:00:00:00:00:02")
ADVERT = {name: bytes.fromhex((CAPTURED / f"{name}.hex").read_text()) for name in ("v2", "v2-ah", "v3-ipv6")}


@pytest.mark.parametrize(
    ("kinds", "protocol", "packet", "expected"),
    [
        pytest.param({"vrrp"}, ETHERTYPE_IPV4, ADVERT["v2"], True, id="advert"),
        pytest.param({"vrrp"}, ETHERTYPE_IPV4, ADVERT["v2-ah"], True, id="advert-with-ah"),
        pytest.param({"vrrp"}, ETHERTYPE_IPV6, ADVERT["v3-ipv6"], True, id="advert-of-ipv6"),
        pytest.param({"neighbours"}, ETHERTYPE_IPV4, ADVERT["v2"], False, id="advert-nobody-asked-for"),
        pytest.param({"vrrp", "neighbours"}, ETHERTYPE_ARP, ARP_REPLY, True, id="arp-reply"),
        pytest.param({"neighbours"}, ETHERTYPE_ARP, ARP_REPLY[:7] + b"\x01", False, id="arp-request"),
        pytest.param({"vrrp"}, ETHERTYPE_ARP, ARP_REPLY, False, id="arp-nobody-asked-for"),
        pytest.param({"announcements"}, ETHERTYPE_ARP, GRATUITOUS, True, id="announcement"),
        pytest.param({"announcements"}, ETHERTYPE_ARP, ARP_REQUEST, False, id="a-question-announces-nothing"),
        pytest.param({"announcements"}, ETHERTYPE_ARP, ARP_REPLY, False, id="nor-does-an-answer"),
        pytest.param(EAR, ETHERTYPE_ARP, GRATUITOUS, True, id="the-ear-and-an-announcement"),
        pytest.param(EAR, ETHERTYPE_ARP, ARP_REQUEST, False, id="the-ear-and-a-question"),
        pytest.param(EAR, ETHERTYPE_ARP, ARP_REPLY, True, id="the-ear-and-an-answer"),
        pytest.param(EAR, ETHERTYPE_IPV4, ADVERT["v2"], True, id="the-ear-and-an-advert"),
        pytest.param(EAR, ETHERTYPE_IPV6, advertisement(), True, id="the-ear-and-a-neighbour"),
        pytest.param({"neighbours"}, ETHERTYPE_IPV6, advertisement(), True, id="neighbour-advertisement"),
        pytest.param({"neighbours"}, ETHERTYPE_IPV6, advertisement(kind=135), False, id="neighbour-solicitation"),
        pytest.param({"vrrp", "neighbours"}, ETHERTYPE_IPV4, b"\x45" + bytes(8) + b"\x06", False, id="tcp"),
        pytest.param({"vrrp", "neighbours"}, 0x88CC, ADVERT["v2"], False, id="lldp"),
        pytest.param({"vrrp", "neighbours"}, ETHERTYPE_IPV4, b"\x45", False, id="cut-short"),
    ],
)
def test_the_filter_lets_in_what_was_asked_for(
    kinds: set[Kind], protocol: int, packet: bytes, expected: bool
) -> None:
    assert accepts(kinds, protocol, packet) is expected
    assert not accepts(kinds, protocol, packet, vlan=10), "a VLAN's frames are not of the interface below it"
    assert accepts(kinds, protocol, packet, vlan=0xE000) is expected, "a priority alone is no VLAN"


def test_it_asks_from_the_link_local_address(tmp_path: Path) -> None:
    host = Host(tmp_path)
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/if_inet6").write_text(
        "fd000000000000000000000000000001 02 40 00 80     eth0\n"
        "fe800000000000000000000000000001 02 40 20 80     eth0\n"
        "fe800000000000000000000000000002 03 40 20 c0     eth1\n"
        "fe800000000000000000000000000003 04 40 20 40     eth2\n"
        "fd000000000000000000000000000004 04 40 00 80     eth2\n"
    )
    assert [_ipv6_of(host, name) for name in ("eth0", "eth1", "eth2", "eth9")] == [
        "fe80::1",
        None,  # tentative
        "fd00::4",
        None,
    ]


def test_an_interface_without_a_hardware_address_is_not_asked_on(tmp_path: Path) -> None:
    for name, text in (("eth0", "02:00:00:00:00:01\n"), ("tun0", "\n"), ("ib0", "80:00:02:08:fe:80\n" * 3)):
        (tmp_path / f"sys/class/net/{name}").mkdir(parents=True)
        (tmp_path / f"sys/class/net/{name}/address").write_text(text)
    host = Host(tmp_path)
    found = [_mac_of(host, name) for name in ("eth0", "tun0", "ib0", "gone")]
    assert found == ["02:00:00:00:00:01", None, None, None]


def test_our_own_addresses_are_all_but_the_virtual_ones(tmp_path: Path) -> None:
    for name, mac in {"eth0": "02:00:00:00:00:01", "vrrp.51": "00:00:5e:00:01:33", "tun0": ""}.items():
        (tmp_path / "sys/class/net" / name).mkdir(parents=True)
        (tmp_path / "sys/class/net" / name / "address").write_text(f"{mac}\n")
    (tmp_path / "sys/class/net/bonding_masters").write_text("bond0\n")
    assert own_macs(Host(tmp_path)) == {"02:00:00:00:00:01"}
