"""Private to checks/vrrp.py: its catalogue, what it sees and hears, its rules."""
