"""Give a real server its weight back that ipvs_drain took, once it answers again.

Only what ipvs_drain drained is restored, with the weight it had: the journal of its attempt says both. What a
person drained is kept from traffic on purpose. So a server that was seen with traffic after that attempt (somebody
restored it), or that ipvs_restore has had since, was drained by somebody else.
"""

from typing import Annotated

import msgspec

from watchdog.linux.ipvs import MalformedPoolError, parse_member
from watchdog.plugin import (
    Attempt,
    Case,
    Host,
    Plan,
    Refused,
    Remediation,
    RemediationSettings,
    ServerWeight,
    Stamp,
)

_DRAIN, _RESTORE = "ipvs_drain", "ipvs_restore"


class _Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What ipvs.drained_server_well must tell us; anything else in it is not ours to read."""

    weight: Annotated[int, msgspec.Meta(ge=0, le=0)]
    forwarding: str
    last_in_service: Stamp
    kept_by: str
    keeper_unknown: str


def plan(host: Host, case: Case, settings: RemediationSettings) -> Plan:
    """Return `ipvsadm -e ... -w WEIGHT`; Refused unless ipvs_drain drained it, and nobody touched it since."""
    evidence = case.evidence(_Evidence)
    try:
        pool, server = parse_member(case.finding.subject)
    except MalformedPoolError as error:
        raise Refused(f"the finding should be about {error}") from error
    if evidence.kept_by or evidence.keeper_unknown:
        raise Refused(
            f"{evidence.kept_by or 'somebody'} keeps {pool}, or may: {evidence.keeper_unknown or 'its job'}"
        )
    attempt, back = _find_drain(case.healed, pool, server)
    served = evidence.last_in_service
    if attempt.started.boot_id != served.boot_id or attempt.started.boottime_ns < served.boottime_ns:
        raise Refused(
            f"{server} had traffic again after {_named(attempt)} had drained it, so somebody else drained it"
            " since, and will know when it may be back"
        )
    if back.forwarding != evidence.forwarding:
        raise Refused(
            f"{server} is forwarded to by {evidence.forwarding} now, and was by {back.forwarding} when"
            f" {_named(attempt)} drained it: somebody set up {pool} anew"
        )
    return Plan(
        summary=f"give {server} in {pool} its weight {back.weight} back: it answers again",
        steps=(back,),
        lasting=False,
        note=f"{_named(attempt)} drained it ({attempt.started.wall_text}).",
    )


def _find_drain(healed: tuple[Attempt, ...], pool: str, server: str) -> tuple[Attempt, ServerWeight]:
    """Return the attempt that drained it, and the step that takes it back: the last thing done to its weight."""
    changes = (
        (attempt, entry)
        for attempt in reversed(healed)
        if attempt.remediation in (_DRAIN, _RESTORE)
        for entry in attempt.journal
        if isinstance(entry.step, ServerWeight) and (entry.step.pool, entry.step.server) == (pool, server)
    )
    attempt, entry = next(changes, (None, None))
    if attempt is not None and entry is not None and attempt.remediation == _DRAIN and entry.state == "done":
        back = entry.undo
        if isinstance(back, ServerWeight) and back.weight > 0:
            return attempt, back
    raise Refused(
        f"{server} was not drained by {_DRAIN}: who drained it will know when it may be back (if it is to stay"
        f' out: [checks.ipvs] drained = ["{pool}/{server}"])'
    )


def _named(attempt: Attempt) -> str:
    """Name an attempt for people; root's own list of older watchdogs does not know its number."""
    return f"attempt {attempt.id}" if attempt.id else f"an attempt of {_DRAIN}'s"


REMEDIATION = Remediation(
    name="ipvs_restore",
    title="give a real server back the weight that ipvs_drain took",
    heals=("ipvs.drained_server_well",),
    # Clients are sent there again: what it has beside its port (the virtual address) is not seen from here.
    risk="medium",
    settings=RemediationSettings,
    plan=plan,
)
