# Both load balancers have the virtual address, and stepping down would be wrong: it is refused, or undone
# The winner of the election does not answer for the address, so the loser refuses to go. Then it answers and dies in
# the moment in which the loser stops: nobody serves, so keepalived is started again.
# modules: veth bridge sch_ingress cls_u32 act_gact
# packages: busybox keepalived

tell "Two load balancers; a filter drops VRRP on both, so that both have the address."
balancers
cut_off
wd split run --json vrrp

tell "lb1 wins the election and keeps silent when it is asked for the address: this host refuses to step down."
act ip netns exec lb1 sysctl -qw net.ipv4.conf.eth0.arp_ignore=8
wd silent heal 1 --apply --yes --json
act ip netns exec lb1 sysctl -qw net.ipv4.conf.eth0.arp_ignore=0

tell "It answers again, but dies while this host steps down: that is undone, and the client has its page."
echo 'if [ "$1" = stop ]; then ip -n lb1 link set dev eth0 down; fi' >> /etc/default/keepalived
wd undone heal 1 --apply --yes --json
within 30 held_by lb2
within 30 page_is lb2
show page
save page page
save status pgrep -x keepalived
