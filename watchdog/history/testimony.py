"""Holds the tables of healing against what the audit last told of them.

What `attempts`, `journal` and `holds` say must be what was told; an attempt whose incident was pruned is gone by
right. One attempt after the other, so a long history takes no memory.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from sqlite3 import Cursor
from typing import Any

import msgspec

from watchdog.history.rows import encode_json

# What a person needs to see of it; who changed a thousand has changed all.
_MOST = 20
_ATTEMPTS = """
    SELECT a.id, a.incident_id, a.remediation, a.mode, a.outcome, a.reason, a.permission, a.plan,
           s.boot_id, a.started_boottime_ns, a.started_wall_ns, e.boot_id, a.ended_boottime_ns, a.ended_wall_ns
    FROM attempts AS a
    LEFT JOIN boots AS s ON s.ordinal = a.started_boot LEFT JOIN boots AS e ON e.ordinal = a.ended_boot
    ORDER BY a.id
"""
_FIELDS = ("incident", "remediation", "mode", "outcome", "reason", "permission", "plan", "beginning", "end")
_JOURNAL = "SELECT seq, step, undo, state, output FROM journal WHERE attempt_id = ? ORDER BY seq"
_TOLD = """
    SELECT seq, kind, incident_id, payload, boot_id, boottime_ns, wall_ns FROM audit
    WHERE attempt_id = ? ORDER BY seq
"""
_REMOVED = """
    SELECT DISTINCT attempt_id FROM audit
    WHERE attempt_id IS NOT NULL AND attempt_id NOT IN (SELECT id FROM attempts)
        AND incident_id IN (SELECT id FROM incidents)
"""
_GONE = "SELECT count(DISTINCT attempt_id) FROM audit WHERE attempt_id NOT IN (SELECT id FROM attempts)"
_HOLDS = """
    SELECT h.id, h.kind, h.pattern, h.who, h.why, h.seconds, b.boot_id, h.began_boottime_ns, h.began_wall_ns,
           h.ended_by, e.boot_id, h.ended_boottime_ns, h.ended_wall_ns
    FROM holds AS h
    LEFT JOIN boots AS b ON b.ordinal = h.began_boot LEFT JOIN boots AS e ON e.ordinal = h.ended_boot
    ORDER BY h.id
"""
_TOLD_OF_HOLDS = """
    SELECT seq, kind, payload, boot_id, boottime_ns, wall_ns FROM audit
    WHERE kind IN ('pause', 'silence', 'maintenance', 'hold_ended') ORDER BY seq
"""
_BEGINNINGS = ("adopted", "proposed", "refused", "dry_run", "begun")
_STEP_FIELDS = ("command", "undo", "state", "output")
_HOLD_FIELDS = ("kind", "pattern", "owner", "reason", "length", "beginning", "who-ended-it", "end")
# What a row comes to that we did not write.
_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
_ENDINGS = ("closed", "ended", "rolled_back")


class Compared(msgspec.Struct):
    """What differs between the tables and the audit: the first few, and how many more."""

    differences: tuple[str, ...] = ()
    more: int = 0
    attempts: int = 0
    gone: int = 0

    def add(self, texts: Iterable[str]) -> None:
        """Note differences."""
        for text in texts:
            if len(self.differences) < _MOST:
                self.differences += (text,)
            else:
                self.more += 1


class _Untold(Exception):
    """The audit does not tell what it should; the text says what."""


class _Attempt(msgspec.Struct):
    """An attempt as the audit told of it, up to now."""

    said: dict[str, object] = msgspec.field(default_factory=dict)
    journal: dict[object, tuple[object, ...]] = msgspec.field(default_factory=dict)

    def hear(self, kind: str, incident_id: object, told: Mapping[str, Any], at: tuple[object, ...]) -> None:
        """Take in a row of the audit."""
        if kind == "step":
            self.journal[told["seq"]] = _entry(told)
        elif kind in _BEGINNINGS:
            self.said = {name: told[name] for name in ("remediation", "mode", "permission", "plan")}
            self.said |= {"incident": incident_id, "beginning": at}
            self._end(told)
            self.journal = {entry["seq"]: _entry(entry) for entry in told.get("journal", ())}
        elif kind == "verified":
            self.said["reason"] = told["problem"]
        elif kind in _ENDINGS:
            self._end(told)

    def _end(self, told: Mapping[str, Any]) -> None:
        ended = (None, None, None) if told["ended"] is None else tuple(told["ended"])
        self.said |= {"outcome": told["outcome"], "reason": told["reason"], "end": ended}


def compare_tables(cursor: Cursor) -> Compared:
    """Compare all of them, within the transaction of who calls."""
    found = Compared()
    asking = cursor.connection.cursor()
    for row in cursor.execute(_ATTEMPTS):
        found.attempts += 1
        found.add(f"attempt {row[0]}: {text}" for text in _attempt_differences(row, asking))
    for (attempt_id,) in cursor.execute(_REMOVED):
        found.add([f"attempt {attempt_id}: the audit tells of it, and it is gone, though its incident is there"])
    (found.gone,) = cursor.execute(_GONE).fetchone()
    found.add(_hold_differences(cursor))
    return found


def _attempt_differences(row: tuple[Any, ...], asking: Cursor) -> Iterator[str]:
    try:
        told = _attempt_as_told(asking.execute(_TOLD, (row[0],)))
    except _Untold as problem:
        yield str(problem)
        return
    cells = [*map(_plain, row[1:8]), tuple(map(_plain, row[8:11])), tuple(map(_plain, row[11:14]))]
    yield from _differences("of it", _FIELDS, cells, [told.said[name] for name in _FIELDS])
    steps = {seq: tuple(map(_plain, cells)) for seq, *cells in asking.execute(_JOURNAL, (row[0],))}
    for seq in sorted(steps.keys() | told.journal.keys(), key=str):
        if seq not in told.journal:
            yield f"the audit tells of no step {seq}"
        elif seq not in steps:
            yield f"its step {seq} is gone"
        else:
            yield from _differences(f"of its step {seq}", _STEP_FIELDS, steps[seq], told.journal[seq])


def _attempt_as_told(rows: Iterable[tuple[Any, ...]]) -> _Attempt:
    attempt = _Attempt()
    for seq, kind, incident_id, payload, *at in rows:
        with_row = f"row {seq} of the audit cannot be read"
        try:
            attempt.hear(kind, incident_id, json.loads(payload), tuple(at))
        except _UNREADABLE as error:
            raise _Untold(with_row) from error
    if set(attempt.said) != set(_FIELDS):
        raise _Untold("the audit does not tell how it began")
    return attempt


def _hold_differences(cursor: Cursor) -> Iterator[str]:
    told: dict[object, list[object]] = {}
    for seq, kind, payload, *at in cursor.execute(_TOLD_OF_HOLDS):
        try:
            said = json.loads(payload)
            if kind == "hold_ended" and said["hold"] not in told:
                yield f"hold {said['hold']}: the audit tells of its end, and not of its beginning"
            elif kind == "hold_ended":
                told[said["hold"]][6:] = [said["who"], tuple(at)]
            else:
                words = (said[name] for name in ("pattern", "who", "why", "seconds"))
                told[said["hold"]] = [kind, *words, tuple(at), "", (None, None, None)]
        except _UNREADABLE:
            yield f"row {seq} of the audit cannot be read"
    for number, *row in cursor.execute(_HOLDS):
        plain = [*map(_plain, row)]
        cells = [*plain[:5], tuple(plain[5:8]), plain[8], tuple(plain[9:])]
        expected = told.pop(number, None)
        if expected is None:
            yield f"hold {number}: the audit does not tell of it"
        else:
            yield from _differences(f"of hold {number}", _HOLD_FIELDS, cells, expected)
    yield from (f"hold {number}: the audit tells of it, and it is gone" for number in told)


def _entry(told: Mapping[str, Any]) -> tuple[object, ...]:
    return (told["step"], told["undo"], told["state"], told["output"])


def _plain(cell: object) -> object:
    """Return what a cell says; text that is not UTF-8 is stored as bytes."""
    if not isinstance(cell, bytes):
        return cell
    try:
        return cell.decode(errors="surrogatepass")
    except UnicodeDecodeError:
        return cell.decode(errors="backslashreplace")


def _same(told: object, cell: object) -> bool:
    """Tell whether a cell says what was told: as such, or as the JSON of it."""
    return told == cell or (isinstance(told, dict | list) and _json(told) == cell)


def _json(told: object) -> str:
    try:
        return encode_json(told)
    except RecursionError:
        return "something nested without end"


def _differences(
    of_what: str, names: Sequence[str], cells: Sequence[object], told: Sequence[object]
) -> Iterator[str]:
    for name, cell, said in zip(names, cells, told, strict=True):
        if not _same(said, cell):
            text = _json(said) if isinstance(said, dict | list) else said
            yield f"the {name} {of_what} is {_short(cell)}, and the audit tells {_short(text)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:120]}..."
