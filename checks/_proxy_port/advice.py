"""What to do about a proxy's dead port, by what is wrong with this very one. Pure."""

import re

from checks._proxy_port.ports import Port
from watchdog.plugin import Fault

# What a control group is called is another's word, and this is to be typed.
_UNIT = re.compile(r"[\w@.:-]+\.service", re.ASCII)
_DOES_NOT_ANSWER = ("unanswered", "closed", "reset")


def advise(fault: Fault, port: Port, why: str) -> str:
    """Return what to do where `why` says it; the catalogue has every case."""
    where = "" if port.here else f"On {port.address}: "
    unit = port.service or (f"{port.program}.service" if port.program else "")
    status = f"systemctl status {unit}" if _UNIT.fullmatch(unit) else "systemctl status squid, or what it is"
    match why:
        case "refused":
            todo = f"{where}see whether it runs, and where it listens: {status}; ss -ltnp."
        case "stopped":
            todo = f"{where}let it go on: kill -CONT {' '.join(map(str, port.stopped))}; find out who stopped it."
        case "silent" if port.here:
            todo = f"See whether its queue is full (ss -ltn), and who drops packets (nft list ruleset); {status}."
        case "silent":
            todo = f"See whether {port.address} is up, and who drops packets: nft list ruleset, there and here."
        case "unreachable":
            todo = f"See which way leads there, and why not: ip route get {port.address}."
        case "tls_failed":
            todo = (
                f"See what it says: openssl s_client -connect {port.subject}. Does it speak TLS, and is its"
                " certificate of whom and for what the target names (ca_file, server_name)?"
            )
        case _ if why in _DOES_NOT_ANSWER and not (port.here and port.pids):
            todo = f"{where}the program hangs or has no descriptors left: {status}; its log; then restart it."
        case _ if why in _DOES_NOT_ANSWER:
            pids = ",".join(map(str, port.pids))
            todo = f"The program hangs or has no descriptors left: {status}; ps -o pid,stat -p {pids}; its log."
        case _:
            return fault.advice
    return f"{todo[0].upper()}{todo[1:]} {_unwanted(port)}"


def _unwanted(port: Port) -> str:
    if port.named:
        return "No longer wanted: take it out of [[checks.proxy_port.targets]]."
    return f'No longer wanted: [checks.proxy_port] ignore = ["{port.subject}"].'
