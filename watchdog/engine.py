"""One cycle: observe and judge, track, explain, record. A tick, a signal and a person take this same path."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec
from msgspec.structs import replace

from watchdog import messages, selfwatch
from watchdog.config import Config
from watchdog.content import Proposal
from watchdog.contents import Details
from watchdog.deciding import News, decide
from watchdog.errors import HistoryError
from watchdog.guards import DAY_SECONDS
from watchdog.heard import Heard
from watchdog.history.cycle import Cycle
from watchdog.history.store import History
from watchdog.host import Host
from watchdog.incidents import Advanced, State, advance
from watchdog.looking import Look, Seen, look_at_all
from watchdog.model import CheckResult, Fault, Finding, Message, Stamp, TargetState
from watchdog.registry import Registry
from watchdog.steps import Outcome

_NO_HISTORY = "there is no usable history"


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """A cycle, and why it could not be recorded (empty: it is on disk).

    `before`: the cycle before it, after which something was healed, or tried. What a look saw that began before
    that is of the past.
    """

    cycle: Cycle
    unrecorded: str = ""
    before: Cycle | None = None


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What checks saw, begun at `started` with these memories; `problem` is why there were none."""

    started: Stamp
    seen: tuple[Seen, ...]
    memories: Mapping[str, bytes]
    problem: str = ""


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    """What every cycle needs: the host to look at, the plugins, the settings.

    `stays`: there will be more cycles soon, so a message can wait for what else belongs to its outage.
    `ping_trouble` says why our ping fails.
    """

    host: Host
    registry: Registry
    config: Config
    ping_trouble: Callable[[], str] = str
    stays: bool = False

    def run(self, history: History | None, names: Iterable[str]) -> Ran:
        """Run the named checks once and record what came of it.

        Without a usable history (None) nothing is remembered, tracked or recorded, and the checks still say
        what can be said without the past; so too when the history fails on the way.
        """
        return self.conclude(history, self._look_at_these(history, tuple(names)))

    def conclude(self, history: History | None, looked: Looked) -> Ran:
        """Record what came of looks that are over; without a usable history, say what can be said."""
        problem = looked.problem
        if history and not problem:
            try:
                return Ran(cycle=self._record(looked.started, looked.seen, looked.memories, history))
            except HistoryError as error:
                problem = str(error)
        cycle = self._conclude(looked.started, looked.seen, looked.memories, None)
        return Ran(cycle=cycle, unrecorded=problem or _NO_HISTORY)

    def _look_at_these(self, history: History | None, names: tuple[str, ...]) -> Looked:
        started = self.host.stamp()
        memories, problem = read_memories(history)
        looks = [self.look(name, memories) for name in names if self.config.checks[name].enabled]
        looked = {one.result.check: one for one in look_at_all(self.host, looks)}
        seen = tuple(looked.get(name) or Seen(result=_disabled(name)) for name in names)
        return Looked(started=started, seen=seen, memories=memories, problem=problem)

    def look_at(self, names: Iterable[str], memories: Mapping[str, bytes]) -> dict[str, CheckResult]:
        """Run checks with what they remember, within their limits; nothing is recorded. Healing verifies so."""
        looked = look_at_all(self.host, [self.look(name, memories) for name in names])
        return {seen.result.check: self._as_configured(seen.result) for seen in looked}

    def _record(
        self, started: Stamp, seen: tuple[Seen, ...], memories: Mapping[str, bytes], history: History
    ) -> Cycle:
        cycle = self._conclude(started, seen, memories, history)
        set_aside = history.set_aside
        history.record(cycle)
        if history.set_aside is not set_aside:  # the damage showed only in the writing: begin anew, and say so
            cycle = self._conclude(started, seen, {}, history)
            history.record(cycle)
        return cycle

    def _conclude(
        self, started: Stamp, seen: tuple[Seen, ...], memories: Mapping[str, bytes], history: History | None
    ) -> Cycle:
        """Judge ourselves, track, explain and compose: what this cycle will be recorded as."""
        state = history.load_state() if history else State()  # first: it may find the history damaged
        results = tuple(self._as_configured(one.result) for one in seen)
        ended, host, faults = self.host.stamp(), self.host.name(), self.registry.faults
        own = selfwatch.judge_self(
            results,
            _own_memory(memories),
            self.registry.checks,
            _damage(history),
            ended.stepped_since(started),
            history.heals(DAY_SECONDS, ended) if history else {},
            self.config.healing.chronic,
            _told_through(history, self.config, ended),
            self.config.notify.dead_after,
            self.ping_trouble(),
        )
        everything = (*results, self._as_configured(own.result))
        heard = history.heard(ended) if history else Heard()
        advanced = advance(state, everything, faults, ended, heard.holds)
        remembered = {one.result.check: one.memory for one in seen if one.memory is not None}
        return Cycle(
            host=host,
            started=started,
            ended=ended,
            results=everything,
            memories=remembered | {selfwatch.NAME: msgspec.json.encode(own.memory)},
            advanced=advanced,
            happened=_happened(everything, state, faults),
            messages=self._compose(history, advanced, state, heard, ended) if history else (),
        )

    def tell_anew(self, history: History) -> None:
        """Compose anew what was not tried yet, with what was healed or proposed since. Raises HistoryError."""
        if not history.waits_untried():
            return
        now, state = self.host.stamp(), history.load_state()
        unchanged = Advanced(state=state, changed=(), transitions=())
        again = self._compose(history, unchanged, state, history.heard(now), now, news=())
        history.write_messages(again, now)

    def _compose(
        self,
        history: History,
        advanced: Advanced,
        before: State,
        heard: Heard,
        now: Stamp,
        news: tuple[News, ...] | None = None,
    ) -> tuple[Message, ...]:
        """Return what is to be told, by whom it was heard before."""
        faults, policy = self.registry.faults, self.config.policy(self.host.name(), stays=self.stays)
        if news is None:
            news = decide(advanced, before, faults, policy, heard, now)
        details = _details(history, advanced.state, messages.concerned(news, heard))
        return messages.compose(news, advanced, before, faults, policy, heard, now, details)

    def look(self, name: str, memories: Mapping[str, bytes]) -> Look:
        """Return the look at one check, under the settings in force."""
        return Look(check=self.registry.checks[name], settings=self.config.checks[name], memory=memories.get(name))

    def _as_configured(self, result: CheckResult) -> CheckResult:
        """Apply the owner's [faults] table: faults that are off, severities that are theirs."""
        return replace(result, findings=tuple(self._configured(result.findings)))

    def _configured(self, findings: Iterable[Finding]) -> Iterable[Finding]:
        for finding in findings:
            wish = self.config.faults.get(finding.fault)
            if wish is None:
                yield finding
            elif wish.enabled:
                yield replace(finding, severity=wish.severity or finding.severity)


def _details(history: History, state: State, concerned: Collection[int]) -> Details:
    """Return what was done, or could be, about the incidents that the messages of a cycle name."""
    if not concerned:
        return Details()
    there = {one.id for one in state.incidents.values()}
    cures = {number: history.attempts(number, Outcome.HEALED) for number in concerned if number not in there}
    proposals: dict[int, list[Proposal]] = defaultdict(list)
    for one in history.attempts(None, Outcome.PROPOSED):
        command = f"watchdog heal {one.incident_id} --apply"
        proposals[one.incident_id].append(
            Proposal(remediation=one.remediation, summary=one.plan.summary, command=command)
        )
    return Details(
        cures={
            number: f"healed by {done[-1].remediation} (try {done[-1].id}): {done[-1].reason}"
            for number, done in cures.items()
            if done
        },
        proposals=proposals,
    )


def _told_through(history: History | None, config: Config, now: Stamp) -> tuple[TargetState, ...]:
    """Return how the targets that somebody is told through have been answering."""
    if history is None or not config.notify.targets:
        return ()
    return tuple(target for target in history.targets(now) if target.name in config.notify.targets)


def _happened(results: Iterable[CheckResult], before: State, faults: Mapping[str, Fault]) -> tuple[Finding, ...]:
    """Return the events that were found and are not the very ones that were found before."""
    found = [
        one for result in results for one in result.findings if one.fault in faults and faults[one.fault].event
    ]
    known = {key: incident.evidence for key, incident in before.incidents.items()}
    return tuple(one for one in found if known.get((one.fault, one.subject)) != one.evidence)


def _disabled(name: str) -> CheckResult:
    return CheckResult(check=name, judged=True, applicable=False, reason="disabled in the configuration")


def read_memories(history: History | None) -> tuple[Mapping[str, bytes], str]:
    """Return what the checks remember, and why there is nothing when the history does not answer."""
    if history is None:
        return {}, _NO_HISTORY
    try:
        return history.load_memories(), ""
    except HistoryError as error:
        return {}, str(error)


def _own_memory(memories: Mapping[str, bytes]) -> selfwatch.Memory:
    """Return the counts of failures; unreadable ones begin anew, as a count cannot be guessed."""
    try:
        return msgspec.json.decode(memories.get(selfwatch.NAME, b"{}"), type=selfwatch.Memory)
    except msgspec.MsgspecError:
        return selfwatch.Memory()


def _damage(history: History | None) -> selfwatch.Damage | None:
    if history is None or history.set_aside is None:
        return None
    return selfwatch.Damage(path=str(history.set_aside.path), reason=history.set_aside.reason)
