# Both load balancers have the virtual address: the loser steps down, the winner tells the gateway where it is
# Two real keepaliveds do not get each other's adverts, which are dropped on either host, and stay so. Asked to heal,
# the watchdog of the winner refuses; that of the loser sees the winner serve, and stops keepalived. The gateway still
# sends to the loser, as nobody announced the change: the winner's watchdog finds that and announces the address.
# modules: veth bridge sch_ingress cls_u32 act_gact
# packages: busybox keepalived

tell "Two load balancers (this host and lb1), and a client that gets its page from lb1."
balancers
show page
wd healthy run --json vrrp
sleep 2 # lb1 announces itself once more a second after the first time

tell "A filter drops VRRP on both: now both have the address, and the client gets to this host."
cut_off
within 30 page_is lb2
wd split run --json vrrp
wd1 split_on_winner run --json vrrp

tell "lb1 wins the election, so its watchdog refuses to step down."
wd1 winner heal 1 --apply --yes --json

tell "This host loses it, and sees that lb1 serves: it makes way."
wd loser heal 1 --apply --yes --json
save held_by_loser ip -o address show dev eth0
save held_by_winner ip -n lb1 -o address show dev eth0
wd after run --json vrrp

tell "The gateway does not know yet: the page does not load. lb1's watchdog sees why, and announces the address."
save page_before page
ip netns exec client curl -s -m 5 http://192.168.100.1:8000/ > /dev/null # lb1 knows its gateway by such traffic
wd1 misled run --json vrrp
wd1 announced heal 2 --apply --yes --json
show page
save page_after page
save cut is_cut
wd1 end run --json vrrp
keep_history
