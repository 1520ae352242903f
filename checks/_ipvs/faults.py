"""What can be wrong with a pool of real servers: the catalogue of `ipvs.*`."""

from watchdog.plugin import Cause, Fault, Reach, Severity

POOL_EMPTY = Fault(
    code="ipvs.pool_empty",
    title="a pool has no real server left that takes traffic",
    severity=Severity.CRITICAL,
    tells=("kept_by",),
    why="Whoever connects to the virtual address is refused, or gets the sorry page: the service is down.",
    advice="See which real servers there should be, and ask each: ipvsadm -Ln; curl or nc to each one's own"
    " address. Start what is dead; put back what lives: keepalived does it by itself once its checks pass"
    " (journalctl -u keepalived), by hand: ipvsadm -a -t VIP:PORT -r SERVER:PORT -g -w 1. A pool that shall be"
    ' empty: [checks.ipvs] ignore = ["VIP:PORT"].',
    # keepalived may just be trying its servers for the first time.
    pending_seconds=20,
)

DEAD_SERVER = Fault(
    code="ipvs.dead_server_in_pool",
    title="a dead real server still gets traffic",
    severity=Severity.CRITICAL,
    tells=("kept_by", "not_seen"),
    why="One of every n connections to the virtual address goes to it and hangs or is refused: pages load by"
    " chance.",
    advice="Take it out: ipvsadm -e -t VIP:PORT -r SERVER:PORT -g -w 0 (drain), then see what is wrong on the"
    " server itself. keepalived does that by itself where a checker (TCP_CHECK, HTTP_GET ...) tests the"
    " server; one that only opens a connection does not see a program that hangs. A port that needs no"
    " answer to a request: [checks.ipvs] http_ports.",
    causes=(
        Cause(fault="proxy_port.dead", reach=Reach.END),
        Cause(fault="proxy_port.not_proxying", reach=Reach.END),
    ),
    # keepalived itself needs some seconds to see it and take it out.
    pending_seconds=30,
)

LIVE_SERVER_MISSING = Fault(
    code="ipvs.live_server_missing",
    title="a real server that is well gets no traffic",
    severity=Severity.WARNING,
    tells=("expected_by", "not_seen"),
    why="The others carry its share, and the next that fails may be one too many.",
    advice="See why it was not put back: journalctl -u keepalived; ipvsadm -Ln. keepalived does it by itself"
    " once its check passes; reload it (systemctl reload keepalived) when it does not, or by hand: ipvsadm"
    " -a -t VIP:PORT -r SERVER:PORT -g -w WEIGHT.",
    causes=(Cause(fault="ipvs.pool_empty", reach=Reach.SUBJECT),),
    # Its checks must pass first, some with a warm-up.
    pending_seconds=120,
)

DRAINED_WELL = Fault(
    code="ipvs.drained_server_well",
    title="a drained real server is well again",
    severity=Severity.WARNING,
    tells=("not_seen",),
    why="It was taken out because it was dead, and nobody puts it back: the others carry its share, and the next"
    " that fails may be one too many.",
    advice="Put it back: ipvsadm -e -t VIP:PORT -r SERVER:PORT -g -w WEIGHT, with the weight it had (the summary"
    ' says which). Kept out on purpose: [checks.ipvs] drained = ["VIP:PORT/SERVER:PORT"].',
    causes=(Cause(fault="ipvs.pool_empty", reach=Reach.SUBJECT),),
    # One that is started, tried out and stopped again is not well.
    pending_seconds=60,
)

DIFFERS = Fault(
    code="ipvs.table_differs_from_keepalived",
    title="a pool is not as in keepalived.conf",
    severity=Severity.WARNING,
    tells=(),
    why="What was tested and what was written down is not what runs; the next restart of keepalived changes it.",
    advice="Compare ipvsadm -Ln with keepalived.conf. The file is right: systemctl reload keepalived (one that was"
    " changed is not in effect before). The table is right: write it into the file.",
    causes=(Cause(fault="ipvs.pool_empty", reach=Reach.SUBJECT),),
    pending_seconds=60,
)

FAULTS = (POOL_EMPTY, DEAD_SERVER, LIVE_SERVER_MISSING, DRAINED_WELL, DIFFERS)
