"""Says on stderr what a bench does while nothing of it is printed yet, and for about how long."""

import sys


def say(text: str) -> None:
    """Print a line for who waits."""
    print(f"... {text}", file=sys.stderr, flush=True)
