"""How long a server asks to be left alone: whatever a foreign one says is a time, or none."""

import pytest
import requests

from watchdog.notify.overhearing import LONGEST_WAIT_SECONDS, _retry_after


@pytest.mark.parametrize(
    ("header", "body", "seconds"),
    [
        pytest.param("37", b"", 37.0, id="seconds"),
        pytest.param("Tue, 01 Jan 2019 12:02:00 +" + "9" * 30, b"", None, id="a-zone-that-is-nowhere"),
        pytest.param("Tue, 01 Jan 2019 12:02:00", b"", None, id="a-date-of-no-zone"),
        pytest.param("", b'{"retry_after": 1' + b"0" * 400 + b"}", LONGEST_WAIT_SECONDS, id="beyond-all-floats"),
        pytest.param("", b'{"retry_after_ms": 1500}', 1.5, id="milliseconds"),
        pytest.param("", b'{"retry_after": -1}', 0.0, id="in-the-past"),
        pytest.param("", b'{"retry_after": true}', None, id="no-number"),
    ],
)
def test_how_long_it_asks_to_be_left_alone(header: str, body: bytes, seconds: float | None) -> None:
    response = requests.Response()
    response.status_code = 429
    response.headers["Retry-After"], response.headers["Date"] = header, "Tue, 01 Jan 2019 12:00:00 GMT"
    assert _retry_after(response, body) == seconds
