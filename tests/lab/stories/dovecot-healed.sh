# The outage that this began with, healed in the right order: the causes first, Dovecot when the clock is steady
# A VMware guest whose time sync is on, a real ntpsec as Debian ships it, a real Dovecot with a client. ntpsec sets the
# clock back by 18 s and Dovecot's mail processes kill themselves; then its master goes too. Its owner has opted in, so
# the watchdog heals it alone, one thing in each cycle: VMware's sync is switched off, ntpsec gets -x in the file that
# Debian's init script reads; and only when the clock has been steady for a while Dovecot is started, and a client
# logs in. A person who asks for Dovecot first is refused.
# modules: veth
# packages: busybox dovecot ntpsec open-vm-tools

settings() {
  printf '%s\n' '[checks.clock_sync]' 'servers = ["192.0.2.10"]' 'ask_every = "1s"' \
    '[remediations.disable_vmware_timesync]' "mode = \"$1\"" \
    '[remediations.forbid_ntp_step]' "mode = \"$1\"" \
    '[remediations.restart_service]' "mode = \"$1\"" "steady_for = \"$2\"" > /etc/watchdog/watchdog.toml
}
settings propose 30m
system_log
mail_server
ntp_service "server 192.0.2.10 iburst minpoll 0 maxpoll 0"

tell "A VMware guest with Dovecot and ntpsec, which has no server yet. A client has its mailbox open."
act on_vmware
act vmware_tools_obey
act serve_time 192.0.2.10 --offset -18 --silent
act service dovecot start
act service ntpsec start
save argv_before pgrep -a ntpd
idle_client
wd before run --json

tell "The server answers, 18 s behind: ntpsec sets the clock back, and Dovecot's mail processes kill themselves."
save offset_before clock_offset
act serve_time 192.0.2.10 --offset -18
within 90 grep -q "time stepped by" /var/log/syslog
save offset_after clock_offset
within 20 grep -q "kill myself" /var/log/dovecot.log
show grep "Time " /var/log/dovecot.log
tell "And its master is killed, as the kernel does when memory is short."
act kill -KILL "$(cat /run/dovecot/master.pid)"
wd killed run --json
sleep 20
wd down run --json
to_people || wd open incidents --json

tell "Somebody asks for Dovecot first. No: the clock may go back again, and kill it again."
wd too_early heal 5 --apply --yes --json

tell "The owner opts in. What let the clock go back is healed first, one thing in each cycle."
settings auto 30m
cp /etc/default/ntpsec /run/before
wd first run --json
wd second run --json
save toolbox cat /run/toolbox.log
diff /run/before /etc/default/ntpsec > "$OUT/difference.txt" || true
show diff /run/before /etc/default/ntpsec || true
save argv_after pgrep -a ntpd

tell "Dovecot is not started yet: the last step is not long enough ago."
wd third run --json
to_people || wd waiting incidents --json
wd not_steady heal 5

tell "Where a short while counts as steady, it is started, and a client logs in."
settings auto 5s
wd fourth run --json
within 20 idle_client
wd after run --json
wd incidents incidents --all --json
keep_history
wd report report --since 1h
save offset_end clock_offset
act service dovecot stop
act service ntpsec stop
