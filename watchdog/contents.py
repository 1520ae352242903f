"""What a message says of an incident, as data: pure. In which words, wording.py and the templates know."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from watchdog.causes import roots
from watchdog.content import Content, Fact, Named, Proposal
from watchdog.deciding import News
from watchdog.heard import describe_ack
from watchdog.model import Ack, Evidence, Fault, Incident, IncidentState, Stamp
from watchdog.telling import above
from watchdog.units import render_seconds

# A message is read on a phone: of what belongs to an outage it names this many, and so many values.
MOST_NAMED = 10
MOST_FACTS = 8
_LONGEST_VALUE = 200
# What of the evidence is told in other words already.
_NO_FACTS = ("advice",)


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What was done and could be done, by the id of the incident."""

    cures: Mapping[int, str] = msgspec.field(default_factory=dict)
    proposals: Mapping[int, Sequence[Proposal]] = msgspec.field(default_factory=dict)


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What fires beside who speaks: the chain of causes, root first, other possible causes, what else belongs."""

    chain: tuple[Incident, ...] = ()
    alternatives: tuple[Incident, ...] = ()
    others: tuple[Incident, ...] = ()

    def root_word(self, speaker: Incident) -> str:
        """Return how sure the root is: a link that nobody names makes it a possible one."""
        if not self.chain:
            return ""
        sure = all(one.names(cause) for cause, one in pairwise((*self.chain, speaker)))
        return "root" if sure else "possible root"


def look_around(speaker: Incident, by_id: Mapping[int, Incident], outage: Sequence[Incident]) -> Around:
    """Return what to name beside who speaks; `by_id` is all that is open, `outage` what is linked to it."""
    firing = {one.id: one for one in by_id.values() if one.state is IncidentState.FIRING}
    causes = above(speaker, by_id)
    chain = [one for one in roots(speaker, by_id)[:-1] if one.id in firing]
    on_chain = {speaker.id, *(one.id for one in chain)}
    nearest_first = [number for one in (speaker, *reversed(chain)) for number in one.caused_by]
    alternatives = dict.fromkeys((*nearest_first, *sorted(causes)))
    return Around(
        chain=tuple(chain),
        alternatives=tuple(firing[number] for number in alternatives if number in firing.keys() - on_chain),
        others=tuple(one for one in outage if one.inhibited and one.id in firing.keys() - on_chain - causes),
    )


def describe(
    news: News,
    around: Around,
    faults: Mapping[str, Fault],
    details: Details,
    *,
    host: str,
    reason: str,
    ack: Ack | None,
    thread: str,
    key: str,
    now: Stamp,
) -> Content:
    """Return what one message says."""
    incident, over = news.incident, news.kind == "recovered"
    fault = faults.get(incident.fault)
    belonging = (incident, *around.chain, *around.alternatives, *around.others)
    return Content(
        kind=news.kind,
        host=host,
        severity=news.severity.value,
        incident=incident.id,
        fault=incident.fault,
        title=fault.title if fault else "",
        subject=incident.subject,
        summary=incident.summary,
        facts=() if over else tuple(_facts(incident, fault)),
        since=incident.opened.moment,
        lasted=_lasted(news, now),
        reason=_reason(news, reason, now),
        root_word=around.root_word(incident),
        chain=tuple(map(named, around.chain)),
        alternatives=() if over else tuple(map(named, around.alternatives[:MOST_NAMED])),
        others=() if over else tuple(map(named, around.others[:MOST_NAMED])),
        others_left_out=0 if over else max(0, len(around.others) - MOST_NAMED),
        why=fault.why if fault and not over else "",
        advice="" if over else _advice(incident, fault, around, faults),
        healed=details.cures.get(incident.id, "") if over else "",
        proposals=() if over else tuple(_proposals(belonging, details)),
        acknowledged=describe_ack(ack) if ack and not over else "",
        more=("watchdog incidents --all",) if over else _more(incident, ack),
        reference=reference_of(key),
        thread=thread,
    )


def _facts(incident: Incident, fault: Fault | None) -> Iterator[Fact]:
    tells = fault.tells if fault else None
    evidence = incident.evidence
    if tells is not None:
        evidence = {name: evidence[name] for name in tells if name in evidence}
    return facts_of(evidence, f"{incident.subject} {incident.summary}")


def facts_of(evidence: Evidence, said: str = "") -> Iterator[Fact]:
    """Yield the plain values of the evidence, with their units in words: `offset_seconds` 18.4 is `18.4 s`.

    What is only yes or no is for programs, and a value that was said already (in `said`, or as another's) is for
    nobody.
    """
    told: dict[str, str] = {}
    for name, value in evidence.items():
        text = "" if name in _NO_FACTS or isinstance(value, bool) else _value(name, value)
        if text and not _is_said(text, said) and not (isinstance(value, str) and text in told.values()):
            told[name] = text
    for name, text in list(told.items())[:MOST_FACTS]:
        yield Fact(name=_without_unit(name), value=text)


def _is_said(text: str, said: str) -> bool:
    """Tell whether a text says a value, by itself and not as a part of another: 18.4 s in "went back 18.4 s"."""
    return re.search(rf"(?<![\w.-]){re.escape(text.removeprefix('-'))}(?!\w|\.\w)", said) is not None


def named(incident: Incident) -> Named:
    """Return an incident as one of several."""
    return Named(fault=incident.fault, subject=incident.subject, summary=incident.summary, incident=incident.id)


def reference_of(key: str) -> str:
    """Return by what a message is recognised should it come twice."""
    return hashlib.sha256(key.encode(errors="backslashreplace")).hexdigest()[:8]


_UNITS = {"bytes": "bytes", "count": "", "mbps": "Mbit/s", "ms": "ms", "ns": "ns", "percent": "%", "ppm": "ppm"}


def _value(name: str, value: object) -> str:
    unit = name.rpartition("_")[2]
    if isinstance(value, (int, float)):
        if unit == "seconds":
            return render_seconds(value) if abs(value) < 1e12 else f"{value:g} s"
        number = f"{value:.6g}" if isinstance(value, float) else str(value)
        return f"{number} {_UNITS.get(unit, '')}".strip()
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_VALUE else f"{value[: _LONGEST_VALUE - 3]}..."
    return ""


def _without_unit(name: str) -> str:
    words = name.split("_")
    return " ".join(words[:-1] if len(words) > 1 and (words[-1] == "seconds" or words[-1] in _UNITS) else words)


def _lasted(news: News, now: Stamp) -> str:
    """Return how long it lasted, where that is part of the news; across a reboot a lower bound."""
    incident = news.incident
    if news.kind not in ("recovered", "reminder", "escalated"):
        return ""
    until = incident.resolved or now
    at_least = "" if until.boot_id == incident.opened.boot_id else "at least "
    return f"{at_least}{render_seconds(until.seconds_since(incident.opened))}"


def _reason(news: News, reason: str, now: Stamp) -> str:
    match news.kind:
        case "flapping":
            words = f"{reason or 'flapping'}; that it comes and goes is not told again, that it is over is"
        case "reminder" if news.incident.flapping:
            words = "it still comes and goes (flapping)"
        case "escalated":
            words = f"told at least {render_seconds(news.after_seconds)} ago, and acknowledged by nobody"
        case "recovered":
            words = reason
        case _:
            words = ""
    if news.held:
        kept = f"during the {news.held.kind} by {news.held.who}: {news.held.why}"
        return f"{words}; {kept}" if words else kept
    return words


def _advice(incident: Incident, fault: Fault | None, around: Around, faults: Mapping[str, Fault]) -> str:
    if fault is None:
        return ""
    root = around.chain[0] if around.chain else None
    its = faults.get(root.fault) if root else None
    return root.advice(its) if root and its else incident.advice(fault)


def _proposals(belonging: Iterable[Incident], details: Details) -> Iterator[Proposal]:
    return (one for incident in belonging for one in details.proposals.get(incident.id, ()))


def _more(incident: Incident, ack: Ack | None) -> tuple[str, ...]:
    knows = () if ack else (f"watchdog ack {incident.id}",)
    return (f"watchdog explain {incident.fault}", "watchdog incidents", *knows)
