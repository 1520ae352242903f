"""What ntpq and chronyc print, as they print it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.ntp_tracking import NotTrackingError, Tracking, parse_chronyc, parse_ntpq

# ntpsec 1.2.2, and classic ntpd 4.2.8.
NTPSEC = """associd=0 status=0615 leap_none, sync_ntp, 1 event, clock_sync,
leap=00, stratum=3, precision=-24, rootdelay=1.001, rootdisp=4.77, refid=192.0.2.10,
reftime=eb0c8a2e.5f1b2d3a 2026-11-28T13:17:34.371Z,
clock=eb0c8a3e.8f5c28f5 2026-11-28T13:17:50.560Z, peer=44123, tc=3, mintc=0,
offset=-0.0625, frequency=0.0, sys_jitter=0.03, clk_jitter=0.02, clk_wander=0.0, tai=37
"""
CLASSIC = NTPSEC.replace("reftime=", "reftime=  ").replace("offset=-0.0625", "offset=+18000.5")
CHRONYC = (
    "C000020A,192.0.2.10,3,1795871542.501,0.000006523,-0.000006747,0.000035822,3.225,-0.0,0.1,0.01,0.001,64.2,"
    "Normal\n"
)
PIECES = [*NTPSEC.split(), *CHRONYC.split(","), ",", "1e99"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(NTPSEC, Tracking(offset_seconds=0.0000625, age_seconds=16.0), id="ntpsec"),
        pytest.param(CLASSIC, Tracking(offset_seconds=18.0005, age_seconds=16.0), id="classic"),
        pytest.param("leap=0, stratum=1, offset=0.5", Tracking(offset_seconds=0.0005), id="no-stamps"),
        pytest.param(
            NTPSEC.replace("reftime=eb0c8a2e", "reftime=eb0c8a4e"),
            Tracking(offset_seconds=0.0000625, age_seconds=2**32 - 16.0),
            id="heard-in-the-future-of-a-clock-that-went-back-is-long-ago",
        ),
    ],
)
def test_ntpq(text: str, expected: Tracking) -> None:
    assert parse_ntpq(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(NTPSEC.replace("leap=00", "leap=11"), "not synchronised", id="leap-unknown"),
        pytest.param(NTPSEC.replace("stratum=3", "stratum=16"), "not synchronised", id="stratum-16"),
        pytest.param(NTPSEC.replace("offset=-0.0625", "offset=nan"), "expected leap", id="not-a-number"),
        pytest.param(NTPSEC.replace("offset=-0.0625, ", ""), "expected leap", id="no-offset"),
        pytest.param("offset=0.1", "expected leap", id="no-stratum"),
        pytest.param("ntpq: connection refused", "found ntpq: connection refused", id="an-error"),
        pytest.param("", "found nothing", id="nothing"),
    ],
)
def test_ntpq_does_not_say(text: str, why: str) -> None:
    with pytest.raises(NotTrackingError, match=why):
        parse_ntpq(text)


def test_chronyc() -> None:
    assert parse_chronyc(CHRONYC) == Tracking(offset_seconds=0.000006523)
    assert parse_chronyc(CHRONYC.replace("0.000006523", "-18.5")) == Tracking(offset_seconds=18.5)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(CHRONYC.replace("Normal", "Not synchronised"), "not synchronised", id="says-so"),
        pytest.param(CHRONYC.replace(",3,", ",0,", 1), "not synchronised", id="stratum-0"),
        pytest.param(CHRONYC.replace("0.000006523", "soon"), "expected the correction", id="no-number"),
        pytest.param("506 Cannot talk to daemon", "expected 14 fields", id="no-daemon"),
        pytest.param("", "found nothing", id="nothing"),
    ],
)
def test_chronyc_does_not_say(text: str, why: str) -> None:
    with pytest.raises(NotTrackingError, match=why):
        parse_chronyc(text)


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map(" ".join)))
def test_any_text(text: str) -> None:
    for parse in (parse_ntpq, parse_chronyc):
        with suppress(NotTrackingError):
            assert parse(text).offset_seconds >= 0
