"""A server's words, without the secrets of the URL that it was asked by."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.notify.errands import MOST_WORDS
from watchdog.notify.scrubbing import scrub, words_of

SECRET = "pLaNt3dS3cr3t"  # noqa: S105 - it is planted


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param(f"json://u:{SECRET}@h/", f"bad password {SECRET}", id="password"),
        pytest.param(f"json://{SECRET}@h/", f"who is {SECRET}?", id="user"),
        pytest.param("json://joe:pw1@h/", "joe may not, pw1 neither", id="short-login"),
        pytest.param(f"slack://{SECRET}/B/C", f"no team {SECRET.lower()}", id="host-in-another-case"),
        pytest.param(f"json://h/a/{SECRET}/b", f"/a/{SECRET}/b not found", id="path"),
        pytest.param(f"json://h/?+X-Token={SECRET}", f"X-Token: {SECRET}", id="query"),
        pytest.param(f"json://h/?k={quote('a b/c=d;e&f')}", "a b/c=d;e&f is wrong", id="escaped"),
        pytest.param(f"json://u:{quote('p@ss/w:rd', safe='')}@h/", "p@ss/w:rd is wrong", id="escaped-password"),
        pytest.param(
            f"json://u:{SECRET}@h/",
            f"Authorization: Basic {base64.b64encode(f'u:{SECRET}'.encode()).decode()}",
            id="as-http-sends-it",
        ),
        pytest.param("json://h/", f"see https://user:{SECRET}@h/", id="a-login-in-what-it-says"),
        pytest.param("json://h/", f"token={SECRET}", id="named-as-a-secret"),
        pytest.param(f"json://[{SECRET}]:x@h/", f"{SECRET}!", id="no-url-at-all"),
    ],
)
def test_secrets_are_not_quoted(url: str, said: str) -> None:
    text = scrub(said, url)
    assert "***" in text
    for secret in (SECRET, SECRET.lower(), "joe", "pw1", "a b/c=d;e&f", "p@ss/w:rd"):
        assert secret not in text
    assert base64.b64encode(f"u:{SECRET}".encode()).decode() not in text


PART = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=6, max_size=40)


@given(PART, st.text(max_size=400), st.text(max_size=400))
def test_whatever_the_token_and_wherever_it_stands(token: str, before: str, after: str) -> None:
    escaped = quote(token, safe="")
    text = scrub(f"{before} {token} {escaped} {after}", f"json://host.example/{escaped}")
    assert len(text) <= MOST_WORDS
    assert text.isprintable()
    assert escaped not in text or escaped in before + after


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        pytest.param(b'{"ok":false,"error":"no_service"}', "application/json", "no_service", id="slack"),
        pytest.param(b'{"error":{"message":"no"}}', "text/plain", "no", id="nested"),
        pytest.param(b'{"errors":["a","b"]}', "application/json", "a; b", id="several"),
        pytest.param(b'{"x":1}', "application/json", '{"x":1}', id="json-of-no-known-kind"),
        pytest.param(b"{", "application/json", "{", id="broken"),
        pytest.param(b"<b>not</b> <script>x()</script>you", "text/html; charset=utf-8", "not you", id="html"),
        pytest.param(b"\xff\xfeplain", "", "\ufffd\ufffdplain", id="bytes"),
        pytest.param(b"[" * 4000, "application/json", "[" * 4000, id="nested-too-deeply"),
        pytest.param(b"", "", "", id="nothing"),
    ],
)
def test_what_an_answer_says_for_people(body: bytes, kind: str, words: str) -> None:
    assert words_of(body, kind) == words


@pytest.mark.parametrize("shown", range(6, 24, 3))
def test_no_half_of_a_secret_is_left_where_a_long_answer_is_cut(shown: int) -> None:
    secret = "pLaNt3dS3cr3tpLaNt3dS3cr3t"  # noqa: S105 - it is planted
    page = f"<style>{' ' * (4096 - len('<style></style>no /') - shown)}</style>no /{secret} here"
    assert scrub(words_of(page.encode(), "text/html"), f"json://host.example/{secret}") == "no /"


@given(st.binary(max_size=600), st.sampled_from(["application/json", "text/html", ""]))
def test_no_answer_breaks_it(body: bytes, kind: str) -> None:
    assert isinstance(scrub(words_of(body, kind), "json://u:p@h/x"), str)
