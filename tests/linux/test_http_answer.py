"""What is said to HTTP servers, and the heads of what they say."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.http_answer import (
    MAX_HEAD_BYTES,
    HttpHead,
    HttpRequest,
    MalformedHttpError,
    may_end_head,
    parse_head,
    render_request,
)

SQUID = (
    b"HTTP/1.1 403 Forbidden\r\nServer: squid/5.7\r\nMime-Version: 1.0\r\n"
    b"X-Squid-Error: ERR_ACCESS_DENIED 0\r\nVia: 1.1 proxy (squid/5.7)\r\n\r\n<!DOCTYPE html>"
)


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        pytest.param(SQUID, 403, "Forbidden", id="squid"),
        pytest.param(
            b"HTTP/1.0 200 Connection established\r\n\r\n", 200, "Connection established", id="no-fields"
        ),
        pytest.param(b"HTTP/1.1 200\r\n\r\n", 200, "", id="no-reason-no-blank"),
        pytest.param(b"HTTP/1.1 200 \r\n\r\n", 200, "", id="no-reason"),
        pytest.param(b"HTTP/1.1 502 Bad Gateway\nServer: x\n\nmore", 502, "Bad Gateway", id="bare-newlines"),
        pytest.param(b"\r\nHTTP/1.1 200 OK\r\n\r\n", 200, "OK", id="an-empty-line-first"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 407 Auth\r\n\r\n", 407, "Auth", id="interim-first"),
        pytest.param(b"HTTP/1.1 200 a\x1b[2Jb\xff\r\n\r\n", 200, "a?[2Jb\N{REPLACEMENT CHARACTER}", id="escapes"),
    ],
)
def test_head(data: bytes, status: int, reason: str) -> None:
    head = parse_head(data)
    assert head is not None
    assert (head.status, head.reason) == (status, reason)


def test_the_first_of_two_fields_counts_and_all_are_bounded() -> None:
    head = parse_head(b"HTTP/1.1 200 OK\r\nVia: one\r\nVIA:two\r\nno colon\r\nX: " + b"y" * 999 + b"\r\n\r\n")
    assert head == HttpHead(status=200, reason="OK", fields={"via": "one", "x": "y" * 200})


@pytest.mark.parametrize(
    "size", [pytest.param(size, id=f"{size}-bytes") for size in range(0, SQUID.index(b"<!"), 7)]
)
def test_what_is_not_whole_yet_is_waited_for(size: int) -> None:
    assert parse_head(SQUID[:size]) is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", "'SSH-2.0-OpenSSH_9.2??'", id="ssh"),
        pytest.param(b"\x15\x03\x01\x00\x02\x02\x28", "no HTTP answer", id="tls-alert"),
        pytest.param(b"HTTX", "no HTTP answer", id="almost"),
        pytest.param(b"<html>\n", "no HTTP answer", id="http-0.9"),
        pytest.param(b"HTTP/1.1 999 No\r\n\r\n", "no HTTP status line", id="no-such-status"),
        pytest.param(b"HTTP/1.1 2000 No\r\n\r\n", "no HTTP status line", id="four-digits"),
        pytest.param(b"HTTP/2 200\r\n\r\n", "no HTTP status line", id="http-2"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * MAX_HEAD_BYTES, "longer than 16 KiB", id="endless-field"),
        pytest.param(b"HTTP/1.1 100 C\r\n\r\n" * 16, "more than 16 interim answers", id="endless-interim-answers"),
        pytest.param(b"\r\n" * MAX_HEAD_BYTES, "longer than 16 KiB", id="endless-empty-lines"),
    ],
)
def test_what_is_no_answer(data: bytes, words: str) -> None:
    with pytest.raises(MalformedHttpError) as caught:
        parse_head(data)
    assert words in str(caught.value)


@given(st.data(), st.sampled_from([SQUID, SQUID.replace(b"\r", b""), b"HTTP/1.1 100 C\n\n" * 2 + SQUID]))
def test_an_answer_in_pieces_is_whole_when_it_may_be(data: st.DataObject, answer: bytes) -> None:
    said = b""
    while not (head := parse_head(said)):
        piece = answer[len(said) :][: data.draw(st.integers(1, 40))]
        said += piece
        if not may_end_head(said, len(piece)):
            assert parse_head(said) is None
    assert head.status == 403


@given(st.one_of(st.binary(), st.binary().map(lambda tail: b"HTTP/1.1 " + tail)))
def test_only_its_own_error_comes_out(data: bytes) -> None:
    with suppress(MalformedHttpError):
        head = parse_head(data)
        assert head is None or (200 <= head.status <= 599 and head.reason.isprintable())


def test_request() -> None:
    request = HttpRequest(method="CONNECT", target="192.0.2.1:443", host="192.0.2.1:443")
    assert render_request(request, proxy_login="päul:ä:b") == (
        b"CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: 192.0.2.1:443\r\nUser-Agent: host-watchdog\r\n"
        b"Proxy-Authorization: Basic cMOkdWw6w6Q6Yg==\r\nConnection: close\r\n\r\n"
    )
    assert b"\r\nAuthorization: Basic YTpi\r\n" in render_request(request, login="a:b")
    assert b"uthorization" not in render_request(request)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        pytest.param("GET", "http://x/ HTTP/1.1\r\nEvil: yes", id="injected-field"),
        pytest.param("GET", "http://x/a b", id="blank"),
        pytest.param("GET", "http://x/ä", id="not-ascii"),
        pytest.param("GET", "", id="empty"),
        pytest.param("GET", "http://x/" + "a" * 3000, id="too-long"),
        pytest.param("GET x", "http://x/", id="method"),
    ],
)
def test_what_cannot_be_asked(method: str, target: str) -> None:
    with pytest.raises(ValueError, match=r"a (URL|method)"):
        HttpRequest(method=method, target=target, host="x")
