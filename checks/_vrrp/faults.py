"""What can be wrong with a virtual router: the catalogue of `vrrp.*`.

A split brain, and an address that nobody serves, have no cause: a total outage must never hide under a lesser
incident. What explains them (unequal configuration, a shared VRID) names them as its cause, so that the outage is
told once, with its why in its own words, and the details under it.
"""

from watchdog.plugin import Cause, Fault, Reach, Severity

_SPLIT = Cause(fault="vrrp.split_brain", reach=Reach.SUBJECT)
_NO_MASTER = Cause(fault="vrrp.no_master", reach=Reach.SUBJECT)

SPLIT_BRAIN = Fault(
    code="vrrp.split_brain",
    title="a virtual IP lives on two machines",
    severity=Severity.CRITICAL,
    why="Each neighbour sends to whichever machine it heard last, so connections flap between the two and break;"
    " both send their adverts and each believes itself alone.",
    advice="The summary says why they do not hear or take each other's adverts: put that right on the machine it"
    " names (firewall: let protocol 112 to 224.0.0.18 and ff02::12 in). Until then stop keepalived on one of them:"
    " `systemctl stop keepalived` on the one of lower priority.",
)
NO_MASTER = Fault(
    code="vrrp.no_master",
    title="nobody serves a virtual router",
    severity=Severity.CRITICAL,
    tells=("instance",),
    why="No machine advertises it and none answers for its virtual IP: all that uses the IP is down.",
    advice="On each load balancer: systemctl status keepalived; journalctl -u keepalived. An instance in FAULT"
    " state waits for an interface or a track script. Gone on purpose: ignore it in [checks.vrrp].",
)
VRID_COLLISION = Fault(
    code="vrrp.vrid_collision",
    title="two different virtual routers use the same VRID",
    severity=Severity.WARNING,
    why="They share one virtual MAC and one election: each refuses the other's adverts, or, with newer"
    " keepaliveds, the weaker one gives its addresses up although nobody else serves them.",
    advice="Give one of them another virtual_router_id, on all of its machines at the same time.",
    causes=(_SPLIT, _NO_MASTER),
)
CONFIG_MISMATCH = Fault(
    code="vrrp.config_mismatch",
    title="machines of a virtual router differ",
    severity=Severity.WARNING,
    why="What differs makes a machine refuse the other's adverts, so both become active: now, or at the next"
    " takeover.",
    advice="Make the lines that the summary names the same in keepalived.conf of all machines, then"
    " `systemctl reload keepalived` on each.",
    causes=(_SPLIT,),
)
VIP_UNREACHABLE = Fault(
    code="vrrp.vip_unreachable",
    title="a virtual IP does not answer",
    severity=Severity.CRITICAL,
    why="The machine that is active does not serve the address, or neighbours still send to the one that served it"
    " before (after a split nobody announces who stayed): clients time out while every VRRP state looks fine.",
    advice="On the active machine: ip address show, to see whether it holds the address; arp_ignore and arptables,"
    " to see why it keeps silent. Where a neighbour's cache is stale, have the active one announce itself:"
    " arping -U -c 3 -I INTERFACE ADDRESS there.",
    causes=(_SPLIT, _NO_MASTER),
)

FAULTS = (SPLIT_BRAIN, NO_MASTER, VRID_COLLISION, CONFIG_MISMATCH, VIP_UNREACHABLE)
