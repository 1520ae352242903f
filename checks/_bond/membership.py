"""Who belongs to a bond, and what was last seen of them: the memory of the bond check. Pure.

A removed member shows nowhere in the kernel, so the known membership is the union of all that was ever seen in
the bond, until the settings say what it shall be. A member that only changed its name (same permanent MAC) is not
lost.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from watchdog.linux.bonding import NO_MAC, Bond, Member
from watchdog.plugin import Facts

Health = Literal["up", "waiting", "down"]


class KnownMember(msgspec.Struct, frozen=True, kw_only=True):
    """A member as last seen; not `seen` when it stands in the settings only.

    `link_failure_count` is None when it was not seen on this boot, or nothing counted: who turns the monitoring on
    shows a loss of long ago as one of now. `loss_owed`: it is down, and the kernel has not counted that yet; it
    does when it looks at the link (miimon) the next time. `set_down`: administratively down, which the kernel
    counts like a loss.
    """

    name: str
    seen: bool = False
    permanent_mac: str = NO_MAC
    link_failure_count: int | None = None
    down: bool = False
    set_down: bool = False
    loss_owed: bool = False

    def owes_loss(self, *, down: bool) -> bool:
        """Tell whether one loss belongs to its being down, now or when it was last seen."""
        return self.loss_owed or (down and not self.down)

    def was_raised(self, member: Member) -> bool:
        """Tell whether one loss is that it was set up and down again, by a person or a healing that was undone."""
        return self.set_down and not member.admin_up


class KnownBond(msgspec.Struct, frozen=True, kw_only=True):
    """The known membership of one bond."""

    name: str
    members: tuple[KnownMember, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the known members."""
        return tuple(member.name for member in self.members)

    def member(self, name: str) -> KnownMember | None:
        """Return what is known of a member, None when nothing is."""
        return next((member for member in self.members if member.name == name), None)

    def lost(self, member: Member) -> int | None:
        """Return how often a member lost its link since it was last seen, None when that is not known."""
        before = self.member(member.name)
        if before is None or before.link_failure_count is None:
            return None
        return member.link_failure_count - before.link_failure_count

    def flapped(self, member: Member, *, down: bool) -> int:
        """Return how often it did, as far as that is known, beside the loss that its being down is."""
        before, lost = self.member(member.name), self.lost(member)
        if before is None or lost is None:
            return 0
        return lost - (before.owes_loss(down=down) or before.was_raised(member))

    def missing(self, bond: Bond) -> tuple[str, ...]:
        """Return the known members that the bond does not have, those that were only renamed left out."""
        present = {member.name for member in bond.members}
        newcomers = {member.permanent_mac for member in bond.members if member.name not in self.names} - {NO_MAC}
        return tuple(
            known.name
            for known in self.members
            if known.name not in present and known.permanent_mac not in newcomers
        )


class BondMemory(Facts, frozen=True, kw_only=True):
    """All known bonds, and the boot on which their link failures were counted."""

    boot_id: str
    bonds: tuple[KnownBond, ...] = ()

    def on_boot(self, boot_id: str) -> "BondMemory":
        """Return it as it counts on this boot: the kernel's counters begin anew with each."""
        if boot_id == self.boot_id:
            return self
        return BondMemory(boot_id=boot_id, bonds=tuple(_without_counts(bond) for bond in self.bonds))


def health(bond: Bond, member: Member, *, was_down: bool) -> Health:
    """Tell whether a member is in service.

    A member that goes down is in service until downdelay is over; one that comes back is not until updelay is:
    it waits at first start, and is still down when it was down before. Unmonitored, only the carrier tells.
    """
    if not member.admin_up:
        return "down"
    if not bond.monitored:
        return "up" if member.carrier else "down"
    if member.mii_status == "going back":
        return "down" if was_down else "waiting"
    return "down" if member.mii_status == "down" else "up"


def known_bonds(
    memory: BondMemory, expected: Mapping[str, tuple[str, ...]], ignore: Iterable[str]
) -> Iterator[KnownBond]:
    """Yield what should be here: the memory, with what the settings say of a bond in place of what was seen."""
    remembered = {bond.name: bond for bond in memory.bonds}
    for name in sorted((remembered.keys() | expected.keys()) - set(ignore)):
        known = remembered.get(name, KnownBond(name=name))
        if name in expected:
            members = tuple(known.member(member) or KnownMember(name=member) for member in expected[name])
            known = KnownBond(name=name, members=members)
        yield known


def fold(bond: Bond, known: KnownBond) -> KnownBond:
    """Return what is to be remembered of a bond: its members as they are, and those once seen that are missing.

    What only the settings name is not remembered: a slip of the pen there must end with its correction.
    """
    missing = set(known.missing(bond))
    present = tuple(_seen(bond, member, known.member(member.name)) for member in bond.members)
    return KnownBond(
        name=bond.name, members=present + tuple(m for m in known.members if m.seen and m.name in missing)
    )


def _seen(bond: Bond, member: Member, before: KnownMember | None) -> KnownMember:
    down = health(bond, member, was_down=before is not None and before.down) == "down"
    uncounted = before is not None and before.link_failure_count == member.link_failure_count
    return KnownMember(
        name=member.name,
        seen=True,
        permanent_mac=member.permanent_mac,
        link_failure_count=member.link_failure_count if bond.monitored else None,
        down=down,
        set_down=not member.admin_up,
        loss_owed=before is not None and down and bond.monitored and uncounted and before.owes_loss(down=down),
    )


def _without_counts(bond: KnownBond) -> KnownBond:
    members = tuple(msgspec.structs.replace(member, link_failure_count=None) for member in bond.members)
    return KnownBond(name=bond.name, members=members)
