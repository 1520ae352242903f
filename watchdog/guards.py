"""May this plan run now? Pure: everything that decides is handed in. The answer is None, or why not."""

from dataclasses import dataclass
from typing import Literal

from watchdog.model import IncidentState, Stamp
from watchdog.units import render_seconds

# What has failed three times on one incident will fail a fourth time; a person must look.
MAX_ATTEMPTS = 3
# Long enough for the slowest daemon to settle and be seen by two cycles of a check.
COOLDOWN_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known when an attempt is about to begin.

    `approved` says that a person asked for this very attempt. `attempts` counts the tries on this incident that
    began, `last` is when the latest of them did. `running` is any attempt, on any incident, that has not ended.
    """

    mode: Literal["off", "propose"]
    approved: bool
    state: IncidentState
    flapping: bool
    running: bool
    attempts: int
    last: Stamp | None
    now: Stamp


def permit(situation: Situation) -> str | None:
    """Return None when the attempt may begin, else the reason for refusal, the most lasting one first.

    Only a FIRING incident is healed: a pending one may pass by itself, a resolved one is no longer there.
    A flapping one is refused although it fires: verify could not tell a cure from the next swing.
    """
    now, last = situation.now, situation.last
    match situation:
        case Situation(mode="off"):
            return 'this remediation is switched off (mode = "off"); set mode = "propose" to allow it'
        case Situation(mode=mode) if mode != "propose":
            return f'mode {mode!r} is not offered by this version; set mode = "propose"'
        case Situation(approved=False):
            return "it needs a person's approval: apply it with --apply"
        case Situation(state=state) if state is not IncidentState.FIRING:
            return f"the incident is {state.value}, not firing; there is nothing to heal now"
        case Situation(flapping=True):
            return (
                "the incident is flapping: a cure could not be told from the next swing; "
                "find out what makes it come and go, and try again when it is steady"
            )
        case Situation(running=True):
            return "another attempt is running; one at a time, wait for it to end"
        case Situation(attempts=attempts) if attempts >= MAX_ATTEMPTS:
            return (
                f"{attempts} attempts on this incident did not cure it (at most {MAX_ATTEMPTS}); "
                "a person must look for another cause"
            )
    if last is not None and (since := now.seconds_since(last)) < COOLDOWN_SECONDS:
        return (
            f"the last attempt was {render_seconds(max(0.0, since))} ago; "
            f"wait until {render_seconds(COOLDOWN_SECONDS)} have passed"
        )
    return None
