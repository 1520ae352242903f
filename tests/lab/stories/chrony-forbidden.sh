# A chronyd that may step the clock at any time: the line that decides is changed, and no other
# A real chronyd as Debian ships it, but that its main file allows steps at any time; a drop-in that forbids them does not
# count. The watchdog changes the limit in the main file, and chronyd is restarted while the clock is right. Then its
# server goes back by 18 s: no step. With a configuration that chronyd would not start with again, nothing is touched.
# modules: veth
# packages: busybox chrony

printf '%s\n' '[checks.clock_sync]' 'servers = ["192.0.2.10"]' 'ask_every = "1s"' > /etc/watchdog/watchdog.toml
system_log
account _chrony /nonexistent
mkdir -p /run/lock /var/lib/chrony
sed -e '/^pool/d' -e 's/^makestep.*/makestep 1 -1/' /usr/share/chrony/chrony.conf > /etc/chrony/chrony.conf
rm -f /etc/chrony/{conf.d,sources.d}/*
echo "makestep 1 3" > /etc/chrony/conf.d/step.conf
echo "server 192.0.2.10 iburst minpoll -2 maxpoll -2 maxdelay 0.2" > /etc/chrony/sources.d/lab.sources
sed -i 's/^DAEMON_OPTS=.*/DAEMON_OPTS="-u root"/' /etc/default/chrony
cp /etc/chrony/chrony.conf /run/before

tell "chronyd runs, and its server is right."
act serve_time 192.0.2.10
act service chrony start
within 30 asked 192.0.2.10 12
wd found run --json

tell "Somebody left a slip in the file: chronyd would not start with it again, so it is not restarted."
echo "makestop 1 3" >> /etc/chrony/chrony.conf
wd slip heal 1 --apply --yes --json
cp /run/before /etc/chrony/chrony.conf

tell "Without the slip the limit is changed, in the line that decides."
save offset_before clock_offset
wd healed heal 1 --apply --yes --json
diff /run/before /etc/chrony/chrony.conf > "$OUT/difference.txt" || true
show diff /run/before /etc/chrony/chrony.conf || true

tell "The server's time goes back by 18 s. chronyd has had its first three updates, and does not step."
within 30 asked 192.0.2.10 40
act serve_time 192.0.2.10 --offset -18
within 30 grep -q "chronyd.*System clock wrong by" /var/log/syslog
save offset_after clock_offset
wd after run --json
act service chrony stop
