"""ipvs_restore: what somebody else drained comes first; it stays drained."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from remediations.ipvs_restore import REMEDIATION
from watchdog.host import Host
from watchdog.model import Finding, Severity, Stamp
from watchdog.plugin import Attempt, Case, LinkChange, Plan, Refused, RemediationSettings, ServerWeight, Step
from watchdog.steps import JournalEntry, Outcome
from watchdog.steps import Plan as AnyPlan

POOL, SERVER, OTHER = "192.168.100.10:8080", "192.168.100.21:8080", "192.168.100.22:8080"
LOOKED, DRAINED = 1_000, 1_010  # the last look that saw it with traffic, then the attempt


def at(seconds: float, boot: str = "this-boot") -> Stamp:
    return Stamp(boot_id=boot, boottime_ns=round(seconds * 1e9), wall_ns=0)


def weigh(weight: int, server: str = SERVER, pool: str = POOL, forwarding: Any = "dr") -> ServerWeight:
    return ServerWeight(pool=pool, server=server, forwarding=forwarding, weight=weight)


def attempt(
    step: Any, undo: Any, name: str = "ipvs_drain", state: Any = "done", when: Stamp | None = None
) -> Attempt:
    return Attempt(
        id=7,
        incident_id=1,
        remediation=name,
        mode="auto",
        outcome=Outcome.HEALED,
        reason="",
        plan=AnyPlan(summary="", steps=()),
        started=when or at(DRAINED),
        journal=(JournalEntry(step=step, undo=undo, state=state),),
    )


OURS = attempt(weigh(0), weigh(3))
SEEN: dict[str, Any] = {
    "weight": 0,
    "weight_before": 3,
    "forwarding": "dr",
    "last_in_service": msgspec.to_builtins(at(LOOKED)),
    "kept_by": "",
    "keeper_unknown": "",
}


def plan(*healed: Attempt, subject: str = f"{POOL}/{SERVER}", **changes: Any) -> Plan:
    evidence = {name: value for name, value in (SEEN | changes).items() if value is not ...}
    finding = Finding(
        fault="ipvs.drained_server_well",
        subject=subject,
        severity=Severity.WARNING,
        summary="well",
        evidence=evidence,
    )
    return REMEDIATION.plan(Host(), Case(finding=finding, healed=healed), RemediationSettings())


NOT_OURS = "was not drained by ipvs_drain"


@pytest.mark.parametrize(
    ("healed", "reason"),
    [
        pytest.param([], NOT_OURS, id="nothing-was-ever-healed"),
        pytest.param([attempt(weigh(0, OTHER), weigh(3, OTHER))], NOT_OURS, id="another-server"),
        pytest.param([attempt(weigh(0, pool="10.0.0.1:80"), weigh(3))], NOT_OURS, id="in-another-pool"),
        pytest.param([attempt(weigh(0), weigh(3), name="run_command")], NOT_OURS, id="by-something-else"),
        pytest.param([attempt(weigh(0), weigh(3), state="skipped")], NOT_OURS, id="it-was-drained-already"),
        pytest.param([attempt(weigh(0), weigh(3), state="undone")], NOT_OURS, id="a-person-took-it-back"),
        pytest.param([attempt(weigh(0), weigh(0))], NOT_OURS, id="it-had-no-weight-before"),
        pytest.param([attempt(weigh(0), None)], NOT_OURS, id="its-weight-is-not-known"),
        pytest.param([attempt(LinkChange(link="eth0", up=True), weigh(3))], NOT_OURS, id="a-step-of-another-kind"),
        pytest.param(
            [OURS, attempt(weigh(3), weigh(0), name="ipvs_restore")], NOT_OURS, id="it-was-restored-since"
        ),
        pytest.param(
            [attempt(weigh(0), weigh(3), when=at(LOOKED - 1))], "had traffic again", id="seen-with-traffic-since"
        ),
        pytest.param(
            [attempt(weigh(0), weigh(3), when=at(DRAINED, "last-boot"))], "had traffic again", id="before-the-boot"
        ),
        pytest.param(
            [attempt(weigh(0, forwarding="nat"), weigh(3, forwarding="nat"))], "set up", id="forwarded-otherwise"
        ),
    ],
)
def test_what_somebody_else_did_stays(healed: list[Attempt], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        plan(*healed)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"kept_by": "keepalived"}, "keepalived keeps", id="keepalived-keeps-it-now"),
        pytest.param({"keeper_unknown": "unread"}, "unread", id="nobody-knows-who-keeps-it"),
        pytest.param({"weight": 1}, "not usable", id="it-has-traffic"),
        pytest.param({"last_in_service": "yesterday"}, "not usable", id="a-text-for-a-stamp"),
        pytest.param({"subject": SERVER}, "should be about", id="about-a-server-alone"),
        *(pytest.param({name: ...}, f"`{name}`", id=f"no-{name}") for name in SEEN if name != "weight_before"),
    ],
)
def test_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        plan(OURS, **changes)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    "healed",
    [
        pytest.param([OURS], id="drained"),
        pytest.param([attempt(weigh(0), weigh(3), when=at(LOOKED))], id="at-the-very-moment-of-the-look"),
        pytest.param(
            [attempt(weigh(0), weigh(9)), attempt(weigh(9), weigh(0), name="ipvs_restore"), OURS], id="once-again"
        ),
        pytest.param([OURS, attempt(weigh(0, OTHER), weigh(5, OTHER))], id="another-server-since"),
    ],
)
def test_what_we_drained_gets_its_weight_back(healed: list[Attempt]) -> None:
    made = plan(*healed)
    steps: tuple[Step, ...] = (weigh(3),)
    assert made.steps == steps
    assert (made.healthy_left, made.lasting) == (None, False)


@pytest.mark.parametrize(
    ("number", "named"),
    [
        pytest.param(7, "attempt 7 drained it (", id="as-the-history-calls-it"),
        pytest.param(0, "an attempt of ipvs_drain's drained it (", id="root-s-list-of-an-older-watchdog"),
    ],
)
def test_it_says_which_attempt_drained_it(number: int, named: str) -> None:
    assert plan(replace(OURS, id=number)).note.startswith(named)
