# One fault through every room: seen, told, planned, healed, told again, reported
# A bond member is set down while the web server that takes the alerts is away, too. The alert waits, and not by the
# wall clock, which is set an hour ahead meanwhile; it goes out when its time to be tried again has come. Then the
# member is healed, and who heard of the fault hears that it is over.
# modules: bonding veth

notifications=$OUT/notifications.jsonl
touch "$notifications"
listening() { (: < /dev/tcp/127.0.0.1/8025) 2> /dev/null; }

tell "Alerts go to a web server on this host."
cat > /etc/watchdog/watchdog.toml <<'END'
[notify.targets.ops]
url = "json://127.0.0.1:8025/"

[[notify.routes]]
to = ["ops"]
END
chmod 600 /etc/watchdog/watchdog.toml
show cat /etc/watchdog/watchdog.toml
wd settings config check

tell "bond0 (active-backup) has two members, on two switch ports. All is well."
cable eth0 switch port0
cable eth1 switch port1
bond bond0 "mode active-backup miimon 100" eth0 eth1
within 5 member eth0 mii_status up
within 5 member eth1 mii_status up
wd healthy run --json

tell "Somebody sets eth0 down; and the web server is not there."
act ip link set dev eth0 down
within 5 member eth0 mii_status down
save before cat /proc/uptime
wd down run --json
wd open incidents --json
wd waiting report --since 1h

tell "It comes back, the clock is set an hour ahead, and watchdog runs again: for the alert that is too soon."
"$(dirname "$WATCHDOG")/python" "$LAB_DIRECTORY/webhook.py" 8025 "$notifications" &
webhook=$!
within 20 listening
act date -s "+1 hour" > "$OUT/date.txt"
wd too_soon run bond --json
act date -s "-1 hour" > "$OUT/date.txt"

tell "Half a minute later its time has come."
act sleep 30
wd in_time run bond --json
show cat "$notifications"

tell "What could be done is shown, then done, and verified by the check that found the fault."
wd proposals heal --json
wd cured heal 1 --apply --yes --json
save after_heal cat /sys/class/net/eth0/flags
show cat "$notifications"

tell "And all of it is in the report."
wd incidents incidents --all --json
keep_history
wd report report --since 1h
kill "$webhook"
