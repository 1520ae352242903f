"""Plain tables as TOML text. Pure.

The standard library only reads TOML, and msgspec writes it with a package that nothing else here needs.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def render_toml(table: Mapping[str, Any], path: str = "") -> str:
    """Write tables of plain values as TOML; keys without a value (None) are left out."""
    tables = {key: value for key, value in table.items() if isinstance(value, dict)}
    arrays = {key: value for key, value in table.items() if _is_array_of_tables(value)}
    lines = [
        f"{render_key(key)} = {_render_value(value)}\n"
        for key, value in table.items()
        if value is not None and key not in tables and key not in arrays
    ]
    for key, value in tables.items():
        inner = f"{path}{render_key(key)}"
        text = render_toml(value, f"{inner}.")
        # A table that holds only tables needs no head of its own.
        lines.append(text if text.startswith("\n[") else f"\n[{inner}]\n{text}")
    for key, elements in arrays.items():
        inner = f"{path}{render_key(key)}"
        lines += [f"\n[[{inner}]]\n{render_toml(element, f'{inner}.')}" for element in elements]
    return "".join(lines)


def render_key(key: str) -> str:
    """Write a key as it stands in a key path: bare where TOML allows it, else quoted."""
    return key if _BARE_KEY.fullmatch(key) else _render_text(key)


def _is_array_of_tables(value: object) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(item, dict) for item in value)


def _render_text(text: str) -> str:
    # JSON's escapes are TOML's, but JSON lets some stand that a terminal would obey.
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in quoted)


def _render_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _render_text(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_render_value, value))}]"
    if isinstance(value, dict):
        pairs = (f"{render_key(key)} = {_render_value(item)}" for key, item in value.items() if item is not None)
        return f"{{{', '.join(pairs)}}}"
    return repr(value)
