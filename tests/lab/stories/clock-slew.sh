# The clock is slewed, as it should be: nothing is wrong
# adjtime(3) is asked for 3 s: the kernel lets the clock run a little faster until they are made up. No program sees
# time jump, and the watchdog finds nothing, though the clock does change its pace.

adjtime() {
  # struct timeval {SECONDS, 0}; no shell command calls adjtime.
  "${WATCHDOG%/*}/python" -I -c '
import ctypes, os, sys
new = (ctypes.c_long * 2)(int(sys.argv[1]), 0)
if ctypes.CDLL(None, use_errno=True).adjtime(new, None):
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
' "$1"
}
left() {
  "${WATCHDOG%/*}/python" -I -c '
import ctypes
left = (ctypes.c_long * 2)()
ctypes.CDLL(None).adjtime(None, left)
print(left[0] + left[1] / 1e6)
'
}

tell "The first run takes a reading of the clocks."
wd first run --json

tell "adjtime is asked to make up 3 s. It works at 500 µs a second, so it is at it for the next hour and a half."
act adjtime 3
save left_seconds_before left
sleep 3
wd slewing run --json
save left_seconds left
show left
wd incidents incidents --all --json
