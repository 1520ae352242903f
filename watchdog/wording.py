"""A message in plain words, as it stands in the outbox and in reports: pure."""

from collections.abc import Iterator

from watchdog.content import Content, Named

_TITLES = {
    "recovered": "recovered",
    "undelivered": "undelivered",
    "digest": "digest",
    "test": "test",
}
_AFTER = {"flapping": " is flapping", "reminder": " goes on", "escalated": " is acknowledged by nobody"}


def plain_title(content: Content) -> str:
    """Return the title: how bad, which host, what."""
    label = _TITLES.get(content.kind, content.severity) or content.kind
    what = f"{content.reason.partition(':')[0]}: " if content.kind == "not_healed" else ""
    root = ""
    if content.chain and content.kind != "recovered":
        root = f" ({content.root_word}: {content.chain[0].fault} {content.chain[0].subject})"
    about = f"{content.fault} {content.subject}{_AFTER.get(content.kind, '')}" if content.fault else content.title
    return one_line(f"[{label}] {content.host}: {what}{about}{root}")


def plain_body(content: Content) -> str:
    """Return all else that it says, a line for each thing."""
    if content.kind == "recovered":
        lines = _recovery(content)
    elif content.kind == "not_healed":
        lines = _not_healed(content)
    else:
        lines = _failure(content)
    return "\n".join(map(one_line, lines))


def _failure(content: Content) -> Iterator[str]:
    yield from filter(None, (content.summary, *_facts(content), _since(content), content.reason))
    for number, cause in enumerate(content.chain):
        yield f"{'which caused' if number else content.root_word}: {_named(cause)}"
    for cause in content.alternatives:
        yield f"or: {_named(cause)}"
    labelled = (
        ("acknowledged", content.acknowledged),
        ("why:", content.why),
        ("what to do:", content.advice),
        ("healed:", content.healed),
    )
    yield from (f"{label} {text}" for label, text in labelled if text)
    for one in content.proposals:
        yield f"could heal it: {one.summary}; approve it with `{one.command}`"
    yield from _beside(content)
    yield from _more(content)


def _not_healed(content: Content) -> Iterator[str]:
    yield content.summary
    yield from (f"tried: {step}" for step in content.tried)
    yield content.reason
    if content.advice:
        yield f"what to do: {content.advice}"
    yield from _more(content)


def _recovery(content: Content) -> Iterator[str]:
    if content.healed or content.reason:
        yield f"over: {content.healed or content.reason}"
    if content.lasted:
        yield f"open for {content.lasted}, since {content.since}"
    yield f"it was: {content.summary}"
    if content.chain:
        yield f"still there, and may cause it again: {_named(content.chain[0])}"
    yield from _beside(content)
    yield from _more(content)


def _facts(content: Content) -> Iterator[str]:
    return (f"{fact.name}: {fact.value}" for fact in content.facts)


def _since(content: Content) -> str:
    if not content.since:
        return ""
    return f"since: {content.since}" + (f", for {content.lasted}" if content.lasted else "")


def _beside(content: Content) -> Iterator[str]:
    for other in content.others:
        yield f"also: {_named(other)}"
    if content.others_left_out:
        yield f"also: {content.others_left_out} more"


def _more(content: Content) -> Iterator[str]:
    if content.more:
        yield f"more: {', '.join(f'`{command}`' for command in content.more)}"


def _named(one: Named) -> str:
    return f"{one.fault} {one.subject}: {one.summary}"


def one_line(text: str) -> str:
    """Return a text on one line: what a foreign host or the kernel named adds no header and no control code."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
