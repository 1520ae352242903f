"""An IPVS pool sends traffic to a dead real server, or none to a live one: a share of all connections fails.

keepalived takes dead servers out, as far as its own tests see them: one that only opens a connection does not
see a proxy that hangs, a pool set up by hand is tested by nobody, and a server that came back may not be put
back. So each real server is asked on its own address, and the kernel's table is held against keepalived.conf.

Weight 0 is a server that was drained, not a dead one. Who was drained when it was dead is remembered, and told
when it is well again, so that it is not forgotten. What is not seen: whether a server behind direct routing
or a tunnel answers on the *virtual* address (proxy_port asks through it, dsr_real_server looks at the server
itself); a server that listens on the virtual address alone refuses on its own.

Sources: generic netlink IPVS (or `ipvsadm -Sn`), keepalived.conf(5). The rules are in _ipvs/judge.py and
compare.py, the questions in probing.py, the catalogue in faults.py.
"""

from collections.abc import Iterator

import msgspec

from checks._ipvs.case import Case, Fallen
from checks._ipvs.compare import compare, name_configured
from checks._ipvs.fallen import fold
from checks._ipvs.faults import FAULTS
from checks._ipvs.judge import judge_pool
from checks._ipvs.managers import Keeper, find_managers
from checks._ipvs.probing import How, Probed, Question, is_askable, probed, target_of
from watchdog.linux.ipvs import KUBE_PROXY_INTERFACE, Pool, parse_endpoint
from watchdog.linux.keepalived_conf import KeepalivedConf
from watchdog.linux.keepalived_lvs import HttpCheck, RealServer, VirtualServer
from watchdog.plugin import (
    Check,
    CheckSettings,
    Duration,
    Facts,
    Host,
    Judgement,
    NotApplicable,
    Stamp,
    TimeLimits,
    Unobservable,
    Unseen,
    has_ipvs,
    noted_in,
    probe_all,
    read_addresses,
    read_keepalived,
    read_pools,
    without_noted,
)

_SPARE_SECONDS = 1.0


class IpvsSettings(CheckSettings, frozen=True, kw_only=True):
    """`[checks.ipvs]`: who should be in which pool where no keepalived says it, and how servers are asked.

    `servers` names the real servers of a pool; on `http_ports` and `https_ports` an answer to a request is wanted,
    on others a connection will do. `ignore` are pools that are left alone, `drained` the servers that are kept at
    weight 0, as they are called in findings.
    """

    ignore: tuple[str, ...] = ()
    servers: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    drained: tuple[str, ...] = ()
    http_ports: tuple[int, ...] = (80, 3128, 8000, 8080, 8118, 8888)
    https_ports: tuple[int, ...] = (443, 8443)
    connect_timeout: Duration = Duration(2)
    answer_timeout: Duration = Duration(3)

    def __post_init__(self) -> None:
        for names in self.servers.values():
            for name in names:
                parse_endpoint(name)
        for subject in self.drained:
            parse_endpoint(subject.partition("/")[2])
        if self.connect_timeout + self.answer_timeout > self.time_limit - _SPARE_SECONDS:
            raise ValueError("connect_timeout and answer_timeout that end a second before time_limit")


class IpvsFacts(Facts, frozen=True, kw_only=True):
    """The pools, what their servers answered, and what keepalived was told.

    `keepalived` is None where none runs, or `unread` says why it is not known. `managers` are other programs that
    run here and may keep any pool.
    """

    pools: tuple[Pool, ...] = ()
    probes: tuple[Probed, ...] = ()
    addresses: tuple[str, ...] = ()
    keepalived: KeepalivedConf | None = None
    unread: str = ""
    managers: tuple[str, ...] = ()
    stamp: Stamp | None = None


class IpvsMemory(Facts, frozen=True, kw_only=True):
    """Who was dead when it had traffic last, and the notes of the last run: each is recorded once."""

    noted: tuple[str, ...] = ()
    fallen: tuple[Fallen, ...] = ()


def observe(host: Host, settings: IpvsSettings, before: IpvsMemory | None) -> IpvsFacts:
    """Read the pools and keepalived.conf, and ask every real server, all at once."""
    if not has_ipvs(host):
        raise NotApplicable("no IPVS on this host")
    addresses = read_addresses()
    if any(one.interface == KUBE_PROXY_INTERFACE for one in addresses):
        raise NotApplicable("the IPVS pools here are kube-proxy's, which tests its servers itself")
    pools = read_pools(host)
    keepalived, managers, unread = _read_keepers(host)
    if not pools and not settings.servers and not (keepalived and keepalived.virtual_servers) and not unread:
        raise NotApplicable("no IPVS pool on this host")
    facts = IpvsFacts(
        pools=pools,
        addresses=tuple(sorted({str(one.address) for one in addresses})),
        keepalived=keepalived,
        unread=unread,
        managers=managers,
        stamp=host.stamp(),
    )
    questions = tuple(_questions(facts, settings))
    limits = TimeLimits(
        connect_seconds=settings.connect_timeout,
        answer_seconds=settings.answer_timeout,
        whole_seconds=settings.time_limit - _SPARE_SECONDS,
    )
    answers = probe_all([target_of(question) for question in questions], limits)
    probes = tuple(probed(question, answer) for question, answer in zip(questions, answers, strict=True))
    return msgspec.structs.replace(facts, probes=probes)


def judge(facts: IpvsFacts, before: IpvsMemory | None, settings: IpvsSettings) -> Iterator[Judgement]:
    """Judge every pool against reality and keepalived.conf; a note that was made before is not repeated."""
    yield from without_noted(_judge(facts, before, settings), before.noted if before else ())


def remember(facts: IpvsFacts, before: IpvsMemory | None, settings: IpvsSettings) -> IpvsMemory:
    """Keep what was noted, and who was dead when it had traffic last."""
    noted = noted_in(_judge(facts, before, settings))
    if facts.stamp is None:
        return IpvsMemory(noted=noted, fallen=before.fallen if before else ())
    return IpvsMemory(noted=noted, fallen=fold(_cases(facts, before, settings), facts.stamp))


def _cases(facts: IpvsFacts, before: IpvsMemory | None, settings: IpvsSettings) -> Iterator[Case]:
    configured = _configured(facts)
    fallen = before.fallen if before else ()
    for pool in facts.pools:
        if pool.name not in settings.ignore:
            yield Case(
                pool=pool,
                probes={probe.server: probe for probe in facts.probes if probe.pool == pool.name},
                configured=configured.get(pool.name),
                expected=settings.servers.get(pool.name, ()),
                vip_here=pool.address in facts.addresses if pool.address else None,
                keeper=_keeper(facts, configured.get(pool.name)),
                fallen={one.server: one for one in fallen if one.pool == pool.name},
                drained=settings.drained,
            )


def _keeper(facts: IpvsFacts, wanted: VirtualServer | None) -> Keeper:
    """Return who else keeps a pool, as far as it is known."""
    if wanted:
        return Keeper(name="keepalived")
    if facts.managers:
        return Keeper(name=", ".join(facts.managers))
    if facts.keepalived and facts.keepalived.changed_since_start:
        return Keeper(unknown="keepalived.conf was changed since keepalived started, which may keep this pool")
    return Keeper(unknown=facts.unread)


def _judge(facts: IpvsFacts, before: IpvsMemory | None, settings: IpvsSettings) -> Iterator[Judgement]:
    configured = _configured(facts)
    for case in _cases(facts, before, settings):
        yield from judge_pool(case)
    changed = facts.keepalived is not None and facts.keepalived.changed_since_start
    yield from compare(facts.pools, configured, settings.ignore, changed=changed)
    present = {pool.name for pool in facts.pools}
    for name in settings.servers:
        if name not in present and name not in configured:
            yield Unseen(
                subject=name, reason="[checks.ipvs] servers names this pool, and the kernel has none of it"
            )
    if facts.unread:
        yield Unseen(subject="keepalived.conf", reason=facts.unread)


def _read_keepers(host: Host) -> tuple[KeepalivedConf | None, tuple[str, ...], str]:
    """Return what keepalived was told, who else may keep the pools, and why that is not known."""
    try:
        conf = read_keepalived(host)
        # The VRRP half is another check's, and holds digests of passwords.
        return (msgspec.structs.replace(conf, instances=()) if conf else None), find_managers(host), ""
    except Unobservable as error:
        return None, (), f"the pools cannot be held against keepalived.conf: {error}"


def _configured(facts: IpvsFacts) -> dict[str, VirtualServer]:
    """Return the pools that keepalived keeps in this network namespace, by name."""
    conf = facts.keepalived
    if conf is None or conf.ipvs_namespace is not None:
        return {}
    return {name_configured(server): server for server in conf.virtual_servers}


def _questions(facts: IpvsFacts, settings: IpvsSettings) -> Iterator[Question]:
    """Yield every server to ask: those in a pool, and those that should be."""
    configured = _configured(facts)
    for pool in facts.pools:
        if pool.name in settings.ignore or not is_askable(pool):
            continue
        wanted = configured.get(pool.name)
        by_keepalived = {(one.address, one.port): one for one in (wanted.real_servers if wanted else ())}
        named = [parse_endpoint(name) for name in settings.servers.get(pool.name, ())]
        present = [(server.address, server.port) for server in pool.servers]
        for address, port in dict.fromkeys((*present, *by_keepalived, *named)):
            if port:
                yield _question(pool, address, port, by_keepalived.get((address, port)), settings)


def _question(pool: Pool, address: str, port: int, wanted: RealServer | None, settings: IpvsSettings) -> Question:
    check = wanted.http_check if wanted else None
    question = Question(pool=pool.name, address=address, port=port, how=_how(port, check, settings), check=check)
    try:
        target_of(question)
    except ValueError:  # keepalived asks for what is no URL
        return msgspec.structs.replace(question, check=None)
    return question


def _how(port: int, check: HttpCheck | None, settings: IpvsSettings) -> How:
    if check:
        return "https" if check.tls else "http"
    if port in settings.http_ports:
        return "http"
    return "https" if port in settings.https_ports else "tcp"


CHECK = Check(
    name="ipvs",
    title="IPVS pools and their real servers",
    faults=FAULTS,
    settings=IpvsSettings,
    facts=IpvsFacts,
    memory=IpvsMemory,
    observe=observe,
    judge=judge,
    remember=remember,
)
