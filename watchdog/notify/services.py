"""A service of apprise, set up for one message: its format, what it is an update of, and our own pace."""

import hashlib
import re
import urllib.parse
from typing import Any

from watchdog.content import Content
from watchdog.notify import inert
from watchdog.notify.errands import Errand
from watchdog.notify.rendering import Dialect, Format, Rendered, render

# They show text as Markdown, whatever they are told, or show Markdown better than the text that is their default.
_READS_MARKDOWN = frozenset(
    {"Discord", "Guilded", "Matrix", "Mattermost", "Nextcloud Talk", "Revolt", "Telegram", "Zulip"}
)
# A dialect may need more characters than CommonMark, as when Slack's `&` becomes `&amp;`.
_ROOM = 0.85
# https://docs.slack.dev/reference/block-kit/blocks: a section's text, a header's.
_SLACK_SECTION, _SLACK_HEADER = 3000, 150


def load() -> None:
    """Load apprise and its plugins, before the time of any target counts: a slow machine is no slow target."""
    import apprise

    apprise.NotificationManager().load_modules()
    _give_mail_our_text()


# What a mail says as text, by what it says as HTML.
_text_of: dict[str, str] = {}


def _give_mail_our_text() -> None:
    """Have a mail's plain part be ours: apprise makes one from the HTML, with each cell of a table on its own."""
    from apprise.plugins.email import base

    convert = base.convert_between

    def convert_ours(source: Any, target: Any, content: str) -> str:
        return _text_of.get(content) or str(convert(source, target, content))

    base.convert_between = convert_ours


def open_service(url: str) -> Any:
    """Return the service that a URL means, or None when apprise cannot read it."""
    import apprise

    asset = apprise.AppriseAsset(
        app_id="watchdog",
        app_desc="watchdog",
        # No picture from a foreign site: a message says what it says, also where that site is not reached.
        image_url_mask="",
        image_url_logo="",
        # A POST that is redirected becomes a GET: a page would be fetched with success, and nothing be told.
        http_redirects=False,
        async_mode=False,
        # Without a limit of its own apprise sends in our thread.
        service_timeout=0,
        allow_templates=False,
        interpret_escapes=False,
    )
    service = apprise.Apprise.instantiate(url, asset=asset)
    if service is None:
        return None
    # Its throttle of 5.5 s goes by the wall clock: a step back of 8 s would hold an alert for 13.5 s.
    service.request_rate_per_sec = 0
    # When to try again is the outbox's to say; and a failure is one, whatever the URL says of `optional`.
    service.retry = 0
    service.optional = False
    if hasattr(service, "default_retries"):
        service.default_retries = 1
    return service


def recipients(service: Any, key: str) -> dict[str, Any]:
    """Return the recipients of a mail, each by a digest that tells nothing of it; of other services none.

    apprise would send to all of them again when one was refused.
    """
    if not _is_mail(service):
        return {}
    return {_digest(f"{key}\n{who[-1]}"): who for who in service.targets}


def send_to(service: Any, who: Any, errand: Errand, longest: int = 0) -> tuple[bool, str]:
    """Send a mail to one of its recipients, as `send` does."""
    service.targets = [who]
    return send(service, errand, longest)


def send(service: Any, errand: Errand, longest: int = 0) -> tuple[bool, str]:
    """Send a message; return whether it was taken, and why the owner's templates were not used ("": they were).

    `longest`: its body has so many characters at most (0: as many as the service takes).
    """
    import apprise

    content, templates = errand.content, errand.templates
    tie(service, content)
    _name(service, errand.key)
    form = _format(service, errand.url)
    rendered, title, body = _in_words(service, content, form, templates, longest)
    if form == "html" and _is_mail(service):
        _text_of[body] = render(content, "text", longest=longest, templates=templates).body
    try:
        taken = apprise.Apprise([service], asset=service.asset).notify(
            title=title,
            body=body,
            notify_type=_kind(content),
            body_format=apprise.NotifyFormat(form),
            attach=list(errand.attach) or None,
        )
    finally:
        _text_of.pop(body, None)
    return bool(taken), rendered.trouble


def _is_mail(service: Any) -> bool:
    return hasattr(service, "smtp_host") and isinstance(getattr(service, "headers", None), dict)


def _format(service: Any, url: str) -> Format:
    """Return the format that the service sends as it is, so that apprise converts nothing of ours."""
    from apprise import NotifyFormat

    if str(service.service_name) in _READS_MARKDOWN and not _asks_for_format(url):
        if isinstance(service.notify_format, tuple):
            return str(service.resolve_format(NotifyFormat.MARKDOWN).value)  # type: ignore[return-value]
        service.notify_format = NotifyFormat.MARKDOWN
    return str(service.resolve_format(None).value)  # type: ignore[return-value]


def _asks_for_format(url: str) -> bool:
    query = urllib.parse.parse_qs(url.partition("?")[2])
    return any(name.lower() == "format" for name in query)


def _in_words(
    service: Any, content: Content, form: Format, templates: str, most: int
) -> tuple[Rendered, str, str]:
    """Return the message, and title and body as the service takes them: a title that is too long, in both."""
    body_maxlen, title_maxlen = service.body_maxlen, service.title_maxlen
    if getattr(service, "use_blocks", False):  # Slack's blocks take less than its messages
        body_maxlen, title_maxlen = min(body_maxlen, _SLACK_SECTION), min(title_maxlen, _SLACK_HEADER)
    longest = max(min(round(body_maxlen * _ROOM), most or body_maxlen), 1)
    dialect: Dialect = "slack" if form == "markdown" and str(service.service_name) == "Slack" else ""
    whole = render(content, form, templates=templates).title
    head = "" if len(whole) <= title_maxlen else _headed(whole, form, dialect)
    title = inert.one_line(whole, title_maxlen) if title_maxlen > 0 else ""
    rendered = render(content, form, longest=max(longest - len(head), 1), templates=templates, dialect=dialect)
    return rendered, title, f"{head}{rendered.body}"


def _headed(title: str, form: Format, dialect: Dialect) -> str:
    if form == "markdown":
        return f"**{(inert.slack if dialect else inert.markdown)(title)}**\n\n"
    return f"<b>{inert.markup(title)}</b><br>\n" if form == "html" else f"{title}\n"


def tie(service: Any, content: Content) -> None:
    """Have a service take what is said of one outage for one thing, where it can: updates, no new messages."""
    if _is_mail(service):
        # No mail bears this id, but all that refer to it are shown as one thread (RFC 5322 3.6.4, and how mail
        # programs read it). apprise writes the Message-ID itself.
        if content.thread:
            place = re.sub(r"[^A-Za-z0-9.-]", "-", content.host).strip(".-") or "host"
            service.headers["References"] = f"<{_digest(content.thread)}@{place}.watchdog>"
            service.headers["In-Reply-To"] = service.headers["References"]
        service.headers["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence notice answers it
    by_alias = hasattr(service, "alias") and hasattr(service, "_fetch")
    if by_alias:
        service.action = "new"  # its own choice for what is no failure is to close, which sends nothing
    if not content.thread:
        return
    # PagerDuty, ilert, GoAlert, FireHydrant, incident.io; Opsgenie, Jira; Google Chat. A key in the URL stays.
    for name in ("dedup", "alias", "thread_key"):
        if hasattr(service, name) and not getattr(service, name):
            setattr(service, name, _digest(content.thread))
    if hasattr(service, "dedup") and getattr(service, "action", "") == "trigger":
        service.action = "map"  # so that a recovery resolves what the failure raised
    if by_alias and content.kind == "recovered":
        _close_by_alias(service)


def _name(service: Any, key: str) -> None:
    """Give a message its key where a header can hold it: who gets it twice after a crash can tell."""
    if key and isinstance(getattr(service, "headers", None), dict):  # e-mail, json://, xml://, form://
        service.headers["X-Watchdog-Key" if _is_mail(service) else "Idempotency-Key"] = _digest(key)


def _close_by_alias(service: Any) -> None:
    """Have it close by alias, as apprise knows its alerts by the numbers of requests, and only in one process."""
    service.action = "close"
    fetch = service._fetch  # noqa: SLF001 - it closes by request only

    def fetch_by_alias(method: Any, url: str, payload: Any, params: Any = None) -> Any:
        return fetch(method, url, payload, {"identifierType": "alias"} if params else params)

    service._fetch = fetch_by_alias  # noqa: SLF001
    key = service.entity or service.alias
    service.store.set(hashlib.sha1(key.encode()).hexdigest()[:10], [service.alias])  # noqa: S324 - its own key


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _kind(content: Content) -> str:
    if content.kind == "recovered":
        return "success"
    return {"critical": "failure", "warning": "warning"}.get(content.severity, "info")
