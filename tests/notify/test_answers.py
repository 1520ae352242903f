"""What becomes of a message: real servers take it, refuse it, hang, reset, ask for patience, come back."""

import pytest

from tests.notify.conftest import Sender, Serve
from tests.notify.servers import ENDLESS, HANG, RESET, Mail, Reply, greeter, smtp, unused_port
from watchdog.notify.errands import Answer
from watchdog.notify.samples import full

pytestmark = pytest.mark.program
SECRET = "pLaNt3dS3cr3t"  # noqa: S105 - it is planted


def failed(error: str, *, away: bool = False, closed: bool = False, retry: float | None = None) -> Answer:
    return Answer(id=0, outcome="failed", error=error, away=away, closed=closed, retry_after_seconds=retry)


def refused(error: str, *, closed: bool = False) -> Answer:
    return Answer(id=0, outcome="refused", error=error, closed=closed)


CHECK = "; check the address and the credentials in its URL"
ANSWERS = [
    pytest.param(Reply(), Answer(id=0, outcome="sent"), id="taken"),
    pytest.param(
        Reply(status=500, body='{"error": "database is down"}', type="application/json"),
        failed("t0 answered with HTTP status 500: database is down"),
        id="500",
    ),
    pytest.param(
        Reply(status=429, body="slow down", headers={"Retry-After": "37"}),
        failed("t0 answered with HTTP status 429: slow down", retry=37.0),
        id="429-in-seconds",
    ),
    pytest.param(
        Reply(status=503, body="", headers={"Retry-After": "Tue, 01 Jan 2019 12:02:00 GMT"}),
        failed("t0 answered with HTTP status 503", retry=120.0),
        id="503-until-a-date-by-the-servers-own-clock",
    ),
    pytest.param(
        Reply(status=429, body="", headers={"Retry-After": "999999999"}),
        failed("t0 answered with HTTP status 429", retry=86400.0),
        id="429-for-thirty-years",
    ),
    pytest.param(
        Reply(status=429, body="", headers={"Retry-After": "soon, \x01"}),
        failed("t0 answered with HTTP status 429"),
        id="429-nonsense",
    ),
    pytest.param(
        Reply(status=429, body='{"ok":false,"parameters":{"retry_after":8}}', type="application/json"),
        failed('t0 answered with HTTP status 429: {"ok":false,"parameters":{"retry_after":8}}', retry=8.0),
        id="429-in-json",
    ),
    pytest.param(
        Reply(status=401, body="<html><style>x</style><h1>Who are you?</h1></html>", type="text/html"),
        failed(f"t0 answered with HTTP status 401: Who are you?{CHECK}", closed=True),
        id="401",
    ),
    pytest.param(
        Reply(status=404, body=""), failed(f"t0 answered with HTTP status 404{CHECK}", closed=True), id="404"
    ),
    pytest.param(
        Reply(status=403, body=""), failed(f"t0 answered with HTTP status 403{CHECK}", closed=True), id="403"
    ),
    pytest.param(
        Reply(status=400, body="invalid_payload"),
        refused("t0 answered with HTTP status 400: invalid_payload"),
        id="400-this-message",
    ),
    pytest.param(
        Reply(status=400, body="Bad Request: chat not found"),
        failed(f"t0 answered with HTTP status 400: Bad Request: chat not found{CHECK}", closed=True),
        id="400-the-address",
    ),
    pytest.param(
        Reply(status=413, body="too much"), refused("t0 answered with HTTP status 413: too much"), id="413"
    ),
    pytest.param(Reply(status=422, body="what?"), refused("t0 answered with HTTP status 422: what?"), id="422"),
    pytest.param(
        Reply(status=410, body="channel_gone"),
        refused("t0 answered with HTTP status 410: channel_gone", closed=True),
        id="410",
    ),
    pytest.param(
        Reply(status=301, body="", headers={"Location": "http://127.0.0.1:1/"}),
        failed("t0 did not take the message, with HTTP status 301"),
        id="moved-is-not-taken",
    ),
    pytest.param(RESET, failed("t0 could not be reached: it cut the connection off", away=True), id="reset"),
    pytest.param(HANG, failed("t0 did not take it within 2.0 s", away=True), id="hangs"),
    pytest.param(
        ENDLESS,
        failed("t0 could not be reached: its answer is longer than 1048576 bytes", away=True),
        id="never-ends",
    ),
    pytest.param(
        Reply(
            status=500, body=f"no such hook: /{SECRET}, user {SECRET.upper()}, Basic dTpwTGFOdDNkUzNjcjN0\x1b[31m"
        ),
        failed("t0 answered with HTTP status 500: no such hook: /***, user ***, Basic *** [31m"),
        id="secrets-in-the-servers-words",
    ),
]


@pytest.mark.parametrize(("reply", "expected"), ANSWERS)
def test_what_a_web_server_answers(serve: Serve, send: Sender, reply: Reply | str, expected: Answer) -> None:
    server = serve(reply)
    limit = 2.0 if reply == HANG else 30.0
    url = f"json://u:{SECRET}@127.0.0.1:{server.server_port}/{SECRET}"
    assert send(url, limit=limit) == [expected]


def test_a_service_that_finds_a_message_too_large_gets_it_in_short_once(serve: Serve, send: Sender) -> None:
    server = serve(Reply(status=413, body="at most 1 kB"), Reply())
    content = full("fired")
    (answer,) = send(f"json://127.0.0.1:{server.server_port}/", content=content)
    assert (answer.outcome, answer.error) == (
        "sent",
        "in short, as the whole message was refused: t0 answered with HTTP status 413: at most 1 kB",
    )
    whole, short = server.received
    assert len(short.json["message"]) <= 500 < len(whole.json["message"])
    assert short.json["title"] == whole.json["title"]
    server = serve(Reply(status=413, body="too much"))
    assert send(f"json://127.0.0.1:{server.server_port}/") == [
        refused("t0 answered with HTTP status 413: too much")
    ]
    assert len(server.received) == 2


UNREADABLE = refused(
    "apprise cannot read the URL of t0; is it written as in its wiki, and @ in it as %40?", closed=True
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            "json://127.0.0.1:{port}/",
            failed("t0 could not be reached: it refused the connection", away=True),
            id="http",
        ),
        pytest.param(
            "mailto://127.0.0.1:{port}?from=a@b.example&to=c@d.example&mode=insecure",
            failed("t0 could not be reached: it refused the connection", away=True),
            id="smtp",
        ),
        pytest.param(
            "json://no-such-host.invalid/",
            failed("t0 could not be reached: its host name cannot be resolved", away=True),
            id="no-such-name",
        ),
        pytest.param("nosuch://{secret}", UNREADABLE, id="x"),
        pytest.param("slack://{secret}", UNREADABLE, id="y"),
        pytest.param("\x00", UNREADABLE, id="no-url"),
    ],
)
def test_nobody_there(send: Sender, url: str, expected: Answer) -> None:
    assert send(url.format(port=unused_port(), secret=SECRET)) == [expected]


def test_a_certificate_that_nobody_vouches_for(serve: Serve, send: Sender) -> None:
    import trustme

    server = serve(tls=trustme.CA().issue_cert("127.0.0.1"))
    expected = failed("t0 could not be reached: its certificate is not trusted", away=True)
    assert send(f"jsons://127.0.0.1:{server.server_port}/") == [expected]


def test_each_target_in_its_own_time(serve: Serve, send: Sender) -> None:
    """One hangs and one is well; the process ends though the first still does."""
    hanging, well = serve(HANG), serve()
    urls = (f"json://127.0.0.1:{hanging.server_port}/", f"json://127.0.0.1:{well.server_port}/")
    assert [answer.outcome for answer in send(*urls, limit=2.0)] == ["failed", "sent"]


def test_a_target_that_comes_back(serve: Serve, send: Sender) -> None:
    port = unused_port()
    url = f"json://127.0.0.1:{port}/"
    assert send(url)[0].away
    back = serve(Reply(status=503), Reply(), port=port)
    assert [send(url)[0].outcome for _ in range(2)] == ["failed", "sent"]
    assert len(back.received) == 2


MAILS = [
    pytest.param(Mail(), Answer(id=0, outcome="sent"), id="taken"),
    pytest.param(
        Mail(password="another"),  # noqa: S106
        failed(f"t0 answered with SMTP status 535: 5.7.8 Authentication credentials invalid{CHECK}", closed=True),
        id="wrong-password",
    ),
    pytest.param(
        Mail(rcpt="450 4.2.0 greylisted, try again"),
        failed("t0 answered with SMTP status 450: 4.2.0 greylisted, try again"),
        id="greylisted",
    ),
    pytest.param(
        Mail(rcpt="550 5.1.1 no such user on-call@there.example"),
        failed(f"t0 answered with SMTP status 550: 5.1.1 no such user ***{CHECK}"),
        id="no-such-user",
    ),
    pytest.param(
        Mail(data="552 5.3.4 message too big"),
        refused("t0 answered with SMTP status 552: 5.3.4 message too big"),
        id="too-big",
    ),
    pytest.param(
        Mail(data="451 4.3.0 disk full"),
        failed("t0 answered with SMTP status 451: 4.3.0 disk full"),
        id="disk-full",
    ),
]


def mail_url(port: int, mail: Mail = Mail()) -> str:  # noqa: B008 - it is not changed
    login = f"{mail.user}:s3cr3t-Pa55"
    return f"mailtos://{login}@localhost:{port}?from=watchdog@here.example&to=on-call@there.example&mode=starttls"


@pytest.mark.parametrize(("mail", "expected"), MAILS)
def test_what_a_mail_server_answers(authority: object, send: Sender, mail: Mail, expected: Answer) -> None:
    import trustme

    assert isinstance(authority, trustme.CA)
    with smtp(mail, authority.issue_cert("localhost", "127.0.0.1")) as port:
        assert send(mail_url(port)) == [expected]
    if expected.outcome == "sent":
        assert mail.over_tls == [True]
        assert len(mail.logins) == 1


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        pytest.param(HANG, failed("t0 did not take it within 2.0 s", away=True), id="hangs"),
        pytest.param(RESET, failed("t0 could not be reached: it cut the connection off", away=True), id="reset"),
        pytest.param(
            b"421 4.3.2 closing\r\n", failed("t0 answered with SMTP status 421: 4.3.2 closing"), id="421"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\n\r\n",
            failed("t0 could not be reached: what answers there is no mail server", away=True),
            id="web",
        ),
    ],
)
def test_a_mail_server_that_is_ill(send: Sender, behaviour: str | bytes, expected: Answer) -> None:
    with greeter(behaviour) as port:
        assert send(mail_url(port), limit=2.0 if behaviour == HANG else 30.0) == [expected]


def test_a_mail_server_without_starttls_is_not_told_the_password(send: Sender) -> None:
    with greeter(b"220 hello\r\n") as port:
        (answer,) = send(mail_url(port))
    assert answer == failed(
        "t0 could not be reached: it offers no STARTTLS, or no login that is known here", away=True
    )


def test_who_has_a_mail_does_not_get_it_again_because_another_was_refused(authority: object, send: Sender) -> None:
    """Greylisted, then a mailbox that is gone: the others hear of it once, and whoever can be reached, too."""
    import trustme

    assert isinstance(authority, trustme.CA)
    mail = Mail(
        rcpts={"late@there.example": "450 4.2.0 greylisted", "gone@there.example": "550 5.1.1 no such user"}
    )
    with smtp(mail, authority.issue_cert("localhost", "127.0.0.1")) as port:
        others = "late@there.example,gone@there.example,boss@there.example"
        url = mail_url(port).replace("to=on-call@there.example", f"to=on-call@there.example,{others}")
        (first,) = send(url, key="k")
        assert (first.outcome, len(first.taken)) == ("failed", 2)
        assert first.error.startswith("t0 answered with SMTP status 450: 4.2.0 greylisted")
        assert first.error.endswith("; 2 of 4 recipients do not have it")
        assert not any("there.example" in one for one in (first.error, *first.taken))
        mail.rcpts.pop("late@there.example")
        (second,) = send(url, key="k", taken=first.taken)
        assert (second.outcome, len(second.taken)) == ("failed", 3)
        mail.rcpts.clear()
        (third,) = send(url, key="k", taken=second.taken)
        assert third.outcome == "sent"
    assert sorted(str(one["To"]) for one in mail.taken) == [
        "boss@there.example",
        "gone@there.example",
        "late@there.example",
        "on-call@there.example",
    ]
