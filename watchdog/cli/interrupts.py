"""What ends a command early: it is to put things in order first."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Let SIGTERM, and SIGHUP when the terminal goes away with the network, interrupt as Ctrl-C does.

    Once: a terminal that goes sends SIGHUP by the shell and again by the kernel, and the second must not stop what
    the first began (a roll-back). Ctrl-C can.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}

    def interrupt(number: int, frame: object) -> None:
        for one in before:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number, handler in before.items():
        # SIG_IGN: nohup. Who does something of its own at SIGHUP, as the daemon, has no terminal to lose.
        if handler is not signal.SIG_IGN and not (number == signal.SIGHUP and callable(handler)):
            signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
