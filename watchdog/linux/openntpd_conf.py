"""OpenNTPD's ntpd.conf: which servers. Sources: ntpd.conf(5), usr.sbin/ntpd/parse.y."""

import msgspec


class OpenntpdConf(msgspec.Struct, frozen=True, kw_only=True):
    """The names and addresses of `server` and `servers` lines, in order."""

    servers: tuple[str, ...] = ()


def parse_openntpd_conf(text: str) -> OpenntpdConf:
    """Read one file; there are no includes. `#` begins a comment; a name may stand in quotes."""
    servers = []
    for line in text.split("\n"):
        words = line.partition("#")[0].split()
        if len(words) > 1 and words[0] in ("server", "servers"):
            servers.append(words[1].strip('"'))
    return OpenntpdConf(servers=tuple(dict.fromkeys(servers)))
