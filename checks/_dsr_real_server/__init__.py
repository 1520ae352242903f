"""Private to checks/dsr_real_server.py: its catalogue, its readings, its rules, its memory."""
