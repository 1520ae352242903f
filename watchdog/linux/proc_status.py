"""/proc/PID/status and uid_map: whether a process may set the clock and whether it lives in a container.

Source: proc(5), user_namespaces(7), capabilities(7): settimeofday and adjtimex ask for CAP_SYS_TIME in the *first*
user namespace, so a capability held in another one is worth nothing.
"""

import re

CAP_SYS_TIME = 25
_CAPABILITIES = re.compile(r"^CapEff:\s*([0-9a-f]{1,16})\s*$", re.MULTILINE)
_PIDS = re.compile(r"^NSpid:[ \t]*([\d \t]+)$", re.MULTILINE)
_WHOLE_MAP = ("0", "0", "4294967295")


def may_set_clock(status: str, uid_map: str) -> bool:
    """Tell whether the kernel would let the process set the clock; what is not known counts as yes."""
    capabilities = _CAPABILITIES.search(status)
    if capabilities and not int(capabilities[1], 16) >> CAP_SYS_TIME & 1:
        return False
    words = tuple(uid_map.split())
    return not words or words == _WHOLE_MAP


def in_container(status: str) -> bool:
    """Tell whether the process has a pid namespace of its own below ours, as containers do and services do not."""
    pids = _PIDS.search(status)
    return pids is not None and len(pids[1].split()) > 1
