"""End a split brain: the machine that loses the election stops its keepalived; the winner's watchdog refuses.

It does what keepalived here would do by itself, were the other one's adverts not kept from it: it makes way for
the higher priority, at equal priorities for the higher address. It acts only on what was seen just now: that the
other one wins, and that it answers for every address that both have. Where that leaves any doubt, it refuses; two
that both step down would be worse than two that both serve.

Stopping keepalived ends all of its instances, so for each of them another machine must be active.

Where adverts do not arrive at all, who wins cannot be known. There an owner may name, on the one host that is to
give way and only there, the machines it `yields_to`.

Sources: RFC 3768 and RFC 5798, section 6.4.3 (what an active one does on an advert of a higher priority);
keepalived's vrrp.c, vrrp_state_master_rx.
"""

from ipaddress import ip_address
from typing import Literal

from remediations._vrrp_step_down.deciding import (
    demand_a_lost_election,
    demand_known_configuration,
    demand_no_other_service,
    demand_service,
    demand_the_owners_word,
    demand_the_two_of_us,
)
from remediations._vrrp_step_down.evidence import Split
from watchdog.linux.keepalived_conf import KeepalivedConf
from watchdog.plugin import (
    Case,
    Host,
    Plan,
    Question,
    Refused,
    Remediation,
    RemediationSettings,
    UnitAction,
    Unobservable,
    ask_owners,
    read_keepalived,
)

# keepalived says good-bye and takes its addresses off within a second or two; a look takes some more.
_SETTLE_SECONDS = 10.0


class StepDownSettings(RemediationSettings, frozen=True, kw_only=True):
    """`[remediations.vrrp_step_down]`.

    `how` to make way, and the `unit` of keepalived; `yields_to` are the addresses of machines that this host makes
    way for where no adverts arrive. There nothing else decides who goes, so it belongs on one host only.
    """

    how: Literal["stop", "reload"] = "stop"
    unit: str = "keepalived.service"
    yields_to: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for address in self.yields_to:
            ip_address(address)
        if not self.unit or self.unit.startswith("-"):
            raise ValueError('the name of a unit, such as "keepalived.service"')


def plan(host: Host, case: Case, settings: StepDownSettings) -> Plan:
    """Return the stop (or reload) of keepalived; Refused unless this host loses and the other one serves."""
    split = case.evidence(Split)
    machines: dict[str, tuple[str, ...]] = {}
    try:
        if split.ours and split.ours.part == "unheard" and settings.yields_to:
            machines = _ask_for(host, split.ours.interface, settings.yields_to)
        conf = read_keepalived(host.afresh())  # what was healed in this cycle may have restarted it
    except (Unobservable, ValueError) as error:
        raise Refused(f"what runs here, and who is there, cannot be seen: {error}") from error
    return decide(split, conf, machines, settings)


def decide(
    split: Split, conf: KeepalivedConf | None, machines: dict[str, tuple[str, ...]], settings: StepDownSettings
) -> Plan:
    """Return the plan, or raise Refused: pure. `machines` are the MACs of those in `yields_to`, by address."""
    ours, rival = demand_the_two_of_us(split)
    if ours.part == "unheard" and not rival.heard:
        demand_the_owners_word(rival, machines)
        said = f"and is the one that this host yields to ({', '.join(settings.yields_to)})"
    else:
        demand_a_lost_election(ours, rival, split.reasons, settings.how)
        said = f"and wins the election (priority {rival.priority}, ours {ours.priority})"
    demand_service(split.served, rival)
    demand_no_other_service(split.others_here, rival, split.reasons)
    if conf is None:
        raise Refused("no keepalived runs in this network namespace now")
    demand_known_configuration(conf, split, ours, rival, settings.how)
    stops = settings.how == "stop"
    addresses = ", ".join(one.address for one in split.served)
    return Plan(
        summary=f"{settings.how} keepalived here: {rival.address or rival.macs[0]} answers for {addresses} {said}",
        steps=(UnitAction(unit=settings.unit, action=settings.how),),
        settle_seconds=_SETTLE_SECONDS + 2 * ours.down_seconds,
        lasting=not stops,
        note=_note(settings.unit) if stops else "",
        healthy_left=1 if stops else None,
        # Where the owner has keepalived watched, it is down on purpose now.
        accepts=("service.down",) if stops else (),
    )


def _note(unit: str) -> str:
    return (
        "meanwhile nobody stands by: should the other machine fail, its addresses go down with it, until"
        f" `systemctl start {unit}` here. A restart of this host starts it, too, and the split returns while its"
        " cause (the summary names it) lasts. Who had a connection through this host loses it."
    )


def _ask_for(host: Host, interface: str, addresses: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    questions = {address: Question(interface=interface, address=address) for address in addresses}
    owners, _ = ask_owners(host, tuple(questions.values()))
    return {address: owners[question] for address, question in questions.items()}


REMEDIATION = Remediation(
    name="vrrp_step_down",
    title="let the machine that loses the election give a virtual IP up that two have",
    heals=("vrrp.split_brain",),
    # What it interrupts is ill already: connections to an address on two machines break all the time.
    risk="medium",
    settings=StepDownSettings,
    plan=plan,
)
