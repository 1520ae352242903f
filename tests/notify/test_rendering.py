"""Putting messages into words: pure, with text that means ill."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.content import Content, Fact, Kind, Named, Proposal
from watchdog.notify import inert
from watchdog.notify.rendering import FORMATS, Format, Wrong, check_templates, render
from watchdog.notify.samples import full, samples

BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00-\x09\x0b-\x1f\x7f-\x9f]")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_message_that_says_everything(kind: Kind, form: Format) -> None:
    """Each field is in the body, whatever the kind and the format: nothing gets lost on the way."""
    body = render(full(kind), form).body
    plain = re.sub(r"\\(.)", r"\1", body).replace("&#x27;", "'")
    said = (
        "clock went back 18.4 s at 18:39:10 (critical from 5 s)",
        "-18.4 s",
        "2026-11-28 18:39:10 UTC (3 min)",
        "it happened again, and worse",
        "VMware Tools may set the clock",
        "Switch the guest's time sync off.",
        "disable_vmware_timesync: verified",
        "rolled back, it did not help",
        "watchdog heal 12 --apply",
        "by root at 18:41:00",
        "watchdog explain clock_step.backward",
        "web1#12",
        "a bond member is down (bond0/eth1): eth1 is down",
        "4 more",
        "2 more",
    )
    assert [text for text in said if text not in plain] == []


def test_the_text_of_an_outage() -> None:
    content = Content(
        kind="fired",
        host="web1",
        severity="critical",
        fault="service.down",
        title="a service is down",
        subject="dovecot.service",
        summary="dovecot.service died 3 s after the clock went back 18.4 s",
        facts=(Fact(name="exit status", value="89"),),
        since="2026-11-28 18:39:13 UTC",
        root_word="root",
        chain=(Named(fault="clock_step.backward", subject="clock", summary="clock went back 18.4 s"),),
        others=(Named(fault="proxy_port.dead", subject="[::]:3128"),),
        advice="Let the clock be slewed.",
        proposals=(
            Proposal(remediation="restart_service", summary="start it again", command="watchdog heal 7 --apply"),
        ),
        more=("watchdog explain service.down",),
    )
    rendered = render(content, "text")
    assert rendered.title == (
        "[critical] web1: a service is down (dovecot.service); also [::]:3128 (root: clock_step.backward clock)"
    )
    assert rendered.body.splitlines() == [
        "dovecot.service died 3 s after the clock went back 18.4 s",
        "since: 2026-11-28 18:39:13 UTC",
        "exit status: 89",
        "root: clock_step.backward clock: clock went back 18.4 s",
        "what to do: Let the clock be slewed.",
        "proposed: restart_service: start it again",
        "  to approve it: watchdog heal 7 --apply",
        "also: proxy_port.dead [::]:3128",
        "more: watchdog explain service.down",
    ]


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("fired", "[critical]"),
        ("worse", "[critical, worse]"),
        ("flapping", "[critical, flapping]"),
        ("recovered", "[recovered]"),
        ("reminder", "[critical, still]"),
        ("escalated", "[critical, unacknowledged]"),
        ("not_healed", "[critical, not healed]"),
        ("digest", "[critical, digest]"),
        ("undelivered", "[critical, undelivered]"),
        ("report", "[report]"),
        ("test", "[test]"),
    ],
)
def test_the_title_says_what_kind_of_news_it_is(kind: Kind, label: str) -> None:
    assert render(full(kind), "text").title.startswith(f"{label} web1: ")


def test_the_title_of_a_digest_names_the_worst_of_it() -> None:
    parts = tuple(Content(kind="fired", host="web1", title="a lamp is out", subject=name) for name in ("a", "b"))
    digest = Content(
        kind="digest", host="web1", severity="warning", summary="2 messages in one message", parts=parts
    )
    assert render(digest, "text").title == "[warning, digest] web1: 2 messages in one message: a lamp is out (a)"


def test_the_title_leaves_out_a_subject_that_it_has_said() -> None:
    step = Content(kind="fired", host="web1", severity="critical", title="the clock was set back", subject="clock")
    assert render(step, "text").title == "[critical] web1: the clock was set back"


def test_what_was_composed_before_it_was_data_keeps_its_title() -> None:
    old = Content(
        kind="fired", host="", severity="critical", title="[critical] web1: bond.down bond0", summary="x"
    )
    assert render(old, "text").title == "[critical] web1: bond.down bond0"


def test_a_message_with_nothing_in_it_still_has_a_title() -> None:
    for content in samples():
        for form in FORMATS:
            assert render(content, form).title


MARKDOWN_LIVE = re.compile(r"(?<!\\)(?:\\\\)*[*_\[\]<>~|&`]")


@given(st.text())
def test_foreign_text_is_one_inert_line(text: str) -> None:
    line = inert.one_line(text)
    assert "\n" not in line
    assert line.isprintable()
    assert len(line) <= inert.LONGEST
    assert "://" not in re.sub(r"\W://", "", inert.unlinked(line))
    assert MARKDOWN_LIVE.search(without_names(inert.markdown(line))) is None
    assert not {*"*`~"} & {*without_names(inert.slack(line))}
    assert not {"<", ">", '"', "'"} & set(inert.markup(line))


def without_names(text: str) -> str:
    return re.sub(r"(?<!\\)((?:\\\\)*)`[\w./:@-]+`", r"\1", text)


@pytest.mark.parametrize(
    ("text", "shown", "in_slack"),
    [
        ("web1.example.com is down", "`web1.example.com` is down", "`web1.example.com` is down"),
        ("ask ops@example.com.", "ask `ops@example.com`.", "ask `ops@example.com`."),
        ("see http://evil.example/x", "see http: //`evil.example/x`", "see http: //`evil.example/x`"),
        ("192.0.2.1:80, 18.4 s", "192\\.0.2.1:80, 18.4 s", "192.0.2.1:80, 18.4 s"),
        ("bond0/eth1_a *b* _c_", "bond0/eth1\\_a \\*b\\* \\_c\\_", "bond0/eth1_a \u2217b\u2217 \u02cdc\u02cd"),
        ("<!channel> `x` \\", "\\<!channel\\> \\`x\\` \\\\", "\\<!channel\\> 'x' \u2216"),
    ],
)
def test_what_a_reader_would_make_a_link_of_is_code(text: str, shown: str, in_slack: str) -> None:
    assert (inert.markdown(text), inert.slack(text)) == (shown, in_slack)


HOSTILE = st.text(st.sampled_from(list("ab1 \n\t\\`*_[]()<>#+-.!|~&@:/'\"{}%\u202e\u2066\x1b\x00é")), max_size=40)


@given(HOSTILE, st.sampled_from(FORMATS), st.integers(min_value=0, max_value=3000))
def test_no_foreign_text_gets_out_of_its_place(text: str, form: Format, longest: int) -> None:
    content = Content(
        kind="fired", host=text, severity="warning", fault=text, title=text, subject=text, summary=text,
        facts=(Fact(name=text, value=text),), others=(Named(fault=text, subject=text, summary=text),) * 3,
        proposals=(Proposal(remediation=text, summary=text, command=text),), more=(text,), reason=text,
    )  # fmt: skip
    calm = Content(
        kind="fired", host="h", severity="warning", fault="x", title="x", subject="x", summary="x",
        facts=(Fact(name="x", value="x"),), others=(Named(fault="x", subject="x", summary="x"),) * 3,
        proposals=(Proposal(remediation="x", summary="x", command="x"),), more=("x",), reason="x",
    )  # fmt: skip
    rendered = render(content, form, longest=longest)
    assert rendered.trouble == ""
    assert BIDI.search(rendered.title + rendered.body) is None
    assert "\n" not in rendered.title
    assert not longest or len(rendered.body) <= longest
    if form == "html" and not longest and inert.one_line(text):
        assert tags(rendered.body) == tags(render(calm, form).body)


def tags(html: str) -> list[str]:
    found: list[str] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append(tag)

    Tags().feed(html)
    return found


def test_html_fetches_nothing_and_links_nowhere() -> None:
    body = render(full("fired"), "html").body
    assert {"a", "img", "script", "link", "iframe", "form"} & set(tags(body)) == set()
    assert re.search(r"url\(|@import|https?:", body) is None


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("longest", [200, 500, 1024, 4096])
def test_what_a_service_does_not_take_is_left_out_by_lines(form: Format, longest: int) -> None:
    others = tuple(Named(fault="proxy_port.dead", subject=f"192.0.2.{n}:8080") for n in range(200))
    content = Content(kind="fired", host="web1", severity="critical", summary="much is wrong", others=others)
    body = render(content, form, longest=longest).body
    assert len(body) <= longest
    assert "more, see" in body
    if form != "html":
        assert body.startswith("much is wrong")
        whole = render(content, form).body.splitlines()
        assert all(line in whole for line in body.splitlines() if "more, see" not in line)


def own(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.j2").write_text(text)
    return str(folder)


def test_the_owners_template_takes_the_place_of_ours(tmp_path: Path) -> None:
    templates = own(tmp_path, text="{{ message.host }} <{{ message.summary }}> {{ message.more[0] | code }}")
    content = Content(kind="fired", host="web1", summary="it is http://x", more=("curl http://x",))
    assert render(content, "text", templates=templates).body == "web1 <it is http: //x> curl http://x"
    assert render(content, "markdown", templates=templates) == render(content, "markdown")
    assert list(check_templates(tmp_path)) == [
        Wrong(
            file=tmp_path / "text.j2",
            line=1,
            what="tuple object has no element 0",
        )
    ]


@pytest.mark.parametrize(
    ("name", "text", "line", "what"),
    [
        pytest.param("text", "a\n{% if x %}\nb", 3, "Unexpected end of template", id="unfinished"),
        pytest.param("html", "a\n\n{{ message.nosuch }}", 3, "has no attribute 'nosuch'", id="no-such-field"),
        pytest.param("title", "{{ nothing }}", 1, "'nothing' is undefined", id="undefined"),
        pytest.param("text", "{{ message.__class__ }}", 1, "unsafe", id="gets-out-of-the-box"),
        pytest.param("text", "{% for i in range(10**9) %}x{% endfor %}", 1, "Range too big", id="without-end"),
        pytest.param("markdown", "{{ 1 / 0 }}", 1, "division by zero", id="division"),
        pytest.param("markdown", "{% include 'other.j2' %}", 1, "other.j2", id="includes-what-is-not-there"),
        pytest.param("text", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", 1, "recursion", id="recursion"),
    ],
)
def test_a_template_that_fails_is_found_before_it_is_needed(
    tmp_path: Path, name: str, text: str, line: int, what: str
) -> None:
    templates = own(tmp_path, **{name: text})
    (wrong,) = check_templates(tmp_path)
    assert (wrong.file, wrong.line) == (tmp_path / f"{name}.j2", line)
    assert what in wrong.what
    form = "text" if name == "title" else name
    rendered = render(full("fired"), form, templates=templates)  # type: ignore[arg-type]
    ours = render(full("fired"), form)  # type: ignore[arg-type]
    assert (rendered.title, rendered.body) == (ours.title, ours.body)
    assert f"{name}.j2 line {line}" in rendered.trouble


def test_our_own_templates_are_right() -> None:
    from watchdog.notify.rendering import OURS

    assert list(check_templates(OURS)) == []
