# What a scenario may say. Runs the file it is given, with `set -eEuo pipefail`; a scenario that fails stops there.
# The same scenario serves two audiences: for `tests` it leaves JSON in $OUT, for `people` it shows what it does.

trap 'echo "${BASH_SOURCE[0]##*/} line $LINENO: \"$BASH_COMMAND\" failed with $?" >&2' ERR

to_people() { [[ $LAB_AUDIENCE == people ]]; }

# tell TEXT: the story, in a person's words.
tell() { printf '\n%s\n' "$*"; }

# act COMMAND...: what happens to the host.
act() {
  ! to_people || printf '  # %s\n' "$*"
  "$@"
}

# show COMMAND...: evidence, for people only.
show() {
  ! to_people || { printf '  $ %s\n' "$*"; "$@"; }
}

# wd NAME ARGUMENTS...: the installed watchdog. For tests its output becomes $OUT/NAME.json (with --json) or
# NAME.txt, its errors NAME.stderr, its exit code NAME.code; for people it is simply run, without --json.
wd() {
  local name=$1 code=0 suffix=txt argument shown=()
  shift
  for argument; do
    if [[ $argument == --json ]]; then suffix=json; else shown+=("$argument"); fi
  done
  if to_people; then
    printf '  $ watchdog %s\n' "${shown[*]}"
    "$WATCHDOG" "${shown[@]}" || code=$?
  else
    "$WATCHDOG" "$@" > "$OUT/$name.$suffix" 2> "$OUT/$name.stderr" || code=$?
  fi
  echo "$code" > "$OUT/$name.code"
}

# save NAME COMMAND...: a raw fact for the tests.
save() { "${@:2}" > "$OUT/$1.txt"; }

# keep_history [FILE]: for tests, what is on record, as SQL: $OUT/history.sql (tests/report/record.py).
keep_history() {
  to_people || "${WATCHDOG%/*}/python" -I -S "$LAB_DIRECTORY/dump_history.py" "${1-/var/lib/watchdog/history.db}" \
    > "$OUT/history.sql"
}

# within SECONDS COMMAND...: wait until it succeeds. So long it may take on a machine that has nothing else to do; one
# that runs every test at once has four times as long.
within() {
  local tries=$(($1 * 4 * 5)) try
  for ((try = 0; try < tries; try++)); do
    if "${@:2}"; then return; fi
    sleep 0.2
  done
  echo "still not so after $((tries / 5)) s: ${*:2}" >&2
  return 1
}

# patient CHECK [LINE]...: its settings, for a kernel in a process on a busy machine, which takes its time to answer;
# LINE: one more of them.
patient() {
  printf '%s\n' "[checks.$1]" 'connect_timeout = "6s"' 'answer_timeout = "10s"' 'time_limit = "40s"' "${@:2}" \
    >> /etc/watchdog/watchdog.toml
}

# says FILE TEXT: the file has that line or holds that word.
says() { [[ -r $1 && " $(tr '\n' ' ' < "$1") " == *" $2 "* ]]; }

# incident_of FAULT: the number of its open incident.
incident_of() {
  "$WATCHDOG" incidents --json | "${WATCHDOG%/*}/python" -I -S -c '
import json, sys
print(*(one["id"] for one in json.load(sys.stdin) if one["fault"] == sys.argv[1]))' "$1"
}

# found FAULT: it is open.
found() { [[ $(incident_of "$1") ]]; }

# cable INTERFACE HOST PEER: a cable from here to PEER of HOST, a network namespace that is made when it is missing.
cable() {
  [[ -e /run/netns/$2 ]] || act ip netns add "$2"
  act ip link add "$1" type veth peer name "$3" netns "$2"
  act ip -n "$2" link set dev "$3" up
}

# bond NAME "OPTIONS" MEMBER...: a bond of these members, up; bond_on HOST NAME ...: the same in a namespace.
bond() { bond_on "" "$@"; }
bond_on() {
  local at=(${1:+-n "$1"}) name=$2 member
  # The options of `ip link` are words: the splitting is meant.
  act ip "${at[@]}" link add "$name" type bond $3
  for member in "${@:4}"; do
    act ip "${at[@]}" link set dev "$member" down
    act ip "${at[@]}" link set dev "$member" master "$name"
  done
  act ip "${at[@]}" link set dev "$name" up
}

# member MEMBER ATTRIBUTE VALUE: what the kernel says of a bond's member (mii_status, state, ad_aggregator_id ...).
member() { says "/sys/class/net/$1/bonding_slave/$2" "$3"; }

source "$LAB_DIRECTORY/clocks.sh"
source "$LAB_DIRECTORY/mail.sh"
source "$LAB_DIRECTORY/balancer.sh"
source "$LAB_DIRECTORY/daemon.sh"
source "$LAB_DIRECTORY/alerts.sh"
source "$LAB_DIRECTORY/split_brain.sh"
source "$LAB_DIRECTORY/watching.sh"
source "$LAB_DIRECTORY/systemd.sh"
source "$1"
