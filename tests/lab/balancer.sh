# The set-up of the original outage: a balancer (this host), proxies behind it in direct-server-return mode, a client.
# 192.168.100.0/24 is one bridge, `lan`: the balancer has .2 and the virtual address .10, the proxies .21 to .23 with
# .10 on lo as well, the client .50; the site that the client wants to see is on the client itself, port 8000.

VIP=192.168.100.10
PORT=8080

# on_lan HOST ADDRESS: a host (network namespace) on the LAN.
on_lan() {
  cable "to_$1" "$1" eth0
  act ip link set dev "to_$1" master lan up
  act ip -n "$1" link set dev lo up
  act ip -n "$1" address add "$2/24" dev eth0
}

# balancer: this host balances; nobody is in its pool yet.
balancer() {
  act ip link add lan type bridge
  act ip link set dev lan up
  act ip address add 192.168.100.2/24 dev lan
  act ip address add $VIP/32 dev lan
}

# real_server HOST ADDRESS: a host that answers for the virtual address when the balancer sends to it, and never else.
real_server() {
  on_lan "$1" "$2"
  act ip netns exec "$1" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
  act ip -n "$1" address add $VIP/32 dev lo
}

# squid_on HOST, tinyproxy_on HOST: a proxy on port 8080; `proxy_pid HOST` is its process.
squid_on() {
  mkdir -p "/run/squid-$1/shm"
  chmod 777 "/run/squid-$1"
  printf '%s\n' "http_port $PORT" "http_access allow all" "pid_filename none" "access_log none" \
    "cache_log /run/squid-$1/cache.log" "coredump_dir /run/squid-$1" "cache_effective_user nobody" \
    "pinger_enable off" "visible_hostname $1" "shutdown_lifetime 0 seconds" > "/run/squid-$1/squid.conf"
  (
    mkdir -p /dev/shm
    mountpoint -q /dev/shm || mount -t tmpfs shm /dev/shm
  )
  ip netns exec "$1" squid -N -f "/run/squid-$1/squid.conf" &
  echo $! > "/run/proxy-$1.pid"
}
# Who is one too many, tinyproxy hangs up on; keepalived asks several times a second, and a busy machine answers late.
tinyproxy_on() {
  printf '%s\n' "Port $PORT" "MaxClients 200" "Timeout 10" "Allow 0.0.0.0/0" > "/run/tinyproxy-$1.conf"
  ip netns exec "$1" tinyproxy -d -c "/run/tinyproxy-$1.conf" > /dev/null 2>&1 &
  echo $! > "/run/proxy-$1.pid"
}
proxy_pid() { cat "/run/proxy-$1.pid"; }

# proxies: three real servers with a proxy each, and a client with the site it wants to see.
proxies() {
  real_server rs1 192.168.100.21
  real_server rs2 192.168.100.22
  real_server rs3 192.168.100.23
  squid_on rs1
  tinyproxy_on rs2
  tinyproxy_on rs3
  on_lan client 192.168.100.50
  mkdir -p /run/site
  echo "the site" > /run/site/index.html
  ip netns exec client busybox httpd -p 8000 -h /run/site
  for server in 21 22 23; do within 30 page_through "192.168.100.$server"; done
}

# page_through ADDRESS: the client sees the site through the proxy at ADDRESS.
page_through() {
  [[ $(ip netns exec client curl -s -m 8 -x "$1:$PORT" http://192.168.100.50:8000/) == "the site" ]]
}

# pages N: how many of N requests through the virtual address bring the site.
pages() {
  local number good=0
  for ((number = 0; number < $1; number++)); do
    if page_through $VIP; then good=$((good + 1)); fi
  done
  echo $good
}

# pool SERVER...: a pool of these servers by direct routing, one after the other.
pool() {
  act ipvsadm -A -t $VIP:$PORT -s rr
  local server
  for server; do act ipvsadm -a -t $VIP:$PORT -r "$server:$PORT" -g -w 1; done
}
