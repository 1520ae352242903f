# Two load balancers on one switch, and who uses their address: this host is lb2 (.2, priority 100), lb1 (.1, priority
# 150) and the client (.3), which is also their gateway, are namespaces. Each serves a page with its name.

VIP=192.168.100.10

# switch_port: this host's eth0 is on the switch.
switch_port() {
  cable eth0 switch port0
  act ip -n switch link add lan type bridge stp_state 0 forward_delay 0
  act ip -n switch link set dev lan up
  act ip -n switch link set dev port0 master lan
  act ip link set dev eth0 up
}

# router HOST ADDRESS PRIORITY: a namespace on the switch with a keepalived that gets nobody's adverts.
router() {
  balancer_host "$1" "$2"
  keepalived_conf "$3" > "/run/$1.conf"
  act ip netns exec "$1" bash -c "$(declare -f drops_adverts); drops_adverts"
  run_keepalived "$1"
}
run_keepalived() {
  ip netns exec "$1" keepalived -n -l -P -f "/run/$1.conf" -p "/run/$1.pid" -r "/run/$1-vrrp.pid" > "/run/$1.log" 2>&1 &
}

# balancers: both run keepalived, lb2 as the service of its package; lb1 is active.
balancers() {
  switch_port
  act ip address add 192.168.100.2/24 dev eth0
  act ip route add default via 192.168.100.3
  balancer_host lb1 192.168.100.1
  act ip -n lb1 route add default via 192.168.100.3
  balancer_host client 192.168.100.3
  # As a router it keeps what it knows by ARP for hours.
  act ip netns exec client sysctl -qw net.ipv4.neigh.eth0.base_reachable_time_ms=14400000
  page_of lb2 &
  ip netns exec lb1 bash -c "$(declare -f page_of); page_of lb1" &
  mkdir -p /etc/keepalived
  keepalived_conf 150 > /run/lb1.conf
  keepalived_conf 100 > /etc/keepalived/keepalived.conf
  echo 'DAEMON_ARGS="-P"' > /etc/default/keepalived
  run_keepalived lb1
  act service keepalived start
  printf '#!/bin/sh\nexec ip netns exec lb1 %s --history /run/lb1.db "$@"\n' "$WATCHDOG" > /run/watchdog-of-lb1
  chmod +x /run/watchdog-of-lb1
  within 30 held_by lb1
  within 30 page_is lb1
}
balancer_host() {
  act ip -n switch link add "port-$1" type veth peer name eth0 netns "$(netns "$1")"
  act ip -n switch link set dev "port-$1" master lan up
  act ip -n "$1" link set dev lo up
  act ip -n "$1" link set dev eth0 up
  act ip -n "$1" address add "$2/24" dev eth0
}
netns() { [[ -e /run/netns/$1 ]] || ip netns add "$1"; echo "$1"; }
page_of() {
  mkdir -p "/run/page-$1"
  echo "$1" > "/run/page-$1/index.html"
  exec busybox httpd -f -p 8000 -h "/run/page-$1"
}
keepalived_conf() {
  printf '%s\n' "vrrp_instance VI {" "  interface eth0" "  virtual_router_id 51" "  priority $1" "  advert_int 1" \
    "  garp_master_delay 1" "  virtual_ipaddress {" "    $VIP/24" "  }" "}"
}

# held_by lb1|lb2: the address is there; both: on both.
held_by() {
  case $1 in
    lb1) [[ $(ip -n lb1 -o address show dev eth0) == *" $VIP/"* ]] ;;
    lb2) [[ $(ip -o address show dev eth0) == *" $VIP/"* ]] ;;
    both) held_by lb1 && held_by lb2 ;;
  esac
}
# page: what the client gets from the address; page_is NAME.
page() { ip netns exec client curl -s -m 2 "http://$VIP:8000/" || true; }
page_is() { [[ $(page) == "$1" ]]; }

# cut_off: each drops the adverts of the other as they come in (by tc: the lab's kernel has no tables of nft), and so they
# arrive on the wire and keepalived does not see them; `is_cut` says how many it has dropped on either.
cut_off() {
  act drops_adverts
  act ip netns exec lb1 bash -c "$(declare -f drops_adverts); drops_adverts"
  within 30 held_by both
}
drops_adverts() {
  tc qdisc add dev eth0 ingress
  tc filter add dev eth0 parent ffff: protocol ip u32 match ip protocol 112 0xff action drop
}
is_cut() {
  tc filter show dev eth0 parent ffff: | grep -c 'action drop'
  ip netns exec lb1 tc filter show dev eth0 parent ffff: | grep -c 'action drop'
}

# wd1 NAME ARGUMENTS...: the watchdog of lb1.
wd1() { WATCHDOG=/run/watchdog-of-lb1 wd "$@"; }
