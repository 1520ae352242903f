# A dead proxy behind LVS is drained, so that every page loads, and put back when it lives again
# Three real proxies behind a real ip_vs in direct return, in a pool that nobody keeps. `watchdog heal` gives the dead
# one weight 0, and all pages load; once it answers again, it gets the weight back that it had.
# modules: veth bridge ip_vs ip_vs_wrr
# packages: busybox ipvsadm squid tinyproxy

patient ipvs
weight() { ipvsadm -Sn | sed -n "s/.* -r 192.168.100.$1:$PORT .* -w //p"; }

tell "A balancer with three proxies behind it; the first takes twice its share. Of eight pages, eight load."
balancer
proxies
act ipvsadm -A -t $VIP:$PORT -s wrr
act ipvsadm -a -t $VIP:$PORT -r 192.168.100.21:$PORT -g -w 2
act ipvsadm -a -t $VIP:$PORT -r 192.168.100.22:$PORT -g -w 1
act ipvsadm -a -t $VIP:$PORT -r 192.168.100.23:$PORT -g -w 1
save pages_healthy pages 8
show pages 8
wd healthy run --json ipvs

tell "The first hangs: half of all pages do not load. That is told once it has lasted for 30 s."
act kill -STOP "$(proxy_pid rs1)"
save pages_hung pages 4
wd hung run --json ipvs
sleep 30
wd still_hung run --json ipvs
wd proposed heal 1 --json

tell "Drained, it gets nothing new: all pages load."
wd drain heal 1 --apply --yes --json
save weight_drained weight 21
save pages_drained pages 8
show pages 8

tell "It lives again, and nobody has put it back. That is told after a minute, and healed."
act kill -CONT "$(proxy_pid rs1)"
wd well run --json ipvs
sleep 60
wd still_well run --json ipvs
wd restore heal 2 --apply --yes --json
save weight_restored weight 21
save pages_restored pages 8
wd restored run --json ipvs
wd incidents incidents --all --json
keep_history
