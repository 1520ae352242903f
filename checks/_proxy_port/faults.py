"""What can be wrong with a proxy's port: the catalogue of `proxy_port.*`."""

from watchdog.plugin import Cause, Fault, Reach, Severity

DEAD = Fault(
    code="proxy_port.dead",
    title="a proxy's port is dead",
    severity=Severity.CRITICAL,
    tells=("program", "asked"),
    why="Whoever is sent there waits or gets an error; behind a load balancer that still sends traffic to it, one "
    "request in so many hangs, and everything else looks healthy.",
    advice="Refused: the proxy does not run, or listens elsewhere (ss -ltnp; systemctl status squid). Silent: a "
    "firewall drops the packets (nft list ruleset, on both hosts), or the host is gone. Accepts and never "
    "answers: the program hangs or was stopped (ps -o pid,stat,comm -C squid; kill -CONT PID), or has no "
    "descriptors left. Fails at TLS: openssl s_client -connect ADDRESS:PORT; does it speak TLS, and is its "
    "certificate of whom and for what the target names (ca_file, server_name)? Cannot be reached: ip route get "
    "ADDRESS. No longer wanted: [checks.proxy_port] ignore = [...], or out of targets, where it is named there.",
    # Asked through the virtual address, a proxy is as dead as its pool.
    causes=(Cause(fault="ipvs.pool_empty", reach=Reach.SUBJECT),),
)

NOT_PROXYING = Fault(
    code="proxy_port.not_proxying",
    title="a port answers, but not as a proxy",
    severity=Severity.CRITICAL,
    tells=("server", "voice"),
    why="The port is open, so every check of the port alone is green, and yet no request gets through.",
    advice="Ask it as a client would: curl -v -x ADDRESS:PORT URL. Something else may have taken the port "
    "(ss -ltnp), or the proxy's own rules may have changed (squid -k parse). If this is no forward proxy, name "
    "the subject in [checks.proxy_port]: ignore = [...].",
)

SLOW = Fault(
    code="proxy_port.slow",
    title="a proxy answers slowly",
    severity=Severity.WARNING,
    tells=("asked",),
    why="Every page that is loaded through it waits as long; what is slow today often hangs tomorrow.",
    advice="The summary says where the time goes. connect: the network, or a full accept queue "
    "(ss -ltn shows Recv-Q). first byte: the proxy itself: CPU, memory and swap, descriptors, its DNS servers, "
    "the authentication helper.",
    # Three looks at one a minute: one slow answer is no alarm.
    pending_seconds=180.0,
)

FAULTS = (DEAD, NOT_PROXYING, SLOW)
