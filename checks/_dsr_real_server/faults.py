"""What can be wrong with a real server behind direct routing: the catalogue of `dsr_real_server.*`."""

from watchdog.plugin import Fault, Severity

VIP_MISSING = Fault(
    code="dsr_real_server.vip_missing",
    title="a real server lost its virtual address",
    severity=Severity.CRITICAL,
    tells=(),
    why="The balancer still sends it connections to the virtual address, and the kernel drops them: its share of"
    " all requests hangs, while every test of its own address passes.",
    advice="Put it back: ip address add VIP/32 dev lo; and into the network's configuration, or the next boot"
    ' loses it again. Taken off on purpose: [checks.dsr_real_server] ignore = ["VIP"].',
    # Early in a boot the addresses come one by one.
    pending_seconds=60,
)

ARP_LEAK = Fault(
    code="dsr_real_server.arp_leak",
    title="a real server answers ARP for a virtual IP",
    severity=Severity.CRITICAL,
    tells=(),
    why="Whoever hears its answer sends to it instead of to the balancer: the virtual address moves to one"
    " server by chance, past the balancer, and moves again when a cache runs out.",
    advice="On the real server: sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2, the"
    " same in /etc/sysctl.d, and let its neighbours forget: ip neigh flush VIP on them, or arping -U -I INTERFACE"
    ' VIP on the balancer. An address that is this host\'s own: [checks.dsr_real_server] ignore = ["VIP"].',
    pending_seconds=20,
)

FAULTS = (VIP_MISSING, ARP_LEAK)
