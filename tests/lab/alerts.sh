# Words for the stories of alerts: a web server that takes them, and an hour that nobody waits for.

notifications=$OUT/notifications.jsonl

# webhook: a web server on this host; what is posted becomes lines of $OUT/notifications.jsonl.
webhook() {
  touch "$notifications"
  "${WATCHDOG%/*}/python" "$LAB_DIRECTORY/webhook.py" 8025 "$notifications" &
  webhook=$!
  within 20 listening 8025
}

# listening PORT: a program listens there.
listening() { (: < "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

# told_to NAME SEVERITY: whatever is as bad as that is told to the web server.
told_to() {
  printf '%s\n' "[notify.targets.$1]" 'url = "json://127.0.0.1:8025/"' '[[notify.routes]]' "severity = \"$2\"" \
    "to = [\"$1\"]" >> /etc/watchdog/watchdog.toml
  chmod 600 /etc/watchdog/watchdog.toml
}

# an_hour_went_by: what happened is an hour older, on record.
an_hour_went_by() {
  "${WATCHDOG%/*}/python" -I -S -c '
import sqlite3
with sqlite3.connect("/var/lib/watchdog/history.db") as record:
    record.execute("UPDATE incidents SET last_seen_boottime_ns = last_seen_boottime_ns - 3600000000000")'
}
