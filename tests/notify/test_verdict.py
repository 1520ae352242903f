"""What an answer means for a message: a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.notify.verdict import Verdict, is_too_large, judge

CHECK = "; check the address and the credentials in its URL"


@pytest.mark.parametrize(
    ("protocol", "status", "words", "trouble", "expected"),
    [
        pytest.param(
            "HTTP", 500, "", "", Verdict(outcome="failed", error="t answered with HTTP status 500"), id="500"
        ),
        pytest.param(
            "HTTP",
            200,
            "not_in_channel",
            "",
            Verdict(outcome="failed", error="t did not take the message, with HTTP status 200: not_in_channel"),
            id="200-that-says-no",
        ),
        pytest.param(
            "HTTP",
            401,
            "",
            "",
            Verdict(outcome="failed", error=f"t answered with HTTP status 401{CHECK}", closed=True),
            id="401",
        ),
        pytest.param(
            "HTTP",
            400,
            "bad",
            "",
            Verdict(outcome="refused", error="t answered with HTTP status 400: bad"),
            id="400",
        ),
        pytest.param(
            "HTTP",
            400,
            "Unauthorized",
            "",
            Verdict(outcome="failed", error=f"t answered with HTTP status 400: Unauthorized{CHECK}", closed=True),
            id="400-of-the-address",
        ),
        pytest.param(
            "SMTP",
            552,
            "big",
            "",
            Verdict(outcome="refused", error="t answered with SMTP status 552: big"),
            id="552",
        ),
        pytest.param(
            "SMTP", 410, "", "", Verdict(outcome="failed", error="t answered with SMTP status 410"), id="410"
        ),
        pytest.param(
            "HTTP",
            500,
            "",
            "it cut the connection off",
            Verdict(outcome="failed", error="t could not be reached: it cut the connection off", away=True),
            id="away-at-last",
        ),
        pytest.param(
            "", 0, "", "", Verdict(outcome="failed", error="t did not take the message"), id="nothing-heard"
        ),
    ],
)
def test_what_it_means(protocol: str, status: int, words: str, trouble: str, expected: Verdict) -> None:
    assert judge("t", protocol, status, words, trouble, None) == expected


@pytest.mark.parametrize(
    ("protocol", "status", "words", "closed", "too_large"),
    [
        pytest.param("HTTP", 413, "", False, True, id="413"),
        pytest.param("HTTP", 422, "", False, False, id="422"),
        pytest.param("HTTP", 422, "Must be 2000 or fewer in length: limit exceeded", False, True, id="422-length"),
        pytest.param("HTTP", 400, "Bad Request: message is too long", False, True, id="400-too-long"),
        pytest.param("HTTP", 400, "invalid_payload", False, False, id="400"),
        pytest.param("HTTP", 400, "rate limit", False, False, id="another-limit"),
        pytest.param("HTTP", 500, "too large", False, False, id="500"),
        pytest.param("HTTP", 410, "", True, False, id="410"),
        pytest.param("HTTP", 401, "", True, False, id="401"),
        pytest.param("HTTP", 403, "", True, False, id="403"),
        pytest.param("HTTP", 404, "", True, False, id="404"),
        pytest.param("HTTP", 429, "", False, False, id="429"),
        pytest.param("SMTP", 552, "", False, True, id="552"),
        pytest.param("SMTP", 535, "", True, False, id="535"),
        pytest.param("SMTP", 550, "", False, False, id="550-is-of-one-recipient"),
        pytest.param("SMTP", 451, "", False, False, id="451"),
    ],
)
def test_what_is_of_the_target_and_what_of_this_message(
    protocol: str, status: int, words: str, closed: bool, too_large: bool
) -> None:
    assert judge("t", protocol, status, words, "", None).closed is closed
    assert is_too_large(protocol, status, words) is too_large


@given(
    st.sampled_from(["HTTP", "SMTP"]), st.integers(min_value=100, max_value=599), st.text(), st.floats(0, 86400)
)
def test_only_what_no_retry_cures_is_refused_and_it_is_not_asked_again(
    protocol: str, status: int, words: str, retry: float
) -> None:
    verdict = judge("t", protocol, status, words, "", retry)
    if verdict.outcome == "refused":
        assert status in (400, 410, 413, 422, 552)
        assert verdict.retry_after_seconds is None
    elif not (protocol == "HTTP" and status < 400):
        assert verdict.retry_after_seconds == retry
