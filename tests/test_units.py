"""Durations come back as they were written, and read well."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.units import Duration, render_seconds

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
CENTURY_NS = 36_500 * 86_400 * 10**9


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("500ms", 0.5, id="milliseconds"),
        pytest.param("30s", 30.0, id="seconds"),
        pytest.param("5m", 300.0, id="minutes-not-months"),
        pytest.param("2h", 7200.0, id="hours"),
        pytest.param("400d", 34_560_000.0, id="days"),
        pytest.param("2w", 1_209_600.0, id="weeks"),
        pytest.param("1h30m", 5400.0, id="several"),
        pytest.param(" 1 h  30 m ", 5400.0, id="with-spaces"),
        pytest.param("1.5h", 5400.0, id="fraction"),
        pytest.param("0.3s", 0.3, id="fraction-that-floats-round"),
        pytest.param("0.1ms", 0.0001, id="less-than-a-millisecond"),
        pytest.param("0s", 0.0, id="zero"),
        pytest.param("36500d", 36500 * 86400.0, id="longest"),
    ],
)
def test_parse(text: str, seconds: float) -> None:
    assert Duration.parse(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("30", id="no-unit"),
        pytest.param(30, id="bare-number"),
        pytest.param(True, id="boolean"),
        pytest.param(None, id="none"),
        pytest.param("s", id="no-number"),
        pytest.param("-5s", id="negative"),
        pytest.param("5 seconds", id="word"),
        pytest.param("5S", id="capital"),
        pytest.param("1e3s", id="exponent"),
        pytest.param(".5s", id="no-leading-digit"),
        pytest.param("1h30", id="last-without-unit"),
        pytest.param("\u0663s", id="foreign-digits"),
        pytest.param("36501d", id="too-long-a-time"),
        pytest.param("99999999999s", id="too-many-digits"),
        pytest.param("1s" * 33, id="too-long-a-text"),
        pytest.param("infs", id="infinite"),
    ],
)
def test_parse_refuses(text: object) -> None:
    with pytest.raises(ValueError, match=r"^a duration (such as|of at most)"):
        Duration.parse(text)


@given(st.integers(min_value=0, max_value=CENTURY_NS))
def test_what_is_written_is_read_again(nanoseconds: int) -> None:
    duration = Duration(nanoseconds / 10**9)
    assert Duration.parse(str(duration)) == duration


@given(st.lists(st.tuples(st.integers(0, 9999), st.sampled_from(sorted(UNITS))), min_size=1, max_size=4))
def test_what_a_person_writes_survives(parts: list[tuple[int, str]]) -> None:
    text = "".join(f"{number}{unit}" for number, unit in parts)
    if sum(number * UNITS[unit] for number, unit in parts) <= CENTURY_NS / 10**9:
        duration = Duration.parse(text)
        assert duration == pytest.approx(sum(number * UNITS[unit] for number, unit in parts))
        assert Duration.parse(str(duration)) == duration


@given(st.text(max_size=70))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    try:
        duration = Duration.parse(text)
    except ValueError:
        return
    assert 0 <= duration <= CENTURY_NS / 10**9


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        pytest.param(0, "0s", id="nothing"),
        pytest.param(0.5, "500ms", id="milliseconds"),
        pytest.param(0.00025, "0.25ms", id="part-of-a-millisecond"),
        pytest.param(60, "1m", id="minute"),
        pytest.param(90.5, "1m30s500ms", id="several"),
        pytest.param(400 * 86400, "400d", id="days-not-weeks"),
        pytest.param(400 * 86400 + 0.1, "400d100ms", id="days-and-a-bit"),
    ],
)
def test_str(seconds: float, text: str) -> None:
    assert str(Duration(seconds)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        pytest.param(0, "0 ms", id="nothing"),
        pytest.param(0.00000042, "0.00042 ms", id="clock-noise"),
        pytest.param(0.0123, "12.3 ms", id="milliseconds"),
        pytest.param(0.0999, "99.9 ms", id="just-below-a-tenth"),
        pytest.param(0.1, "0.1 s", id="a-tenth"),
        pytest.param(0.2, "0.2 s", id="below-the-alert"),
        pytest.param(18, "18.0 s", id="dovecot"),
        pytest.param(119.9, "119.9 s", id="just-below-two-minutes"),
        pytest.param(120, "2 min", id="two-minutes"),
        pytest.param(125, "2 min 5 s", id="minutes-and-seconds"),
        pytest.param(3599.6, "1 h", id="rounded-up-to-the-hour"),
        pytest.param(7500, "2 h 5 min", id="hours-and-minutes"),
        pytest.param(86399.9, "1 d", id="rounded-up-to-the-day"),
        pytest.param(90000, "1 d 1 h", id="days-and-hours"),
        pytest.param(400 * 86400, "400 d", id="days"),
        pytest.param(-18, "-18.0 s", id="back"),
        pytest.param(-0.0005, "-0.5 ms", id="back-a-little"),
    ],
)
def test_render_seconds(seconds: float, text: str) -> None:
    assert render_seconds(seconds) == text
