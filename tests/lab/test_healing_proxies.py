"""Dead proxies, their pools and their real servers, healed for real; and what must not be, or cannot be."""

from collections.abc import Callable

import pytest

from tests.lab.contract import findings
from tests.lab.story import find_story
from tests.lab.uml import Transcript, missing
from tests.needs import need

Boot = Callable[..., Transcript]
# They wait until faults have lasted.
BOOT_SECONDS = 600
pytestmark = [pytest.mark.long(40), pytest.mark.timeout(BOOT_SECONDS + 60)]


def play(boot: Boot, name: str) -> Transcript:
    story = find_story(name)
    return run(boot, story.script, story.modules, story.packages)


def run(boot: Boot, script: str, modules: tuple[str, ...], packages: tuple[str, ...]) -> Transcript:
    need(missing(packages))
    return boot(script, modules=modules, packages=packages, timeout_seconds=BOOT_SECONDS)


def outcome(told: Transcript, name: str) -> tuple[int, str, list[tuple[str, str]]]:
    """Return how an attempt ended: the exit code, the outcome, and each step with its state."""
    said = told.json(name)
    return told.code(name), said["outcome"], [(one["step"], one["state"]) for one in said["steps"]]


def refusal(told: Transcript, name: str) -> str:
    assert (told.code(name), told.files[f"{name}.json"]) == (3, "")
    return told.files[f"{name}.stderr"]


def numbers(told: Transcript, *names: str) -> list[int]:
    return [int(told.files[f"{name}.txt"]) for name in names]


def test_a_dead_squid(boot: Boot) -> None:
    told = play(boot, "squid-restarted")
    dead = [("proxy_port.dead", "0.0.0.0:3128", "critical")]
    steps = dict.fromkeys(("killed", "hung", "dropped", "rejected", "by_order"), dead)
    steps |= {"healthy": [], "back": [], "back_again": []}
    assert {step: findings(told, step) for step in steps} == steps
    assert outcome(told, "start") == (0, "healed", [("systemctl start squid", "done")])
    assert outcome(told, "restart") == (0, "healed", [("systemctl restart squid", "done")])
    assert numbers(told, "pages_start", "pages_hung", "pages_restart", "pages_left_alone") == [1, 0, 1, 0]
    assert outcome(told, "no_effect") == (2, "no_effect", [("systemctl restart squid", "done")])
    assert "nothing takes back: systemctl restart squid" in told.json("no_effect")["reason"]
    assert "a firewall on this host" in refusal(told, "not_tried")
    assert "it was stopped, or ended in order" in refusal(told, "left_alone")


STOPPED = """
printf '[checks.proxy_port]\\nstart_grace = "0s"\\n' > /etc/watchdog/watchdog.toml
printf '%s\\n' "pinger_enable off" "shutdown_lifetime 2 seconds" > /etc/squid/conf.d/lab.conf
mkdir -p /dev/shm
mount -t tmpfs shm /dev/shm
install -d -o proxy -g proxy /var/log/squid /var/spool/squid
answers() { curl -s -m 5 -o /dev/null -x 127.0.0.1:3128 http://127.0.0.1:9/; }
update-rc.d squid defaults
service squid start
within 60 answers
wd healthy run --json proxy_port
kill -STOP "$(pgrep -f -- '--kid squid-1')"
wd stopped run --json proxy_port
wd continue heal 1 --apply --yes --json
answers
wd well run --json proxy_port

update-rc.d squid disable
pkill -KILL -x squid
wd disabled run --json proxy_port
wd not_wanted heal 2 --apply --yes --json

# Out of its own service's hands: started by hand, it is nobody's to restart. Its port is dropped: so it hangs.
update-rc.d squid enable
printf '%s\\n' "pid_filename none" >> /etc/squid/conf.d/lab.conf
rm -f /run/squid.pid
squid -N -f /etc/squid/squid.conf < /dev/null > /dev/null 2>&1 &
within 60 answers
wd by_hand run --json proxy_port
iptables-legacy -A INPUT -p tcp --dport 3128 -j DROP
wd by_hand_dropped run --json proxy_port
wd not_its_service heal 3 --apply --yes --json
"""


def test_a_squid_that_was_stopped_by_a_signal_and_one_that_shall_not_run(boot: Boot) -> None:
    told = run(boot, STOPPED, ("iptable_filter", "xt_tcpudp"), ("iptables", "squid"))
    code, healed, ((step, state),) = outcome(told, "continue")
    assert (code, healed, step.rpartition(" ")[0], state) == (0, "healed", "kill -CONT", "done")
    assert [findings(told, step) for step in ("healthy", "well")] == [[], []]
    assert "is not started at boot" in refusal(told, "not_wanted")
    assert "it was started by hand" in refusal(told, "not_its_service")


def test_a_dead_real_server_is_drained_and_restored(boot: Boot) -> None:
    told = play(boot, "lvs-dead-proxy-drained")
    server, change = "192.168.100.10:8080/192.168.100.21:8080", "ipvsadm -e -t 192.168.100.10:8080"
    assert findings(told, "still_hung") == [("ipvs.dead_server_in_pool", server, "critical")]
    assert findings(told, "still_well") == [("ipvs.drained_server_well", server, "warning")]
    assert [findings(told, step) for step in ("healthy", "restored")] == [[], []]
    assert outcome(told, "drain") == (0, "healed", [(f"{change} -r 192.168.100.21:8080 -g -w 0", "done")])
    assert outcome(told, "restore") == (0, "healed", [(f"{change} -r 192.168.100.21:8080 -g -w 2", "done")])
    assert numbers(told, "weight_drained", "weight_restored") == [0, 2]
    pages = numbers(told, *(f"pages_{step}" for step in ("healthy", "hung", "drained", "restored")))
    assert pages == [8, 2, 8, 8]


GUARDS = """
patient ipvs
balancer
proxies
pool 192.168.100.21 192.168.100.22 192.168.100.23
change() { ipvsadm -e -t $VIP:$PORT -r 192.168.100.$1:$PORT -g -w "$2"; }
weights() { ipvsadm -Sn | sed -n 's/.* -w //p' | tr '\\n' ' '; }
incident() { # FAULT SERVER: the number of the latest
  "$WATCHDOG" incidents --json | "$(dirname "$WATCHDOG")/python" -c '
import json, sys
print(max(i["id"] for i in json.load(sys.stdin) if i["fault"] == sys.argv[1] and sys.argv[2] in i["subject"]))
' "$@"
}

# A person drains it when it is dead: whoever did will know when it may be back.
kill -STOP "$(proxy_pid rs1)"
wd dead run --json ipvs
change 21 0
kill -CONT "$(proxy_pid rs1)"
wd well run --json ipvs
wd not_ours heal "$(incident ipvs.drained_server_well 192.168.100.21)" --apply --yes --json

# The other two die: nobody who has traffic is known to answer.
kill -STOP "$(proxy_pid rs2)" "$(proxy_pid rs3)"
wd all_dead run --json ipvs
wd the_last heal "$(incident ipvs.dead_server_in_pool 192.168.100.22)" --apply --yes --json
save weights weights
kill -CONT "$(proxy_pid rs2)" "$(proxy_pid rs3)"

# A scheduler by hash goes on choosing who has no weight.
ipvsadm -C
ipvsadm -A -t $VIP:$PORT -s sh -b sh-port
for server in 21 22 23; do ipvsadm -a -t $VIP:$PORT -r 192.168.100.$server:$PORT -g -w 1; done
save pages_by_hash pages 12
kill -STOP "$(proxy_pid rs1)"
wd by_hash run --json ipvs
wd not_by_weight heal "$(incident ipvs.dead_server_in_pool 192.168.100.21)" --apply --yes --json
change 21 0
save pages_by_hash_drained pages 24
kill -CONT "$(proxy_pid rs1)"

# A keepalived keeps the pool; its test only opens a connection, and so it does not see what hangs.
ipvsadm -C
mkdir -p /etc/keepalived
cat > /etc/keepalived/keepalived.conf << END
virtual_server $VIP $PORT {
  delay_loop 1
  lvs_sched rr
  lvs_method DR
  protocol TCP
  real_server 192.168.100.21 $PORT {
    TCP_CHECK { connect_timeout 3 }
  }
  real_server 192.168.100.22 $PORT {
    TCP_CHECK { connect_timeout 3 }
  }
}
END
keepalived -C -n -l > /run/keepalived.log 2>&1 &
keepalived=$!
kept() { [[ $(weights) == "1 1 " ]]; }
within 30 kept
kill -STOP "$(proxy_pid rs1)"
wd kept run --json ipvs
wd keepalived_s heal "$(incident ipvs.dead_server_in_pool 192.168.100.21)" --apply --yes --json
save weights_kept weights
# It is told to end as a person would, and leaves nothing.
kill "$keepalived"
wait "$keepalived" || true
"""


def test_a_real_server_that_is_not_ours_to_drain_or_to_restore(boot: Boot) -> None:
    modules = ("veth", "bridge", "ip_vs", "ip_vs_rr", "ip_vs_sh")
    told = run(boot, GUARDS, modules, ("busybox", "ipvsadm", "keepalived", "squid", "tinyproxy"))
    assert "was not drained by ipvs_drain" in refusal(told, "not_ours")
    assert "none of the servers with traffic" in refusal(told, "the_last")
    assert sorted(told.files["weights.txt"].split()) == ["0", "1", "1"]
    assert "take it out instead" in refusal(told, "not_by_weight")
    (all_live, drained) = numbers(told, "pages_by_hash", "pages_by_hash_drained")
    assert (all_live, drained < 24) == (12, True), "weight 0 really does not cure it there"
    assert "keepalived keeps 192.168.100.10:8080" in refusal(told, "keepalived_s")
    assert told.files["weights_kept.txt"].split() == ["1", "1"]


def test_a_real_server_that_leaks_or_lost_its_address(boot: Boot) -> None:
    told = play(boot, "dsr-leak-healed")
    vip = "192.168.100.10"
    leak, gone = ([(f"dsr_real_server.{fault}", vip, "critical")] for fault in ("arp_leak", "vip_missing"))
    steps = {"healthy": [], "leak": leak, "still_leaks": leak, "missing": gone, "still_missing": gone, "back": []}
    steps |= {"program": leak, "program_only": leak, "alone": leak}
    assert {step: findings(told, step) for step in steps} == steps
    ignore, announce = (f"sysctl -w net/ipv4/conf/lan/{name}" for name in ("arp_ignore=1", "arp_announce=2"))
    done = [(ignore, "done"), (announce, "done")]
    assert outcome(told, "silence") == (0, "healed", done)
    # all, lan, other: arp_ignore, arp_announce of each
    assert told.files["sysctls_silenced.txt"].split() == ["0", "0", "1", "2", "0", "0"]
    assert outcome(told, "give_back") == (0, "healed", [*done, (f"ip address add {vip}/32 dev lo", "done")])
    assert f" {vip}/32 " in told.files["address_back.txt"]
    heard = numbers(told, *(f"heard_{step}" for step in ("quiet", "leak", "silenced", "meanwhile")))
    assert heard == [1, 2, 1, 1], "how many machines the client hears for the address"
    undone = [(ignore, "undone"), (announce, "undone")]
    assert outcome(told, "no_effect") == (2, "no_effect", undone)
    assert told.files["sysctls_undone.txt"].split() == ["0"] * 6
    assert "a program here sends that" in refusal(told, "not_by_sysctls")
    assert "no other host answers" in refusal(told, "not_the_last")
