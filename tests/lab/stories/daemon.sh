# The daemon: a step of the clock and a bond that lost a member are on record within a second
# `watchdog daemon` stays. The clock goes back by 18 s, then by a day, then ahead by a month: each is recorded at once,
# who did it as soon as the log names it, and every check keeps its rhythm. Then a bond loses a member, and an address appears: both are looked at, at once.
# modules: bonding veth

tell "A host with bond0 on two switch ports, and the daemon, which looks every 20 s."
cable eth0 switch port0
cable eth1 switch port1
bond bond0 "mode active-backup miimon 100" eth0 eth1
within 5 member eth0 mii_status up
within 5 member eth1 mii_status up
for check in bond clock_step clock_sync dsr_real_server ipvs multihome ntp_can_step proxy_port service vmware_timesync vrrp; do
  printf '[checks.%s]\nevery = "20s"\n' "$check"
done > /etc/watchdog/watchdog.toml
# Time enough for this shell to log who did it, on a busy machine too.
sed -i '/clock_step/a author_wait = "3s"' /etc/watchdog/watchdog.toml
webhook
told_to webhook critical
daemon
tail -n 5 /run/daemon.log

tell "The clock goes back by 18 s."
save back_at boottime
act date -s "-18 sec"
within 5 recorded clock_step.backward
save back_recorded_at boottime
within 10 completed 1

tell "It goes back by a day, and who did it logs so a moment later; the checks go on every 20 s."
act date -s "-1 day"
sleep 0.2
echo "$(date "+%b %e %T") host ntpd[77]: CLOCK: time stepped by -86400.000000" >> /var/log/syslog
within 10 completed 2
sleep 2 # were one completed once more, it would show by now
save completed in_record "sql('select reason from transitions where reason like ?', 'more is known%')"
sleep 43
save runs in_record "__import__('json').dumps({name: [count, gap / 1e9] for name, count, gap in sql('select name, sum(count), max(longest_gap_ns) from spans join checks on checks.id=check_id group by name')})"
tell "It goes ahead by a month."
act date -s "+30 days"
within 5 recorded clock_step.forward

tell "The switch port of eth0 goes down."
save down_at boottime
act ip -n switch link set dev port0 down
within 5 recorded bond.member_down
save down_recorded_at boottime

tell "An address appears on eth2, as a virtual address does."
cable eth2 switch port2
sleep 3
save vip_at boottime
act ip address add 192.0.2.10/32 dev bond0
within 5 looked_since "$(cat "$OUT/vip_at.txt" 2> /dev/null || boottime)" multihome
save looked_at_vip boottime
wd status status --json
save memory grep -E "VmRSS|Threads" "/proc/$daemon/status"
save cpu cat "/proc/$daemon/stat"
end_daemon
kill "$webhook"
wd incidents incidents --all --json
