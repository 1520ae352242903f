"""squid.conf: which of Squid's ports are a forward proxy's, and which are of another kind. Pure.

Source: squid.conf(5) `http_port`, `https_port`, `include`; src/cache_cf.cc parse_port_option.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from watchdog.linux.conf_files import Followed

# forward: a proxy for clients that know it; tls: the same behind TLS; reverse: for a web site (accel); intercept:
# for redirected packets only, which a plain request is not. other: not Squid's, and perhaps no HTTP at all.
Mode = Literal["forward", "tls", "reverse", "intercept", "other"]

_MODES: Mapping[str, Mode] = {
    "intercept": "intercept",
    "transparent": "intercept",
    "tproxy": "intercept",
    "accel": "reverse",
    "vhost": "reverse",
    "vport": "reverse",
}
_PORT = re.compile(r"(?:.*:)?([0-9]{1,5})")
_MAX_DEPTH = 16  # Squid's own


def parse_squid_ports(files: Followed, path: str) -> dict[int, Mode]:
    """Return the kind of each port; what a port is twice, it is the second time. MalformedConfError: endless."""
    return {
        port: mode for line in _lines(files, path, 0) if (found := _parse_port(line)) for port, mode in [found]
    }


def _lines(files: Followed, path: str, depth: int) -> Iterator[list[str]]:
    text = files.read_text(path) or ""
    for line in text.replace("\\\n", " ").splitlines():
        words = line.partition("#")[0].split()
        if words[:1] == ["include"] and depth < _MAX_DEPTH:
            for pattern in words[1:]:
                for included in files.matching(pattern.strip('"')):
                    yield from _lines(files, included, depth + 1)
        elif words:
            yield words


def _parse_port(words: list[str]) -> tuple[int, Mode] | None:
    if words[0] not in ("http_port", "https_port") or len(words) < 2:
        return None
    port = _PORT.fullmatch(words[1])
    if port is None:
        return None
    options = [option.partition("=") for option in words[2:]]
    modes = [_MODES[name] for name, _, _ in options if name in _MODES]
    if any(name == "defaultsite" for name, _, _ in options):
        modes.append("reverse")
    return int(port[1]), modes[0] if modes else ("tls" if words[0] == "https_port" else "forward")
