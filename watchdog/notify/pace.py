"""How long to wait before something is tried again: pure but for the jitter."""

import math
import random
from collections.abc import Callable

from watchdog.notify.errands import Answer

FIRST_RETRY_SECONDS = 30.0
LAST_RETRY_SECONDS = 3600.0
# What a server may ask for ("Retry-After"); one that is mistaken must not silence us.
LONGEST_ASKED_SECONDS = 3600.0
_jitter = random.SystemRandom()


def retry_seconds(attempts: int, random: Callable[[], float] = _jitter.random) -> float:
    """Return how long to wait after `attempts` earlier failures: doubling from 30 s to 1 h, less up to a half.

    The jitter keeps a fleet that lost its network together from coming back all at once.
    """
    whole = min(FIRST_RETRY_SECONDS * 2.0 ** min(max(attempts, 0), 30), LAST_RETRY_SECONDS)
    return whole * (1.0 - random() / 2)


def wait_for(answer: Answer, attempts: int) -> tuple[float, float]:
    """Return how long the message waits after it failed, and how long all others for its target do.

    `attempts` is how often it failed before, or its target in a row, whichever is more. What the server asked for
    holds for all. A target that is away is tried again in half the time, with the next of what waits for it: a
    message on which it always hangs up must not stand before the others for ever.
    """
    asked = answer.retry_after_seconds
    if asked is not None and math.isfinite(asked) and asked > 0:
        seconds = min(asked, LONGEST_ASKED_SECONDS)
        return seconds, seconds
    seconds = retry_seconds(attempts)
    return seconds, seconds / 2 if answer.away else 0.0
