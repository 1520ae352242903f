"""GLib key files: `[group]`, `key = value`, `#` comments. Pure.

Source: glib gkeyfile.c. The later of two values counts; groups and keys are case-sensitive. Lines that are none of
these are left out here, where GLib refuses the whole file: what is not understood is not in effect.
"""

from collections.abc import Mapping


def parse_keyfile(text: str) -> Mapping[str, Mapping[str, str]]:
    """Return the values by group and key."""
    groups: dict[str, dict[str, str]] = {}
    group: dict[str, str] = {}
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("[") and line.endswith("]"):
            group = groups.setdefault(line[1:-1], {})
        elif "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            group[key.strip()] = value.strip()
    return groups


def is_true(value: str | None) -> bool:
    """Tell whether a value is what g_key_file_get_boolean takes for true."""
    return value in ("true", "1")
