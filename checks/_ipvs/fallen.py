"""Which real servers were dead when they had traffic last: only that tells them, drained, from those taken out.

A server that answers while it has traffic is no longer one of them; one that left its pool, or whose pool somebody
keeps, is theirs.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from checks._ipvs.case import Case, Fallen
from checks._ipvs.commands import set_weight
from checks._ipvs.faults import DRAINED_WELL
from watchdog.plugin import Finding, Stamp

# Of more than this nobody keeps account by hand.
_MOST = 1000


def fold(cases: Iterable[Case], now: Stamp) -> tuple[Fallen, ...]:
    """Return what is to be remembered of these pools; what was remembered so far is in the cases."""
    return tuple(islice((one for case in cases for one in _fold_pool(case, now)), _MOST))


def _fold_pool(case: Case, now: Stamp) -> Iterator[Fallen]:
    for server in () if case.keeper.known else case.pool.servers:
        once = case.fallen.get(server.name)
        if server.weight == 0 and once:
            yield once
        elif server.weight and (case.is_dead(server) or (once and not case.is_alive(server.name))):
            yield Fallen(pool=case.pool.name, server=server.name, weight=server.weight, in_service=now)


def judge_drained(case: Case) -> Iterator[Finding]:
    """Yield the servers that were drained when they were dead, live again and are still drained.

    One that was well when it was drained was taken out on purpose.
    """
    for server in () if case.keeper.known else case.pool.servers:
        fallen, subject = case.fallen.get(server.name), f"{case.pool.name}/{server.name}"
        if fallen is None or server.weight or not case.is_alive(server.name) or subject in case.drained:
            continue
        yield DRAINED_WELL.on(
            subject,
            f"{server.name} {case.probes[server.name].said}, but it was drained when it was dead (weight"
            f" {fallen.weight} before) and is still at weight 0: the others carry its share{case.where};"
            f" put it back: {set_weight(case.pool, server, fallen.weight)}",
            weight_before=fallen.weight,
            last_in_service=msgspec.to_builtins(fallen.in_service),
            **case.evidence(server),
            **case.probed(server.name),
        )
