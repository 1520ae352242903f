"""What can be wrong with the way replies take: the catalogue of `multihome.*`."""

from watchdog.plugin import Cause, Fault, Reach, Severity

# A link that comes up has its address before its routes and rules: DHCP and the hooks after it take some seconds.
_COMING_UP_SECONDS = 30.0

ASYMMETRIC_REPLY = Fault(
    code="multihome.asymmetric_reply",
    title="replies from an address leave by another uplink",
    severity=Severity.WARNING,
    tells=(),
    why="Whoever connects to this address is answered through the other provider, which drops what does not come "
    "from its own addresses, or by a way that firewalls on it do not know: the address looks configured and does "
    "not answer. Half of the multihoming is a fiction, until the day it is needed.",
    advice="Give each uplink a table of its own, with its connected route and its default, and a rule for its "
    "addresses: ip route add NETWORK dev DEVICE src ADDRESS table T; ip route add default via GATEWAY dev DEVICE "
    "table T; ip rule add from ADDRESS table T. It can cut off your own session: keep another way in. The summary "
    "has the words for this host, and for the program that configures its network: what is only typed is gone "
    'after a restart. An address that shall not answer: [checks.multihome] ignore = ["ADDRESS"].',
    pending_seconds=_COMING_UP_SECONDS,
)

STRICT_RP_FILTER_DROP = Fault(
    code="multihome.strict_rp_filter_drop",
    title="the kernel drops what arrives for an address",
    severity=Severity.WARNING,
    why="With strict reverse path filtering (rp_filter 1) a packet is dropped, and counted nowhere that people "
    "look, when the reply to it would leave by another device than it came in by. The client sees silence.",
    advice="Best give the address its own way for replies: watchdog explain multihome.asymmetric_reply. "
    "Where replies are sent right by marks: sysctl net.ipv4.conf.DEVICE.src_valid_mark=1. Else make the filter "
    "loose: sysctl net.ipv4.conf.DEVICE.rp_filter=2, and in /etc/sysctl.d/ to last; the greater of `all` and the "
    "device's own value counts, so 2 on the device is enough.",
    causes=(Cause(fault="multihome.asymmetric_reply", reach=Reach.SUBJECT),),
    pending_seconds=_COMING_UP_SECONDS,
)

STALE_RULE = Fault(
    code="multihome.stale_rule",
    title="a rule is left over from an address that is gone",
    severity=Severity.WARNING,
    why="The address was replaced and its rule was not: then the new one mostly has none, and its replies leave "
    "by the default way. What this host forwards for whoever gets the old address is sent where the rule says.",
    advice="Take it away: ip rule del RULE; and out of what made it: the network's configuration and its hooks. "
    'An address that comes back: [checks.multihome] ignore = ["ADDRESS"].',
    # A lease that is renewed, a restart of the network: the address is away for a moment.
    pending_seconds=300.0,
)

FAULTS = (ASYMMETRIC_REPLY, STRICT_RP_FILTER_DROP, STALE_RULE)
