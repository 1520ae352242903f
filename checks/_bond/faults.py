"""What can be wrong with a bond: the catalogue of `bond.*`.

`bond.down` has no cause: a total outage must never be hidden under a lesser incident that someone has silenced.
What else is wrong on that bond names it as a cause, so that the outage is told once and the details under it.
"""

from watchdog.plugin import Cause, Fault, Reach, Severity

_OUTAGE = Cause(fault="bond.down", reach=Reach.SUBJECT)

DOWN = Fault(
    code="bond.down",
    title="a bond carries nothing",
    severity=Severity.CRITICAL,
    tells=("mode", "operstate"),
    why="Everything that this host sends and receives through the bond is cut off.",
    advice="Look at the bond and its members: cat /proc/net/bonding/BOND; ip -d link show BOND. "
    "Administratively down: ip link set dev BOND up. No member up: check cables, switch ports and drivers "
    '(ethtool MEMBER, dmesg). Gone on purpose: tell watchdog so, in [checks.bond]: ignore = ["BOND"].',
)

MEMBER_DOWN = Fault(
    code="bond.member_down",
    title="a bond member is down",
    severity=Severity.WARNING,
    tells=("mode",),
    why="The bond still works and nobody notices, but the redundancy it was built for is less or gone: "
    "the next cable that is pulled can be an outage.",
    advice="No link: check the cable, the switch port and the driver (ethtool MEMBER, dmesg). "
    "Administratively down: ip link set dev MEMBER up; `watchdog heal` offers to do it.",
    causes=(_OUTAGE,),
)

MEMBER_MISSING = Fault(
    code="bond.member_missing",
    title="a known member is no longer in its bond",
    severity=Severity.WARNING,
    why="A removed member shows nowhere as an error, yet the bond has one path less than it was built with.",
    advice="Put it back: ip link set dev MEMBER down; ip link set dev MEMBER master BOND (a device that is itself "
    "gone: dmesg, lspci). Taken out on purpose: name the members that shall be there, in [checks.bond]: "
    'members = { BOND = ["REMAINING", ...] }.',
    causes=(_OUTAGE,),
)

NO_LINK_MONITORING = Fault(
    code="bond.no_link_monitoring",
    title="nothing monitors the links of a bond",
    severity=Severity.WARNING,
    tells=("mode",),
    why="With miimon=0 and arp_interval=0 the kernel calls every member up for ever and keeps sending into a dead "
    "link: the bond looks redundant and is not.",
    advice="Now: ip link set dev BOND type bond miimon 100. To last: add `miimon 100` (ifupdown bond-miimon, "
    "networkd MIIMonitorSec=100ms, netplan mii-monitor-interval, NetworkManager bond.options) to its settings.",
)

LACP_NOT_NEGOTIATED = Fault(
    code="bond.lacp_not_negotiated",
    title="LACP has no working partner",
    severity=Severity.WARNING,
    tells=("partner_mac",),
    why="Without LACP agreed on both ends the switch spreads frames as it likes: members carry nothing, or frames "
    "are lost or doubled.",
    advice="Have the switch ports of all members put into one LACP (802.3ad, active) group and compare: "
    "cat /proc/net/bonding/BOND as root shows the partner's side. Whoever does not run the network side should "
    "use mode 1 (active-backup), which asks nothing of the switch.",
    causes=(_OUTAGE,),
    # Slow LACP sends every 30 s, and a port that comes up waits for its partner.
    pending_seconds=60.0,
)

AGGREGATOR_MISMATCH = Fault(
    code="bond.aggregator_mismatch",
    title="a member is outside the active aggregator",
    severity=Severity.WARNING,
    tells=("partner_mac",),
    why="Its link is up and LACP answers, yet the bond sends nothing through it: the redundancy is on paper only.",
    advice="All members must end in one LACP group of one switch (or of one stack or MLAG pair), with one speed. "
    "Compare `Partner Mac Address` and `Partner Key` of the members as root: cat /proc/net/bonding/BOND.",
    causes=(_OUTAGE, Cause(fault="bond.speed_mismatch", reach=Reach.SUBJECT)),
    pending_seconds=60.0,
)

PRIMARY_NOT_ACTIVE = Fault(
    code="bond.primary_not_active",
    title="the primary member is up but not active",
    severity=Severity.WARNING,
    tells=(),
    why="Traffic takes the path that was meant as the spare: slower, dearer, or shared with something else.",
    advice="Make it active: ip link set dev BOND type bond active_slave PRIMARY. If it shall stay as it is: "
    "ip link set dev BOND type bond primary_reselect failure.",
    # No member_down among the causes: this is judged only when the primary is up.
    causes=(_OUTAGE,),
    pending_seconds=10.0,
)

SPEED_MISMATCH = Fault(
    code="bond.speed_mismatch",
    title="members of one bond run at different speeds",
    severity=Severity.WARNING,
    why="The mode spreads traffic evenly, so the slowest member drops or delays its share; with 802.3ad only "
    "members of one speed can work together.",
    advice="Find the member that negotiated too little (ethtool MEMBER): a bad cable pair, a forced speed or "
    "a wrong switch port is the usual reason.",
    causes=(_OUTAGE,),
    pending_seconds=60.0,
)

SINGLE_MEMBER = Fault(
    code="bond.single_member",
    title="a bond has one member only",
    severity=Severity.WARNING,
    why="A bond of one is a single link: the first fault is an outage.",
    advice="Add the second member: ip link set dev MEMBER down; ip link set dev MEMBER master BOND. "
    'One member on purpose: say so in [checks.bond]: members = { BOND = ["MEMBER"] }.',
    causes=(_OUTAGE, Cause(fault="bond.member_missing", reach=Reach.SUBJECT)),
)

FLAPPING = Fault(
    code="bond.flapping",
    title="a bond member loses its link now and then",
    severity=Severity.WARNING,
    tells=(),
    why="Each loss costs frames and a failover, and each look in between finds everything up; a link that flaps "
    "is soon a link that is down.",
    advice="Check cable, transceiver and switch port, and read the counters: ethtool -S MEMBER; "
    "dmesg | grep MEMBER. Losses that are harmless here: tolerated_link_losses in [checks.bond].",
    causes=(_OUTAGE,),
    event=True,
)

FAULTS = (
    DOWN,
    MEMBER_DOWN,
    MEMBER_MISSING,
    NO_LINK_MONITORING,
    LACP_NOT_NEGOTIATED,
    AGGREGATOR_MISMATCH,
    PRIMARY_NOT_ACTIVE,
    SPEED_MISMATCH,
    SINGLE_MEMBER,
    FLAPPING,
)
