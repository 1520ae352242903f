"""Private to checks/proxy_port.py: who is to be asked and what, how the answers are read, its catalogue."""
