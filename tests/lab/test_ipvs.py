"""IPVS for real: a director with ip_vs, three proxies behind it; what is found as they die, hang and come back.

One boot a set-up: each story has many steps, and for each all that ipvs finds.
"""

import json
import shlex
from collections.abc import Callable, Mapping

from checks._ipvs.compare import name_configured
from tests.files_in_memory import Files
from tests.lab.contract import Finding, findings, incidents
from tests.lab.uml import Transcript, missing
from tests.needs import need
from watchdog.linux.ipvs import parse_ipvsadm, render_endpoint
from watchdog.linux.keepalived_conf import parse_keepalived_conf

Boot = Callable[..., Transcript]
MODULES = ("veth", "bridge", "dummy", "ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_wlc", "ip_vs_sh", "nf_tables")
PACKAGES = ("busybox", "ipvsadm", "keepalived", "squid", "tinyproxy")
POOL = "192.168.100.10:8080"
CLEAN: list[Finding] = []
# On a machine that is busy with other tests, a kernel in a process may take its time to answer.
PATIENT = '"connect_timeout": "6s", "answer_timeout": "12s", "time_limit": "40s"'


def server(number: int) -> str:
    return f"{POOL}/192.168.100.2{number}:8080"


def dead(number: int, severity: str = "critical") -> Finding:
    return ("ipvs.dead_server_in_pool", server(number), severity)


def missed(number: int) -> Finding:
    return ("ipvs.live_server_missing", server(number), "warning")


def differs(subject: str) -> Finding:
    return ("ipvs.table_differs_from_keepalived", subject, "warning")


EMPTY = ("ipvs.pool_empty", POOL, "critical")


def play(boot: Boot, scenario: str, **files: str) -> Transcript:
    """Run a scenario; the contents of `files` are its variables."""
    need(missing(PACKAGES))
    variables = {"PATIENT": PATIENT, **files}
    begin = [f"{name}={shlex.quote(content)}\n" for name, content in variables.items()]
    return boot("".join([*begin, scenario]), modules=MODULES, packages=PACKAGES)


def found(told: Transcript, steps: Mapping[str, list[Finding]]) -> dict[str, list[Finding]]:
    return {
        step: sorted((one["fault"], one["subject"], one["severity"]) for one in told.json(step)["findings"])
        for step in steps
    }


BY_HAND = """
see() { look ipvs "$1" "{$PATIENT${2:+, $2}}"; }
balancer
proxies
pool 192.168.100.21 192.168.100.22 192.168.100.23
change() { ipvsadm -e -t $VIP:$PORT -r 192.168.100.$1:$PORT -g -w "$2"; }
watch ipvs
see healthy
save pages_healthy pages 6
setpriv --reuid nobody --clear-groups "$WATCHDOG" check ipvs --json > "$OUT/unprivileged.json" || true

kill -STOP "$(proxy_pid rs1)"
see stopped
save pages_stopped pages 3
change 21 0
see drained
save pages_drained pages 4
kill -CONT "$(proxy_pid rs1)"
change 21 1
see continued

nft add table bridge t
nft "add chain bridge t o { type filter hook output priority 0 ; }"
nft "add rule bridge t o ip daddr 192.168.100.22 tcp dport 8080 drop"
see port_dropped
nft delete table bridge t
kill "$(proxy_pid rs3)"
within 10 eval '! page_through 192.168.100.23'
see ended
ip address delete $VIP/32 dev lan
see ended_while_the_address_is_elsewhere
ip address add $VIP/32 dev lan
printf '%s\\n' "Port $PORT" "BasicAuth anna secret" > /run/asks.conf
ip netns exec rs3 tinyproxy -d -c /run/asks.conf > /dev/null 2>&1 &
within 20 ip netns exec client curl -s -m 3 -o /dev/null -x 192.168.100.23:$PORT http://192.168.100.50:8000/
save status_asks ip netns exec client curl -s -o /dev/null -w '%{http_code}' -x 192.168.100.23:$PORT http://192.168.100.50:8000/
see asks_for_a_password
ip -n client address delete 192.168.100.50/24 dev eth0
see the_site_is_down
ip -n client address add 192.168.100.50/24 dev eth0

ipvsadm -d -t $VIP:$PORT -r 192.168.100.23:$PORT
see removed
see removed_that_was_agreed '"servers": {"192.168.100.10:8080": ["192.168.100.21:8080", "192.168.100.23:8080"]}'
change 21 0
change 22 0
see all_drained
ipvsadm -d -t $VIP:$PORT -r 192.168.100.21:$PORT
ipvsadm -d -t $VIP:$PORT -r 192.168.100.22:$PORT
see empty
see empty_and_ignored '"ignore": ["192.168.100.10:8080"]'
ipvsadm -C
ipvsadm -A -u $VIP:53 -s rr
ipvsadm -a -u $VIP:53 -r 192.168.100.99:53 -g -w 1
ipvsadm -A -f 7 -s rr
ipvsadm -a -f 7 -r 192.168.100.99:0 -g -w 1
see cannot_be_asked
see cannot_be_asked_again
ipvsadm -C
see nothing

ipvsadm -A -t $VIP:$PORT -s wrr -p 300
ipvsadm -a -t $VIP:$PORT -r 192.168.100.21:$PORT -g -w 3
ipvsadm -a -t $VIP:$PORT -r 192.168.100.22:$PORT -i -w 0
ipvsadm -A -t [2001:db8::10]:80 -s sh -b sh-port
ipvsadm -a -t [2001:db8::10]:80 -r [2001:db8::21]:8080 -m
ipvsadm -a -t [2001:db8::10]:80 -r 192.168.100.23:80 -i
ipvsadm -A --sctp-service $VIP:99 -s rr
ipvsadm -a --sctp-service $VIP:99 -r 192.168.100.21:99 -m
ipvsadm -A -u $VIP:53 -s rr -o
ipvsadm -A -f 7 -6 -s wlc
ipvsadm -a -f 7 -6 -r [2001:db8::21]:0 -g -w 65535
save both "$(dirname "$WATCHDOG")/python" -c "$BOTH_WAYS"
"""
# Connections are what ipvsadm -S does not tell.
BOTH_WAYS = """
import json
from watchdog.host import Host
from watchdog.ipvs import _ask_ipvsadm, _ask_kernel
for pools in (_ask_kernel(), _ask_ipvsadm(Host())):
    print(json.dumps(sorted(
        (pool.name, pool.scheduler, pool.persistent_seconds, server.name, server.weight, server.forwarding)
        for pool in pools for server in pool.servers
    )))
"""


def test_pools_set_up_by_hand(boot: Boot) -> None:
    steps = {
        "healthy": CLEAN,
        "stopped": [dead(1)],
        "drained": CLEAN,
        "continued": CLEAN,
        "port_dropped": [dead(2)],
        "ended": [dead(3)],
        "ended_while_the_address_is_elsewhere": [dead(3, "warning")],
        "asks_for_a_password": CLEAN,
        "the_site_is_down": CLEAN,
        "removed": CLEAN,
        "removed_that_was_agreed": [missed(3)],
        "all_drained": [EMPTY],
        "empty": [EMPTY],
        "empty_and_ignored": CLEAN,
        "cannot_be_asked": CLEAN,
        "cannot_be_asked_again": CLEAN,
        "nothing": CLEAN,
    }
    told = play(boot, BY_HAND, BOTH_WAYS=BOTH_WAYS)
    assert found(told, steps) == steps
    assert [told.files[f"pages_{step}.txt"] for step in ("healthy", "stopped", "drained")] == ["6\n", "2\n", "4\n"]
    assert told.files["status_asks.txt"] == "407"
    (unprivileged,) = told.json("unprivileged")["checks"]
    assert (unprivileged["verdict"], unprivileged["findings"]) == ("unknown", [])
    assert "it needs CAP_NET_ADMIN" in unprivileged["reason"]
    outcomes = {
        step: told.json(step)["findings"][0]["evidence"]["outcome"]
        for step in ("stopped", "port_dropped", "ended")
    }
    assert outcomes == {"stopped": "unanswered", "port_dropped": "silent", "ended": "refused"}
    assert sorted(note["subject"] for note in told.json("cannot_be_asked")["notes"]) == [
        "fwmark7",
        "udp:192.168.100.10:53",
    ]
    assert told.json("cannot_be_asked_again")["notes"] == [], "what was noted is not noted again"
    assert told.json("nothing")["verdict"] == "not_applicable"
    by_netlink, by_ipvsadm = (json.loads(line) for line in told.files["both.txt"].splitlines())
    assert by_netlink == by_ipvsadm
    assert len(by_netlink) == 6


CONF = """\
global_defs {
  checker_log_all_failures true
}
$SERVER=192.168.100
virtual_server 192.168.100.10 8080 {
  delay_loop 1
  lvs_sched wrr
  lvs_method DR
  protocol TCP
  sorry_server 192.168.100.50 8080
  real_server $SERVER.98 8080 { weight 1 }
  real_server ${SERVER}.21 8080 {
    weight 2
    TCP_CHECK { connect_timeout 1 }
  }
  real_server ${SERVER}.22 8080 {
    weight 1
    inhibit_on_failure
    TCP_CHECK { connect_timeout 1 }
  }
  include rest
}
@lab virtual_server_group more {
@lab  192.168.100.10 81
@lab  192.168.100.10 82
@lab  fwmark 9
@lab }
@lab virtual_server group more {
  lvs_sched sh
  lvs_method NAT
  protocol TCP
  real_server 192.168.100.23 8080 {
  }
}
virtual_server 192.168.100.10 53 {
  lvs_method TUN
  protocol UDP
  real_server 192.168.100.21 53 { weight 7 }
}
"""
REST = """\
~SEQ(N, 23, 23) real_server 192.168.100.$N 8080 { weight 1 }
"""
ONE_SERVER = """\
virtual_server 192.168.100.10 8080 {
  delay_loop 1
  protocol TCP
  lvs_method DR
  lvs_sched rr
  sorry_server 192.168.100.50 8080
  real_server 192.168.100.21 8080 {
    TCP_CHECK {
      connect_timeout 1
      retry 0
    }
  }
}
"""
ANOTHER_PORT = ONE_SERVER.replace("8080", "8081")
BY_KEEPALIVED = """
see() { look ipvs "$1" "{$PATIENT}"; }
in_pool() { ipvsadm -Sn | grep -qe "-t $VIP:$PORT -r 192.168.100.$1:$PORT -g -w $2"; }
gone() { ! ipvsadm -Sn | grep -qe "-t $VIP:$PORT -r 192.168.100.$1:$PORT"; }
balancer
proxies
mkdir -p /etc/keepalived
echo "$REST" > /etc/keepalived/rest
echo "$CONF" > /etc/keepalived/keepalived.conf
keepalived -C -n -l -i lab > /run/keepalived.log 2>&1 &
keepalived=$!
within 20 in_pool 21 2
within 20 in_pool 22 1
within 20 in_pool 23 1
watch ipvs
see healthy
save table ipvsadm -Sn

kill -STOP "$(proxy_pid rs1)"
see hangs
kill -CONT "$(proxy_pid rs1)"
end_proxy() { kill "$(proxy_pid "$1")" && { wait "$(proxy_pid "$1")" || true; }; }
end_proxy rs2
within 20 in_pool 22 0
see inhibited
end_proxy rs1
within 20 gone 21
see taken_out
tinyproxy_on rs1
tinyproxy_on rs2
within 20 page_through 192.168.100.21
within 20 page_through 192.168.100.22
within 20 in_pool 21 2
within 20 in_pool 22 1
see put_back

ipvsadm -d -t $VIP:$PORT -r 192.168.100.21:$PORT
see removed_behind_its_back
ipvsadm -a -t $VIP:$PORT -r 192.168.100.21:$PORT -g -w 5
ipvsadm -e -t $VIP:$PORT -r 192.168.100.22:$PORT -g -w 0
ipvsadm -a -t $VIP:$PORT -r 192.168.100.2:$PORT -g -w 0
ipvsadm -e -t $VIP:$PORT -r 192.168.100.23:$PORT -i -w 1
ipvsadm -E -t $VIP:81 -s rr
ipvsadm -D -t $VIP:82
ipvsadm -A -t $VIP:83 -s rr
see changed_behind_its_back
ipvsadm -D -t $VIP:83
ipvsadm -d -t $VIP:$PORT -r 192.168.100.2:$PORT

echo "$ANOTHER_PORT" > /etc/keepalived/keepalived.conf
see not_reloaded
kill $keepalived
wait $keepalived || true
ipvsadm -C
echo "$ONE_SERVER" > /etc/keepalived/keepalived.conf
ip netns exec client busybox httpd -p 8080 -h /run/site
keepalived -C -n -l -i lab >> /run/keepalived.log 2>&1 &
keepalived=$!
within 20 in_pool 21 1
see one_server
kill "$(proxy_pid rs1)"
within 20 in_pool 50 1
see only_the_sorry_server
kill -9 $keepalived $(pgrep -P $keepalived)
wait $keepalived || true
see nobody_says_that_it_is_one
"""


Servers = list[tuple[str, str, int]]


def by_ipvsadm(text: str) -> dict[str, tuple[str, Servers]]:
    """Return what is in a table, by pool: the scheduler and (server, method, weight)."""
    return {
        pool.name: (pool.scheduler, sorted((one.name, one.forwarding, one.weight) for one in pool.servers))
        for pool in parse_ipvsadm(text)
    }


def by_configuration() -> dict[str, tuple[str, Servers]]:
    """Return what we read in the configuration, in the same words."""
    files = Files({"/etc/keepalived/keepalived.conf": CONF, "/etc/keepalived/rest": REST})
    conf = parse_keepalived_conf("/etc/keepalived/keepalived.conf", files, config_id="lab")
    assert conf is not None
    return {
        name_configured(one): (
            one.scheduler,
            sorted((render_endpoint(s.address, s.port), s.forwarding, s.weight) for s in one.real_servers),
        )
        for one in conf.virtual_servers
    }


def test_pools_that_keepalived_keeps(boot: Boot) -> None:
    steps = {
        "healthy": CLEAN,
        "hangs": [dead(1)],
        "inhibited": CLEAN,
        "taken_out": CLEAN,
        "put_back": CLEAN,
        "removed_behind_its_back": [missed(1)],
        "changed_behind_its_back": sorted(
            [
                missed(2),  # alive, and held at weight 0
                differs(server(1)),  # weight
                differs(f"{POOL}/192.168.100.2:8080"),  # a stranger
                differs(server(3)),  # method
                differs("192.168.100.10:81"),  # scheduler
                differs("192.168.100.10:82"),  # gone
                differs("192.168.100.10:83"),  # a stranger
                ("ipvs.pool_empty", "192.168.100.10:83", "critical"),
            ]
        ),
        "one_server": CLEAN,
        "only_the_sorry_server": [EMPTY],
        "nobody_says_that_it_is_one": CLEAN,
    }
    told = play(boot, BY_KEEPALIVED, CONF=CONF, REST=REST, ONE_SERVER=ONE_SERVER, ANOTHER_PORT=ANOTHER_PORT)
    assert found(told, steps) == steps
    assert by_configuration() == by_ipvsadm(told.files["table.txt"]), "what keepalived set up is what we read"
    not_reloaded = told.json("not_reloaded")["findings"]
    assert {one["fault"] for one in not_reloaded} == {"ipvs.table_differs_from_keepalived"}
    assert "192.168.100.10:8081" in {one["subject"] for one in not_reloaded}
    assert all("was it reloaded?" in one["summary"] for one in not_reloaded)


LEAK = ("dsr_real_server.arp_leak", "192.168.100.10/192.168.100.22", "critical")
BY_DIRECT_ROUTING = """
balancer
proxies
pool 192.168.100.21 192.168.100.22 192.168.100.23
see() {
  look ipvs "$1_pool" "{$PATIENT}"
  look dsr_real_server "$1" '{"listen": "600ms"}'
}
# The hardware addresses that a client hears for the virtual address.
heard() { { ip netns exec client arping -c 2 -w 3 -I eth0 $VIP || true; } | grep -o '\\[.*\\]' | sort -u | wc -l; }
watch ipvs
watch dsr_real_server
see quiet
save heard_quiet heard
ip netns exec rs2 sysctl -qw net.ipv4.conf.all.arp_ignore=0
see leak
save heard_leak heard
ip address delete $VIP/32 dev lan
see one_answers_while_the_address_is_elsewhere
ip -n client address add $VIP/32 dev eth0
see leak_while_the_address_is_elsewhere
ip -n client address delete $VIP/32 dev eth0
ip address add $VIP/32 dev lan
ip netns exec rs2 sysctl -qw net.ipv4.conf.all.arp_ignore=1
see quiet_again

# What the real server itself says: asked often enough to know what it had, and then it loses it.
say() { ip netns exec rs3 "$WATCHDOG" check dsr_real_server --json > "$OUT/$1.json" || true; }
ip -n rs3 link add dummy0 type dummy
ip -n rs3 link set dev dummy0 up
ip -n rs3 address delete $VIP/32 dev lo
save pages_missing pages 3
see missing
ip -n rs3 address add $VIP/32 dev dummy0
save pages_on_a_dummy pages 3
say on_a_dummy
"""


def test_a_balancer_hears_which_real_server_answers(boot: Boot) -> None:
    steps = {
        "quiet": CLEAN,
        "leak": [LEAK],
        # It may be the active balancer: two can be each other's real servers.
        "one_answers_while_the_address_is_elsewhere": CLEAN,
        "leak_while_the_address_is_elsewhere": [LEAK],
        "quiet_again": CLEAN,
        "missing": CLEAN,  # only the real server itself, or a request through the balancer, can tell
    }
    told = play(boot, BY_DIRECT_ROUTING)
    assert found(told, steps) == steps
    assert found(told, {f"{step}_pool": [] for step in steps}) == {f"{step}_pool": CLEAN for step in steps}
    assert [told.files[f"heard_{step}.txt"] for step in ("quiet", "leak")] == ["1\n", "2\n"]
    assert [told.files[f"pages_{step}.txt"] for step in ("missing", "on_a_dummy")] == ["2\n", "3\n"]
    (own,) = [one for one in told.json("on_a_dummy")["checks"] if one["check"] == "dsr_real_server"]
    assert (own["verdict"], own["findings"]) == ("ok", [])


def test_the_story_of_the_dead_proxy(story: Callable[[str], Transcript]) -> None:
    steps = {"healthy": CLEAN, "hung": [dead(1)], "drained": CLEAN, "leak": [LEAK], "quiet": CLEAN}
    told = story("lvs-dead-proxy")
    assert {step: findings(told, step) for step in steps} == steps
    assert {step: told.code(step) for step in steps} == {step: 2 if wrong else 0 for step, wrong in steps.items()}
    assert incidents(told, "incidents") == [
        ("ipvs.dead_server_in_pool", server(1), "resolved"),
        ("dsr_real_server.arp_leak", "192.168.100.10/192.168.100.22", "resolved"),
    ]
