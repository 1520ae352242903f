"""The metrics, read back by prometheus_client's parsers of both formats: what they say, whatever names hold."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_plain

from watchdog.history.records import IncidentRecord, MetricRecord, OutboxSummary, Span
from watchdog.model import Incident, IncidentState, Lasted, Severity, Stamp, Verdict
from watchdog.report.openmetrics import Picture, latest, render_openmetrics
from watchdog.steps import Attempt, Outcome, Plan

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def at(seconds: float, boot_id: str = "this-boot") -> Stamp:
    return Stamp(boot_id=boot_id, boottime_ns=int(seconds * 1e9), wall_ns=int((1e9 + seconds) * 1e9))


def span(check: str, verdict: Verdict, last: Stamp) -> Span:
    return Span(check=check, verdict=verdict, reason="", first=last, last=last, count=1, longest_gap_seconds=0)


def incident(number: int, subject: str, state: IncidentState, *, lasted: float = 60.0) -> IncidentRecord:
    one = Incident(
        id=number,
        fault="bond.member_down",
        subject=subject,
        severity=Severity.CRITICAL,
        state=state,
        summary="",
        evidence={},
        opened=at(1),
        last_seen=at(2),
        inhibited=number == 2,
    )
    return IncidentRecord(incident=one, lasted=Lasted(seconds=lasted, exact=True), transitions=(), attempts=())


def metric(subject: str, name: str, last: float, start: Stamp) -> MetricRecord:
    return MetricRecord(subject=subject, name=name, start=start, count=2, minimum=0, maximum=9, total=9, last=last)


def attempt(outcome: Outcome) -> Attempt:
    return Attempt(
        id=1,
        incident_id=1,
        remediation="bond_raise_member",
        mode="auto",
        outcome=outcome,
        reason="",
        plan=Plan(summary="", steps=()),
        started=at(1),
    )


def samples(text: str) -> Samples:
    """Read it as both formats; they must see the same."""
    seen: list[Samples] = [
        {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in read(text)
            for sample in family.samples
        }
        for read in (read_openmetrics, read_plain)
    ]
    assert seen[0] == seen[1]
    return seen[0]


def test_what_the_record_says() -> None:
    picture = Picture(
        version="1.2",
        now=at(100),
        spans=(
            span("bond", Verdict.CRITICAL, at(90)),
            span("vrrp", Verdict.NOT_APPLICABLE, at(5, "earlier-boot")),
        ),
        incidents=(
            incident(1, "bond0/eth1", IncidentState.FIRING, lasted=61.5),
            incident(2, "bond0/eth2", IncidentState.PENDING),
            incident(3, "bond0/eth3", IncidentState.RESOLVED),
        ),
        attempts=(attempt(Outcome.HEALED), attempt(Outcome.HEALED), attempt(Outcome.HARMED)),
        measured={"bond": (metric("bond0", "members_up", 1.0, at(60)),)},
        holds=("pause", "silence", "silence"),
        outbox=OutboxSummary(pending=1, sent=7, refused=0, waiting_since=None, last_error=""),
    )
    verdicts = {
        ("watchdog_check_verdict", (("check", check), ("verdict", verdict.value))): float(verdict is said)
        for check, said in (("bond", Verdict.CRITICAL), ("vrrp", Verdict.NOT_APPLICABLE))
        for verdict in Verdict
    }
    assert samples(render_openmetrics(picture)) == verdicts | {
        ("watchdog_build_info", (("version", "1.2"),)): 1.0,
        ("watchdog_check_last_look_age_seconds", (("check", "bond"),)): 10.0,
        ("watchdog_check_last_look_age_seconds", (("check", "vrrp"),)): 100.0,
        ("watchdog_check_last_look_timestamp_seconds", (("check", "bond"),)): 1e9 + 90,
        ("watchdog_check_last_look_timestamp_seconds", (("check", "vrrp"),)): 1e9 + 5,
        ("watchdog_incidents", (("severity", "warning"), ("state", "pending"))): 0.0,
        ("watchdog_incidents", (("severity", "warning"), ("state", "firing"))): 0.0,
        ("watchdog_incidents", (("severity", "critical"), ("state", "pending"))): 1.0,
        ("watchdog_incidents", (("severity", "critical"), ("state", "firing"))): 1.0,
        ("watchdog_incident_open_seconds", opened(1, "bond0/eth1", "firing", "false")): 61.5,
        ("watchdog_incident_open_seconds", opened(2, "bond0/eth2", "pending", "true")): 60.0,
        ("watchdog_attempts", (("outcome", "healed"), ("remediation", "bond_raise_member"))): 2.0,
        ("watchdog_attempts", (("outcome", "harmed"), ("remediation", "bond_raise_member"))): 1.0,
        ("watchdog_holds", (("kind", "pause"),)): 1.0,
        ("watchdog_holds", (("kind", "silence"),)): 2.0,
        ("watchdog_holds", (("kind", "maintenance"),)): 0.0,
        ("watchdog_notifications", (("state", "pending"),)): 1.0,
        ("watchdog_notifications", (("state", "sent"),)): 7.0,
        ("watchdog_notifications", (("state", "refused"),)): 0.0,
        ("watchdog_notifications", (("state", "expired"),)): 0.0,
        ("watchdog_bond_members_up", (("check", "bond"), ("subject", "bond0"))): 1.0,
    }


def opened(number: int, subject: str, state: str, inhibited: str) -> tuple[tuple[str, str], ...]:
    return (
        ("fault", "bond.member_down"),
        ("id", str(number)),
        ("inhibited", inhibited),
        ("severity", "critical"),
        ("state", state),
        ("subject", subject),
    )


def test_an_empty_record_is_a_whole_exposition() -> None:
    text = render_openmetrics(Picture(version="1", now=at(1)))
    assert text.endswith("# EOF\n")
    assert {name for name, _ in samples(text)} == {"watchdog_build_info", "watchdog_incidents", "watchdog_holds"}


@pytest.mark.parametrize(
    ("check", "name", "there"),
    [
        pytest.param("clock_sync", "offset_seconds", True, id="as-checks-call-them"),
        pytest.param("clock_sync", "offset-seconds", False, id="a-name-that-metrics-cannot-have"),
        pytest.param("clock_sync", "x\n# TYPE evil gauge", False, id="a-name-with-a-line-of-its-own"),
        pytest.param("check", "verdict", False, id="a-plugin-whose-number-is-called-as-one-of-ours"),
    ],
)
def test_names_of_numbers(check: str, name: str, there: bool) -> None:
    picture = Picture(version="1", now=at(1), measured={check: (metric("s", name, 5.0, at(0)),)})
    assert (5.0 in samples(render_openmetrics(picture)).values()) is there


def test_two_checks_whose_numbers_have_one_name_are_told_apart() -> None:
    measured = {"a": (metric("s", "b_c", 1.0, at(0)),), "a_b": (metric("s", "c", 2.0, at(0)),)}
    found = samples(render_openmetrics(Picture(version="1", now=at(1), measured=measured)))
    assert found["watchdog_a_b_c", (("check", "a"), ("subject", "s"))] == 1.0
    assert found["watchdog_a_b_c", (("check", "a_b"), ("subject", "s"))] == 2.0


@given(st.text(alphabet=st.characters(codec=None)), st.floats(allow_nan=False))
def test_any_subject_and_any_number_is_one_sample(subject: str, value: float) -> None:
    """Surrogates too: an interface's name need not be UTF-8."""
    measured = {"bond": (metric(subject, "members_up", value, at(0)),)}
    text = render_openmetrics(Picture(version="1", now=at(1), measured=measured))
    text.encode()
    found = {key: number for key, number in samples(text).items() if key[0] == "watchdog_bond_members_up"}
    assert list(found.values()) == [value]


def test_nan_is_told_as_such() -> None:
    measured = {"bond": (metric("s", "x", math.nan, at(0)),)}
    text = render_openmetrics(Picture(version="1", now=at(1), measured=measured))
    assert [math.isnan(v) for (name, _), v in samples_of(text).items() if name == "watchdog_bond_x"] == [True]


def samples_of(text: str) -> Samples:
    return {(s.name, tuple(s.labels.items())): s.value for f in read_openmetrics(text) for s in f.samples}


def test_a_host_on_which_everything_is_wrong_is_counted_whole_and_told_in_part() -> None:
    many = tuple(incident(n, f"s{n}", IncidentState.FIRING) for n in range(1000))
    found = samples(render_openmetrics(Picture(version="1", now=at(1), incidents=many)))
    assert found["watchdog_incidents", (("severity", "critical"), ("state", "firing"))] == 1000
    assert sum(name == "watchdog_incident_open_seconds" for name, _ in found) == 200


def test_only_the_newest_numbers_are_told() -> None:
    old, new = at(60), at(120)
    records = [metric("gone", "up", 1, old), metric("here", "up", 1, old), metric("here", "up", 0, new)]
    assert [(one.subject, one.last) for one in latest(records)] == [("here", 0)]
    assert latest([]) == ()
