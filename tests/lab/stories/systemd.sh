# The daemon under systemd: installed, hardened, reloaded, started anew, healing by root's hands
# `watchdog install --daemon` puts the units in place, and systemd starts them: the daemon as a user of its own with two
# capabilities. A step of the clock is in the journal; a bond member that was set down is raised by host-watchdog-heal,
# which may; a daemon that stands still is started anew.
# modules: bonding veth
# packages: squid

tell "A host with systemd, and bond0 (active-backup) on two switch ports."
cable eth0 switch port0
cable eth1 switch port1
bond bond0 "mode active-backup miimon 100" eth0 eth1
within 5 member eth0 mii_status up
within 5 member eth1 mii_status up
umount /var/lib/watchdog
installed_below_opt
with_systemd
printf '%s\n' "pinger_enable off" "shutdown_lifetime 2 seconds" "max_filedescriptors 128" > /etc/squid/conf.d/lab.conf
mkdir -p /dev/shm
mount -t tmpfs shm /dev/shm
install -d -o proxy -g proxy /var/log/squid /var/spool/squid
act under_systemd systemctl start squid.service

tell "The watchdog is installed as it says, and systemd starts it."
cat > /etc/watchdog/watchdog.toml << 'END'
[checks.clock_step]
every = "10s"
[checks.bond]
every = "10s"
[remediations.bond_raise_member]
mode = "auto"
END
wd_there install install --daemon
act under_systemd systemd-sysusers
act under_systemd systemd-tmpfiles --create host-watchdog.conf
act under_systemd systemctl daemon-reload
wd_there in_place status
# So that a daemon that stands still is found in seconds.
drop_in host-watchdog.service "WatchdogSec=20s"
act under_systemd systemctl daemon-reload
act under_systemd systemctl enable --now host-watchdog-heal.socket host-watchdog.service
save state unit ActiveState
save says unit StatusText
save type unit Type
pid=$(unit MainPID)
save process under_systemd grep -E "^(Uid|Groups|Cap[A-Z][a-z]+|NoNewPrivs|Seccomp):" "/proc/$pid/status"
save root under_systemd nsenter --target "$pid" --mount findmnt --noheadings --output OPTIONS --target /usr
within 60 looked_since 0 bond
within 60 looked_since 0 proxy_port
wd_there status status --json
save measured in_record "__import__('json').dumps(sql('select subject from series join checks on checks.id=check_id where checks.name=?', 'proxy_port'))"
show under_systemd systemctl --no-pager status host-watchdog.service

tell "Other settings are taken up by systemctl reload; bad ones are named."
printf '[checks.vrrp]\nenabled = false\n' >> /etc/watchdog/watchdog.toml
act under_systemd systemctl reload host-watchdog.service
within 20 journal_has --identifier=watchdog --grep="settings taken up"
save reloaded unit StatusText
save pid_reloaded unit MainPID
echo "$pid" > "$OUT/pid.txt"

tell "The clock goes back by 18 s. The journal can be asked for that."
act date -s "-18 sec"
within 20 journal_has WATCHDOG_FAULT=clock_step.backward WATCHDOG_STATE=firing

tell "Somebody sets eth0 down. The daemon must not raise it; host-watchdog-heal does, as its owner opted in to that."
act ip link set dev eth0 down
within 60 member eth0 mii_status up
within 60 healed_alone
save heal_said under_systemd journalctl --quiet --no-pager --output=cat --unit=host-watchdog-heal.service
save heal_state unit ActiveState host-watchdog-heal.service
wd_there incidents incidents --all --json

tell "The daemon stands still. systemd hears nothing of it any more, and starts it anew."
act under_systemd kill -STOP "$(unit MainPID)"
within 60 unit_is NRestarts 1
within 60 unit_is ActiveState active
save restarted_at boottime
within 60 looked_since "$(cat "$OUT/restarted_at.txt" 2> /dev/null || boottime)" bond
save state_again unit ActiveState

tell "It is stopped, and \`watchdog status\` says what to do."
act under_systemd systemctl stop host-watchdog.service
save result unit Result
wd_there stopped status

tell "And it is taken away again."
act under_systemd systemctl disable --now host-watchdog-heal.socket host-watchdog.service
wd_there remove install --remove
