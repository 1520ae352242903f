"""Private to checks/bond.py: its catalogue, its rules, its memory."""
