"""Private to remediations/run_command.py: how an argument is filled."""
