# A host that slept: every check looks once, and none catches up on what it missed
# The lab's kernel is suspended for 50 s (suspend-to-idle) while the daemon looks every 20 s. It is no step of the
# clock, and no look is made up for.

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
wd incidents incidents --all --json
save steps measured steps
end_daemon
