"""Holds: what a person asked to be left alone, who asked, why and for how long. Pure.

A *pause* ends when somebody resumes, or after its time; while one is in force nothing is healed, not even on
request. *Maintenance* is a window that ends by itself; meanwhile nothing is healed by itself, and nobody is told.
A *silence* is the same for what its pattern covers only. Several may be in force at once: each is a reason of its
own.
"""

from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from watchdog.model import Stamp
from watchdog.units import render_seconds

HoldKind = Literal["pause", "silence", "maintenance"]


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """One reason to leave something alone; `seconds` None: until somebody ends it.

    `pattern` says what a silence is about: a subject (`bond0`, with all below it), a fault (`bond.member_down`) or
    FAULT:SUBJECT; `*` stands for anything, `?` for one letter. It is empty for the others, which are about all.

    `served_seconds` is what had passed for certain before this boot, by the ledger of boots. What a host slept
    through switched off is not known and does not count, so a hold may last too long, but never ends too early.
    """

    id: int
    kind: HoldKind
    who: str
    why: str
    began: Stamp
    seconds: float | None
    pattern: str = ""
    served_seconds: float = 0.0

    def covers(self, fault: str, subject: str) -> bool:
        """Tell whether it is about this fault on this subject."""
        return self.kind != "silence" or covers(self.pattern, fault, subject)

    def left_seconds(self, now: Stamp) -> float | None:
        """Return for how much longer it holds by CLOCK_BOOTTIME: 0.0 when it is over, None until it is ended."""
        if self.seconds is None:
            return None
        if now.boot_id == self.began.boot_id:
            # Not `seconds_since`: since a moment that lies ahead (the host was set back to a snapshot) nothing has
            # passed.
            passed = (now.boottime_ns - self.began.boottime_ns) / 1e9
        else:
            passed = self.served_seconds + now.boottime_ns / 1e9
        return max(0.0, self.seconds - max(0.0, passed))

    def in_force(self, now: Stamp) -> bool:
        """Tell whether it still holds."""
        return self.left_seconds(now) != 0.0

    def describe(self, now: Stamp) -> str:
        """Say who, why and for how much longer, for a sentence about what is not done."""
        left = self.left_seconds(now)
        until = f"for another {render_seconds(left)}" if left is not None else f"until {self.ended_by}"
        return f"by {self.who}, {until}: {self.why}"

    @property
    def ended_by(self) -> str:
        """The command that ends it."""
        return f"watchdog resume {self.id}" if self.kind == "pause" else f"watchdog {self.kind} --end {self.id}"


def covers(pattern: str, fault: str, subject: str) -> bool:
    """Tell whether a pattern is about this fault on this subject.

    A subject may hold colons itself (`[2001:db8::1]:80`), so the pattern is tried as each of the three that it can
    be. That is not ambiguous: no fault is called as a subject is.
    """
    faults, colon, subjects = pattern.partition(":")
    return (
        covers_subject(pattern, subject)
        or matches(pattern, fault)
        or (bool(colon) and matches(faults, fault) and covers_subject(subjects, subject))
    )


def covers_subject(pattern: str, subject: str) -> bool:
    """Tell whether the subject, or one above it, matches: `bond0` covers `bond0/eth1`."""
    parts = subject.split("/")
    return any(matches(pattern, "/".join(parts[: n + 1])) for n in range(len(parts)))


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text is what a pattern stands for."""
    # Brackets are part of an IPv6 address here, and not a choice of letters.
    return pattern == text or fnmatchcase(text, pattern.replace("[", "[[]"))
