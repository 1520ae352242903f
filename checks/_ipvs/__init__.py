"""Private to checks/ipvs.py: its catalogue, its rules, its memory."""
