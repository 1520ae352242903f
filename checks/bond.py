"""A bond lost redundancy and nobody noticed: a member down, removed, out of LACP, or not watched by anything.

The bond goes on working, which is its job; so the loss stays silent until the next cable is pulled, and that is an
outage. The worst case hides itself: with miimon=0 the kernel calls every member up for ever, and a member that was
removed shows nowhere at all, so the known membership is remembered from run to run.

Sources: rtnetlink for the bond and its members, /proc/net/bonding for what netlink lacks (speed, churn);
Documentation/networking/bonding.rst. The rules are in _bond/judge.py and modes.py, the memory in
membership.py, the catalogue in faults.py.
"""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from checks._bond.faults import FAULTS
from checks._bond.judge import Case, gone, judge_bond
from checks._bond.membership import BondMemory, KnownBond, fold, known_bonds
from watchdog.linux.bonding import Bond, Link, MalformedBondError, compose_bond
from watchdog.linux.bonding_netlink import build_link_request, parse_link
from watchdog.linux.bonding_procfs import parse_proc_bonding
from watchdog.plugin import (
    Check,
    CheckSettings,
    Facts,
    Host,
    Judgement,
    Netlink,
    NotApplicable,
    Signal,
    Unobservable,
    Unseen,
)

_PROC = "/proc/net/bonding"
_ATTEMPTS = 3  # a member that comes or goes between two readings is rare; three times in a row it is a storm
_RTM_GETLINK = 18


class BondSettings(CheckSettings, frozen=True, kw_only=True):
    """`[checks.bond]`: what shall be there, where it is not simply what was seen.

    `members` names exactly the members of a bond; `ignore` the bonds that are left alone, and forgotten;
    `tolerated_link_losses` how many losses of a link between two runs are not worth a warning.
    """

    ignore: tuple[str, ...] = ()
    members: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    tolerated_link_losses: Annotated[int, msgspec.Meta(ge=0)] = 0


class UnreadBond(Facts, frozen=True, kw_only=True):
    """A bond that is there and could not be read, and why."""

    name: str
    reason: str


class BondFacts(Facts, frozen=True, kw_only=True):
    """Every bond of this host; the kernel's counters count from the boot that `boot_id` names."""

    boot_id: str
    bonds: tuple[Bond, ...] = ()
    unread: tuple[UnreadBond, ...] = ()


def observe(host: Host, settings: BondSettings, before: BondMemory | None) -> BondFacts:
    """Read every bond; no netlink is opened where there is none. One that cannot be read costs only itself."""
    names = host.names_in(_PROC)
    boot_id = host.stamp().boot_id
    if not names:
        return BondFacts(boot_id=boot_id)
    with host.rtnetlink() as netlink:
        found = [_read_bond(host, netlink, name) for name in names]
    return BondFacts(
        boot_id=boot_id,
        bonds=tuple(bond for bond in found if isinstance(bond, Bond)),
        unread=tuple(bond for bond in found if isinstance(bond, UnreadBond)),
    )


def judge(facts: BondFacts, before: BondMemory | None, settings: BondSettings) -> Iterator[Judgement]:
    """Judge each bond, and each known one that is gone. NotApplicable when there is none and never was."""
    known = _known(facts, before, settings)
    bonds = _in_use(facts, known, settings)
    unread = tuple(bond for bond in facts.unread if bond.name not in settings.ignore)
    if not bonds and not unread and not known and not (before and before.bonds):
        raise NotApplicable("no bond on this host" if not facts.bonds else "no bond in use on this host")
    homes = {member.name: bond.name for bond in facts.bonds for member in bond.members}
    for bond in bonds:
        yield from judge_bond(
            Case(
                bond=bond,
                known=known.get(bond.name, KnownBond(name=bond.name)),
                agreed=bond.name in settings.members,
                tolerated_link_losses=settings.tolerated_link_losses,
                homes=homes,
            )
        )
    yield from (Unseen(subject=bond.name, reason=bond.reason) for bond in unread)
    present = {bond.name for bond in bonds} | {bond.name for bond in unread}
    yield from (gone(bond) for name, bond in known.items() if name not in present)


def remember(facts: BondFacts, before: BondMemory | None, settings: BondSettings) -> BondMemory:
    """Keep every member ever seen, of the bonds that are not ignored; the settings outweigh what was seen."""
    seen = {bond.name for bond in before.bonds} if before else set()
    known = {name: bond for name, bond in _known(facts, before, settings).items() if name in seen}
    for bond in _in_use(facts, known, settings):
        known[bond.name] = fold(bond, known.get(bond.name, KnownBond(name=bond.name)))
    return BondMemory(boot_id=facts.boot_id, bonds=tuple(known.values()))


def _known(facts: BondFacts, before: BondMemory | None, settings: BondSettings) -> dict[str, KnownBond]:
    memory = before.on_boot(facts.boot_id) if before else BondMemory(boot_id=facts.boot_id)
    return {bond.name: bond for bond in known_bonds(memory, settings.members, settings.ignore)}


def _in_use(facts: BondFacts, known: dict[str, KnownBond], settings: BondSettings) -> tuple[Bond, ...]:
    """Leave out what is ignored, and the empty bond0 that loading the kernel module leaves behind."""
    return tuple(
        bond
        for bond in facts.bonds
        if bond.name not in settings.ignore and (bond.members or bond.admin_up or bond.name in known)
    )


def _read_bond(host: Host, netlink: Netlink, name: str) -> Bond | UnreadBond | None:
    """Read one bond by its own links only; None when it is gone meanwhile."""
    reason = f"changed each of the {_ATTEMPTS} times it was read; the next run looks again"
    try:
        for _ in range(_ATTEMPTS):
            text = host.read_text(f"{_PROC}/{name}")
            details = parse_proc_bonding(text or "")
            members = [member for detail in details if (member := _read_link(netlink, detail.name))]
            # The bond comes last: what it chose can then be newer than the state of a member, never older.
            link = _read_link(netlink, name)
            if text is None or link is None:
                return None
            if bond := compose_bond(link, members, details):
                return bond
    except (MalformedBondError, Unobservable) as error:
        reason = str(error)
    except UnicodeEncodeError:
        reason = "a name that is not UTF-8 cannot be asked for"
    # The name goes into JSON: bytes that are not UTF-8 are written out.
    return UnreadBond(name=name.encode(errors="backslashreplace").decode(), reason=f"cannot read it: {reason}")


def _read_link(netlink: Netlink, name: str) -> Link | None:
    """Ask the kernel for one link, by name; None when there is none (any more)."""
    (answer,) = netlink.ask(_RTM_GETLINK, [build_link_request(name)])
    if answer == "ENODEV":
        return None
    if isinstance(answer, str):
        raise Unobservable(f"the kernel does not show link {name}: {answer}")
    return parse_link(answer)


CHECK = Check(
    name="bond",
    title="bonds have all the redundancy they were built with",
    faults=FAULTS,
    settings=BondSettings,
    facts=BondFacts,
    memory=BondMemory,
    observe=observe,
    judge=judge,
    remember=remember,
    wakes=frozenset({Signal.LINK}),
)
