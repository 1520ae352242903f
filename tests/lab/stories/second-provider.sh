# A second provider whose address never answers
# A host with two uplinks. Whoever asks the second address is answered through the first provider, which drops what is
# not from its own addresses. Everything looks configured. You see it found, healed with a table and a rule, and
# what looks like it and is none: a VRF, an anycast address on dummy0, a VPN.
# modules: dummy ipv6 tun veth vrf
# packages: busybox

# provider NAME NUMBER DEVICE: an uplink of this host, whose router passes on nothing with a foreign source (BCP 38).
provider() {
  cable "$3" "$1" customer
  ip -n "$1" address add "10.$2.$2.1/24" dev customer
  ip address add "10.$2.$2.2/24" dev "$3"
  ip link set dev "$3" up
  ip -n "$1" link add out type veth peer name "$1" netns internet
  ip -n "$1" address add "172.31.$2.1/24" dev out
  ip -n "$1" link set dev out up
  ip -n internet address add "172.31.$2.2/24" dev "$1"
  ip -n internet link set dev "$1" up
  ip -n "$1" route add default via "172.31.$2.2"
  ip -n internet route add "10.$2.$2.0/24" via "172.31.$2.1"
  ip netns exec "$1" sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv4/conf/customer/rp_filter'
}

# asks ADDRESS: a client far away asks it; `yes` or `no`, whether it is answered.
asks() {
  if ip netns exec client busybox ping -c 1 -W 2 "$1" > /dev/null; then echo yes; else echo no; fi
}

# answered ADDRESS: the client gets an answer.
answered() { [[ $(asks "$1") == yes ]]; }

ip netns add client
ip netns add internet
ip -n internet link add clients type veth peer name eth0 netns client
ip -n internet address add 85.214.140.1/24 dev clients
ip -n internet link set dev clients up
ip -n client address add 85.214.140.99/24 dev eth0
ip -n client link set dev eth0 up
ip -n client route add default via 85.214.140.1
ip netns exec internet sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
for where in all default; do echo 0 > /proc/sys/net/ipv4/conf/$where/rp_filter; done
provider isp1 1 eth0
provider isp2 2 eth1

tell "A host with an address at each of two providers. Its configuration has a gateway for each, but there can only be
one default route: ifup gets \"File exists\" for the second, and nobody reads that."
mkdir -p /etc/network
cat > /etc/network/interfaces << 'END'
iface eth0 inet static
    address 10.1.1.2/24
    gateway 10.1.1.1
iface eth1 inet static
    address 10.2.2.2/24
    gateway 10.2.2.1
END
show tail -n 6 /etc/network/interfaces
act ip route add default via 10.1.1.1 dev eth0
act ip route add default via 10.2.2.1 dev eth1 || true
within 30 answered 10.1.1.2
show asks 10.1.1.2
show asks 10.2.2.2
save wrong_one asks 10.1.1.2
save wrong_two asks 10.2.2.2
wd wrong run --json

tell "It lasts, so it is no link that comes up; and something can be done. Nothing is done unasked."
sleep 31
wd lasts run --json
wd proposed heal 1 --json
save before_heal ip route show table all

tell "A table for the second uplink, and a rule for its address: replies leave where the question came in. The check
that found the fault verifies it; had it not, or had this been cut off, another process would have undone it."
wd healed heal 1 --apply --yes --json
show ip rule
within 30 answered 10.2.2.2
show asks 10.2.2.2
save right_two asks 10.2.2.2
wd right run --json
wd incidents incidents --all --json

tell "A third provider in a VRF of its own, an anycast address on dummy0, and a VPN that takes both halves of the world."
provider isp3 3 eth2
act ip link add blue type vrf table 10
act ip link set dev blue up
act ip link set dev eth2 master blue
act ip route add default via 10.3.3.1 dev eth2 table 10
act ip link add dummy0 type dummy
act ip link set dev dummy0 up
act ip address add 192.0.2.53/32 dev dummy0
act ip tuntap add dev tun0 mode tun
act ip address add 10.8.0.2/24 dev tun0
act ip link set dev tun0 up
act ip route add 0.0.0.0/1 via 10.8.0.1 dev tun0
act ip route add 128.0.0.0/1 via 10.8.0.1 dev tun0
show ip -brief address
wd meant run --json

tell "The VRF gets a second uplink, and there replies do go astray."
provider isp4 4 eth3
act ip link set dev eth3 master blue
act ip route add default via 10.4.4.1 dev eth3 table 10 metric 400
wd in_vrf run --json
save table echo $((100 + $(cat /sys/class/net/eth3/ifindex)))
table=$(cat "$OUT/table.txt")
act ip route replace 10.4.4.0/24 dev eth3 table $table
act ip route replace default via 10.4.4.1 dev eth3 table $table
act ip rule add from 10.4.4.2 table $table priority 999
wd vrf_right run --json
