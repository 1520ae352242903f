r"""The chain of the audit: how a row is hashed together with the one before it. Pure.

    hash = SHA-256 of:  the hash before, as 64 hexadecimal digits (the first row: 64 noughts)
                        a line feed
                        [seq,kind,attempt_id,incident_id,payload,boot_id,boottime_ns,wall_ns]
                        as JSON without white space, all but ASCII as \u escapes

So anybody can prove it with ten lines of any language. It is never changed: every row that was ever written is
proven by it. Whoever can write to the file can also write a whole new chain; that shows only against a head that
was noted elsewhere.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Self

import msgspec

GENESIS = "0" * 64
# What is hashed, in this order.
COLUMNS = ("seq", "kind", "attempt_id", "incident_id", "payload", "boot_id", "boottime_ns", "wall_ns")
_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The last link of a chain: how many there are, and the hash of the last."""

    count: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        return f"{self.count}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read COUNT:HASH; ValueError says what was expected."""
        found = _HEAD.fullmatch(text.strip().lower())
        if found is None:
            raise ValueError("COUNT:HASH as `watchdog report --verify` printed it")
        return cls(count=int(found[1]), hash=found[2])


def link(before: str, values: Sequence[object]) -> str:
    """Return the hash of a row with the values of COLUMNS that follows the hash `before`.

    Raises TypeError for a value that no row of ours holds (bytes).
    """
    return hashlib.sha256(f"{before}\n{_encode(values)}".encode()).hexdigest()
