"""Which messages a cycle gives rise to: pure. One outage is one message to each target.

Who speaks for an outage is decided in telling.py, who hears of it in deciding.py, for how long that waits in
waiting.py. What was not tried yet is composed again in each cycle: the root was found, more died of it, somebody
healed it. Recovery is told only where the failure was (as Tailscale's health warnings do).
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from watchdog.content import Content, Named
from watchdog.contents import Details, describe, look_around
from watchdog.deciding import News
from watchdog.heard import TELLS, Heard, Written
from watchdog.incidents import Advanced, State
from watchdog.model import Fault, Incident, IncidentState, Message, Stamp
from watchdog.routing import Policy
from watchdog.telling import outages
from watchdog.waiting import Wait, rewait, wait_for
from watchdog.wording import plain_body, plain_title

# Less than that is no reason to write how long a message waits once more.
_SAME_SECONDS = 1.0


def concerned(news: Sequence[News], heard: Heard) -> frozenset[int]:
    """Return the ids of the incidents whose proposals and cures the messages of a cycle may have to name."""
    waiting = (one.waiting.content for one in heard.written if one.waiting and one.waiting.content)
    return frozenset((*(one.incident.id for one in news), *(n for content in waiting for n in _ids(content))))


def compose(
    news: Sequence[News],
    advanced: Advanced,
    before: State,
    faults: Mapping[str, Fault],
    policy: Policy,
    heard: Heard,
    now: Stamp,
    details: Details | None = None,
) -> tuple[Message, ...]:
    """Return the messages of a cycle: those of its news, and those that wait and would say another thing by now.

    `before` is the state that the cycle began with.

    What would be told twice has the same key, of which the outbox keeps one.
    """
    composing = _Composing(advanced, before, faults, policy, heard, now, details or Details())
    return (*map(composing.message, news), *composing.again())


class _Composing:
    """The state of a cycle, and what is said of it."""

    def __init__(
        self,
        advanced: Advanced,
        before: State,
        faults: Mapping[str, Fault],
        policy: Policy,
        heard: Heard,
        now: Stamp,
        details: Details,
    ) -> None:
        self._faults, self._policy, self._heard, self._now, self._details = faults, policy, heard, now, details
        self._reasons = {change.incident_id: change.reason for change in advanced.transitions}
        self._open = {incident.id: incident for incident in advanced.state.incidents.values()}
        self._outages = {one.id: outage for outage in outages(self._open.values()) for one in outage}
        were = outages(before.incidents.values())
        self._outages_before = {one.id: outage for outage in were for one in outage}

    def message(self, news: News) -> Message:
        """Return the message of one piece of news."""
        key = _key(news, self._policy.host)
        content = self._content(news, key)
        earlier = self._heard.by_incident.get(news.incident.id, ())
        wait = wait_for(
            news.kind,
            news.severity,
            news.route,
            news.held,
            earlier,
            news.target,
            self._policy,
            self._heard,
            self._now,
        )
        return _message(key, news, content, wait)

    def again(self) -> Iterator[Message]:
        """Yield what was not tried yet and is to say, or to wait, something else than it does."""
        for one in self._heard.written:
            if (message := one.waiting) is None:
                continue
            fresh = self._anew(one, message)
            wait = rewait(one, fresh.severity, self._policy, self._heard, self._now)
            moved = one.due_seconds is None or abs(one.due_seconds - wait.seconds) > _SAME_SECONDS
            late = one.due_seconds is not None and max(one.due_seconds, wait.seconds) <= 0
            if fresh is not message or (moved and not late) or wait.bundle != one.bundle:
                yield replace(fresh, wait_seconds=wait.seconds, bundle=wait.bundle)

    def _anew(self, one: Written, message: Message) -> Message:
        """Return a message as it would be composed now; the same object where that makes no difference."""
        incident = self._open.get(one.incident_id or 0)
        if message.content is None or incident is None or one.kind not in TELLS:
            return message
        if incident.state is not IncidentState.FIRING or incident.told is None:
            return message
        old = message.content
        news = News(
            kind=old.kind,
            incident=incident,
            target=one.target,
            severity=max(message.severity, incident.told, key=lambda one: one.value == "critical"),
        )
        content = self._keep(old, self._content(news, one.key))
        # Each new value is worth a line on disk while more is expected, and not for as long as a target is away.
        gathers = not one.bundle and (one.due_seconds or 0.0) > 0
        changed = content != old if gathers else _story(content) != _story(old)
        return _message(one.key, news, content, Wait()) if changed else message

    def _keep(self, old: Content, new: Content) -> Content:
        """Return what is said now, with what was said before of causes that are over: they are how it came."""
        healed = "; ".join(
            f"{one.fault} {one.subject}: {self._details.cures[one.incident]}"
            for one in (*old.chain, *old.alternatives, *old.others)
            if one.incident is not None and one.incident not in self._open and one.incident in self._details.cures
        )
        kept = msgspec.structs.replace(
            new, reason=old.reason, lasted=old.lasted, healed=healed or old.healed, thread=old.thread
        )
        if old.chain and not new.chain:
            return msgspec.structs.replace(kept, chain=old.chain, root_word=old.root_word, advice=old.advice)
        return kept

    def _content(self, news: News, key: str) -> Content:
        incident = news.incident
        outage = self._outages.get(incident.id, (incident,))
        # What is told now may have been of an outage that is over with this cycle.
        with_past = (*outage, *self._outages_before.get(incident.id, ()))
        around = look_around(incident, self._open, self._outages.get(incident.id, ()))
        return describe(
            news,
            around,
            self._faults,
            self._details,
            host=self._policy.host,
            reason=self._reasons.get(incident.id, ""),
            ack=self._heard.ack(outage),
            thread=self._heard.thread(incident, with_past, _thread(incident, self._policy.host)),
            key=key,
            now=self._now,
        )


def _message(key: str, news: News, content: Content, wait: Wait) -> Message:
    return Message(
        key=key,
        target=news.target,
        incident_id=news.incident.id,
        title=plain_title(content),
        body=plain_body(content),
        severity=news.severity,
        recovery=news.kind == "recovered",
        content=content,
        wait_seconds=wait.seconds,
        bundle=wait.bundle,
    )


def _key(news: News, host: str) -> str:
    """Return what makes a repeat recognisable; when it opened tells it from the same id in a fresh history."""
    word = f"{news.kind}-{news.number}" if news.number else news.kind
    return f"{host}/{news.incident.id}/{word}/{news.target}/{_opened(news.incident)}"


def _thread(incident: Incident, host: str) -> str:
    return f"{host}/{incident.id}/{_opened(incident)}"


def _opened(incident: Incident) -> str:
    return f"{incident.opened.boot_id}+{incident.opened.boottime_ns}"


def _ids(content: Content) -> Iterator[int]:
    belonging: tuple[Named, ...] = (*content.chain, *content.alternatives, *content.others)
    numbers = (content.incident, *(one.incident for one in belonging))
    return (number for number in numbers if number is not None)


def _story(content: Content) -> tuple[object, ...]:
    """Return what makes a difference in a message that waits for hours: not each new value."""
    return (
        tuple(_ids(content)),
        content.severity,
        content.others_left_out,
        content.proposals,
        content.healed,
        content.acknowledged,
    )
