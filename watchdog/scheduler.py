"""When each check is due, by CLOCK_BOOTTIME. The only module that knows APScheduler.

APScheduler decides by the wall clock: after a step back nothing is due for as long as the step (its issue 351),
after a step far ahead it lists every run that it believes it missed, until memory is gone (its issues 526 and
1066). Here its own time is CLOCK_BOOTTIME, written as a moment after 1970, so no step of the wall clock reaches
it, and the time that a suspended host slept counts. Whoever owns the loop asks what is due: no thread, no polling.

A check runs on a grid of its interval. The grids of all checks share one phase, so that those with like intervals
are looked at together; the phase is random, so that hosts that were started together do not beat in unison. After
a stall or a suspend the slots that have passed are left out: one run follows, not many.
"""

import logging
import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobSubmissionEvent
from apscheduler.executors.base import BaseExecutor, MaxInstancesReachedError
from apscheduler.job import Job
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.base import BaseTrigger

# What it warns of (a run that is skipped) is counted and told by us.
logging.getLogger("apscheduler").setLevel(logging.CRITICAL)

_jitter = random.SystemRandom()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The phase must differ between hosts also for the longest intervals that are usual.
_PHASE_US = 3600 * 10**6
# APScheduler counts in datetimes, whose finest part this is.
_MICROSECOND = timedelta(microseconds=1)


class Scheduler:
    """Says which checks are due. `boottime_ns` is the clock; all is done by whoever calls, in its thread."""

    def __init__(self, boottime_ns: Callable[[], int], random: Callable[[], float] = _jitter.random) -> None:
        self._phase_us = round(random() * _PHASE_US)
        self._scheduler = _Scheduler(boottime_ns)
        self._scheduler.add_listener(self._note_skipped, EVENT_JOB_MAX_INSTANCES)
        self._scheduler.start()
        self._intervals: dict[str, float] = {}
        # How often each check was due while its last run was not done yet.
        self.skipped: Counter[str] = Counter()

    def plan(self, every_seconds: Mapping[str, float]) -> None:
        """Let exactly these checks run, each at its interval; one that is new is due at once.

        One that has another interval than before keeps its phase.
        """
        for name in self._intervals.keys() - every_seconds.keys():
            self._scheduler.remove_job(name)
        for name, seconds in every_seconds.items():
            known = self._intervals.get(name)
            if known == seconds:
                continue
            now = self._scheduler.now()
            trigger = _Grid(round(seconds * 1e6), self._phase_us)
            if known is not None:
                self._scheduler.modify_job(name, trigger=trigger, next_run_time=trigger.after(now))
                continue
            self._scheduler.add_job(_never_called, trigger=trigger, id=name, name=name, next_run_time=now)
        self._intervals = dict(every_seconds)

    def due(self) -> tuple[str, ...]:
        """Return the checks that are due now, in the order of their names. Each is then running, until `done`."""
        return tuple(sorted(self._scheduler.take_due()))

    def next_due_ns(self) -> int | None:
        """Return the CLOCK_BOOTTIME at which something is due next; None: nothing is planned."""
        times = [job.next_run_time for job in self._scheduler.get_jobs()]
        return min((_microseconds(time) * 1000 for time in times), default=None)

    def begin(self, name: str) -> bool:
        """Let a check run out of its turn; False: it runs already. Its grid stays as it is."""
        return self._scheduler.executor.begin(name)

    def done(self, name: str) -> None:
        """Note that a run is over."""
        self._scheduler.executor.end(name)

    def running(self, name: str) -> bool:
        """Tell whether a run is not over yet."""
        return self._scheduler.executor.running(name)

    def _note_skipped(self, event: JobSubmissionEvent) -> None:
        self.skipped[event.job_id] += 1


class _Grid(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Fires at phase + n * interval: the next such moment that is ahead, whatever was missed."""

    def __init__(self, interval_us: int, phase_us: int) -> None:
        self._interval_us = max(interval_us, 1000)
        self._phase_us = phase_us % self._interval_us

    def after(self, now: datetime) -> datetime:
        """Return the next moment that is ahead."""
        return self._moment_after(_microseconds(now))

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return when to fire next. The first run is not on the grid: a slot just behind it is left out."""
        now_us = _microseconds(now)
        first = (
            previous_fire_time is None or (_microseconds(previous_fire_time) - self._phase_us) % self._interval_us
        )
        return self._moment_after(now_us + self._interval_us // 2 if first else now_us)

    def _moment_after(self, moment_us: int) -> datetime:
        slots = (moment_us - self._phase_us) // self._interval_us + 1
        return _EPOCH + (self._phase_us + slots * self._interval_us) * _MICROSECOND


class _Running(BaseExecutor):  # type: ignore[misc]
    """Collects what is due; that nothing runs twice at a time is APScheduler's own book-keeping."""

    def __init__(self) -> None:
        super().__init__()
        self.collected: list[str] = []

    def _do_submit_job(self, job: Job, run_times: list[datetime]) -> None:
        self.collected.append(job.id)

    def begin(self, name: str) -> bool:
        if self.running(name):
            return False
        self._instances[name] += 1
        return True

    def end(self, name: str) -> None:
        if self.running(name):
            self._run_job_success(name, [])

    def running(self, name: str) -> bool:
        return name in self._instances


class _Scheduler(BaseScheduler):  # type: ignore[misc]
    """APScheduler with CLOCK_BOOTTIME for its clock."""

    def __init__(self, boottime_ns: Callable[[], int]) -> None:
        self._boottime_ns = boottime_ns
        self.executor = _Running()
        super().__init__(
            timezone=UTC,
            executors={"default": self.executor},
            # misfire_grace_time None: a run that is late is late, not lost.
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
        )

    def now(self) -> datetime:
        return _EPOCH + self._boottime_ns() // 1000 * _MICROSECOND

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)

    def wakeup(self) -> None:
        """Do nothing: the loop asks."""

    def take_due(self) -> list[str]:
        self._process_jobs()
        taken, self.executor.collected = self.executor.collected, []
        return taken

    def _process_jobs(self) -> None:
        """Do what APScheduler's own does, at our time, and without listing each run that was missed."""
        now, skipped = self.now(), []
        with self._jobstores_lock:
            for alias, store in self._jobstores.items():
                for job in store.get_due_jobs(now):
                    due = job.next_run_time
                    try:
                        self.executor.submit_job(job, [due])
                    except MaxInstancesReachedError:
                        skipped.append(JobSubmissionEvent(EVENT_JOB_MAX_INSTANCES, job.id, alias, [due]))
                    job._modify(next_run_time=job.trigger.get_next_fire_time(due, now))  # noqa: SLF001
                    store.update_job(job)
        for event in skipped:
            self._dispatch_event(event)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _never_called(*_: Any) -> None:
    """Stand for a job's work, which is done by whoever asks what is due."""
