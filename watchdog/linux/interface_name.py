"""The names that the kernel gives a network interface. Pure.

Source: net/core/dev.c, dev_valid_name().
"""

_MOST_BYTES = 15


def is_interface_name(name: str) -> bool:
    """Hold a name to the kernel's rule, and to what a person can read in a command."""
    whole = 0 < len(name.encode(errors="replace")) <= _MOST_BYTES and name not in (".", "..")
    return whole and name.isprintable() and not any(c in "/:" or c.isspace() for c in name)
