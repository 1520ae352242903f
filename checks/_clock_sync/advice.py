"""What to do about a clock that is off, in the words of this host. Pure."""

from collections.abc import Sequence

from checks._clock_sync.kernel import ASK
from checks._clock_sync.vote import Vote, Voter
from watchdog.plugin import render_seconds

_MOST_NAMED = 4
# How each corrects an offset at once. ntpd and openntpd do so at their start only, under a unit of many names.
_AT_ONCE = {"chronyd": "chronyc makestep", "systemd-timesyncd": "systemctl restart systemd-timesyncd"}


def advise(vote: Vote, correctors: Sequence[str], who_keeps: str) -> str:
    """Return what the servers say, whom to ask why nothing corrects it, and what to type."""
    daemons = [one for one in correctors if one in ASK]
    return f"{_servers(vote)}; {who_keeps}. {_put_right(vote, daemons)}"


def _servers(vote: Vote) -> str:
    said = [_said(voter) for voter in vote.agreeing[:_MOST_NAMED]]
    more = len(vote.agreeing) - len(said)
    outvoted = ", ".join(_said(voter) for voter in vote.outvoted[:_MOST_NAMED])
    return (
        f"This clock is {', '.join(said)}{f' and {more} more' if more else ''}"
        f"{f' (outvoted: {outvoted})' if outvoted else ''}"
    )


def _said(voter: Voter) -> str:
    """Return how a server sees this clock: by its name, and the address that answered."""
    server, offset = voter.server, voter.answer.offset_seconds
    name = server.name if server.address in ("", server.name) else f"{server.name} ({server.address})"
    return f"{render_seconds(abs(offset))} {'behind' if offset > 0 else 'ahead of'} {name}"


def _put_right(vote: Vote, daemons: Sequence[str]) -> str:
    at_once = next((_AT_ONCE[one] for one in daemons if one in _AT_ONCE), "")
    if vote.offset_seconds > 0:
        return f"To set it right at once, which is ahead: {at_once}" if at_once else "Setting it right is ahead"
    how = at_once or "let the daemon that corrects it start anew"
    return (
        "Setting it right goes back: first stop what dies of that (systemctl stop dovecot; databases), then "
        f"{how}, then start it again; or wait where the daemon slews it"
    )
