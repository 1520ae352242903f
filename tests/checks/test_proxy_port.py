"""proxy_port: what a proxy's answer means, whom to ask what, and what is remembered.

Real proxies, firewalls and time-outs are in tests/lab/test_proxy_port.py.
"""

import socket
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks._proxy_port import cgroups, local
from checks._proxy_port.asking import Ask, _port_answer, named, pooled
from checks._proxy_port.asking import found as found_port
from checks._proxy_port.faults import SLOW
from checks._proxy_port.local import LocalPort, find_local
from checks._proxy_port.ports import KnownPort, Port, PortAnswer, name_port, parse_subject
from checks._proxy_port.squid_conf import parse_squid_ports
from checks._proxy_port.targets import ProxyTarget
from checks.proxy_port import CHECK, ProxyPortFacts, ProxyPortMemory, ProxyPortSettings
from tests.files_in_memory import Files
from watchdog.host import Host
from watchdog.linux.conf_files import Followed, MalformedConfError
from watchdog.linux.http_answer import HttpHead
from watchdog.linux.ipvs import Pool, PoolServer
from watchdog.model import Finding, Judgement, Metric
from watchdog.plugin import OWN_ORIGIN, Answer, NotApplicable, Unobservable
from watchdog.settings import Place, convert, problems_in

SUBJECT = "192.168.100.21:8080"
VIA, SQUID = "via: 1.1 proxy (squid/5.7)", "x-squid-error: ERR_ACCESS_DENIED 0"
UP = 86400.0


def port(status: int = 0, outcome: str = "", **more: Any) -> Port:
    """Return a named proxy that answered so; what `PortAnswer` knows goes there."""
    answer = {"outcome": outcome or "answered", "phase": "answer", "status": status, "total_seconds": 0.01}
    known = set(PortAnswer.__struct_fields__)
    answer |= {name: value for name, value in more.items() if name in known and name not in ("status",)}
    rest = {name: value for name, value in more.items() if name not in known}
    base = {
        "subject": SUBJECT,
        "address": "192.168.100.21",
        "port": 8080,
        "source": "settings",
        "question": "tunnel",
    }
    asked = {"tunnel": "CONNECT 127.0.0.1:8080", "url": "GET http://origin.example/", "own_page": "GET our page"}
    base["asked"] = asked.get(str(rest.get("question", "tunnel")), "")
    if "wanted" in rest:
        base["status"] = rest.pop("wanted")
    return Port(**{**base, "answer": PortAnswer(**answer), **rest})  # type: ignore[arg-type]


def failed(outcome: str, phase: str = "connect", **more: Any) -> Port:
    return port(outcome=outcome, phase=phase, **more)


def found(status: int = 0, **more: Any) -> Port:
    """Return a squid of this host that was found."""
    return port(status, **{"source": "local", "question": "own_page", "program": "squid", "here": True, **more})


def pool_server(status: int = 0, **more: Any) -> Port:
    return port(status, **{"source": "ipvs", "pool": "192.168.100.10:8080", **more})


def once(proxied: bool = True, answered: bool = True) -> ProxyPortMemory:
    known = KnownPort(subject=SUBJECT, source="local", question="own_page", answered=answered, proxied=proxied)
    return ProxyPortMemory(known=(known,))


def said(judgement: Judgement) -> str:
    """Return what was judged: the condition of the fault and why, or the kind of judgement and why."""
    evidence = getattr(judgement, "evidence", {})
    name = (
        judgement.fault.partition(".")[2] if isinstance(judgement, Finding) else type(judgement).__name__.lower()
    )
    return f"{name} {evidence['why']}" if "why" in evidence else name


def judged(*ports: Port, before: ProxyPortMemory | None = None, boottime: float = UP, **more: Any) -> list[str]:
    facts = ProxyPortFacts(boottime_seconds=boottime, ports=ports, **more)
    all_said = [said(one) for one in CHECK.judge(facts, before, ProxyPortSettings())]
    return [one for one in all_said if one != "metric"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        # Healthy, however it looks.
        pytest.param(port(200), [], id="tunnel-granted"),
        pytest.param(port(403, voice=SQUID), [], id="tunnel-refused-by-squid"),
        pytest.param(port(403), [], id="tunnel-refused-without-a-word"),
        pytest.param(port(407, voice="proxy-authenticate: Basic"), [], id="wants-a-login"),
        pytest.param(port(400, voice=SQUID), [], id="squid-finds-the-tunnel-odd"),
        pytest.param(port(503), ["note upstream"], id="tunnel-that-finds-nobody"),
        pytest.param(port(500, voice="server: tinyproxy/1.11.1"), ["note upstream"], id="tinyproxy-finds-nobody"),
        pytest.param(port(204, question="own_page", reached_origin=True), [], id="our-page"),
        pytest.param(port(403, question="own_page", voice=SQUID), [], id="our-page-is-not-allowed"),
        pytest.param(
            port(403, question="own_page", reached_origin=True), [], id="our-page-is-censored-afterwards"
        ),
        pytest.param(port(503, question="own_page"), ["note upstream"], id="our-page-sought-at-a-dead-parent"),
        pytest.param(port(200, question="url"), [], id="url"),
        pytest.param(port(304, question="url"), [], id="url-not-modified"),
        pytest.param(port(200, question="url", control=port(403).answer), [], id="url-of-a-proxy-without-via"),
        pytest.param(port(200, question="url", control=failed("silent").answer), [], id="url-then-silent"),
        pytest.param(port(304, question="url", wanted=(200, 304)), [], id="url-with-a-wanted-status"),
        pytest.param(port(502, question="url"), ["note upstream"], id="origin-down"),
        pytest.param(port(504, question="url", wanted=(200,)), ["note upstream"], id="origin-silent"),
        pytest.param(port(404, question="url", voice=VIA), ["note upstream"], id="origin-says-404"),
        pytest.param(
            port(404, question="url", wanted=(200,), voice=VIA), ["note upstream"], id="origin-says-404-2"
        ),
        pytest.param(port(407, question="url"), [], id="url-needs-a-login"),
        pytest.param(port(407, with_login=True), ["note login_refused"], id="login-refused"),
        pytest.param(
            port(401, with_login=True, voice="server: tinyproxy"), ["note login_refused"], id="by-tinyproxy"
        ),
        pytest.param(
            failed("unanswered", "answer", question="url", control=port(200).answer),
            ["note upstream"],
            id="hangs-for-the-url-and-answers-otherwise",
        ),
        pytest.param(failed("connected", question="connection"), [], id="a-connection-is-all-that-was-asked"),
        # Dead.
        pytest.param(failed("refused"), ["dead refused"], id="refused"),
        pytest.param(failed("silent"), ["dead silent"], id="silent"),
        pytest.param(failed("unreachable", detail="No route to host"), ["dead unreachable"], id="unreachable"),
        pytest.param(failed("unanswered", "answer"), ["dead unanswered"], id="hangs"),
        pytest.param(failed("unanswered", "answer", stopped=(7,)), ["dead stopped"], id="stopped"),
        pytest.param(failed("unanswered", "tls", tls=True), ["dead unanswered"], id="hangs-at-tls"),
        pytest.param(failed("tls_failed", "tls", detail="expired"), ["dead tls_failed"], id="certificate-expired"),
        pytest.param(failed("closed", "answer"), ["dead closed"], id="hangs-up"),
        pytest.param(failed("reset", "answer"), ["dead reset"], id="resets"),
        pytest.param(
            failed("unanswered", "answer", question="url", control=failed("unanswered", "answer").answer),
            ["dead unanswered"],
            id="hangs-for-everything",
        ),
        # Not proxying.
        pytest.param(port(404), ["not_proxying status"], id="web-server-404"),
        pytest.param(port(405, server="Apache"), ["not_proxying status"], id="web-server-405"),
        pytest.param(port(400, server="nginx"), ["not_proxying status"], id="web-server-400"),
        pytest.param(port(501, server="SimpleHTTP"), ["not_proxying status"], id="web-server-501"),
        pytest.param(port(301), ["not_proxying status"], id="redirects"),
        pytest.param(port(200, question="own_page"), ["not_proxying status"], id="a-page-that-is-not-ours"),
        pytest.param(port(200, question="own_page", voice=VIA), ["not_proxying status"], id="nor-with-a-via"),
        pytest.param(port(404, question="url"), ["not_proxying status"], id="404-by-nobody-knows-who"),
        pytest.param(
            port(200, question="url", wanted=(200,), control=port(405).answer),
            ["not_proxying status"],
            id="a-web-server-serves-its-own-page",
        ),
        pytest.param(
            port(200, question="url", here=True, control=port(200).answer),
            ["not_proxying status"],
            id="a-web-server-here-serves-its-own-page-for-ours",
        ),
        pytest.param(port(403, question="url", wanted=(200,)), ["not_proxying denied"], id="must-not-be-denied"),
        pytest.param(
            port(407, question="url", wanted=(200,), with_login=True), ["not_proxying denied"], id="must-log-in"
        ),
        pytest.param(failed("not_http", "answer", detail="SSH"), ["not_proxying not_http"], id="ssh-in-its-place"),
        # Slow.
        pytest.param(port(200, total_seconds=2.0), [], id="not-yet-slow"),
        pytest.param(port(200, total_seconds=2.1), ["slow slow"], id="slow"),
        pytest.param(port(403, voice=SQUID, total_seconds=2.1), ["slow slow"], id="slow-to-refuse"),
        pytest.param(port(503, total_seconds=2.1), ["note upstream"], id="slow-is-the-upstream"),
        pytest.param(
            failed("unanswered", "answer", total_seconds=5.0), ["dead unanswered"], id="dead-is-not-slow"
        ),
        # Unseen.
        pytest.param(failed("untried", detail="no time was left for it"), ["unseen"], id="not-asked"),
        pytest.param(port(problem="/x: expected a login", answer=None), ["unseen"], id="no-login"),
    ],
)
def test_a_proxy_that_is_named(asked: Port, expected: list[str]) -> None:
    if asked.problem:
        asked = msgspec.structs.replace(asked, answer=None)
    assert judged(asked) == expected


@pytest.mark.parametrize(
    ("asked", "before", "expected"),
    [
        pytest.param(found(204, reached_origin=True), None, [], id="proxies"),
        pytest.param(found(404), None, ["note no_proxy"], id="never-seen-proxying"),
        pytest.param(found(404), once(), ["not_proxying status"], id="no-longer-proxies"),
        pytest.param(found(404), once(proxied=False), ["note no_proxy"], id="only-ever-answered"),
        pytest.param(failed("closed", "answer", source="local"), None, ["note closed"], id="may-be-no-http"),
        pytest.param(failed("closed", "answer", source="local"), once(), ["dead closed"], id="hangs-up-now"),
        pytest.param(failed("not_http", "answer", source="local"), None, ["note not_http"], id="not-http-ever"),
        pytest.param(
            failed("not_http", "answer", source="local"), once(), ["not_proxying not_http"], id="now-ssh"
        ),
        pytest.param(failed("unanswered", "answer", source="local"), None, ["dead unanswered"], id="hangs"),
        pytest.param(failed("refused", source="local"), once(), ["dead refused"], id="rejected-by-a-firewall"),
        pytest.param(failed("refused", source="local"), None, ["note refused"], id="bound-to-a-device"),
        pytest.param(pool_server(200), None, [], id="real-server"),
        pytest.param(pool_server(404), None, ["note no_proxy"], id="real-server-that-is-tomcat"),
        pytest.param(pool_server(404), once(), ["not_proxying status"], id="real-server-that-proxied"),
        pytest.param(failed("silent", source="ipvs"), None, ["dead silent"], id="real-server-silent"),
        pytest.param(failed("unanswered", "answer", source="vip"), None, ["dead unanswered"], id="vip-hangs"),
        pytest.param(found(200, question="http", program="haproxy"), None, [], id="haproxy"),
        pytest.param(found(404, question="http"), once(), [], id="haproxy-says-404"),
        pytest.param(found(503, question="http"), None, ["note upstream"], id="haproxy-without-servers"),
        pytest.param(found(503, question="http", total_seconds=9.0), None, ["note upstream"], id="haproxy-waits"),
        pytest.param(found(200, question="http", total_seconds=9.0), None, [], id="slow-is-who-is-behind-haproxy"),
        pytest.param(
            found(outcome="unanswered", question="http"),
            once(),
            ["note unanswered"],
            id="who-is-silent-is-unknown",
        ),
        pytest.param(
            found(outcome="connected", phase="connect", question="connection", stopped=(7,)),
            None,
            ["dead stopped"],
            id="the-kernel-accepts-for-a-stopped-program",
        ),
        pytest.param(
            found(outcome="silent", phase="connect", stopped=(7,)), None, ["dead stopped"], id="full-queue"
        ),
        pytest.param(
            found(outcome="unanswered", question="http", stopped=(7,)),
            once(),
            ["dead stopped"],
            id="haproxy-stopped",
        ),
        pytest.param(
            failed("refused", source="local", question="http", listens=False),
            None,
            ["dead refused"],
            id="haproxy-gone",
        ),
    ],
)
def test_a_port_that_was_found(asked: Port, before: ProxyPortMemory | None, expected: list[str]) -> None:
    assert judged(asked, before=before) == expected


GONE = failed("refused", source="local", program="squid", here=True, listens=False)
MOVED = found(204, reached_origin=True, subject="[::]:3128")


@pytest.mark.parametrize(
    ("ports", "boottime", "expected"),
    [
        pytest.param([GONE], UP, ["dead refused"], id="squid-is-stopped"),
        pytest.param([GONE], 60.0, ["unseen"], id="squid-is-not-yet-started"),
        pytest.param([GONE, MOVED], UP, ["note"], id="squid-listens-elsewhere-now"),
        pytest.param([msgspec.structs.replace(GONE, installed=False)], UP, ["note"], id="squid-was-removed"),
        pytest.param([found(404, listens=False), MOVED], UP, ["not_proxying status"], id="another-took-its-port"),
        pytest.param([failed("silent", source="local", listens=False), MOVED], UP, ["dead silent"], id="dropped"),
        pytest.param([failed("refused", here=True)], 60.0, ["unseen"], id="named-here-and-not-yet-started"),
        pytest.param([failed("refused")], 60.0, ["dead refused"], id="another-host-did-not-boot"),
        pytest.param([found(503)], 60.0, ["note upstream"], id="notes-need-no-grace"),
    ],
)
def test_a_port_of_this_host_that_is_gone(ports: list[Port], boottime: float, expected: list[str]) -> None:
    assert judged(*ports, before=once(), boottime=boottime) == expected


def remembered(*ports: Port, before: ProxyPortMemory | None = None, **more: Any) -> ProxyPortMemory:
    facts = ProxyPortFacts(boottime_seconds=UP, ports=ports, **more)
    return CHECK.remember(facts, before, ProxyPortSettings())


@pytest.mark.parametrize(
    ("asked", "answered", "proxied"),
    [
        pytest.param(found(204, reached_origin=True), True, True, id="passed-it-on"),
        pytest.param(found(403, voice=SQUID), True, True, id="refused-as-squid"),
        pytest.param(found(403), True, False, id="refused-as-anybody"),
        pytest.param(found(404), True, False, id="no-proxy"),
        pytest.param(found(200, question="http"), True, False, id="a-balancer"),
        pytest.param(found(outcome="unanswered"), False, False, id="silent"),
    ],
)
def test_what_a_port_did_is_remembered_and_stays(asked: Port, answered: bool, proxied: bool) -> None:
    (known,) = remembered(asked).known
    assert (known.answered, known.proxied) == (answered, proxied)
    later = remembered(found(outcome="unanswered"), before=ProxyPortMemory(known=(known,)))
    assert (later.known[0].answered, later.known[0].proxied) == (answered, proxied)


def test_what_is_named_is_remembered_by_its_program_only() -> None:
    (known,) = remembered(port(200, here=True, program="squid", service="squid.service")).known
    assert (known.source, known.program, known.service) == ("settings", "squid", "squid.service")
    gone = failed("refused", here=True, program="squid", listens=False)
    assert judged(gone, MOVED, before=ProxyPortMemory(known=(known,))) == ["dead refused"], (
        "it was named, so it must"
    )
    (kept,) = remembered(gone, before=ProxyPortMemory(known=(known,))).known
    assert kept.program == "squid"
    assert remembered(port(200, program="squid")).known == (), "nothing here can be done for another host's"


def who(*ports: Port) -> dict[str, Any]:
    """Return what the finding of the first of these ports says of the program behind it."""
    facts = ProxyPortFacts(boottime_seconds=UP, ports=ports)
    findings = [one for one in CHECK.judge(facts, once(), ProxyPortSettings()) if isinstance(one, Finding)]
    names = ("here", "pids", "stopped", "service", "contained", "answers_besides")
    return {
        name: value for name in names if (value := findings[0].evidence.get(name)) not in (None, False, [], "")
    }


HUNG = found(outcome="unanswered", pids=(7,), service="squid.service")
BESIDES = found(204, reached_origin=True, subject="[::]:3129", service="squid.service")
MINE = {"here": True, "pids": [7], "service": "squid.service"}


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        pytest.param([HUNG], MINE, id="alone"),
        pytest.param([HUNG, BESIDES], MINE | {"answers_besides": ["[::]:3129"]}, id="another-port-answers"),
        pytest.param(
            [HUNG, msgspec.structs.replace(BESIDES, service="squid@b.service")], MINE, id="of-another-instance"
        ),
        pytest.param([HUNG, msgspec.structs.replace(BESIDES, program="tinyproxy")], MINE, id="of-another-program"),
        pytest.param([HUNG, msgspec.structs.replace(BESIDES, here=False)], MINE, id="on-another-host"),
        pytest.param([HUNG, msgspec.structs.replace(BESIDES, stopped=(7,))], MINE, id="that-is-stopped"),
        pytest.param([HUNG, msgspec.structs.replace(HUNG, subject="[::]:3129")], MINE, id="that-hangs-as-well"),
        pytest.param([GONE], {"here": True}, id="nobody-listens"),
        pytest.param([failed("refused", source="ipvs")], {}, id="a-real-server"),
        pytest.param(
            [msgspec.structs.replace(HUNG, stopped=(7,), contained=True, service="")],
            {"here": True, "pids": [7], "stopped": [7], "contained": True},
            id="stopped-in-a-container",
        ),
    ],
)
def test_who_is_behind_a_dead_port(ports: list[Port], expected: dict[str, Any]) -> None:
    assert who(*ports) == expected


def test_what_is_forgotten() -> None:
    assert remembered(port(200)).known == (), "what is named elsewhere needs no memory"
    assert remembered(before=once()).known == (), "ignored now, or its program is"
    assert remembered(GONE, MOVED, before=once()).known[0].subject == "[::]:3128"
    assert [one.subject for one in remembered(GONE, before=once()).known] == [SUBJECT], "stopped is not forgotten"
    in_pool = ProxyPortMemory(known=(KnownPort(subject=SUBJECT, source="ipvs", question="tunnel"),))
    assert remembered(before=in_pool).known == ()
    assert remembered(before=in_pool, pools_problem="no CAP_NET_ADMIN").known == in_pool.known


def test_a_note_is_written_when_it_becomes_true_and_not_on_every_look() -> None:
    memory = remembered(port(503))
    assert judged(port(503), before=memory) == []
    assert judged(port(502), before=memory) == ["note upstream"]


def test_what_cannot_be_seen() -> None:
    assert judged(hidden=("squid",)) == ["unseen"]
    assert judged(pools_problem="the kernel does not show them") == ["unseen"]
    with pytest.raises(NotApplicable, match="no proxy listens here"):
        judged()


def test_a_slow_answer_must_last() -> None:
    assert SLOW.pending_seconds > 2 * ProxyPortSettings().every


def test_summaries_say_what_and_how_long() -> None:
    slow = port(200, total_seconds=2.5, connect_seconds=0.002, first_byte_seconds=2.49)
    texts = [
        one.summary
        for asked in (failed("unanswered", "answer", total_seconds=5.0), slow, pool_server(404), port(404))
        for one in CHECK.judge(ProxyPortFacts(boottime_seconds=UP, ports=(asked,)), once(), ProxyPortSettings())
        if isinstance(one, Finding)
    ]
    asked = "CONNECT 127.0.0.1:8080"
    phases = "connect 2 ms, first byte 2.5 s"
    server = f"real server {SUBJECT} of pool 192.168.100.10:8080"
    lost = "no request gets through it"
    assert texts == [
        f"the proxy {SUBJECT} accepts connections and does not answer {asked} within 5.0 s: {lost}",
        f"the proxy {SUBJECT} takes 2.5 s ({phases}; slow from 2.0 s): every page waits as long",
        f"{server} answers {asked} with HTTP 404, as no proxy does; it did proxy before: {lost}",
        f"the proxy {SUBJECT} answers {asked} with HTTP 404, as no proxy does: {lost}",
    ]


@pytest.mark.parametrize(
    ("fields", "voice"),
    [
        pytest.param({"server": "squid/5.7", "via": "1.1 x"}, "server: squid/5.7", id="squids-own-page"),
        pytest.param({"server": "nginx", "via": "1.1 x"}, "via: 1.1 x", id="passed-on"),
        pytest.param({"via": "1.1 x", "x-squid-error": "E 0"}, "x-squid-error: E 0", id="squid-that-hides"),
        pytest.param({"server": "nginx"}, "", id="a-web-server"),
    ],
)
def test_voice(fields: dict[str, str], voice: str) -> None:
    answer = Answer(outcome="answered", phase="answer", head=HttpHead(status=404, fields=fields))
    assert _port_answer(answer).voice == voice


@pytest.mark.parametrize(
    ("target", "question", "asked"),
    [
        pytest.param({"address": "192.0.2.1"}, "tunnel", "CONNECT 127.0.0.1:8080", id="elsewhere"),
        pytest.param({"address": "127.0.0.1"}, "own_page", "GET http://127.0.0.1:PORT/ of our own", id="here"),
        pytest.param({"address": "::1"}, "own_page", "GET http://127.0.0.1:PORT/ of our own", id="here-ipv6"),
        pytest.param({"address": "127.0.0.1", "url": "http://x/?t=1"}, "url", "GET http://x/?...", id="no-query"),
        pytest.param({"address": "192.0.2.1", "url": "https://x/"}, "url", "CONNECT x:443", id="https"),
        pytest.param({"address": "192.0.2.1", "url": "x:22"}, "url", "CONNECT x:22", id="host-and-port"),
        pytest.param({"address": "192.0.2.1", "url": "https://[::1]:8/y"}, "url", "CONNECT [::1]:8", id="ipv6"),
        pytest.param(
            {"address": "192.0.2.1", "url": "http://x/", "method": "CONNECT"}, "url", "CONNECT x:80", id="to-http"
        ),
    ],
)
def test_what_a_named_proxy_is_asked(target: dict[str, Any], question: str, asked: str) -> None:
    ask = named(Host(), ProxyTarget(port=8080, **target), ())
    assert (ask.port.question, ask.port.asked) == (question, asked)


def test_a_named_proxy_of_this_host_knows_its_program() -> None:
    mine = LocalPort(address="::", port=8080, program="squid", stopped=(7,))
    ask = named(Host(), ProxyTarget(address="127.0.0.1", port=8080), (mine,))
    assert (ask.port.program, ask.port.stopped) == ("squid", (7,))
    assert named(Host(), ProxyTarget(address="127.0.0.1", port=8081), (mine,)).port.program == ""
    assert named(Host(), ProxyTarget(address="192.0.2.1", port=8080), (mine,)).port.program == ""


def test_a_named_proxy_that_died_is_known_by_what_listened_there() -> None:
    target = ProxyTarget(address="127.0.0.1", port=8080)
    known = KnownPort(
        subject=target.subject, source="settings", question="own_page", program="squid", service="squid.service"
    )
    dead = named(Host(), target, (), known).port
    assert (dead.program, dead.service, dead.listens, dead.pids) == ("squid", "squid.service", False, ())
    now = LocalPort(address="::", port=8080, program="tinyproxy", pids=(8,))
    alive = named(Host(), target, (now,), known).port
    assert (alive.program, alive.service, alive.listens, alive.pids) == ("tinyproxy", "", True, (8,))
    elsewhere = ProxyTarget(address="192.0.2.1", port=8080)
    assert named(Host(), elsewhere, (), known).port.program == ""


def pool(address: str = "192.0.2.10", number: int = 8080, **more: Any) -> Pool:
    servers = [("192.0.2.21", 1, "dr"), ("192.0.2.22", 0, "dr"), ("192.0.2.10", 1, "local")]
    return Pool(
        family="ipv4",
        scheduler="rr",
        address=address,
        port=number,
        protocol=more.get("protocol", "tcp"),
        servers=tuple(
            PoolServer(address=server, port=number, weight=weight, forwarding=how)  # type: ignore[arg-type]
            for server, weight, how in servers
        ),
    )


@pytest.mark.parametrize(
    ("pools", "expected"),
    [
        pytest.param(
            [pool()],
            [("192.0.2.10:8080", "vip"), ("192.0.2.21:8080", "ipvs")],
            id="neither-the-drained-nor-ourselves",
        ),
        pytest.param([pool("127.0.0.1")], [("192.0.2.21:8080", "ipvs")], id="no-host-asks-its-own-vip"),
        pytest.param([pool(number=80)], [], id="not-a-proxys-port"),
        pytest.param([pool(protocol="udp")], [], id="udp"),
        pytest.param([Pool(family="ipv4", scheduler="rr", fwmark=7)], [], id="by-firewall-mark"),
    ],
)
def test_pools(pools: list[Pool], expected: list[tuple[str, str]]) -> None:
    asks: list[Ask] = list(pooled(pools, (3128, 8080)))
    assert [(ask.port.subject, ask.port.source) for ask in asks] == expected


def wrong(table: dict[str, Any]) -> list[str]:
    return [problem.expected for problem in problems_in(table, ProxyPortSettings, Place("x.toml"))]


ANY = "0.0.0.0"  # noqa: S104 - where others listen
PROXY = {"address": "192.0.2.1", "port": 8080}


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param({"targets": [{"address": "proxy.example", "port": 1}]}, "an IP address", id="name"),
        pytest.param({"targets": [{"address": "192.0.2.1", "port": 0}]}, "from 1 to 65535", id="port"),
        pytest.param({"targets": [PROXY, PROXY]}, "once among targets", id="twice"),
        pytest.param({"targets": [{**PROXY, "url": "http://u:p@x/"}]}, "without a login", id="login-in-url"),
        pytest.param({"targets": [{**PROXY, "url": "http://x/ y"}]}, "without blanks", id="blank"),
        pytest.param({"targets": [{**PROXY, "url": "http://x/\r\nA: b"}]}, "", id="injection"),
        pytest.param({"targets": [{**PROXY, "url": "https://x/", "method": "GET"}]}, "to GET", id="get-https"),
        pytest.param({"targets": [{**PROXY, "method": "GET"}]}, "to GET", id="get-nothing"),
        pytest.param({"targets": [{**PROXY, "url": "ftp://x/"}]}, "to CONNECT to", id="ftp"),
        pytest.param({"targets": [{**PROXY, "url": "x"}]}, "to CONNECT to", id="no-port"),
        pytest.param({"targets": [{**PROXY, "url": "http://[x/"}]}, "", id="half-an-ipv6-address"),
        pytest.param({"targets": [{**PROXY, "status": [200]}]}, "a url whose status", id="status-of-nothing"),
        pytest.param({"targets": [{**PROXY, "url": "x:1", "status": [100]}]}, "from 200 to 599", id="interim"),
        pytest.param({"targets": [{**PROXY, "verify": False}]}, "tls = true", id="tls-settings-without-tls"),
        pytest.param(
            {"targets": [{**PROXY, "login_file": "/a", "login_env": "B"}]}, "at most one", id="two-logins"
        ),
        pytest.param({"ignore": ["proxy:80"]}, "does not appear", id="ignore-a-name"),
        pytest.param({"ignore": ["::1:80"]}, "an address and a port", id="ignore-without-brackets"),
        pytest.param({"answer_timeout": "10s"}, "fit twice into time_limit", id="no-time"),
        pytest.param({"connect_timeout": "0s"}, "above zero", id="no-time-at-all"),
    ],
)
def test_settings_that_cannot_be(table: dict[str, Any], expected: str) -> None:
    (problem,) = wrong(table)
    assert expected in problem


def test_settings_that_can_be() -> None:
    table = {"targets": [{**PROXY, "tls": True, "verify": False}], "ignore": ["[::]:3128", "192.0.2.7:8080"]}
    assert wrong(table) == []
    assert convert(table, ProxyPortSettings).targets[0].subject == "192.0.2.1:8080"


@pytest.fixture
def login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_LOGIN", "user:pässword")
    return tmp_path / "login"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("user:secret\n", "user:secret", id="a-line"),
        pytest.param("user:sec:ret", "user:sec:ret", id="colons-in-the-password"),
        pytest.param("user\n", None, id="no-colon"),
        pytest.param("user:sec\nret\n", None, id="two-lines"),
        pytest.param("", None, id="empty"),
        pytest.param("user:" + "x" * 2000, None, id="endless"),
    ],
)
def test_login_file(login: Path, content: str, expected: str | None) -> None:
    login.write_text(content)
    target = ProxyTarget(**PROXY, login_file=login)  # type: ignore[arg-type]
    ask = named(Host(), target, ())
    if expected:
        assert ask.login
        assert ask.login.reveal() == expected
        assert "secret" not in repr(ask)
    else:
        assert ask.port.problem.startswith(f"{login}: expected the proxy's login as user:password")
        assert "sec" not in ask.port.problem.replace("may be secret", "")


def test_login_from_the_environment(login: Path) -> None:
    secret = ProxyTarget(**PROXY, login_env="LAB_LOGIN").read_login(Host())  # type: ignore[arg-type]
    assert secret
    assert secret.reveal() == "user:pässword"
    with pytest.raises(Unobservable, match=r"\$NO_SUCH: .* found nothing"):
        ProxyTarget(**PROXY, login_env="NO_SUCH").read_login(Host())  # type: ignore[arg-type]


@given(st.ip_addresses(), st.integers(1, 65535))
def test_a_subject_is_read_as_it_is_written(address: object, number: int) -> None:
    assert parse_subject(name_port(str(address), number)) == (str(address), number)


def test_each_step_that_was_gone_through_is_measured() -> None:
    asked = port(403, connect_seconds=0.25, first_byte_seconds=0.5, total_seconds=0.75)
    silent = msgspec.structs.replace(failed("silent", total_seconds=None), subject="192.168.100.22:8080")
    facts = ProxyPortFacts(boottime_seconds=UP, ports=(asked, silent))
    measured = [one for one in CHECK.judge(facts, None, ProxyPortSettings()) if isinstance(one, Metric)]
    assert [(one.subject, one.name, one.value) for one in measured] == [
        (SUBJECT, "connect_seconds", 0.25),
        (SUBJECT, "first_byte_seconds", 0.5),
        (SUBJECT, "total_seconds", 0.75),
    ]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        pytest.param(found(outcome="silent", phase="connect"), "its queue is full", id="on-this-host"),
        pytest.param(failed("silent"), "or the host is gone", id="on-another"),
    ],
)
def test_silence_is_explained_by_where_it_is(asked: Port, words: str) -> None:
    facts = ProxyPortFacts(boottime_seconds=UP, ports=(asked,))
    (only,) = (one for one in CHECK.judge(facts, once(), ProxyPortSettings()) if isinstance(one, Finding))
    assert words in only.summary


def test_memory_that_names_no_port_is_given_up() -> None:
    memory = msgspec.json.encode(once()).replace(SUBJECT.encode(), b"nonsense:1")
    with pytest.raises(msgspec.ValidationError, match="nonsense"):
        msgspec.json.decode(memory, type=ProxyPortMemory)


def test_a_device_has_small_and_capital_letters() -> None:
    assert parse_subject("[FE80::1%enP2p1s0]:8080") == ("fe80::1%enP2p1s0", 8080)
    target = ProxyTarget(address="fe80::1%enP2p1s0", port=8080)
    assert named(Host(), target, ()).port.subject == "[fe80::1%enP2p1s0]:8080"


@pytest.mark.parametrize(
    ("listens", "asked"),
    [
        pytest.param("fe80::1", "fe80::1%enP2", id="link-local"),
        pytest.param("fe80::9", "fe80::9", id="link-local-that-is-gone"),
        pytest.param("2001:db8::1", "2001:db8::1", id="global"),
        pytest.param("::", "::1", id="any"),
    ],
)
def test_where_a_listener_is_reached(tmp_path: Path, listens: str, asked: str) -> None:
    (tmp_path / "proc/net").mkdir(parents=True)
    rows = [f"{1:032x} 01 80 10 80       lo", "fe800000000000000000000000000001 02 40 20 80     enP2", ""]
    (tmp_path / "proc/net/if_inet6").write_text("\n".join(rows))
    assert found_port(Host(tmp_path), LocalPort(address=listens, port=1, program="squid")).port.address == asked


@given(st.text())
def test_only_a_value_error_comes_out_of_a_subject(text: str) -> None:
    try:
        address, number = parse_subject(text)
    except ValueError:
        return
    assert name_port(address, number).lower() == text.lower().replace(f":{text.rpartition(':')[2]}", f":{number}")


SQUID_CONF = """\
# a comment
http_port 3128
http_port 192.168.100.21:8080 name=lan
http_port [2001:db8::1]:3129 intercept
http_port 3130 tproxy # with a comment
https_port 3131 tls-cert=/etc/cert.pem
http_port 80 accel defaultsite=www.example.org
http_port 81 defaultsite=www.example.org
http_port \\
  82 vhost
include /etc/squid/conf.d/*.conf
"""


def test_squid_conf() -> None:
    files = Files({"/s": SQUID_CONF, "/etc/squid/conf.d/a.conf": "http_port 90\nhttp_port nonsense\nhttp_port\n"})
    assert parse_squid_ports(Followed(files), "/s") == {
        3128: "forward",
        8080: "forward",
        3129: "intercept",
        3130: "intercept",
        3131: "tls",
        80: "reverse",
        81: "reverse",
        82: "reverse",
        90: "forward",
    }


@given(st.text(alphabet="httpsport_incluedacel 12:[]=#\\\n/*", max_size=300))
def test_squid_conf_only_its_own_error(text: str) -> None:
    try:
        ports = parse_squid_ports(Followed(Files({"/s": text + "\ninclude /s"})), "/s")
    except MalformedConfError:
        return
    assert all(isinstance(number, int) for number in ports)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a root in which a process 7, `squid`, listens on 3128 (by inode 33) and 3131, and 8 listens on 22."""
    for folder in ("proc/net", "proc/7/fd", "proc/8/fd", "proc/7/root/etc/squid", "usr/sbin"):
        (tmp_path / folder).mkdir(parents=True)
    rest = "00000000:00000000 00:00000000 00000000 0 0 {} 1 0"
    rows = [("00000000:0C38", 33), ("00000000:0016", 34), ("00000000:0C3B", 35)]
    lines = ["  sl  local", *(f" 0: {local} 00000000:0000 0A {rest.format(inode)}" for local, inode in rows)]
    (tmp_path / "proc/net/tcp").write_text("\n".join(lines))
    for pid, name, inodes in (("7", "squid", [33, 35]), ("8", "sshd", [34])):
        (tmp_path / f"proc/{pid}/comm").write_text(f"{name}\n")
        (tmp_path / f"proc/{pid}/stat").write_text(f"{pid} (a) b) T 1")
        for number, inode in enumerate(inodes):
            (tmp_path / f"proc/{pid}/fd/{number}").symlink_to(f"socket:[{inode}]")
    (tmp_path / "proc/7/cmdline").write_text("(squid-1)\0--kid\0squid-1\0-f\0/etc/squid/own.conf\0")
    (tmp_path / "proc/7/root/etc/squid/own.conf").write_text("http_port 3128\nhttps_port 3131 cert=/x\n")
    (tmp_path / "usr/sbin/squid").write_text("")
    (tmp_path / "proc/7/exe").symlink_to("/usr/sbin/squid (deleted)")
    return tmp_path


def test_local_ports(machine: Path) -> None:
    shared = {"address": ANY, "program": "squid", "exe": "/usr/sbin/squid", "stopped": (7,), "pids": (7,)}
    assert find_local(Host(machine), ["squid"], []).ports == (
        LocalPort(port=3128, mode="forward", **shared),  # type: ignore[arg-type]
        LocalPort(port=3131, mode="tls", **shared),  # type: ignore[arg-type]
    )
    (ssh,) = find_local(Host(machine), [], ["sshd"]).ports
    assert (ssh.port, ssh.mode, ssh.exe) == (22, "other", "")
    assert find_local(Host(machine), ["nginx"], []).ports == ()


def test_whose_a_process_is(machine: Path) -> None:
    (machine / "proc/7/cgroup").write_text("0::/system.slice/squid.service\n")
    ports = find_local(Host(machine), ["squid"], []).ports
    assert {(one.service, one.contained) for one in ports} == {("squid.service", False)}
    (machine / "proc/7/status").write_text("NSpid:\t7\t1\n")
    ports = find_local(Host(machine), ["squid"], []).ports
    assert {(one.service, one.contained) for one in ports} == {("", True)}


def test_a_host_without_listeners_or_proc(tmp_path: Path) -> None:
    assert find_local(Host(tmp_path), ["squid"], []).ports == ()


def test_what_we_may_not_see(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError  # root may look everywhere, so a mode would not do

    monkeypatch.setattr(local, "_sockets", refuse)
    assert find_local(Host(machine), ["squid"], []).hidden == ("squid",)

    # The kernel tells in which control group a socket was made, and squid's is a service's.
    group = machine / "sys/fs/cgroup/system.slice/squid.service"
    group.mkdir(parents=True)
    monkeypatch.setattr(cgroups, "_ask", lambda: {group.stat().st_ino: frozenset([33, 35])})
    (machine / "proc/7/cgroup").write_text("0::/system.slice/squid.service\n")
    assert find_local(Host(machine), ["squid"], []).hidden == ("squid",), "no unified hierarchy there"
    (machine / "sys/fs/cgroup/cgroup.controllers").write_text("")
    assert find_local(Host(machine), ["squid"], []).hidden == ("squid",), "what kind its ports are is not known"
    (machine / "etc/squid").mkdir(parents=True)
    (machine / "etc/squid/own.conf").write_text("http_port 3128\nhttps_port 3131 cert=/x\n")
    seen = find_local(Host(machine), ["squid"], [])
    assert seen.hidden == ()
    assert [(one.port, one.mode, one.service) for one in seen.ports] == [
        (3128, "forward", "squid.service"),
        (3131, "tls", "squid.service"),
    ]
    (machine / "proc/7/status").write_text("NSpid:\t7\t1\n")
    assert find_local(Host(machine), ["squid"], []).hidden == ("squid",), "a container's files are not this host's"
    (machine / "proc/7/cgroup").write_text("0::/user.slice/user-0.slice/session-1.scope\n")
    (machine / "proc/7/status").write_text("")
    assert find_local(Host(machine), ["squid"], []).hidden == ("squid",), "a login's is not one program's"


def test_observe_finds_nothing_to_ask(tmp_path: Path) -> None:
    (tmp_path / "proc/sys/kernel/random").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/random/boot_id").write_text("b")
    facts = CHECK.observe(Host(tmp_path), ProxyPortSettings(), None)
    assert facts.ports == ()


def test_observe_asks_what_is_named_and_what_is_gone(tmp_path: Path) -> None:
    (tmp_path / "proc/sys/kernel/random").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/random/boot_id").write_text("b")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
    gone = KnownPort(subject=f"127.0.0.1:{number}", source="local", question="own_page", program="squid", exe="/x")
    other = KnownPort(subject="127.0.0.1:1", source="local", question="own_page", program="unwatched")
    facts = CHECK.observe(
        Host(tmp_path),
        ProxyPortSettings(targets=(ProxyTarget(address="127.0.0.1", port=number),)),
        ProxyPortMemory(known=(gone, other)),
    )
    assert [(one.subject, one.source) for one in facts.ports] == [(gone.subject, "settings")]
    facts = CHECK.observe(Host(tmp_path), ProxyPortSettings(), ProxyPortMemory(known=(gone, other)))
    (asked,) = facts.ports
    assert (asked.listens, asked.installed, asked.answer and asked.answer.outcome) == (False, False, "refused")
    assert OWN_ORIGIN
