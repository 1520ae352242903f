"""May this plan run now? Pure: everything that decides is handed in. The answer is None, or why not.

What a person asks for by name is held to less than what the watchdog does by itself: a person has looked. But
nobody takes the last healthy one out of service here, nobody heals twice at a time, and a pause holds for all.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from watchdog.model import IncidentState
from watchdog.steps import RISKS, Risk
from watchdog.units import render_seconds

HOUR_SECONDS, DAY_SECONDS = 3600.0, 86400.0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner of the host allows: per remediation, and (the last four) for all that heals by itself."""

    mode: Literal["off", "propose", "auto"]
    attempts: int
    cooldown_seconds: float
    risk: Risk
    hourly: int
    daily: int
    storm_families: int


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What is known when an attempt is about to begin.

    `approved` says that a person asked for this very attempt. `attempts` counts the tries of this remediation on
    this incident that began; `last_seconds` is how long ago the latest try on the incident began, or one of the
    same steps that did not help, and `by_itself_seconds` how long ago all tries on this host that nobody asked for
    did: by CLOCK_BOOTTIME, over reboots at least so long. `running` is any attempt that has not ended. `families`
    is how many checks have a firing fault that none of the others caused. `takes_out` says that the plan takes
    something out of service, `healthy_left` how many of its kind stay, None when the plan does not say.
    `taken_back` says who took the same steps back when they were done last. `pauses`, `silence` and `maintenance`
    are who, why and until when.
    """

    limits: Limits
    approved: bool
    state: IncidentState
    flapping: bool
    risk: Risk
    running: bool
    attempts: int
    last_seconds: float | None
    by_itself_seconds: Sequence[float]
    families: int
    takes_out: bool
    healthy_left: int | None
    taken_back: str
    pauses: Sequence[str]
    silence: str
    maintenance: str


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why not; `needs_person` when only a person can change that, and so should be told."""

    reason: str
    needs_person: bool = False


def permit(situation: Situation) -> Refusal | None:
    """Return None when the attempt may begin, else the reason for refusal, the most lasting one first.

    Only a FIRING incident is healed: a pending one may pass by itself, a resolved one is no longer there.
    A flapping one is refused although it fires: verify could not tell a cure from the next swing.
    """
    return (
        _forbidden(situation)
        or (None if situation.approved else _needs_a_person(situation))
        or _not_now(situation)
        or (None if situation.approved else _too_much(situation))
    )


def _forbidden(case: Situation) -> Refusal | None:
    if case.limits.mode == "off":
        return Refusal(reason='this remediation is switched off (mode = "off"); set mode = "propose" to allow it')
    if case.healthy_left is not None and case.healthy_left <= 0:
        return Refusal(reason="it would take the last healthy one out of service")
    if case.takes_out and case.healthy_left is None:
        return Refusal(reason="it takes something out of service and does not know how many stay")
    return None


def _needs_a_person(case: Situation) -> Refusal | None:
    limits = case.limits
    if limits.mode != "auto":
        return Refusal(reason="it needs a person's approval: apply it with --apply")
    if RISKS.index(case.risk) > RISKS.index(limits.risk):
        return Refusal(
            reason=f'its risk is {case.risk}; [healing] risk = "{limits.risk}" is the most that is healed alone'
        )
    if case.taken_back:
        return Refusal(
            reason=f"a person undid the same ({case.taken_back}); only a person does it again, by --apply"
        )
    if case.silence:
        return Refusal(reason=f"the incident is silenced ({case.silence})")
    if case.maintenance:
        return Refusal(reason=f"the host is under maintenance ({case.maintenance})")
    return None


def _not_now(case: Situation) -> Refusal | None:
    limits = case.limits
    if case.pauses:
        return Refusal(reason=f"healing is paused ({'; '.join(case.pauses)}); `watchdog resume` ends that")
    if case.state is not IncidentState.FIRING:
        return Refusal(reason=f"the incident is {case.state.value}, not firing; there is nothing to heal now")
    if case.flapping:
        return Refusal(
            reason="the incident is flapping: a cure could not be told from the next swing; "
            "find out what makes it come and go, and try again when it is steady",
            needs_person=True,
        )
    if case.running:
        return Refusal(reason="another attempt is running; one at a time, wait for it to end")
    if case.attempts >= limits.attempts:
        return Refusal(
            reason=f"{case.attempts} attempts on this incident did not cure it (at most {limits.attempts}); "
            "a person must look for another cause",
            needs_person=True,
        )
    if case.last_seconds is not None and case.last_seconds < limits.cooldown_seconds:
        return Refusal(
            reason=f"the last attempt was {render_seconds(case.last_seconds)} ago; "
            f"wait until {render_seconds(limits.cooldown_seconds)} have passed"
        )
    return None


def _too_much(case: Situation) -> Refusal | None:
    limits = case.limits
    if case.families >= limits.storm_families:
        return Refusal(
            reason=f"{case.families} checks have firing faults at the same time (from {limits.storm_families} on "
            "nothing is healed): something larger is wrong, a person must look",
            needs_person=True,
        )
    for name, seconds, most in (("hour", HOUR_SECONDS, limits.hourly), ("day", DAY_SECONDS, limits.daily)):
        done = sum(ago < seconds for ago in case.by_itself_seconds)
        if done >= most:
            return Refusal(
                reason=f"{done} attempts within the last {name} (at most {most}); a person must look",
                needs_person=True,
            )
    return None
