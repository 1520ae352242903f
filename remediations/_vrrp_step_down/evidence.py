"""What vrrp.split_brain must tell us before this host steps down; anything else in it is not ours to read.

`part` is the check's word for this host's part in a virtual router: backup, alone, loses, wins, unheard (the other
one only answers for the addresses) or unclear. What is left out proves nothing, so nothing has a default but what
a split between two other machines cannot have.
"""

import msgspec


class Ours(msgspec.Struct, frozen=True, kw_only=True):
    """This host in the virtual router; `priority` and `address` are those of its own adverts as they leave."""

    interface: str
    instance: str
    running: bool
    address: str
    priority: int | None
    auth: str
    part: str
    down_seconds: float


class Rival(msgspec.Struct, frozen=True, kw_only=True):
    """The other active machine; `heard`: its adverts arrive here."""

    address: str
    macs: tuple[str, ...]
    priority: int | None
    heard: bool


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the rival, and nobody else, answers for a VIP."""

    address: str
    answered_by: tuple[str, ...]
    by_rival: bool


class OtherHere(msgspec.Struct, frozen=True, kw_only=True):
    """Another virtual router of the keepalived here."""

    subject: str
    instance: str
    part: str
    reason: str | None
    rival_macs: tuple[str, ...]
    rival_serves: bool
    addresses: tuple[str, ...]


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """A split brain as it is seen now."""

    reasons: tuple[str, ...]
    owners: tuple[dict[str, str | int | None], ...]
    ours: Ours | None = None
    rival: Rival | None = None
    served: tuple[Served, ...] = ()
    others_here: tuple[OtherHere, ...] = ()
