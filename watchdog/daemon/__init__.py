"""What stays: looks by schedule and signal, and keeps the history in between (the command: cli/daemon.py)."""
