# A proxy in the pool is dead: LVS still sends it every second request
# Two proxies, a real squid and a real tinyproxy, stand behind LVS in direct return with the VIP 192.168.100.10. This
# host is the load balancer. A proxy that hangs still accepts connections, so everything that only connects is green.
# modules: veth bridge dummy ip_vs ip_vs_rr
# packages: busybox ipvsadm squid tinyproxy

VIP=192.168.100.10

real_server() { # NAME ADDRESS: a host on the LAN, with the VIP on its loopback, silent about it.
  cable "port-$1" "$1" eth0
  ip link set dev "port-$1" master lan
  ip link set dev "port-$1" up
  ip -n "$1" link set dev lo up
  ip netns exec "$1" bash -c 'echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore; echo 2 > /proc/sys/net/ipv4/conf/all/arp_announce'
  ip -n "$1" address add "$2/24" dev eth0
  ip -n "$1" address add "$VIP/32" dev lo
}
answers() { (exec 3<> "/dev/tcp/$1/8080") 2> /dev/null; }
stopped() { [[ $(cut -d' ' -f3 "/proc/$1/stat") == T ]]; }

ip link add lan type bridge
ip link set dev lan up
ip address add 192.168.100.1/24 dev lan
tell "r1 runs squid as Debian ships it, r2 tinyproxy."
real_server r1 192.168.100.21
real_server r2 192.168.100.22
mkdir -p /dev/shm
mount -t tmpfs shm /dev/shm
printf 'http_port 8080\nshutdown_lifetime 0 seconds\npinger_enable off\n' > /etc/squid/conf.d/lab.conf
printf 'Port 8080\nTimeout 600\n' > /run/tinyproxy.conf
install -d -o proxy -g proxy /var/log/squid /run/squid
ip netns exec r1 squid -N < /dev/null > /dev/null 2>&1 &
squid=$!
ip netns exec r2 tinyproxy -d -c /run/tinyproxy.conf < /dev/null > /dev/null 2>&1 &
tinyproxy=$!
within 30 answers 192.168.100.21
within 30 answers 192.168.100.22

ip address add "$VIP/32" dev lan
act ipvsadm -A -t "$VIP:8080" -s rr
act ipvsadm -a -t "$VIP:8080" -r 192.168.100.21:8080 -g
act ipvsadm -a -t "$VIP:8080" -r 192.168.100.22:8080 -g
wd healthy run --json proxy_port

tell "squid hangs."
act kill -STOP "$squid"
within 5 stopped "$squid"
wd stopped run --json proxy_port
wd status status
act kill -CONT "$squid"
wd continued run --json proxy_port

tell "tinyproxy ends, and something else takes its port."
act kill "$tinyproxy"
wait "$tinyproxy" || true
wd ended run --json proxy_port
ip netns exec r2 busybox httpd -f -p 8080 &
within 10 answers 192.168.100.22
wd replaced run --json proxy_port
tell "Its weight is set to 0: it is drained on purpose, and nobody is sent there."
act ipvsadm -e -t "$VIP:8080" -r 192.168.100.22:8080 -g -w 0
wd drained run --json proxy_port

tell "The other load balancer takes the VIP over: from here it can now be asked itself."
act ip address del "$VIP/32" dev lan
wd backup run --json proxy_port
act kill -STOP "$squid"
wd both run --json proxy_port
