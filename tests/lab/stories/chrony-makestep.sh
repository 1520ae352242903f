# What makestep lets chronyd do: nothing, a step at start, a step at any time; and a drop-in that loses
# A real chronyd and a server whose time goes back by 18 s. Of several makestep lines the last counts, and Debian's
# chrony.conf reads the drop-ins first and ends with a makestep of its own: a drop-in can neither allow nor forbid.
# modules: veth
# packages: busybox chrony

# Debian's own file, but for its servers: how it ends, and what stands in the drop-in.
configure() {
  { grep -v -e ^pool -e ^makestep /usr/share/chrony/chrony.conf && printf '%s\n' "$1"; } > /etc/chrony/chrony.conf
  printf '%s\n' "$2" > /etc/chrony/conf.d/step.conf
}
system_log
rm -f /etc/chrony/{conf.d,sources.d}/*
# maxdelay: what a busy machine keeps waiting for a second says nothing to a second, and would be a step by itself.
echo "server 192.0.2.10 iburst minpoll -2 maxpoll -2 maxdelay 0.2" > /etc/chrony/sources.d/lab.sources
chrony() { act start chronyd -n -u root -f /etc/chrony/chrony.conf; }

tell "No makestep at all, and a server that is 18 s behind: it is slewed, for minutes."
act serve_time 192.0.2.10 --offset -18
act configure "" ""
chrony
wd never run --json
within 30 logged chronyd "System clock wrong by"
act stop chronyd

tell "As Debian ships it (makestep 1 3), with a drop-in that would allow steps at any time. The server is right."
act serve_time 192.0.2.10
act configure "makestep 1 3" "makestep 1 -1"
chrony
show chronyd -p -f /etc/chrony/chrony.conf
wd at_start run --json
within 30 asked 192.0.2.10 12
tell "The server's time goes back by 18 s. The first three updates are over: no step."
act serve_time 192.0.2.10 --offset -18
within 30 logged chronyd "System clock wrong by"
act stop chronyd

tell "The other way round: the main file allows steps at any time, and a drop-in that forbids them does not count."
act serve_time 192.0.2.10
act configure "makestep 1 -1" "makestep 1 3"
chrony
wd before run --json
within 30 asked 192.0.2.10 12

tell "The server's time goes back by 18 s."
save offset_before clock_offset
act serve_time 192.0.2.10 --offset -18
within 60 logged chronyd "was stepped by"
# In one step, or, where its answers come unevenly, in several.
within 60 stepped_back_from "$(< "$OUT/offset_before.txt")"
save offset_after clock_offset
save said grep "was stepped by" /var/log/syslog
wd stepped run --json
