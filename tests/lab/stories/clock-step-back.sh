# The clock is set back by 18 s, as VMware Tools once did
# Between two runs the clock goes back. Nothing shows it afterwards, the time is right again; but Dovecot kills its
# sessions when the clock goes back by more than 5 s. The second run says how far it went, to the millisecond.

tell "The first run takes a reading of the clocks."
wd first run --json

tell "The clock goes back by 18 s."
act date -s "-18 sec"
wd stepped run --json
wd status status --json

tell "The next run finds no further step; the incident stays until it has been quiet for an hour."
wd quiet run --json
wd incidents incidents --all --json
