# The clock is set back by 0.2 s: recorded, not alerted
# Below the threshold (alert_backward, 0.5 s) a step is a note and a metric, not a finding.

tell "The first run takes a reading of the clocks."
wd first run --json

tell "The clock goes back by 0.2 s."
act date -s "-0.2 sec"
wd stepped run --json
wd incidents incidents --all --json
