"""Private parts of the check clock_step."""
