# A proxy behind LVS hangs, and a third of all pages do not load; then another one steals the virtual address
# Three real proxies (a squid, two tinyproxies) behind a real ip_vs in direct-server-return mode, and a client that
# wants a page through the virtual address 192.168.100.10. One proxy is stopped as a hung program is: it still takes
# connections. Later one forgets to keep quiet about the virtual address, and the client hears two answers for it.
# modules: veth bridge ip_vs ip_vs_rr
# packages: busybox ipvsadm squid tinyproxy

patient ipvs

tell "A balancer with three proxies behind it. Of six pages, six load."
balancer
proxies
pool 192.168.100.21 192.168.100.22 192.168.100.23
show ipvsadm -Ln
show pages 6
wd healthy run --json ipvs dsr_real_server

tell "One proxy hangs. LVS goes on sending it every third request."
act kill -STOP "$(proxy_pid rs1)"
show pages 3
wd hung run --json ipvs dsr_real_server

tell "Drained (weight 0), it is still dead, and no longer a fault: all pages load."
act ipvsadm -e -t 192.168.100.10:8080 -r 192.168.100.21:8080 -g -w 0
show pages 3
wd drained run --json ipvs dsr_real_server

tell "It lives again and is back; but another proxy now answers ARP for the virtual address, past the balancer."
act kill -CONT "$(proxy_pid rs1)"
act ipvsadm -e -t 192.168.100.10:8080 -r 192.168.100.21:8080 -g -w 1
act ip netns exec rs2 sysctl -qw net.ipv4.conf.all.arp_ignore=0
show bash -c "ip netns exec client arping -c 2 -w 3 -I eth0 192.168.100.10 || true"
wd leak run --json ipvs dsr_real_server

tell "It keeps quiet again."
act ip netns exec rs2 sysctl -qw net.ipv4.conf.all.arp_ignore=1
wd quiet run --json ipvs dsr_real_server
wd incidents incidents --all --json
