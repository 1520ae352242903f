"""Which messages that are due at once become one."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from tests.notify.senders import Waiting, message
from watchdog.content import Content, Kind
from watchdog.model import Severity
from watchdog.notify.bundling import MOST_PARTS, UNDELIVERED, Merge, content_of, next_merge
from watchdog.notify.contracts import Pace

PACE = Pace(most_at_once=4, expire_after_seconds=1000)


def due(number: int, *, age: float = 0.0, critical: bool = False, kind: Kind = "fired", **fields: Any) -> Waiting:
    severity = Severity.CRITICAL if critical else Severity.WARNING
    content = Content(kind="recovered" if fields.get("recovery") else kind, host="mx1", summary=f"s{number}")
    told = message(key=f"k{number}", title=f"t{number}", severity=severity, content=content, **fields)
    return Waiting(number, told, age_seconds=age)


def many(number: int, **fields: Any) -> list[Waiting]:
    return [due(one, **fields) for one in range(1, number + 1)]


STILL = due(1, incident_id=7, kind="reminder")


def merge_of(dues: Sequence[Waiting]) -> tuple[tuple[int, ...], int | None, bool] | None:
    merge = next_merge(dues, PACE)
    return merge and (merge.ids, merge.into, merge.expired)


@pytest.mark.parametrize(
    ("dues", "merge"),
    [
        pytest.param([], None, id="nothing"),
        pytest.param(many(4), None, id="as-many-as-may-be"),
        pytest.param(many(5), ((4, 5), None, False), id="one-more"),
        pytest.param(
            [*many(5), due(6, critical=True)], ((3, 4, 5), None, False), id="the-worst-by-itself-then-the-oldest"
        ),
        pytest.param([due(1, bundle="b"), due(2)], None, id="a-bundle-of-one"),
        pytest.param(
            [due(1, bundle="b"), due(2, bundle="c"), due(3, bundle="b")], ((1, 3), None, False), id="a-bundle"
        ),
        pytest.param([due(1, incident_id=7), due(2, incident_id=7, recovery=True)], ((1,), 2, False), id="gone"),
        pytest.param(
            [due(1, incident_id=7), due(2, incident_id=7), due(3, incident_id=7, recovery=True)],
            ((1, 2), 3, False),
            id="got-worse-and-gone",
        ),
        pytest.param([due(1, incident_id=7), due(2, incident_id=8, recovery=True)], None, id="another-is-gone"),
        pytest.param(
            [STILL, due(2, incident_id=7, kind="reminder"), due(3, incident_id=7, kind="reminder")],
            ((1, 2), 3, False),
            id="reminders-of-one-incident",
        ),
        pytest.param([STILL, due(2, incident_id=8, kind="reminder")], None, id="of-two"),
        pytest.param(
            [due(1, incident_id=7), due(2, incident_id=7, kind="reminder")], None, id="none-says-it-began"
        ),
        pytest.param([due(1, incident_id=7, recovery=True), due(2, incident_id=7)], None, id="told-after-its-end"),
        pytest.param([due(1, recovery=True), due(2)], None, id="of-no-incident"),
        pytest.param([due(1, age=999.9), due(2)], None, id="not-too-late"),
        pytest.param([due(1, age=1000), due(2)], ((1,), None, True), id="too-late"),
        pytest.param(
            [due(1, age=9999, bundle=UNDELIVERED), due(2)], None, id="a-summary-waits-as-long-as-it-takes"
        ),
        pytest.param(
            [due(1, bundle=UNDELIVERED), due(2, age=1000), due(3)], ((2,), 1, True), id="too-late-into-the-summary"
        ),
        pytest.param(
            [due(1, bundle=UNDELIVERED), due(2, bundle=UNDELIVERED)], ((2,), 1, False), id="two-summaries"
        ),
    ],
)
def test_what_becomes_one(dues: list[Waiting], merge: object) -> None:
    assert merge_of(dues) == merge


def apply(dues: list[Waiting], merge: Merge) -> list[Waiting]:
    left = [one for one in dues if one.id not in merge.ids]
    if merge.into is None:
        return [*left, Waiting(max(one.id for one in dues) + 1, merge.message)]
    return [replace(one, message=merge.message) if one.id == merge.into else one for one in left]


def test_a_storm_of_a_thousand_is_as_many_messages_as_may_be_and_counts_them_all() -> None:
    dues, pace = many(1000), Pace(most_at_once=10)
    while merge := next_merge(dues, pace):
        dues = apply(dues, merge)
    assert len(dues) == 10
    content = dues[-1].message.content
    assert content is not None
    assert (content.kind, len(content.parts), content.left_out) == ("digest", MOST_PARTS, 991 - MOST_PARTS)
    assert content.parts[0].summary == "s10"


def test_it_comes_to_an_end_whatever_is_due() -> None:
    dues = [
        due(n, age=n * 7, bundle=("", "b", UNDELIVERED)[n % 3], incident_id=n % 5 or None, recovery=n % 4 == 0)
        for n in range(1, 200)
    ]
    merges = 0
    while merge := next_merge(dues, PACE):
        dues, merges = apply(dues, merge), merges + 1
        assert merges < 200
    assert len(dues) <= PACE.most_at_once


def test_a_digest_in_a_summary_is_told_by_its_parts() -> None:
    digest = next_merge(many(70, bundle="b"), PACE)
    assert digest is not None
    summary = next_merge([Waiting(99, digest.message, age_seconds=2000), due(100, age=2000, critical=True)], PACE)
    assert summary is not None
    content = content_of(summary.message)
    assert (content.kind, content.parts[0].summary, content.parts[1].summary) == ("undelivered", "s100", "s1")
    assert len(content.parts) + content.left_out == 71
    assert summary.message.severity is Severity.CRITICAL


def test_the_same_messages_make_a_digest_of_the_same_key() -> None:
    one, same, other = (next_merge(many(n, bundle="b"), PACE) for n in (3, 3, 4))
    assert one
    assert same
    assert other
    assert one.message.key == same.message.key != other.message.key


def test_what_came_and_went_is_told_with_what_it_was() -> None:
    merge = next_merge([due(1, incident_id=7), due(2, incident_id=7, recovery=True)], PACE)
    assert merge is not None
    content = content_of(merge.message)
    assert (content.kind, content.summary, [part.summary for part in content.parts]) == ("recovered", "s2", ["s1"])
    assert merge.message.body.endswith("t1")


def test_what_was_told_when_it_began_is_not_told_again_by_its_reminders() -> None:
    over = due(3, incident_id=7, recovery=True)
    merge = next_merge([STILL, due(2, incident_id=7, kind="reminder"), over], PACE)
    assert merge == Merge(ids=(1, 2), message=over.message, into=3)


def test_a_message_of_an_older_watchdog_keeps_its_words() -> None:
    content = content_of(message(title="t", body="b", recovery=True))
    assert (content.kind, content.title, content.summary) == ("recovered", "t", "b")
