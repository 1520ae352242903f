# The clock is set ahead by an hour
# Timers fire at once, leases and certificates run out; often a step back follows that corrects it.

tell "The first run takes a reading of the clocks."
wd first run --json

tell "The clock goes ahead by an hour."
act date -s "+3600 sec"
wd stepped run --json
wd incidents incidents --all --json
