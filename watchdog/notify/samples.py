"""A message of every kind, with all that it can say and with the least: what templates are tried with. Pure."""

from collections.abc import Iterator
from typing import get_args

from watchdog.content import Content, Fact, Kind, Named, Proposal


def samples() -> Iterator[Content]:
    """Yield each kind of message twice."""
    for kind in get_args(Kind):
        yield Content(kind=kind, host="host")
        yield full(kind)


def full(kind: Kind) -> Content:
    """Return a message of a kind in which every field says something."""
    cause = Named(
        fault="vmware_timesync.enabled", subject="tools", summary="VMware Tools may set the clock", incident=3
    )
    part = Content(
        kind="fired",
        host="web1",
        severity="warning",
        fault="bond.member_down",
        title="a bond member is down",
        subject="bond0/eth1",
        summary="eth1 is down",
        since="2026-11-28 18:39:10 UTC",
    )
    return Content(
        kind=kind,
        host="web1",
        severity="critical",
        incident=12,
        fault="clock_step.backward",
        title="the clock was set back",
        subject="clock",
        summary="clock went back 18.4 s at 18:39:10 (critical from 5 s); dovecot kills its sessions above 5 s",
        facts=(Fact(name="step", value="-18.4 s"), Fact(name="threshold", value="5 s")),
        since="2026-11-28 18:39:10 UTC",
        lasted="3 min",
        reason="it happened again, and worse",
        root_word="possible root",
        chain=(cause,),
        alternatives=(cause,),
        others=(cause,),
        others_left_out=2,
        why="Programs that reckon with a clock that only goes ahead die of one that goes back.",
        advice="Switch the guest's time sync off.",
        healed="disable_vmware_timesync: verified",
        tried=("disable_vmware_timesync: rolled back, it did not help",),
        proposals=(
            Proposal(
                remediation="disable_vmware_timesync",
                summary="switch the periodic time sync off",
                command="watchdog heal 12 --apply",
            ),
        ),
        acknowledged="by root at 18:41:00",
        more=("watchdog explain clock_step.backward", "watchdog incidents"),
        reference="web1#12",
        thread="web1/12",
        parts=(part,),
        left_out=4,
    )
