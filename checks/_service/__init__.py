"""Private parts of the check service."""
