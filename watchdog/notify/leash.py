"""`python -m watchdog.notify.leash PARENT`: the sender, which does not outlive the process that started it.

Who is killed cannot say so, and what the sender would then deliver would be delivered again by the next.
"""

import os
import runpy
import signal
import sys

from watchdog.signals.libc import checked, libc

_PR_SET_PDEATHSIG = 1
SENDER = "watchdog.notify.sender"


def main(parent: int) -> None:
    """Be killed when the parent ends, and send until then."""
    # A service manager that stops us sends SIGTERM to the sender too; what is under way still has its moment.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    checked(libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
    if os.getppid() == parent:  # else it was gone before
        runpy.run_module(SENDER, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
