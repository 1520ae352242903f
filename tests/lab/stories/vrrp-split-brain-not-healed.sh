# Both load balancers have the virtual address, and stepping down would be wrong: it is refused, or undone
# The winner of the election does not answer for the address, so the loser refuses to go. Then it answers and dies in
# the moment in which the loser stops: nobody serves, so keepalived is started again.
# modules: veth bridge nf_tables
# packages: busybox keepalived

tell "Two load balancers; a firewall rule drops VRRP on both, so that both have the address."
balancers
cut
wd split run --json vrrp

tell "lb1 wins the election and keeps silent when it is asked for the address: this host refuses to step down."
act ip netns exec lb1 nft 'table arp deaf { chain in { type filter hook input priority 0; arp operation request drop; }; }'
wd silent heal 1 --apply --yes --json
act ip netns exec lb1 nft delete table arp deaf

tell "It answers again, but dies while this host steps down: that is undone, and the client has its page."
echo 'if [ "$1" = stop ]; then ip -n lb1 link set dev eth0 down; fi' >> /etc/default/keepalived
wd undone heal 1 --apply --yes --json
within 30 held_by lb2
within 30 page_is lb2
show page
save page page
save status pgrep -x keepalived
