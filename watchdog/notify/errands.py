"""What the process that keeps the outbox and the process that sends tell each other: a JSON object on a line.

An errand goes to the sender's standard input: the URL holds secrets, and neither arguments nor variables of the
environment are as private. An answer comes back for each, in any order; to one target the next errand goes only
when the one before is answered. At the end of its input the sender ends.

Before all answers the sender says READY, once it has loaded what it sends with: so a slow machine is not taken
for a slow target.
"""

import json
from typing import Annotated, Literal

import msgspec

from watchdog.content import Content

READY = b"{}\n"
# An answer quotes what a server said; more of it helps nobody.
MOST_WORDS = 300
LONGEST_ERROR = 4 * MOST_WORDS


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """A message to be sent within `limit_seconds`. `attach`: files to go with it, by absolute path.

    `key` is the same each time that it is tried, and of no other message. `taken`: which recipients had it before,
    as an earlier answer said.
    """

    id: int
    target: str
    url: str
    content: Content
    limit_seconds: float
    key: str = ""
    templates: str = ""
    attach: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an errand.

    `refused`: no retry will cure it (the server's words are in `error`). `away`: the target did not answer at all,
    so what else waits for it need not be tried now. `closed`: it says that it takes nothing at all. `taken`: of
    several recipients those that have it by now, each as a digest. `retry_after_seconds`: the server asked for
    that. `error` holds no secret, whatever the library or the server said.
    """

    id: int
    outcome: Literal["sent", "refused", "failed"]
    error: Annotated[str, msgspec.Meta(max_length=LONGEST_ERROR)] = ""
    away: bool = False
    closed: bool = False
    taken: tuple[str, ...] = ()
    retry_after_seconds: float | None = None


def line_of(errand: Errand) -> bytes:
    """Return an errand as a line. A name from the kernel that is not UTF-8 has no place in JSON."""
    return json.dumps(msgspec.to_builtins(errand), ensure_ascii=False).encode(errors="replace") + b"\n"
