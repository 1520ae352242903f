"""keepalived.conf: the VRRP instances and virtual servers that keepalived makes of it, its defaults applied.

What keepalived warns of and ignores is ignored here too; what it would do with an address that does not exist on
this host is not known here. Sources: keepalived.conf(5); vrrp/vrrp_parser.c, vrrp.c (vrrp_complete_instance),
check/check_parser.c, check_data.c (validate_check_config) of keepalived 2.2.7.
"""

import msgspec

from watchdog.linux.conf_files import ConfFiles
from watchdog.linux.keepalived_lvs import VirtualServer, read_virtual_servers
from watchdog.linux.keepalived_text import read_blocks
from watchdog.linux.keepalived_vrrp import Defaults, VrrpInstance, read_instances

__all__ = ["KeepalivedConf", "parse_keepalived_conf"]


class KeepalivedConf(msgspec.Struct, frozen=True, kw_only=True):
    """What a configuration says; `files` are those it was read from.

    `ipvs_namespace` is the network namespace its pools are in, where that is another than keepalived's own ("" is
    the first one). `changed_since_start`: a file is newer than the process, and keepalived may not have reloaded
    it; a likelihood, as it compares wall clock stamps. `problems` are what could not be taken as it was meant,
    for people.
    """

    instances: tuple[VrrpInstance, ...] = ()
    virtual_servers: tuple[VirtualServer, ...] = ()
    ipvs_namespace: str | None = None
    files: tuple[str, ...] = ()
    changed_since_start: bool = False
    problems: tuple[str, ...] = ()


def parse_keepalived_conf(
    path: str, files: ConfFiles, *, config_id: str = "", prefix: str = ""
) -> KeepalivedConf | None:
    """Read a configuration as keepalived does; None when the file does not exist.

    `config_id` is what its `@` lines are compared with. Raises MalformedConfError when it includes or unfolds
    without end, and what `files` raises.
    """
    text = read_blocks(path, files, config_id=config_id, prefix=prefix)
    if text is None:
        return None
    problems = list(text.problems)
    defaults = Defaults.of(
        [line for block in text.blocks if block.word(0) == "global_defs" for line in block.lines]
    )
    elsewhere = [block.word(1) for block in text.blocks if block.word(0) == "net_namespace_ipvs"]
    return KeepalivedConf(
        instances=tuple(read_instances(text.blocks, defaults, problems)),
        virtual_servers=tuple(read_virtual_servers(text.blocks, problems)),
        ipvs_namespace=elsewhere[-1] if elsewhere else None,
        files=text.files,
        problems=tuple(problems),
    )
