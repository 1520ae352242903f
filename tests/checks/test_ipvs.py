"""ipvs: tables of pools with the full expected list; healthy set-ups that look like a fault come first."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from checks._ipvs.case import Fallen
from checks._ipvs.managers import find_managers
from checks._ipvs.probing import Probed, Question, probed, target_of
from checks.ipvs import CHECK, IpvsFacts, IpvsMemory, IpvsSettings, _questions
from watchdog.host import Host, Process
from watchdog.linux.http_answer import HttpHead
from watchdog.linux.ipvs import Pool, PoolServer
from watchdog.linux.keepalived_conf import KeepalivedConf
from watchdog.linux.keepalived_lvs import HttpCheck, RealServer, VirtualServer
from watchdog.model import Finding, Judgement, Metric, Note, Stamp, Unseen
from watchdog.plugin import Answer, NotApplicable

POOL, VIP, PORT = "192.168.100.10:8080", "192.168.100.10", 8080


def address(number: int) -> str:
    return f"192.168.100.2{number}"


def at(number: int, weight: int = 1, **changes: Any) -> PoolServer:
    fields: dict[str, Any] = {"address": address(number), "port": PORT, "weight": weight, "forwarding": "dr"}
    return PoolServer(**(fields | changes))


def pool(*servers: PoolServer, **changes: Any) -> Pool:
    fields: dict[str, Any] = {
        "family": "ipv4",
        "scheduler": "rr",
        "address": VIP,
        "port": PORT,
        "protocol": "tcp",
        "servers": servers,
    }
    return Pool(**(fields | changes))


def said(number: int, outcome: str = "answered", status: int | None = 400, **changes: Any) -> Probed:
    fields: dict[str, Any] = {
        "pool": POOL,
        "server": f"{address(number)}:{PORT}",
        "how": "http",
        "outcome": outcome,
        "status": status if outcome == "answered" else None,
        "seconds": 0.01,
    }
    return Probed(**(fields | changes))


def wanted(number: int, weight: int = 1, **changes: Any) -> RealServer:
    fields: dict[str, Any] = {"address": address(number), "port": PORT, "weight": weight, "forwarding": "dr"}
    return RealServer(**({"checkers": ("TCP_CHECK",)} | fields | changes))


def virtual(*servers: RealServer, **changes: Any) -> VirtualServer:
    fields: dict[str, Any] = {
        "address": VIP,
        "port": PORT,
        "protocol": "tcp",
        "scheduler": "rr",
        "forwarding": "dr",
        "real_servers": servers,
    }
    return VirtualServer(**(fields | changes))


def facts(*pools: Pool, probes: tuple[Probed, ...] = (), conf: Any = None, **changes: Any) -> IpvsFacts:
    """Return what was seen on a balancer with the address; `conf` are the virtual servers of its keepalived."""
    keepalived = None if conf is None else KeepalivedConf(virtual_servers=conf)
    return IpvsFacts(
        **({"pools": pools, "probes": probes, "addresses": (VIP,), "keepalived": keepalived} | changes)
    )


def judged(one: Judgement) -> str:
    match one:
        case Finding():
            return f"{one.fault.partition('.')[2]} {one.severity.value} {one.subject.removeprefix(POOL)}"
        case Unseen():
            return f"unseen {one.subject.removeprefix(POOL)}"
        case Note():
            return f"note {one.subject.removeprefix(POOL)}"
    return ""


def judge(seen: IpvsFacts, before: IpvsMemory | None = None, **settings: Any) -> list[str]:
    return sorted(word for one in CHECK.judge(seen, before, IpvsSettings(**settings)) if (word := judged(one)))


THREE = pool(at(1), at(2), at(3))
ALL = (said(1), said(2), said(3))
CONF = (virtual(wanted(1), wanted(2), wanted(3)),)
RS1, RS2 = f"/{address(1)}:{PORT}", f"/{address(2)}:{PORT}"
KEYS = {"servers": {POOL: (f"{address(1)}:{PORT}", f"{address(2)}:{PORT}")}}
HTTP = {"checkers": ("HTTP_GET",), "http_check": HttpCheck(path="/up")}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(facts(THREE, probes=ALL), [], id="three-that-answer"),
        pytest.param(facts(THREE, probes=ALL, conf=CONF), [], id="and-keepalived-agrees"),
        pytest.param(facts(THREE, probes=(said(1, status=407), *ALL[1:])), [], id="407-is-an-answer"),
        pytest.param(facts(THREE, probes=(said(1, status=503), *ALL[1:])), [], id="503-is-an-answer"),
        pytest.param(facts(THREE, probes=(said(1, "connected"), *ALL[1:])), [], id="a-connection-will-do"),
        pytest.param(facts(THREE, probes=(said(1, "not_http"), *ALL[1:])), [], id="another-protocol-answers"),
        pytest.param(facts(THREE, probes=(said(1, "tls_failed"), *ALL[1:])), [], id="tls-without-a-name"),
        pytest.param(
            facts(pool(at(1, 0), at(2)), probes=(said(1, "refused"), said(2))), [], id="drained-and-dead"
        ),
        pytest.param(facts(pool(at(1, 0), at(2)), probes=(said(1), said(2))), [], id="drained-and-alive"),
        pytest.param(
            facts(
                pool(at(1, 0), at(2)),
                probes=(said(1, "refused"), said(2)),
                conf=(virtual(wanted(1, inhibit_on_failure=True), wanted(2)),),
            ),
            [],
            id="inhibited-on-failure",
        ),
        pytest.param(
            facts(pool(at(1, 0), at(2)), probes=(said(1), said(2)), conf=(virtual(wanted(1), wanted(2)),)),
            [],
            id="drained-by-a-person",
        ),
        pytest.param(
            facts(pool(at(2)), probes=(said(1, "refused"), said(2)), conf=(virtual(wanted(1), wanted(2)),)),
            [],
            id="dead-and-taken-out",
        ),
        pytest.param(
            facts(pool(at(2)), probes=(said(1), said(2)), conf=(virtual(wanted(1, 0), wanted(2)),)),
            [],
            id="configured-with-weight-0",
        ),
        pytest.param(
            facts(
                pool(at(2)),
                probes=(said(1), said(2)),
                conf=(virtual(wanted(1, checkers=("MISC_CHECK",)), wanted(2)),),
            ),
            [f"note {RS1}"],
            id="a-script-may-know-better",
        ),
        pytest.param(
            facts(
                pool(at(2)),
                probes=(said(1, fits=False, expected="200-299"), said(2)),
                conf=(virtual(wanted(1, **HTTP), wanted(2)),),
            ),
            [],
            id="keepalived-wants-another-status",
        ),
        pytest.param(
            facts(
                pool(at(2)),
                probes=(said(1), said(2)),
                conf=(virtual(wanted(1), wanted(2), ha_suspend=True),),
                addresses=(),
            ),
            [],
            id="not-tested-while-the-address-is-elsewhere",
        ),
        pytest.param(facts(pool(at(2)), probes=(said(1), said(2))), [], id="taken-out-by-a-person"),
        pytest.param(
            facts(
                pool(at(3)),
                probes=(said(1), said(2, "refused")),
                conf=(virtual(wanted(1), wanted(2), sorry_server=wanted(3), quorum=2),),
            ),
            ["pool_empty critical "],
            id="below-its-quorum-all-are-out",
        ),
        pytest.param(
            facts(
                THREE, probes=ALL, conf=(virtual(wanted(1, 9, checkers=("FILE_CHECK",)), wanted(2), wanted(3)),)
            ),
            [],
            id="a-test-gives-the-weight",
        ),
        pytest.param(
            facts(pool(at(1, forwarding="local")), probes=(said(1),), conf=(virtual(wanted(1)),)),
            [],
            id="localnode",
        ),
        pytest.param(facts(THREE, probes=ALL, conf=()), [], id="keepalived-keeps-no-pool"),
        pytest.param(
            facts(
                THREE, probes=ALL, keepalived=KeepalivedConf(virtual_servers=(virtual(),), ipvs_namespace="other")
            ),
            [],
            id="keepalived-keeps-pools-elsewhere",
        ),
        pytest.param(
            facts(pool(at(1), at(2)), probes=(said(1, "closed"), said(2, "closed"))),
            [f"unseen {RS1}", f"unseen {RS2}"],
            id="all-hang-up-on-strangers",
        ),
        pytest.param(
            facts(pool(at(1, port=53), protocol="udp", port=53)),
            ["note udp:192.168.100.10:53"],
            id="udp-cannot-be-asked",
        ),
        pytest.param(
            facts(pool(at(1, port=0), fwmark=7, address="", port=0, protocol="")),
            ["note fwmark7"],
            id="a-firewall-mark-cannot-be-asked",
        ),
    ],
)
def test_healthy(seen: IpvsFacts, expected: list[str]) -> None:
    assert judge(seen) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        *(
            pytest.param(
                facts(THREE, probes=(said(1, outcome), *ALL[1:])),
                [f"dead_server_in_pool critical {RS1}"],
                id=f"dead-{outcome}",
            )
            for outcome in ("refused", "silent", "unreachable", "unanswered", "closed", "reset")
        ),
        pytest.param(
            facts(THREE, probes=(said(1, "silent"), *ALL[1:]), addresses=()),
            [f"dead_server_in_pool warning {RS1}"],
            id="dead-while-the-address-is-elsewhere",
        ),
        pytest.param(
            facts(THREE, probes=(said(1, fits=False, status=500), *ALL[1:]), conf=CONF),
            [f"dead_server_in_pool critical {RS1}"],
            id="not-the-status-that-keepalived-wants",
        ),
        pytest.param(
            facts(pool(at(1), at(2)), probes=(said(1, "refused"), said(2, "silent"))),
            [f"dead_server_in_pool critical {RS1}", f"dead_server_in_pool critical {RS2}"],
            id="all-dead",
        ),
        pytest.param(
            facts(THREE, probes=(said(1, "untried"), *ALL[1:])), [f"unseen {RS1}"], id="we-could-not-ask"
        ),
        pytest.param(
            facts(pool(at(2)), probes=(said(1), said(2)), conf=(virtual(wanted(1), wanted(2)),)),
            [f"live_server_missing warning {RS1}"],
            id="alive-and-not-put-back",
        ),
        pytest.param(
            facts(
                pool(at(1, 0), at(2)),
                probes=(said(1), said(2)),
                conf=(virtual(wanted(1, inhibit_on_failure=True), wanted(2)),),
            ),
            [f"live_server_missing warning {RS1}"],
            id="alive-and-still-inhibited",
        ),
        pytest.param(
            facts(
                pool(at(2)), probes=(said(1, status=200), said(2)), conf=(virtual(wanted(1, **HTTP), wanted(2)),)
            ),
            [f"live_server_missing warning {RS1}"],
            id="alive-by-keepalived's-own-question",
        ),
        pytest.param(facts(pool()), ["pool_empty critical "], id="no-server"),
        pytest.param(facts(pool(), addresses=()), ["pool_empty warning "], id="no-server-on-the-backup"),
        pytest.param(facts(pool(at(1, 0), at(2, 0)), probes=ALL), ["pool_empty critical "], id="all-drained"),
        pytest.param(
            facts(
                pool(at(9, address="192.168.100.99")),
                probes=(said(1, "refused"),),
                conf=(virtual(wanted(1), sorry_server=wanted(9, address="192.168.100.99")),),
            ),
            ["pool_empty critical "],
            id="only-the-sorry-server",
        ),
        pytest.param(
            facts(THREE, probes=ALL, conf=(*CONF, virtual(wanted(1), port=81))),
            ["table_differs_from_keepalived warning 192.168.100.10:81"],
            id="a-pool-that-is-not-there",
        ),
        pytest.param(
            facts(THREE, pool(at(1), port=81), probes=ALL, conf=CONF),
            ["table_differs_from_keepalived warning 192.168.100.10:81"],
            id="a-pool-that-keepalived-does-not-know",
        ),
        pytest.param(
            facts(pool(at(1), at(2), scheduler="wlc"), conf=(virtual(wanted(1), wanted(2)),)),
            ["table_differs_from_keepalived warning "],
            id="another-scheduler",
        ),
        pytest.param(
            facts(pool(at(1), at(2), persistent_seconds=300), conf=(virtual(wanted(1), wanted(2)),)),
            ["table_differs_from_keepalived warning "],
            id="clients-are-kept-and-should-not",
        ),
        pytest.param(
            facts(
                pool(at(1), at(2), persistent_seconds=300),
                conf=(msgspec.structs.replace(virtual(wanted(1), wanted(2)), persistent_seconds=300),),
            ),
            [],
            id="clients-are-kept-as-they-should",
        ),
        pytest.param(
            facts(pool(at(1), at(2)), probes=ALL, conf=(virtual(wanted(2)),)),
            [f"table_differs_from_keepalived warning {RS1}"],
            id="a-server-that-keepalived-does-not-know",
        ),
        pytest.param(
            facts(pool(at(1, 5)), probes=ALL, conf=(virtual(wanted(1)),)),
            [f"table_differs_from_keepalived warning {RS1}"],
            id="another-weight",
        ),
        pytest.param(
            facts(pool(at(1, forwarding="nat")), probes=ALL, conf=(virtual(wanted(1)),)),
            [f"table_differs_from_keepalived warning {RS1}"],
            id="another-method",
        ),
        pytest.param(
            facts(THREE, probes=ALL, unread="cannot read it"), ["unseen keepalived.conf"], id="unreadable-conf"
        ),
    ],
)
def test_faults(seen: IpvsFacts, expected: list[str]) -> None:
    assert judge(seen) == expected


def test_settings_say_who_should_be_in_a_pool_and_what_to_leave_alone() -> None:
    seen = facts(pool(at(2)), probes=(said(1), said(2)))
    assert judge(seen, **KEYS) == [f"live_server_missing warning {RS1}"]
    assert judge(seen, **KEYS, ignore=(POOL,)) == []
    assert judge(facts(), **KEYS) == ["unseen "]


def test_what_was_noted_is_not_noted_again() -> None:
    seen = facts(pool(at(1, port=53), protocol="udp", port=53))
    assert judge(seen, CHECK.remember(seen, None, IpvsSettings())) == []


def test_a_summary_says_what_is_wrong_and_what_to_do() -> None:
    seen = facts(THREE, probes=(said(1, "unanswered"), *ALL[1:]))
    (found,) = [one for one in CHECK.judge(seen, None, IpvsSettings()) if isinstance(one, Finding)]
    assert found.summary == (
        "192.168.100.21:8080 takes the connection and then never answers, and 192.168.100.10:8080 still sends it"
        " traffic (weight 1 of 3): its share of the connections fails; drain it: ipvsadm -e -t 192.168.100.10:8080"
        " -r 192.168.100.21:8080 -g -w 0"
    )
    assert found.evidence["not_seen"] == (
        "asked on its own address: whether it answers on the virtual one is not seen from here"
    )


def test_a_changed_file_is_named_as_what_may_explain_a_difference() -> None:
    conf = KeepalivedConf(virtual_servers=(virtual(wanted(2)),), changed_since_start=True)
    seen = facts(pool(at(1), at(2)), probes=ALL, keepalived=conf)
    (found,) = [one for one in CHECK.judge(seen, None, IpvsSettings()) if isinstance(one, Finding)]
    assert found.summary.endswith("the file was changed after keepalived started: was it reloaded?")


def test_metrics() -> None:
    found = [one for one in CHECK.judge(facts(THREE, probes=ALL), None, IpvsSettings()) if isinstance(one, Metric)]
    assert [(one.name, one.value) for one in found] == [("servers_in_service", 3), *[("answer_seconds", 0.01)] * 3]


def at_look(number: int) -> Stamp:
    return Stamp(boot_id="boot", boottime_ns=number, wall_ns=0)


DEAD_1, ALIVE_1, DOUBTFUL_1, UNTRIED_1 = (
    (said(1, outcome), *ALL[1:]) for outcome in ("refused", "answered", "closed", "untried")
)
WELL_AGAIN = f"drained_server_well warning {RS1}"
Look = tuple[Pool, tuple[Probed, ...]]


def looks(*seen: Look, **more: Any) -> tuple[list[str], IpvsMemory]:
    """Return what the last of these looks finds of the first server, and what it leaves behind."""
    memory: IpvsMemory | None = None
    found: list[str] = []
    for number, (now, probes) in enumerate(seen, 1):
        this = facts(now, probes=probes, stamp=at_look(number), **more)
        found, memory = judge(this, memory), CHECK.remember(this, memory, IpvsSettings())
    assert memory is not None
    return found, memory


def weights(first: int) -> Pool:
    return pool(at(1, first), at(2), at(3))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param([(weights(3), ALIVE_1), (weights(0), ALIVE_1)], [], id="drained-when-it-was-well"),
        pytest.param([(weights(0), DEAD_1), (weights(0), ALIVE_1)], [], id="never-seen-with-traffic"),
        pytest.param([(weights(3), DEAD_1), (weights(0), DEAD_1)], [], id="drained-and-still-dead"),
        pytest.param([(weights(3), DEAD_1), (weights(0), UNTRIED_1)], [], id="drained-and-not-asked"),
        pytest.param(
            [(weights(3), DEAD_1), (weights(3), ALIVE_1), (weights(0), ALIVE_1)], [], id="it-was-well-in-between"
        ),
        pytest.param(
            [(weights(3), DEAD_1), (pool(at(2), at(3)), ALIVE_1), (weights(0), ALIVE_1)], [], id="taken-out-since"
        ),
        pytest.param([(weights(3), DEAD_1), (weights(0), ALIVE_1)], [WELL_AGAIN], id="drained-when-it-was-dead"),
        pytest.param(
            [(weights(3), DEAD_1), (weights(0), DEAD_1), (weights(0), ALIVE_1)], [WELL_AGAIN], id="well-later"
        ),
        pytest.param(
            [(weights(3), DEAD_1), (weights(3), UNTRIED_1), (weights(0), ALIVE_1)], [WELL_AGAIN], id="once-unasked"
        ),
        pytest.param([(weights(3), DOUBTFUL_1), (weights(0), ALIVE_1)], [WELL_AGAIN], id="it-hung-up"),
    ],
)
def test_a_server_that_was_drained(seen: list[Look], expected: list[str]) -> None:
    assert looks(*seen)[0] == expected


FELL: tuple[Look, ...] = ((weights(3), DEAD_1), (weights(0), ALIVE_1))


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"managers": ("ldirectord",)}, id="ldirectord"),
        pytest.param({"unread": "cannot read it"}, id="nobody-knows"),
        pytest.param(
            {"keepalived": KeepalivedConf(virtual_servers=(), changed_since_start=True)}, id="keepalived-may"
        ),
        pytest.param(
            {"keepalived": KeepalivedConf(virtual_servers=(virtual(wanted(1, 3), wanted(2), wanted(3)),))},
            id="keepalived",
        ),
    ],
)
def test_who_is_drained_in_a_pool_that_somebody_keeps_is_theirs(more: dict[str, Any]) -> None:
    found, memory = looks(*FELL, **more)
    assert WELL_AGAIN not in found
    assert memory.fallen == ()


def test_what_it_had_when_it_fell_is_remembered() -> None:
    found, memory = looks((weights(5), DEAD_1), (weights(3), DEAD_1), (weights(0), DEAD_1))
    assert found == []
    assert memory.fallen == (Fallen(pool=POOL, server=f"{address(1)}:{PORT}", weight=3, in_service=at_look(2)),)
    now = facts(weights(0), probes=ALIVE_1, stamp=at_look(4))
    (finding,) = [one for one in CHECK.judge(now, memory, IpvsSettings()) if isinstance(one, Finding)]
    assert finding.summary.endswith(f"ipvsadm -e -t {POOL} -r {address(1)}:{PORT} -g -w 3")
    assert finding.evidence["weight_before"] == 3
    assert finding.evidence["last_in_service"] == {"boot_id": "boot", "boottime_ns": 2, "wall_ns": 0}
    assert judge(now, memory, drained=(f"{POOL}{RS1}",)) == []
    assert judge(now, memory, ignore=(POOL,)) == []


def test_a_dead_server_tells_who_is_left_and_whose_the_pool_is() -> None:
    seen = facts(
        pool(at(1), at(2), at(3, 0), at(4)),
        probes=(said(1, "silent"), *ALL[1:], said(4, "untried")),
        managers=("x",),
    )
    (found,) = [one for one in CHECK.judge(seen, None, IpvsSettings()) if isinstance(one, Finding)]
    assert found.evidence["alive_besides"] == [f"{address(2)}:{PORT}"]
    assert (found.evidence["kept_by"], found.evidence["keeper_unknown"]) == ("x", "")


class Running(Host):
    """A host with these processes; that of number 9 lives in another network."""

    def __init__(self, *argvs: str) -> None:
        super().__init__(Path("/nowhere"))
        self.argvs = argvs

    def processes(self) -> tuple[Process, ...]:
        return tuple(
            Process(
                pid=pid,
                name=argv.split()[0][-15:],
                exe=None,
                argv=tuple(argv.split()),
                started_boottime_seconds=None,
            )
            for pid, argv in enumerate(self.argvs, 9)
        )

    def shares_network(self, pid: int) -> bool | None:
        return pid != 9


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        pytest.param("ldirectord", ("ldirectord",), id="by-its-name"),
        pytest.param("/usr/bin/perl -w /usr/sbin/ldirectord start", ("ldirectord",), id="by-its-interpreter"),
        pytest.param("/usr/local/bin/kube-router --run-service-proxy=true", ("kube-router",), id="kube-router"),
        pytest.param("vi /etc/ha.d/ldirectord", (), id="somebody-reads-about-it"),
        pytest.param("keepalived -D", (), id="keepalived-says-itself"),
    ],
)
def test_who_may_keep_the_pools(argv: str, expected: tuple[str, ...]) -> None:
    assert find_managers(Running("ldirectord", argv)) == expected


def ask(port: int, check: HttpCheck | None = None) -> list[tuple[str, int, str, str]]:
    """Return how a server on a port is asked: (how, port, method, target)."""
    conf = (virtual(wanted(1, port=port, http_check=check), port=port),)
    found = []
    for question in _questions(facts(pool(at(1, port=port), port=port), conf=conf), IpvsSettings()):
        target = target_of(question)
        request = target.request
        found.append(
            (question.how, target.port, request.method if request else "", request.target if request else "")
        )
    return found


@pytest.mark.parametrize(
    ("port", "check", "expected"),
    [
        pytest.param(8080, None, ("http", 8080, "HEAD", "/"), id="a-proxy's-port"),
        pytest.param(443, None, ("https", 443, "HEAD", "/"), id="https"),
        pytest.param(25, None, ("tcp", 25, "", ""), id="another"),
        pytest.param(25, HttpCheck(path="/up"), ("http", 25, "GET", "/up"), id="keepalived's-own"),
        pytest.param(
            25, HttpCheck(path="/", tls=True, port=8443), ("https", 8443, "GET", "/"), id="ssl-elsewhere"
        ),
        pytest.param(80, HttpCheck(path="/a b"), ("http", 80, "HEAD", "/"), id="no-url"),
    ],
)
def test_how_a_server_is_asked(port: int, check: HttpCheck | None, expected: tuple[str, int, str, str]) -> None:
    assert ask(port, check) == [expected]


def test_who_is_asked() -> None:
    conf = (virtual(wanted(1), wanted(2)),)
    seen = facts(pool(at(2), at(3, 0)), pool(at(4, port=53), protocol="udp", port=53), conf=conf)
    asked = [(one.pool, one.address) for one in _questions(seen, IpvsSettings())]
    assert asked == [(POOL, address(2)), (POOL, address(3)), (POOL, address(1))]
    assert list(_questions(seen, IpvsSettings(ignore=(POOL,)))) == []


@pytest.mark.parametrize(
    ("status", "fits"),
    [
        pytest.param(199, False, id="below"),
        pytest.param(200, True, id="first"),
        pytest.param(299, True, id="last"),
        pytest.param(300, False, id="beyond"),
    ],
)
def test_a_status_fits_within_keepalived_s_bounds(status: int, fits: bool) -> None:
    question = Question(pool=POOL, address=address(1), port=PORT, how="http", check=HttpCheck())
    answer = Answer(outcome="answered", head=HttpHead(status=status), total_seconds=0.5)
    found = probed(question, answer)
    assert (found.fits, found.state) == (fits, "alive" if fits else "dead")


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"servers": {POOL: ("192.168.100.21",)}}, id="a-server-without-port"),
        pytest.param({"drained": (POOL,)}, id="a-pool-for-a-server"),
        pytest.param({"connect_timeout": "5s", "answer_timeout": "5s"}, id="longer-than-the-time-limit"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(settings, IpvsSettings, dec_hook=lambda kind, value: kind.parse(value))


def test_a_host_without_ipvs_is_none_of_ours(tmp_path: Path) -> None:
    with pytest.raises(NotApplicable, match="no IPVS on this host"):
        CHECK.observe(Host(tmp_path), IpvsSettings(), None)


def test_facts_go_into_json_and_come_back() -> None:
    seen = facts(THREE, probes=ALL, conf=CONF)
    assert msgspec.json.decode(msgspec.json.encode(seen), type=IpvsFacts) == seen
