"""Private to remediations/restart_proxy.py: who manages the program, and whether it may be started."""
