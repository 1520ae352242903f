# A check that is kept running in a scenario, for tests with many looks: starting Python for each costs seconds here.

# watch CHECK: start it; look CHECK NAME ["SETTINGS"]: what it finds with these settings (JSON) becomes $OUT/NAME.json.
watch() {
  local python
  python=$(dirname "$WATCHDOG")/python
  mkfifo "/run/$1.ask" "/run/$1.said"
  (cd "$LAB_CHECKOUT" && exec "$python" -m tests.lab.watcher "$1") < "/run/$1.ask" > "/run/$1.said" &
  # Held open, so that it does not end after the first look.
  exec {ASK}> "/run/$1.ask" {SAID}< "/run/$1.said"
  printf -v "ask_$1" %s "$ASK"
  printf -v "said_$1" %s "$SAID"
}
look() {
  local ask=ask_$1 said=said_$1 line
  printf '%s\n' "${3:-{\}}" >&"${!ask}"
  IFS= read -r -u "${!said}" line
  printf '%s\n' "$line" > "$OUT/$2.json"
}
