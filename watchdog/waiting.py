"""How long a message waits, and what it is sent together with: pure.

A message waits for what else belongs to its outage (group wait), for the others of its digest, for the end of the
quiet hours, or for the end of a silence or maintenance. All of it is reckoned anew in each cycle for what was not
tried yet, by how long ago it was written by the ledger of boots: the clock of the wall only says whether people
sleep, and by then nothing waits for longer than a day.
"""

from collections.abc import Iterable

import msgspec

from watchdog.heard import Heard, Written
from watchdog.holds import Hold
from watchdog.model import Severity, Stamp
from watchdog.quiet import DAY_SECONDS
from watchdog.routing import Policy, Route

QUIET = "quiet"
_DIGEST, _HELD = "digest/", "held/"
_GATHERS = ("fired", "worse", "flapping")


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """For how long from now, and with what."""

    seconds: float = 0.0
    bundle: str = ""


def wait_for(
    kind: str,
    severity: Severity,
    route: Route | None,
    held: Hold | None,
    earlier: Iterable[Written],
    target: str,
    policy: Policy,
    heard: Heard,
    now: Stamp,
) -> Wait:
    """Return how long a new message waits; `earlier` is what was written of its incident.

    A recovery does not overtake what it is the recovery of.
    """
    if held:
        return _quiet(policy, severity, Wait(seconds=_left(held, now), bundle=f"{_HELD}{held.id}"), now)
    if kind == "recovered":
        ahead = [one for one in earlier if one.target == target and one.waiting]
        if ahead:
            return max((_wait_of(one, policy, heard, now) for one in ahead), key=lambda wait: wait.seconds)
    if route and route.digest_seconds is not None and severity is Severity.WARNING:
        wait = _digest(route, target, heard, now)
    else:
        wait = Wait(seconds=policy.group_wait_seconds if kind in _GATHERS else 0.0)
    return _quiet(policy, severity, wait, now)


def rewait(one: Written, severity: Severity, policy: Policy, heard: Heard, now: Stamp) -> Wait:
    """Return how long a message that was not tried yet waits from now on, being as bad as this by now."""
    due_after = 0.0
    if one.bundle.startswith(_HELD):
        number = one.bundle.removeprefix(_HELD).partition("/")[0]
        hold = next((hold for hold in heard.holds if str(hold.id) == number and hold.in_force(now)), None)
        wait = Wait(seconds=_left(hold, now) if hold else 0.0, bundle=one.bundle)
        due_after = one.age_seconds
    elif one.bundle.startswith(_DIGEST) and severity is Severity.WARNING:
        route = policy.route(one.bundle.removeprefix(_DIGEST))
        wait = (
            _digest(route, one.target, heard, now)
            if route and route.digest_seconds is not None
            else Wait(bundle=one.bundle)
        )
        due_after = (route.digest_seconds or 0.0) if route else 0.0
    else:
        group = policy.group_wait_seconds if one.kind in _GATHERS else 0.0
        bundle = one.bundle if one.bundle == QUIET else ""
        wait = Wait(seconds=max(0.0, group - one.age_seconds), bundle=bundle)
    return _quiet(policy, severity, wait, now, waited_seconds=max(0.0, one.age_seconds - due_after))


def _wait_of(one: Written, policy: Policy, heard: Heard, now: Stamp) -> Wait:
    return rewait(one, one.waiting.severity if one.waiting else Severity.CRITICAL, policy, heard, now)


def _digest(route: Route, target: str, heard: Heard, now: Stamp) -> Wait:
    """Return the wait of what a route gathers: it is sent so long after the first that waits was written."""
    bundle = f"{_DIGEST}{route.name}"
    left = max(0.0, (route.digest_seconds or 0.0) - heard.gathered_seconds.get((target, bundle), 0.0))
    return Wait(seconds=min(left, DAY_SECONDS), bundle=bundle)


def _left(hold: Hold, now: Stamp) -> float:
    left = hold.left_seconds(now)
    return DAY_SECONDS if left is None else min(left, DAY_SECONDS)


def _quiet(policy: Policy, severity: Severity, wait: Wait, now: Stamp, waited_seconds: float = 0.0) -> Wait:
    """Add what the quiet hours add: to when it would be due, and in all never more than a day."""
    if policy.quiet is None or not policy.quiet.holds_back(severity):
        return Wait(seconds=wait.seconds) if wait.bundle == QUIET else wait
    more = min(policy.quiet.left_seconds(now, wait.seconds), max(0.0, DAY_SECONDS - waited_seconds))
    if more <= 0:
        return wait
    return Wait(seconds=min(wait.seconds + more, DAY_SECONDS), bundle=wait.bundle or QUIET)
