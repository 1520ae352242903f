"""What multihome remembers: addresses that answered by their own gateway, and those that host rules were made for.

A policy route that was deleted shows nowhere, as a removed bond member does not: so a gateway that an address once
answered through is known until the address itself is gone. And only of an address that was once here can be said
that its rule has outlived it.
"""

import msgspec

from watchdog.plugin import Facts

# More companions than any uplink has addresses; temporary IPv6 addresses come and go without end.
_MOST_COMPANIONS = 64


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """An address whose replies left by its own device, for a table of its own, while there was another way out.

    What the main table does is not kept: there, whatever fails over between providers comes and goes.
    """

    address: str
    device: str
    gateway: str


class KnownSource(msgspec.Struct, frozen=True, kw_only=True):
    """An address that a rule is about and that was on this device, with the others ever seen beside it there."""

    address: str
    device: str
    companions: tuple[str, ...] = ()


class MultihomeMemory(Facts, frozen=True, kw_only=True):
    """Both kinds, by address; and the notes of the last look, each to be written only once."""

    answered: tuple[Answered, ...] = ()
    sources: tuple[KnownSource, ...] = ()
    noted: tuple[str, ...] = ()

    def gateway_of(self, address: str, device: str) -> Answered | None:
        """Return by what an address once answered, None when it is not known."""
        return next((one for one in self.answered if (one.address, one.device) == (address, device)), None)

    def source(self, address: str) -> KnownSource | None:
        """Return what is known of a rule's address."""
        return next((one for one in self.sources if one.address == address), None)


def with_companions(known: KnownSource, now: tuple[str, ...]) -> KnownSource:
    """Return it with the addresses that are beside it now, the latest kept."""
    merged = dict.fromkeys((*known.companions, *now))
    return msgspec.structs.replace(known, companions=tuple(merged)[-_MOST_COMPANIONS:])
