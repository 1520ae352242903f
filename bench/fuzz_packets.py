"""Throws random and mutated packets at the parsers of what comes from the network: `python -m bench.fuzz_packets`.

A quarter of the packets is random from the first byte, the rest are real with bytes changed, cut off or added.
Anything but a parser's own error ends it with the packet that did it; the seed makes a run repeatable. What is
printed: packets, time, the slowest of them and how much memory all of them left behind.
"""

import gc
import random
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from watchdog.linux.arp import (
    MalformedNeighbourError,
    build_arp_probe,
    build_neighbour_solicitation,
    parse_arp,
    parse_neighbour_advertisement,
)
from watchdog.linux.ntp_packet import NtpPacketError, build_request, parse_reply
from watchdog.linux.vrrp_packet import MalformedAdvertError, parse_advert, read_password

PACKETS = 1_000_000
MAC = "02:00:00:00:00:01"
REQUEST = build_request()

# As keepalived 2.2.7 sent them.
CAPTURED = Path(__file__).parents[1] / "tests/fixtures/vrrp"
ADVERTS = tuple(bytes.fromhex(file.read_text()) for file in sorted(CAPTURED.glob("*.hex")))
REPLY = bytes((0x24, 2, 6, 0xEC)) + bytes(12) + REQUEST[40:48] * 4

Target = tuple[str, Callable[[bytes], object], type[Exception], tuple[bytes, ...]]
TARGETS: tuple[Target, ...] = (
    ("vrrp", parse_advert, MalformedAdvertError, ADVERTS),
    ("vrrp password", read_password, MalformedAdvertError, ADVERTS),
    ("arp", parse_arp, MalformedNeighbourError, (build_arp_probe("192.168.100.10", MAC),)),
    (
        "ndp",
        parse_neighbour_advertisement,
        MalformedNeighbourError,
        (build_neighbour_solicitation("fd00::10", "fe80::1", MAC),),
    ),
    ("ntp", lambda packet: parse_reply(packet, REQUEST), NtpPacketError, (REPLY,)),
)


def packets(seed: int, real: tuple[bytes, ...], count: int) -> Iterator[bytes]:
    """Yield packets, the same ones for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret is made of it
    for _ in range(count):
        if chance.random() < 0.25:
            yield chance.randbytes(chance.randrange(200))
            continue
        packet = bytearray(chance.choice(real))
        for _ in range(chance.randrange(1, 6)):
            packet[chance.randrange(len(packet))] = chance.choice((0, 1, 0xFF, chance.randrange(256)))
        kind = chance.random()
        if kind < 0.2:
            del packet[chance.randrange(1, len(packet)) :]
        elif kind < 0.3:
            packet += chance.randbytes(chance.randrange(1500))
        yield bytes(packet)


def fuzz(seed: int, count: int) -> tuple[int, float, float]:
    """Parse so many packets, by all parsers; return how many were taken, and the mean and slowest seconds."""
    taken, total, slowest = 0, 0.0, 0.0
    for number, (_, parse, error, real) in enumerate(TARGETS):
        for packet in packets(seed + number, real, count // len(TARGETS)):
            started = time.perf_counter()
            with suppress(error):
                parse(packet)
                taken += 1
            spent = time.perf_counter() - started
            total += spent
            slowest = max(slowest, spent)
    return taken, total / count, slowest


def main() -> None:
    """Fuzz once with a new seed, and print."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.SystemRandom().randrange(2**32)
    fuzz(seed, 10_000)  # what is made once (caches, compiled patterns) is no leak
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    fuzz(seed, 10_000)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    started = time.perf_counter()
    taken, mean, slowest = fuzz(seed, PACKETS)
    took = time.perf_counter() - started
    print(
        f"{'fuzzed packets (seed ' + str(seed) + ')':<34} {PACKETS} in {took:.1f} s, {taken} taken for valid,"
        f" {mean * 1e6:.1f} us each, the slowest {slowest * 1e3:.1f} ms,"
        f" {(after - before) / 1024:.1f} KiB kept of 10000   goal: none raises"
    )


if __name__ == "__main__":
    main()
