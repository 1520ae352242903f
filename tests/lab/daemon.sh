# Words for the stories of the daemon; lib.sh has the others.

# daemon [ENV=VALUE]...: `watchdog daemon`, running and watching; what it says is in /run/daemon.log.
daemon() {
  env "$@" "$WATCHDOG" daemon < /dev/null > /run/daemon.log 2>&1 &
  daemon=$!
  within 60 grep -q "watching:" /run/daemon.log
  within 60 looked_since 0
}

# end_daemon: SIGTERM; how long it took to end becomes $OUT/ended_after.txt, in seconds, its words $OUT/daemon.log.
end_daemon() {
  local began code=0
  began=$(boottime)
  kill "$daemon"
  wait "$daemon" || code=$?
  awk -v began="$began" -v ended="$(boottime)" 'BEGIN { print ended - began }' > "$OUT/ended_after.txt"
  echo "$code" > "$OUT/ended.code"
  cp /run/daemon.log "$OUT/daemon.log"
}

# boottime: CLOCK_BOOTTIME in seconds, as nothing steps it.
boottime() { awk '{ print $1 }' /proc/uptime; }

# in_record PYTHON: what an expression says of the record; `sql` runs a query on the history and returns its rows.
in_record() {
  "${WATCHDOG%/*}/python" -I -S -c '
import sqlite3, sys
record = sqlite3.connect("file:/var/lib/watchdog/history.db?mode=ro", uri=True)
sql = lambda query, *values: record.execute(query, values).fetchall()
print(eval(sys.argv[1]))' "$1"
}

# recorded FAULT: an open incident has it.
recorded() { [[ $(in_record "len(sql('select 1 from incidents where fault=?', '$1'))") != 0 ]]; }

# completed COUNT: so many times more became known of what is on record.
completed() { [[ $(in_record "len(sql('select 1 from transitions where reason like ?', 'more is known%'))") == "$1" ]]; }

# proposed REMEDIATION: the record has a proposal of it that stands.
proposed() { [[ $(in_record "len(sql('select 1 from attempts where remediation=? and outcome=?', '$1', 'proposed'))") != 0 ]]; }

# looked_since SECONDS [CHECK]: that check was recorded at or after this CLOCK_BOOTTIME.
looked_since() {
  [[ $(in_record "len(sql('select 1 from spans join checks on checks.id=check_id where name=? and last_boottime_ns>=?', '${2-clock_step}', int($1 * 1e9)))" 2> /dev/null) == [1-9]* ]]
}

# measured NAME: how much a metric of clock_step adds up to, on record.
measured() {
  in_record "sql('select sum(total) from metrics join series on series.id=series_id where resolution_seconds=60 and name=?', '$1')[0][0]"
}

# runs_of_all: how often each check is on record, as JSON.
runs_of_all() {
  in_record "__import__('json').dumps(dict(sql('select name, sum(count) from spans join checks on checks.id=check_id group by name')))"
}

# suspend_to_idle SECONDS: every process stands still, until the kernel is woken (idle.c).
suspend_to_idle() {
  sync
  echo "$1" > "$OUT/.wake_after"
  echo freeze > /sys/power/state
}
