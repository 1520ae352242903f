"""What an answer means for a message: taken, to be tried again, or never taken by anyone who asks again. Pure.

*Refused* is only what no retry cures: the very message is refused (400, 413, 422, SMTP 552), or the place is gone
for good (410). A wrong address or password is cured by its owner. A place that is gone and one that lets nobody in
are *closed*: they say that they take nothing, which is a fault at once. One message says nothing of the others.
"""

import re
from typing import Literal

import msgspec

_REFUSED_BY_HTTP = frozenset({400, 410, 413, 422})
_REFUSED_BY_SMTP = frozenset({552})
_OWNER = {"HTTP": frozenset({400, 401, 403, 404, 405, 407}), "SMTP": frozenset({530, 534, 535, 550, 551, 553})}
_CLOSED = {"HTTP": frozenset({401, 403, 404, 410}), "SMTP": frozenset({530, 534, 535})}
_TOO_LARGE = {"HTTP": frozenset({413}), "SMTP": frozenset({552})}
_SAYS_TOO_LARGE = re.compile(
    r"too[ _](long|large|big)|(exceed|maximum|max\b|limit).{0,40}(length|size|characters)"
    r"|(length|size|characters).{0,40}(exceed|maximum|max\b|limit)",
    re.IGNORECASE,
)
# Services that answer 400 to a wrong token or room; their owner puts it right and the message goes out.
_OF_THE_ADDRESS = re.compile(
    r"not[ _]found|unauthori[sz]ed|forbidden|token|credential|api[ _]?key|disabled|archived|no_service|no_team",
    re.IGNORECASE,
)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message, and why, in words that may be told."""

    outcome: Literal["refused", "failed"]
    error: str
    away: bool = False
    closed: bool = False
    retry_after_seconds: float | None = None


def judge(
    target: str, protocol: str, status: int, words: str, trouble: str, retry_after_seconds: float | None
) -> Verdict:
    """Say what it means that a target did not take a message; `words` have been scrubbed."""
    if trouble or not status:
        error = f"{target} could not be reached: {trouble}" if trouble else f"{target} did not take the message"
        return Verdict(outcome="failed", error=error, away=bool(trouble))
    said = f": {words}" if words else ""
    if 200 <= status < 400 and protocol == "HTTP":
        return Verdict(
            outcome="failed", error=f"{target} did not take the message, with HTTP status {status}{said}"
        )
    of_the_address = status == 400 and _OF_THE_ADDRESS.search(words) is not None
    refused = status in (_REFUSED_BY_HTTP if protocol == "HTTP" else _REFUSED_BY_SMTP) and not of_the_address
    hint = "; check the address and the credentials in its URL" if _is_owners(protocol, status, refused) else ""
    return Verdict(
        outcome="refused" if refused else "failed",
        error=f"{target} answered with {protocol} status {status}{said}{hint}",
        closed=status in _CLOSED.get(protocol, ()) or of_the_address,
        retry_after_seconds=None if refused else retry_after_seconds,
    )


def is_too_large(protocol: str, status: int, words: str) -> bool:
    """Tell whether a message was refused for its size: a shorter one may be taken."""
    return status in _TOO_LARGE.get(protocol, ()) or (
        protocol == "HTTP" and status in (400, 422) and _SAYS_TOO_LARGE.search(words) is not None
    )


def _is_owners(protocol: str, status: int, refused: bool) -> bool:
    return status in _OWNER.get(protocol, ()) and not refused
