"""Sets the clock of the lab's kernel at random: `stepper.py STEPS SECONDS`; prints how often and by how much.

Sizes from a millisecond to a year, forward and backward; every tenth step follows the one before it by a tenth of
a second. What is counted is what the clocks say before and after.
"""

import json
import random
import sys
import time


def offset_ns() -> int:
    """Return CLOCK_REALTIME - CLOCK_BOOTTIME, the tightest of five readings."""
    readings = []
    for _ in range(5):
        before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        wall = time.clock_gettime_ns(time.CLOCK_REALTIME)
        after = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        readings.append((after - before, wall - (before + after) // 2))
    return min(readings)[1]


def main(steps: int, seconds: float) -> None:
    """Step, and say what came of it."""
    chance = random.Random(18)  # noqa: S311
    began, end = offset_ns(), time.clock_gettime(time.CLOCK_BOOTTIME) + seconds
    sizes = []
    for number in range(steps):
        size = chance.choice((-1, 1)) * 10 ** chance.uniform(-2.7, 7.5)
        # Not before 1980, and not for ever ahead.
        wall = time.clock_gettime(time.CLOCK_REALTIME)
        if not 3e8 < wall + size < 4e9:
            size = -size
        time.clock_settime_ns(time.CLOCK_REALTIME, time.clock_gettime_ns(time.CLOCK_REALTIME) + round(size * 1e9))
        sizes.append(size)
        left = end - time.clock_gettime(time.CLOCK_BOOTTIME)
        pause = 0.1 if number % 10 == 9 else chance.uniform(0, 2) * left / max(steps - number, 1)
        time.sleep(max(pause, 0.05))
    smallest = min(abs(size) for size in sizes)
    print(json.dumps({"steps": len(sizes), "seconds": (offset_ns() - began) / 1e9, "smallest": smallest}))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
