# A host that slept: every check looks once, and none catches up on what it missed
# The lab's kernel is suspended for 50 s (suspend-to-idle) while the daemon looks every 20 s, then for moments (suspend
# to RAM, in which only CLOCK_BOOTTIME goes on). It is no step of the clock, and no look is made up for.

tell "A host with the daemon, which looks every 20 s."
for check in bond clock_step clock_sync dsr_real_server ipvs multihome ntp_can_step proxy_port service vmware_timesync vrrp; do
  printf '[checks.%s]\nevery = "20s"\n' "$check"
done > /etc/watchdog/watchdog.toml
daemon
within 60 looked_since 0 vrrp
save before runs_of_all

tell "It is suspended for 50 s."
save asleep_at boottime
suspend_to_idle 50
save awake_at boottime
sleep 8
save after runs_of_all

tell "It is suspended to RAM, again and again, each time for a moment."
for _ in {1..20}; do
  sync
  echo mem > /sys/power/state
done
save apart "${WATCHDOG%/*}/python" -I -S -c '
from time import CLOCK_BOOTTIME, CLOCK_MONOTONIC, clock_gettime
print(clock_gettime(CLOCK_BOOTTIME) - clock_gettime(CLOCK_MONOTONIC))'
save later boottime
for check in clock_step bond; do
  within 30 looked_since "$(cat "$OUT/later.txt" 2> /dev/null || boottime)" "$check"
done
wd incidents incidents --all --json
save steps measured steps
end_daemon
