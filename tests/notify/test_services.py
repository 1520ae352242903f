"""What services are sent, by the way that apprise really takes, to servers that stand in for them."""

import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import trustme

from tests.notify.conftest import Sender, Serve
from tests.notify.servers import HANG, RESET, Internet, Mail, Reply, Web, smtp
from tests.notify.test_answers import mail_url
from watchdog.content import Content, Fact
from watchdog.notify import services
from watchdog.notify.samples import full

pytestmark = pytest.mark.program
Online = Callable[..., tuple[Web, Sender, Internet]]
HOSTILE = Content(
    kind="fired",
    host="web1",
    severity="critical",
    title="a thing happened",
    subject="<!channel> @all",
    summary="[click](http://evil.example) <http://evil.example|here> **loud** `code` &#x202e; <b>b</b> @everyone",
    facts=(Fact(name="said", value="a\nb\u202e\x1b[31m`c`<script>"),),
    thread="web1/1",
)

# https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, .../legacy/legacy-messaging/
# legacy-secondary-message-attachments, .../block-kit/blocks: the fields that are documented, and no other.
TEXT_OBJECT = {
    "type": "object",
    "required": ["type", "text"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["plain_text", "mrkdwn"]},
        "text": {"type": "string", "minLength": 1, "maxLength": 3000},
        "emoji": {"type": "boolean"},
        "verbatim": {"type": "boolean"},
    },
}
BLOCK = {
    "type": "object",
    "required": ["type"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["header", "section", "context", "divider"]},
        "block_id": {"type": "string", "maxLength": 255},
        "text": TEXT_OBJECT,
        "fields": {"type": "array", "items": TEXT_OBJECT, "maxItems": 10},
        "elements": {"type": "array", "items": TEXT_OBJECT, "maxItems": 10},
    },
}
ATTACHMENT = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "blocks": {"type": "array", "items": BLOCK, "maxItems": 50},
        "color": {"type": "string", "pattern": "^(good|warning|danger|#[0-9A-Fa-f]{6})$"},
        "fallback": {"type": "string"},
        "title": {"type": "string"},
        "text": {"type": "string", "minLength": 1},
        "footer": {"type": "string", "maxLength": 300},
        "ts": {"type": "number"},
        "mrkdwn_in": {"type": "array", "items": {"enum": ["pretext", "text", "fields"]}},
    },
}
SLACK = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["text"]}, {"required": ["blocks"]}, {"required": ["attachments"]}],
    "properties": {
        "text": {"type": "string", "maxLength": 40000},
        "blocks": {"type": "array", "items": BLOCK, "maxItems": 50},
        "attachments": {"type": "array", "items": ATTACHMENT, "maxItems": 100},
        "thread_ts": {"type": "string"},
        "mrkdwn": {"type": "boolean"},
        "username": {"type": "string"},
        "channel": {"type": "string"},
    },
}
SLACK_URL = "slack://watchdog@T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#ops"


@pytest.mark.parametrize("blocks", [pytest.param("", id="attachments"), pytest.param("?blocks=yes", id="blocks")])
@pytest.mark.parametrize("content", [pytest.param(full("fired"), id="full"), pytest.param(HOSTILE, id="hostile")])
def test_slack(online: Online, blocks: str, content: Content) -> None:
    server, send, internet = online("hooks.slack.com")
    assert [answer.outcome for answer in send(SLACK_URL + blocks, content=content)] == ["sent"]
    (request,) = server.received
    assert internet.asked == ["hooks.slack.com:443"]
    assert request.path == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    jsonschema.validate(request.json, SLACK)
    assert request.json["channel"] == "#ops"
    said = json.dumps(request.json, ensure_ascii=False)
    # Slack obeys what stands between < and > only (links, mentions); &lt; is a character to it.
    assert not [one for one in ("<", ">", "http://", "\u202e", "\\u001b", "@all", "@everyone") if one in said]


def test_slack_takes_less_in_blocks(online: Online) -> None:
    server, send, _ = online("hooks.slack.com")
    many = Content(kind="digest", host="web1", title="x" * 200, parts=tuple(full("fired") for _ in range(1000)))
    assert send(f"{SLACK_URL}?blocks=yes", content=many)[0].outcome == "sent"
    jsonschema.validate(server.received[0].json, SLACK)
    header, section = server.received[0].json["attachments"][0]["blocks"][:2]
    assert (header["type"], len(header["text"]["text"])) == ("header", 150)
    assert section["text"]["text"].endswith("more, see `watchdog incidents`")


def test_slack_is_shown_what_is_wrong_and_the_command(online: Online) -> None:
    server, send, _ = online("hooks.slack.com")
    send(SLACK_URL)
    (attachment,) = server.received[0].json["attachments"]
    assert attachment["title"].startswith("[critical] web1: the clock was set back; also tools and 2 more")
    lines = attachment["text"].splitlines()
    assert lines[0].startswith("clock went back 18.4 s at 18:39:10")
    assert any(line.endswith("to approve it: `watchdog heal 12 --apply`") for line in lines)
    assert any("*what to do:* Switch the guest" in line for line in lines)
    assert any("disable_vmware_timesync: verified" in line for line in lines)
    assert "\\" not in attachment["text"]  # Slack shows it: it is no escape there
    assert attachment["color"] == "#A32037"


@pytest.mark.parametrize(
    ("answer", "outcome", "error"),
    [
        pytest.param(
            Reply(status=404, body="no_service"), "failed", "HTTP status 404: no_service; check", id="gone"
        ),
        pytest.param(Reply(status=400, body="invalid_payload"), "refused", "400: invalid_payload", id="payload"),
        pytest.param(
            Reply(status=403, body="action_prohibited"), "failed", "403: action_prohibited", id="forbidden"
        ),
        pytest.param(
            Reply(status=410, body="channel_is_archived"), "refused", "410: channel_is_archived", id="archived"
        ),
    ],
)
def test_what_slack_says_no_with(online: Online, answer: Reply, outcome: str, error: str) -> None:
    _, send, _ = online("hooks.slack.com", answers=(answer,))
    (got,) = send(SLACK_URL)
    assert (got.outcome, error in got.error) == (outcome, True), got
    assert "T1JJ3T3L2" not in got.error


def test_mattermost(serve: Serve, send: Sender) -> None:
    server = serve()
    assert send(f"mmost://127.0.0.1:{server.server_port}/abcdefghijklmnopq", content=HOSTILE)[0].outcome == "sent"
    text = server.received[0].json["text"]
    assert text.startswith("**\\[critical\\] web1: a thing happened")
    assert "\\[click\\](http: //`evil.example`)" in text
    assert not [one for one in ("@all", "@everyone", "http://", "\u202e") if one in text]


@pytest.mark.parametrize(
    ("form", "first"),
    [
        pytest.param("", "clock went back 18.4 s at 18:39:10", id="text"),
        pytest.param("?format=markdown", "clock went back 18.4 s at 18:39:10", id="markdown"),
    ],
)
def test_ntfy(serve: Serve, send: Sender, form: str, first: str) -> None:
    server = serve(Reply(body='{"id":"x","event":"message"}', type="application/json"))
    assert send(f"ntfy://127.0.0.1:{server.server_port}/ops{form}")[0].outcome == "sent"
    said = server.received[0].json
    assert said["topic"] == "ops"
    assert said["title"].startswith("[critical] web1:")
    assert said["message"].startswith(first)
    assert ("**what to do:**" in said["message"]) == bool(form)


def test_telegram(online: Online) -> None:
    taken = Reply(body='{"ok":true,"result":{"message_id":1,"chat":{"id":12315544}}}', type="application/json")
    server, send, _ = online("api.telegram.org", answers=(taken,))
    url = "tgram://123456789:abcdefg_hijklmnop-abcdefgh/12315544"
    assert send(url, content=HOSTILE)[0].outcome == "sent"
    said = server.received[-1].json
    assert server.received[-1].path.endswith("/sendMessage")
    assert said["parse_mode"].startswith(("MARKDOWN", "Markdown"))
    assert "http://" not in said["text"]
    assert not [one for one in ("@all", "\u202e") if one in said["text"]]


def test_telegram_that_does_not_know_the_token(online: Online) -> None:
    no = Reply(status=404, body='{"ok":false,"error_code":404,"description":"Not Found"}', type="application/json")
    _, send, _ = online("api.telegram.org", answers=(no,))
    (answer,) = send("tgram://123456789:abcdefg_hijklmnop-abcdefgh/12315544")
    assert answer.error == (
        "t0 answered with HTTP status 404: Not Found; check the address and the credentials in its URL"
    )


def test_mail_has_every_form_and_is_threaded(authority: trustme.CA, send: Sender, tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text("{}")
    mail = Mail()
    with smtp(mail, authority.issue_cert("localhost", "127.0.0.1")) as port:
        assert send(mail_url(port), attach=(str(facts),))[0].outcome == "sent"
        assert send(mail_url(port), content=full("recovered"))[0].outcome == "sent"
    first, second = mail.taken
    assert first["Subject"].startswith("[critical] web1: the clock was set back; also tools and 2 more")
    assert second["Subject"] == "[recovered] web1: the clock was set back"
    assert first["References"] == second["References"] == first["In-Reply-To"]
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Auto-Submitted"] == "auto-generated"
    parts = {part.get_content_type(): part for part in first.walk() if isinstance(part, EmailMessage)}
    assert parts["application/json"].get_filename() == "facts.json"
    assert "<code>watchdog heal 12 --apply</code>" in parts["text/html"].get_content()
    assert "  to approve it: watchdog heal 12 --apply" in parts["text/plain"].get_content().splitlines()


def test_hostile_text_in_a_mail(authority: trustme.CA, send: Sender) -> None:
    mail = Mail()
    with smtp(mail, authority.issue_cert("localhost", "127.0.0.1")) as port:
        assert send(mail_url(port), content=HOSTILE)[0].outcome == "sent"
    html = mail.taken[0].get_body(("html",))
    assert html is not None
    text = html.get_content()
    assert "&lt;b&gt;b&lt;/b&gt;" in text
    assert not [one for one in ("<script", "<a ", "<img", "http://", "src=", "\u202e", "\x1b") if one in text]


def event(service: str, answers: tuple[Reply, ...], online: Online, host: str, url: str, *kinds: str) -> list[Any]:
    server, send, _ = online(host, answers=answers)
    for kind in kinds:
        (answer,) = send(url, content=full(kind))  # type: ignore[arg-type]
        assert answer.outcome == "sent", (service, answer)
    return [(request.path, request.json) for request in server.received]


def test_pagerduty_updates_one_incident_and_resolves_it(online: Online) -> None:
    yes = Reply(status=202, body='{"status":"success"}', type="application/json")
    url = "pagerduty://A1BRTD4JDTIiajkdnlazkcOXrIdevi7F@abcdefghijklmnopqrst"
    said = [
        one for _, one in event("", (yes,), online, "events.pagerduty.com", url, "fired", "worse", "recovered")
    ]
    assert [one["event_action"] for one in said] == ["trigger", "trigger", "resolve"]
    assert len({one["dedup_key"] for one in said}) == 1


def test_opsgenie_updates_one_alert_and_closes_it(online: Online) -> None:
    yes = Reply(status=202, body='{"result":"ok","requestId":"43a29c5c"}', type="application/json")
    url = "opsgenie://8f7b2c5e-1234-4321-abcd-8f7b2c5e1234"
    said = event("", (yes,), online, "api.opsgenie.com", url, "fired", "worse", "recovered")
    alias = said[0][1]["alias"]
    assert [path for path, _ in said[:2]] == ["/v2/alerts", "/v2/alerts"]
    assert said[1][1]["alias"] == alias
    assert said[2][0] == f"/v2/alerts/{alias}/close?identifierType=alias"


def test_a_test_is_really_sent_to_opsgenie(online: Online) -> None:
    yes = Reply(status=202, body='{"result":"ok","requestId":"43a29c5c"}', type="application/json")
    server, send, _ = online("api.opsgenie.com", answers=(yes,))
    content = Content(kind="test", host="web1", summary="a test")
    assert send("opsgenie://8f7b2c5e-1234-4321-abcd-8f7b2c5e1234", content=content)[0].outcome == "sent"
    assert [request.path for request in server.received] == ["/v2/alerts"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("goalert://token123456789@host/", {"dedup", "map"}, id="goalert"),
        pytest.param("ilert://il1api1234567890abcdef", {"dedup", "map"}, id="ilert"),
        pytest.param("firehydrant://fhb-1234567890abcdef1234567890abcdef/", {"dedup", "map"}, id="firehydrant"),
        pytest.param("incidentio://abcdefgh12345678/token123456789012345678", {"dedup", "map"}, id="incident.io"),
        pytest.param("jira://8f7b2c5e-1234-4321-abcd-8f7b2c5e1234", {"alias", "new"}, id="jira"),
        pytest.param("gchat://workspace/key12345/token12345", {"thread_key"}, id="google-chat"),
    ],
)
def test_what_else_takes_an_outage_for_one_thing(url: str, expected: set[str]) -> None:
    """What docs/notifications.md promises is there in the apprise that is installed."""
    service = services.open_service(url)
    services.tie(service, full("fired"))
    set_to = {name for name in ("dedup", "alias", "thread_key") if getattr(service, name, None)}
    assert set_to | ({service.action} if hasattr(service, "action") else set()) == expected
    again = services.open_service(url)
    services.tie(again, full("recovered"))
    assert [getattr(one, min(set_to)) for one in (service, again)] == [getattr(service, min(set_to))] * 2


@pytest.mark.parametrize("name", ["json", "form", "xml"])
def test_a_message_has_the_same_key_each_time(serve: Serve, send: Sender, name: str) -> None:
    server = serve()
    url = f"{name}://127.0.0.1:{server.server_port}/"
    for key in ("web1/12/fired", "web1/12/fired", "web1/12/recovered"):
        send(url, key=key)
    keys = [request.headers["Idempotency-Key"] for request in server.received]
    assert keys[0] == keys[1] != keys[2]
    assert "web1" not in keys[0]


def test_a_title_that_is_too_long_is_whole_in_the_body(online: Online) -> None:
    server, send, _ = online("hooks.slack.com")
    content = Content(kind="fired", host="web1", severity="critical", title="x" * 180, summary="y")
    assert send(f"{SLACK_URL}?blocks=yes", content=content)[0].outcome == "sent"
    header, section = server.received[0].json["attachments"][0]["blocks"][:2]
    assert len(header["text"]["text"]) == 150
    assert "x" * 180 in section["text"]["text"]


def test_a_long_message_is_cut_at_a_line_where_the_service_takes_less(serve: Serve, send: Sender) -> None:
    server = serve()
    long = Content(
        kind="digest",
        host="web1",
        title="1,000 findings",
        summary="much happened",
        parts=tuple(full("fired") for _ in range(1000)),
    )
    assert send(f"mmost://127.0.0.1:{server.server_port}/abcdefghijklmnopq", content=long)[0].outcome == "sent"
    text = server.received[0].json["text"]
    assert len(text) <= 4000
    assert text.startswith(
        "**\\[digest\\] web1: 1,000 findings: the clock was set back (clock)**\n\nmuch happened"
    )
    assert text.endswith("more, see `watchdog incidents`")


FAILS = [
    pytest.param(Reply(status=500, body=""), "answered with HTTP status 500", {}, id="500"),
    pytest.param(Reply(status=401, body=""), "answered with HTTP status 401; check", {}, id="401"),
    pytest.param(
        Reply(status=429, body="", headers={"Retry-After": "7"}),
        "answered with HTTP status 429",
        {"retry_after_seconds": 7.0},
        id="429",
    ),
    pytest.param(RESET, "could not be reached: it cut the connection off", {"away": True}, id="reset"),
    pytest.param(HANG, "did not take it within 3.0 s", {"away": True}, id="hangs"),
]


@pytest.mark.parametrize(("reply", "error", "also"), FAILS)
def test_every_service_fails_alike(
    online: Online, serve: Serve, reply: Reply | str, error: str, also: dict[str, Any]
) -> None:
    _, send, _ = online("hooks.slack.com", "api.telegram.org", "discord.com", answers=(reply,))
    here = serve(reply).server_port
    urls = (
        SLACK_URL,
        "tgram://123456789:abcdefg_hijklmnop-abcdefgh/12315544",
        "discord://123456789012345678/abcdefghijklmnopqrstuvwxyz",
        f"mmost://127.0.0.1:{here}/abcdefghijklmnopq",
        f"ntfy://127.0.0.1:{here}/ops",
        f"matrix://someone:s3cr3tpw@127.0.0.1:{here}/%23room",
    )
    open_to_here = Sender({**send.environ, "NO_PROXY": "127.0.0.1"})
    answers = open_to_here(*urls, limit=3.0 if reply == HANG else 30.0)
    for answer in answers:
        assert answer.outcome == "failed", answer
        assert answer.error.startswith(f"t{answer.id} {error}"), answer
        assert {name: getattr(answer, name) for name in also} == also, answer


def test_matrix(serve: Serve, send: Sender) -> None:
    everything = (
        '{"access_token":"t0ken","user_id":"@u:h","device_id":"D","home_server":"h","room_id":"!r:h",'
        '"event_id":"$e","joined_rooms":[],"versions":["v1.11"]}'
    )
    server = serve(Reply(body=everything, type="application/json"))
    url = f"matrix://someone:s3cr3tpw@127.0.0.1:{server.server_port}/%23room:h"
    assert send(url, content=HOSTILE)[0].outcome == "sent"
    (event,) = [one.json for one in server.received if "/send/m.room.message/" in one.path]
    assert event["msgtype"] == "m.text"
    assert event["format"] == "org.matrix.custom.html"
    html = event["formatted_body"]
    assert not [one for one in ("<a ", "<script", "<img", "@all", "http://", "\u202e") if one in html]
