# A real server answers ARP for the virtual address: it is made quiet, and gets back an address that it lost, quietly
# This host is a real server behind direct routing; the balancer and a client are on its link. Somebody resets
# arp_ignore, and the client hears two machines for the virtual address. `watchdog heal` silences the one interface
# that faces it. The address itself is put back after the silence, so that nobody hears it. What sysctls cannot cure (a
# program that speaks for the address) is undone, and it says so; and without a balancer nothing is silenced.
# modules: veth bridge

cat > /etc/watchdog/watchdog.toml << 'END'
[checks.dsr_real_server]
vips = ["192.168.100.10"]
listen = "2s"
END
loud() { act sysctl -qw net.ipv4.conf.lan.arp_ignore=0 net.ipv4.conf.lan.arp_announce=0; }
sysctls() { sysctl -n net.ipv4.conf.{all,lan,other}.arp_{ignore,announce} | tr '\n' ' '; }
# The hardware addresses that the client hears for the virtual address, in so many seconds.
heard() { { ip netns exec client arping -w "$1" -I eth0 $VIP || true; } | grep -o '\[.*\]' | sort -u | wc -l; }

tell "A real server, its balancer and a client. The client hears one machine for the virtual address."
act ip link add lan type bridge
act ip link set dev lan up
act ip link add other type bridge
act ip address add 192.168.100.21/24 dev lan
act sysctl -qw net.ipv4.conf.lan.arp_ignore=1 net.ipv4.conf.lan.arp_announce=2
act ip address add $VIP/32 dev lo
on_lan balancer 192.168.100.2
on_lan client 192.168.100.50
act ip -n balancer address add $VIP/32 dev eth0
save heard_quiet heard 3
wd healthy run --json dsr_real_server

tell "Somebody resets the sysctls: the client hears two."
loud
save heard_leak heard 3
wd leak run --json dsr_real_server
sleep 20
wd still_leaks run --json dsr_real_server
wd silence heal 1 --apply --yes --json
save heard_silenced heard 3
save sysctls_silenced sysctls

tell "The network is restarted: the address is gone, and the sysctls too. Both come back, and nobody hears it."
loud
act ip address delete $VIP/32 dev lo
wd missing run --json dsr_real_server
sleep 60
wd still_missing run --json dsr_real_server
heard 25 > "$OUT/heard_meanwhile.txt" &
listening=$!
wd give_back heal 2 --apply --yes --json
wait "$listening"
save address_back ip -brief address show dev lo
wd back run --json dsr_real_server

tell "A program speaks for the address, and the sysctls are loud: silencing the kernel cures only half, so it is undone."
loud
arping -A -I lan $VIP > /dev/null 2>&1 &
program=$!
wd program run --json dsr_real_server
sleep 20
wd still_program run --json dsr_real_server
wd no_effect heal 3 --apply --yes --json
save sysctls_undone sysctls
act sysctl -qw net.ipv4.conf.lan.arp_ignore=1 net.ipv4.conf.lan.arp_announce=2
wd program_only run --json dsr_real_server
wd not_by_sysctls heal 3 --apply --yes --json
kill "$program"

tell "The balancer is gone: this host's answers may be all that keeps the address alive."
act ip -n balancer link set dev eth0 down
loud
wd alone run --json dsr_real_server
wd not_the_last heal 3 --apply --yes --json
wd incidents incidents --all --json
