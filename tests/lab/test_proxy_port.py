"""Proxies for real: squid, tinyproxy and haproxy alive, stopped, hung, dropped, rejected; what each look finds."""

import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab.contract import findings, of_check
from tests.lab.namespaces import Net
from tests.lab.proxies import (
    LOGIN,
    certificate,
    end,
    firewall,
    haproxy,
    listens,
    send,
    squid,
    squid_login_rules,
    tinyproxy,
    wait_until,
    web,
)
from tests.lab.uml import Transcript
from tests.lab.watcher import Watcher

Finding = tuple[str, str, str]
CLEAN: list[Finding] = []
# Each dead one costs its timeout, and beside it the others must answer on a machine that is busy; a rejection over
# IPv6 is only noticed at the second SYN, after 1 s.
QUICK = {"connect_timeout": "3s", "answer_timeout": "5s", "slow": "60s", "start_grace": "0s"}
# Where all are alive, patience costs nothing.
PATIENT = {**QUICK, "connect_timeout": "6s", "answer_timeout": "12s", "time_limit": "40s"}


def dead(subject: str) -> Finding:
    return ("proxy_port.dead", subject, "critical")


def no_proxy(subject: str) -> Finding:
    return ("proxy_port.not_proxying", subject, "critical")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that squid's user may enter; pytest's own is root's alone."""
    with tempfile.TemporaryDirectory(prefix="watchdog-lab-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_proxies_of_this_host_are_found_and_held_to_what_they_did(net: Net, folder: Path) -> None:
    host = net.host("a")
    one = squid(host, folder, 8080)
    two = tinyproxy(host, folder, 8888)
    three = haproxy(host, folder, 8000, "listen l\n mode tcp\n bind :8000\n server s 127.0.0.1:9")
    with Watcher(host, "proxy_port") as watcher:
        assert watcher.look(**PATIENT) == CLEAN
        assert watcher.notes == [], "haproxy is alive, and who is behind it is not asked"
        asked = {metric["subject"] for metric in watcher.said["metrics"]}
        assert asked == {"[::]:8080", "0.0.0.0:8888", "0.0.0.0:8000"}
        assert watcher.look(**PATIENT) == CLEAN

        send(one, signal.SIGSTOP)
        assert watcher.look(**QUICK) == [dead("[::]:8080")]
        assert watcher.why == {"[::]:8080": "stopped"}
        send(one, signal.SIGCONT)
        send(three, signal.SIGSTOP)
        assert watcher.look(**QUICK) == [dead("0.0.0.0:8000")]
        assert watcher.why == {"0.0.0.0:8000": "stopped"}
        send(three, signal.SIGCONT)
        assert watcher.look(**PATIENT) == CLEAN

        firewall(host, "tcp dport 8888 drop")
        assert watcher.look(**QUICK) == [dead("0.0.0.0:8888")]
        assert watcher.why == {"0.0.0.0:8888": "silent"}
        firewall(host, "tcp dport 8888 reject")
        assert watcher.look(**QUICK) == [dead("0.0.0.0:8888")]
        assert watcher.why == {"0.0.0.0:8888": "refused"}
        firewall(host, "")
        assert watcher.look(**PATIENT) == CLEAN

        end(two)
        assert watcher.look(**QUICK) == [dead("0.0.0.0:8888")]
        web(host, 8888)
        assert watcher.look(**QUICK) == [no_proxy("0.0.0.0:8888")]
        assert watcher.why == {"0.0.0.0:8888": "status"}
        ignored = {**PATIENT, "ignore": ["0.0.0.0:8888"]}
        assert watcher.look(**ignored) == CLEAN

        end(one)
        wait_until(lambda: not listens(host, 8080), "squid's end")
        assert watcher.look(**ignored) == [dead("[::]:8080")]
        assert watcher.why == {"[::]:8080": "refused"}
        squid(host, folder, 3128)
        assert watcher.look(**ignored) == CLEAN, "squid was told to listen elsewhere"
        assert watcher.notes == [("[::]:8080", "")]


def test_who_listens_where_we_do_not_reach_is_not_called_dead(net: Net, folder: Path) -> None:
    host, peer = net.host("a"), net.host("b")
    net.cable(host, "eth0", peer, "eth0")
    haproxy(host, folder, 8000, "listen l\n mode tcp\n bind :8000 interface eth0\n server s 127.0.0.1:9")
    with Watcher(host, "proxy_port") as watcher:
        assert watcher.look(**PATIENT) == CLEAN
        assert watcher.notes == [("0.0.0.0:8000", "refused")]
        assert watcher.look(**PATIENT) == CLEAN
        assert watcher.notes == [], "what was noted is not noted again"


def test_each_kind_of_squids_ports_is_asked_what_it_is_for(net: Net, folder: Path) -> None:
    host = net.host("a")
    pem = certificate(folder, "127.0.0.1")
    rules = (
        f"https_port 3129 tls-cert={pem}\nhttp_port 3130 intercept\nhttp_port 3131 accel defaultsite=127.0.0.1\n"
        "cache_peer 127.0.0.1 parent 9 0 no-query originserver name=site\ncache_peer_access site deny all\n"
        "http_access allow all"
    )
    process = squid(host, folder, 3128, rules)
    ports = [f"[::]:{port}" for port in (3128, 3129, 3130, 3131)]
    with Watcher(host, "proxy_port") as watcher:
        assert watcher.look(**PATIENT) == CLEAN
        assert [subject for subject, _ in watcher.notes] == ["[::]:3131"], "the accelerator has no site to show"
        assert {metric["subject"] for metric in watcher.said["metrics"]} == set(ports)
        send(process, signal.SIGSTOP)
        assert watcher.look(**QUICK) == [dead(port) for port in ports]
        assert set(watcher.why.values()) == {"stopped"}


def test_a_proxy_that_the_settings_name(net: Net, folder: Path) -> None:
    """Seen from another host, with an origin on a third: each way to fail; the origin's faults are not its own."""
    proxy, client, origin = net.host("proxy"), net.host("client"), net.host("origin")
    net.switch("lan", dict.fromkeys([proxy, client, origin], "eth0"))
    for number, host in enumerate([proxy, client, origin], 1):
        host.address("eth0", f"192.168.100.{number}/24")
        host.address("eth0", f"fd00::{number}/64")
    http = web(origin, 80)
    one = squid(proxy, folder, 8080, "via off\nhttp_access allow all")
    two = tinyproxy(proxy, folder, 8888)
    squid4, tiny4, squid6 = "192.168.100.1:8080", "192.168.100.1:8888", "[fd00::1]:8080"
    url = "http://192.168.100.3/"
    targets = [
        {"address": "192.168.100.1", "port": 8080, "url": url, "status": [200]},
        {"address": "192.168.100.1", "port": 8888},
        {"address": "fd00::1", "port": 8080, "url": "[fd00::3]:80"},
    ]
    with Watcher(client, "proxy_port") as watcher:

        def expect(found: list[Finding], why: str = "") -> None:
            assert watcher.look(**(QUICK if found else PATIENT), targets=targets) == sorted(found)
            assert watcher.why == dict.fromkeys([subject for _, subject, _ in found], why)

        expect(CLEAN)
        assert watcher.notes == []
        for process, subjects in ((one, [squid4, squid6]), (two, [tiny4])):
            send(process, signal.SIGSTOP)
            expect([dead(subject) for subject in subjects], "unanswered")
            send(process, signal.SIGCONT)
        for rule, why in (
            ("tcp dport 8080 drop", "silent"),
            ("tcp dport 8080 reject with tcp reset", "refused"),
            ("tcp dport 8080 reject with icmpx admin-prohibited", "unreachable"),
        ):
            firewall(proxy, rule)
            expect([dead(squid4), dead(squid6)], why)
        firewall(proxy, "")
        expect(CLEAN)

        firewall(origin, "tcp dport 80 drop")
        expect(CLEAN)
        assert (squid4, "upstream") in watcher.notes, "squid still waits for the origin, and is asked otherwise"
        firewall(origin, "")
        end(http)
        wait_until(lambda: not listens(origin, 80), "the origin's end")
        expect(CLEAN)
        web(origin, 80)
        expect(CLEAN)

        end(one)
        end(two)
        wait_until(lambda: not listens(proxy, 8080), "squid's end")
        expect([dead(squid4), dead(squid6), dead(tiny4)], "refused")
        for port in (8080, 8888):
            web(proxy, port)
        expect([no_proxy(squid4), no_proxy(squid6), no_proxy(tiny4)], "status")


def test_logins(net: Net, folder: Path) -> None:
    """Right, wrong and missing: a proxy that refuses is alive, and its login is shown nowhere."""
    proxy, client = net.host("proxy"), net.host("client")
    net.cable(proxy, "eth0", client, "eth0")
    proxy.address("eth0", "192.168.100.1/24")
    client.address("eth0", "192.168.100.2/24")
    web(proxy, 80)
    squid(proxy, folder, 8080, squid_login_rules(folder))
    tinyproxy(proxy, folder, 8888, f"BasicAuth {LOGIN.replace(':', ' ')}")
    right, wrong, subjects = folder / "right", folder / "wrong", ["192.168.100.1:8080", "192.168.100.1:8888"]
    right.write_text(f"{LOGIN}\n")
    wrong.write_text("lab:a-wrong-password\n")
    with Watcher(client, "proxy_port") as watcher:

        def look(**more: object) -> list[Finding]:
            target = {"address": "192.168.100.1", "url": "http://192.168.100.1/", **more}
            return watcher.look(**QUICK, targets=[{**target, "port": port} for port in (8080, 8888)])

        assert look(login_file=str(right), status=[200]) == CLEAN
        assert watcher.notes == []
        assert look() == CLEAN, "407 is alive"
        assert look(login_file=str(wrong)) == CLEAN
        assert watcher.notes == [(subject, "login_refused") for subject in subjects]
        assert look(login_file=str(wrong), status=[200]) == [no_proxy(subject) for subject in subjects]
        assert set(watcher.why.values()) == {"denied"}
        assert "password" not in str(watcher.said)
        assert look(login_file=str(folder / "missing")) == CLEAN
        assert watcher.unseen == subjects
        assert watcher.said["verdict"] == "unknown"


def test_a_proxy_behind_tls(net: Net, folder: Path) -> None:
    proxy, client = net.host("proxy"), net.host("client")
    net.cable(proxy, "eth0", client, "eth0")
    proxy.address("eth0", "192.168.100.1/24")
    client.address("eth0", "192.168.100.2/24")
    squid(proxy, folder, 8080)
    pem = certificate(folder, "192.168.100.1")
    end_of_tls = haproxy(
        proxy,
        folder,
        8443,
        f"listen tls\n mode tcp\n bind :8443 ssl crt {pem}\n server squid 127.0.0.1:8080",
    )
    subject = "192.168.100.1:8443"
    with Watcher(client, "proxy_port") as watcher:

        def look(**more: object) -> list[Finding]:
            target = {"address": "192.168.100.1", "port": 8443, **more}
            return watcher.look(**QUICK, targets=[target])

        assert look(tls=True, ca_file=f"{pem}.crt") == CLEAN
        assert look(tls=True, verify=False) == CLEAN
        assert look(tls=True) == [dead(subject)]
        assert watcher.why == {subject: "tls_failed"}
        assert look(tls=True, ca_file=f"{pem}.crt", server_name="another.example") == [dead(subject)]
        assert look() == [dead(subject)], "TLS is not spoken where it must be"
        send(end_of_tls, signal.SIGSTOP)
        assert look(tls=True, verify=False) == [dead(subject)]
        assert watcher.why == {subject: "unanswered"}
        assert watcher.said["findings"][0]["evidence"]["phase"] == "tls"


def test_the_pool_of_a_load_balancer(story: Callable[[str], Transcript]) -> None:
    told = story("proxy-pool")
    squid, tinyproxy, vip = "192.168.100.21:8080", "192.168.100.22:8080", "192.168.100.10:8080"

    def asked(name: str) -> set[str]:
        return set(of_check(told, name, "proxy_port")["metrics"])

    assert findings(told, "healthy") == CLEAN
    assert asked("healthy") == {squid, tinyproxy}, "no host can ask a VIP of its own"
    assert findings(told, "stopped") == [dead(squid)]
    assert "accepts connections and does not answer" in told.files["status.txt"]
    assert findings(told, "continued") == CLEAN
    assert findings(told, "ended") == [dead(tinyproxy)]
    assert findings(told, "replaced") == [no_proxy(tinyproxy)]
    assert findings(told, "drained") == CLEAN
    assert asked("drained") == {squid}
    assert findings(told, "backup") == CLEAN
    assert asked("backup") == {squid, vip}
    assert findings(told, "both") == [dead(vip), dead(squid)]
