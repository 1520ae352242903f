# What must not be healed, and what cannot: refused while it could do harm, undone where it did not help, and told
# ntpsec may step the clock, and VMware's tool says that it obeys and does not. While the clock is off, or nobody knows
# whether it is, ntpsec is not restarted, because a restart would step. When its init script does not take -x, the file is
# put back to the last byte and ntpsec runs as before. What VMware's tool did not do is told: nothing takes it back.
# modules: veth
# packages: busybox ntpsec open-vm-tools

printf '%s\n' '[checks.clock_sync]' 'servers = ["192.0.2.11"]' 'ask_every = "1s"' \
  '[remediations.forbid_ntp_step]' 'cooldown = "1s"' > /etc/watchdog/watchdog.toml
system_log
ntp_service "server 192.0.2.10 iburst minpoll 0 maxpoll 0"
# An init script that somebody changed: it takes no option that it does not know.
sed -i 's/^case $1 in$/case "$1 $NTPD_OPTS" in (*start*-x*) echo "unknown option -x" >\&2; exit 2 ;; esac\n&/' /etc/init.d/ntpsec

tell "ntpsec runs as Debian ships it, and no server answers: how far off the clock is, nobody knows."
act on_vmware
act vmware_tools_obey deaf
act serve_time 192.0.2.10 --silent
act serve_time 192.0.2.11 --silent
act service ntpsec start
save argv_before pgrep -a ntpd
wd found run --json
cp -p /etc/default/ntpsec /run/before
wd unknown heal 1 --apply --yes --json

tell "A server answers, and the clock is 18 s ahead of it: a restart would set it back."
act serve_time 192.0.2.11 --offset -18
save offset_before clock_offset
wd far_off heal 1 --apply --yes --json

tell "The clock is right. Now the restart fails: the file is put back, and ntpsec runs again, as before."
act serve_time 192.0.2.11
act serve_time 192.0.2.10
wd rolled_back heal 1 --apply --yes --json
cmp /run/before /etc/default/ntpsec && echo same > "$OUT/file.txt"
save owner stat -c '%U %a' /etc/default/ntpsec
save argv_after pgrep -a ntpd

tell "VMware's tool says that its time sync is off, and the check asks again: it is on."
wd deaf heal 2 --apply --yes --json
save toolbox cat /run/toolbox.log
wd incidents incidents --json
save offset_after clock_offset
act service ntpsec stop
