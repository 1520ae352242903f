"""An NTP server of our own that answers as it is told to: right, wrong, late, forged, or not at all.

    python3 ntp_responder.py --port 123 --offset -18 --monotonic

Standard library only, so that it runs in a namespace or in user-mode Linux. Prints `ready ADDRESS PORT` when it
listens, and one line for every request. With --monotonic its time runs on by CLOCK_MONOTONIC_RAW from its start:
the clock it serves is then not the one that a client on the same kernel steps or slews.
"""

import argparse
import math
import os
import socket
import struct
import sys
import time

NTP_EPOCH = 2_208_988_800  # seconds from 1900 to 1970


def timestamp(seconds: float) -> bytes:
    """Return seconds since 1970 as NTP's 32.32 bits, modulo the era."""
    whole = math.floor(seconds)
    return struct.pack("!II", (whole + NTP_EPOCH) % 2**32, int((seconds - whole) * 2**32))


def short(seconds: float) -> bytes:
    """Return seconds as NTP's 16.16 bits."""
    return struct.pack("!I", round(seconds * 2**16))


def build_answer(request: bytes, received: float, options: argparse.Namespace, now: float) -> bytes:
    """Return the answer to a request, with whatever is to be wrong with it."""
    leap, stratum, reference = options.leap, options.stratum, b"LOCL"
    if options.kod:
        leap, stratum, reference = 3, 0, options.kod.encode().ljust(4, b"\0")[:4]
    origin = os.urandom(8) if options.wrong_origin else request[40:48]
    sent = now + (10.0 if options.negative_delay else 0.0)
    answer = bytes((leap << 6 | options.version << 3 | options.mode, stratum, 6, options.precision & 0xFF))
    answer += short(options.root_delay) + short(options.root_dispersion) + reference
    answer += timestamp(now - 60) + origin
    answer += bytes(16) if options.no_time else timestamp(received) + timestamp(sent)
    answer += bytes(options.extra)
    return answer[: options.truncate] if options.truncate is not None else answer


def serve(options: argparse.Namespace) -> None:
    """Answer until told to die."""
    family = socket.AF_INET6 if ":" in options.bind else socket.AF_INET
    channel = socket.socket(family, socket.SOCK_DGRAM)
    channel.bind((options.bind, options.port))
    started_wall, started_raw = time.time(), time.clock_gettime(time.CLOCK_MONOTONIC_RAW)

    def now() -> float:
        if options.monotonic:
            return started_wall + time.clock_gettime(time.CLOCK_MONOTONIC_RAW) - started_raw + options.offset
        return time.time() + options.offset

    say(f"ready {options.bind} {channel.getsockname()[1]}")
    count = 0
    while True:
        request, client = channel.recvfrom(2048)
        received = now()
        count += 1
        say(f"request {count} from {client[0]}")
        if options.die_after is not None and count > options.die_after:
            return
        if options.silent or count <= options.silent_first:
            continue
        if options.delay:
            time.sleep(options.delay)
        sender = channel
        if options.wrong_port:
            sender = socket.socket(family, socket.SOCK_DGRAM)
            sender.bind((options.bind, 0))
        for _ in range(options.copies):
            sender.sendto(build_answer(request, received, options, now()), client)
        if options.then_right:  # what was forged came first; the true answer follows
            right = argparse.Namespace(**vars(options) | {"wrong_origin": False, "truncate": None, "mode": 4})
            channel.sendto(build_answer(request, received, right, now()), client)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def parse_options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bind", default="127.0.0.1", help="address, also IPv6")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--offset", type=float, default=0.0, help="seconds its time is ahead")
    parser.add_argument("--monotonic", action="store_true", help="run on by itself, whoever steps or slews")
    parser.add_argument("--stratum", type=int, default=2)
    parser.add_argument("--leap", type=int, default=0, choices=range(4), help="3 is unsynchronised")
    parser.add_argument("--version", type=int, default=4)
    parser.add_argument("--mode", type=int, default=4)
    parser.add_argument("--precision", type=int, default=-20, help="log2 seconds")
    parser.add_argument("--root-delay", type=float, default=0.001)
    parser.add_argument("--root-dispersion", type=float, default=0.001)
    parser.add_argument("--kod", default="", help="kiss-o'-death code: RATE, DENY, RSTR, INIT ...")
    parser.add_argument("--silent", action="store_true", help="never answer")
    parser.add_argument("--silent-first", type=int, default=0, help="do not answer the first so many")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds to wait before answering")
    parser.add_argument("--die-after", type=int, help="end instead of answering after so many answers")
    parser.add_argument("--wrong-origin", action="store_true", help="answer another request than ours")
    parser.add_argument("--wrong-port", action="store_true", help="answer from another port")
    parser.add_argument("--negative-delay", action="store_true", help="claim to have thought longer than it took")
    parser.add_argument("--no-time", action="store_true", help="timestamps of zero")
    parser.add_argument("--truncate", type=int, help="send only so many bytes")
    parser.add_argument("--extra", type=int, default=0, help="bytes of extension fields")
    parser.add_argument("--copies", type=int, default=1, help="send the answer so many times")
    parser.add_argument("--then-right", action="store_true", help="send a right answer after the wrong one")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    serve(parse_options())
