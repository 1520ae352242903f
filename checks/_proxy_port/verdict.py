"""How a port stands by what it answered, and whether that is a fault. Pure.

What the settings name is a proxy because they say so. What was found is held to what it once did: a port that
never answered as a proxy may be none (a web site's accelerator, a balancer), and is no fault for that.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from checks._proxy_port.advice import advise
from checks._proxy_port.faults import DEAD, NOT_PROXYING, SLOW
from checks._proxy_port.ports import KnownPort, Port, PortAnswer, control_question
from watchdog.plugin import Fault, Finding, Json, Judgement, Metric, Note, Unseen, render_seconds

# proxies: it did what was asked; alive: it answered as itself, and refused (403, 407); upstream: it answered that
# what lies behind it did not; elsewhere: what lies behind it answered something else than was wanted; no_proxy: it
# answered as what does not know what a proxy is.
Standing = Literal["proxies", "alive", "upstream", "elsewhere", "no_proxy"]

_DENIED = (403, 407)
_PASSED_ON = ("via:", "x-cache:")
_LOGIN_REFUSED = (401, 407)
# 501 (a method it does not know) and 505 are said by who is asked, not of who is behind.
_UPSTREAM = (500, 502, 503, 504)
_PHASES = ("connect_seconds", "tls_seconds", "first_byte_seconds", "total_seconds")


def stand(port: Port, answer: PortAnswer) -> Standing:
    """Say how a port stands that answered HTTP."""
    if port.question == "http":
        return "upstream" if answer.status in _UPSTREAM else "proxies"
    if port.question == "own_page":
        wanted = answer.reached_origin
    elif port.status:
        wanted = answer.status in port.status
    else:
        wanted = 200 <= answer.status < (300 if port.asked.startswith("CONNECT ") else 400)
    if wanted:
        return "no_proxy" if port.control and _is_web_server(port, port.control) else "proxies"
    if answer.status in _UPSTREAM:
        return "upstream"
    if port.question == "url" and answer.voice.startswith(_PASSED_ON):
        return "elsewhere"
    if port.status:
        return "no_proxy"
    # tinyproxy says 401 to a wrong login.
    if answer.status in _DENIED or (answer.status == 401 and port.with_login):
        return "alive"
    return "alive" if answer.voice and answer.status >= 400 else "no_proxy"


def _is_web_server(port: Port, control: PortAnswer) -> bool:
    """Tell whether who gave the page that was wanted does not know what only a proxy knows."""
    question = control_question(here=port.here)
    asked = msgspec.structs.replace(port, question=question, status=(), asked="CONNECT ", control=None)
    return control.outcome == "answered" and stand(asked, control) == "no_proxy"


def spoke_as_proxy(port: Port) -> bool:
    """Tell whether an answer shows that this is a proxy: nobody else says so."""
    answer = port.answer
    if answer is None or answer.outcome != "answered" or port.question == "http":
        return False
    return stand(port, answer) == "proxies" or (bool(answer.voice) and answer.status >= 400)


def judge_port(
    port: Port, known: KnownPort | None, slow_seconds: float, besides: Sequence[str] = ()
) -> Iterator[Judgement]:
    """Judge one port that was asked; `known` is what it once did, if it was found.

    `besides` are other ports of the same program that answer.
    """
    answer = port.answer
    if answer is None or answer.outcome == "untried":
        yield Unseen(subject=port.subject, reason=port.problem or f"not asked: {answer.detail if answer else ''}")
        return
    yield from _metrics(port, answer)
    if answer.outcome == "answered":
        yield from _judge_answer(port, answer, known)
    elif answer.outcome != "connected" or port.stopped:
        yield _judge_failure(port, answer, known, besides)
    if _is_slow(port, answer, slow_seconds):
        yield _finding(SLOW, port, _say_slow(port, answer, slow_seconds), "slow", slow_seconds=slow_seconds)


def _is_slow(port: Port, answer: PortAnswer, slow_seconds: float) -> bool:
    """Tell whether the proxy itself took too long; a balancer, and one whose upstream fails, wait for others."""
    works = answer.outcome == "connected" or (
        answer.outcome == "answered" and port.question != "http" and stand(port, answer) in ("proxies", "alive")
    )
    return works and (answer.total_seconds or 0) > slow_seconds


def _metrics(port: Port, answer: PortAnswer) -> Iterator[Metric]:
    for name in _PHASES:
        if (seconds := getattr(answer, name)) is not None:
            yield Metric(subject=port.subject, name=name, value=seconds)


def _judge_answer(port: Port, answer: PortAnswer, known: KnownPort | None) -> Iterator[Judgement]:
    said = f"HTTP {answer.status} {answer.reason}".strip()
    where = f"{_who(port)} answers {port.asked} with {said}"
    match stand(port, answer):
        case "no_proxy" if port.named and port.status and answer.status in (*_DENIED, *_LOGIN_REFUSED):
            yield _finding(
                NOT_PROXYING, port, f"{where}, not {_wanted(port)}: it refuses what it must serve", "denied"
            )
        case "no_proxy" if port.named or (known and known.proxied):
            yield _finding(NOT_PROXYING, port, f"{where}, {_as_what(port)}: no request gets through it", "status")
        case "no_proxy":
            yield _note(port, f"{where}: never seen proxying, so it is not taken for a forward proxy", "no_proxy")
        case "upstream":
            yield _note(port, f"{where}: what lies behind it is at fault, not this proxy", "upstream")
        case "elsewhere":
            yield _note(port, f"{where}: that is said by what lies behind it; the proxy works", "upstream")
        case "alive" if port.with_login and answer.status in _LOGIN_REFUSED:
            yield _note(port, f"{where}: it is alive, and refuses the login of the settings", "login_refused")
        case _:
            pass


def works(port: Port) -> bool:
    """Tell whether something useful answers there, as far as that can be known from an answer."""
    answer = port.answer
    return answer is not None and not port.stopped and answer.outcome in ("answered", "connected")


def _judge_failure(port: Port, answer: PortAnswer, known: KnownPort | None, besides: Sequence[str]) -> Judgement:
    words, why = _say_failure(port, answer)
    if port.control and port.control.outcome == "answered":
        says = f"asked for what reaches nobody it answers (HTTP {port.control.status})"
        return _note(port, f"{words}; {says}: what lies behind it is at fault, not this proxy", "upstream")
    if why == "refused" and port.source == "local" and port.listens and not (known and known.answered):
        # The kernel lists it as listening: `interface eth0` of haproxy does not take what comes from here.
        elsewhere = "it listens, perhaps bound to a device (ss -ltn shows 0.0.0.0%eth0), or a firewall rejects us"
        return _note(port, f"{_who(port)} was never seen accepting a connection from here: {elsewhere}", why)
    if answer.phase == "connect" or why == "stopped":
        return _finding(DEAD, port, f"{words}: every request sent there fails", why, **_who_listens(port, besides))
    if port.question == "http":
        # The program may wait for who lies behind it, or be no HTTP program at all.
        return _note(
            port, f"{words}: it connects, and whether it or who lies behind it is silent is not known", why
        )
    if why == "unanswered" or port.named or (known and known.answered):
        fault = NOT_PROXYING if why == "not_http" else DEAD
        return _finding(fault, port, f"{words}: no request gets through it", why, **_who_listens(port, besides))
    return _note(port, f"{words}: never seen answering HTTP, so it is not taken for a proxy", why)


def _say_failure(port: Port, answer: PortAnswer) -> tuple[str, str]:
    """Return what happened in words, and the word for why."""
    detail = f" ({answer.detail})" if answer.detail else ""
    who = _who(port)
    waited = render_seconds(answer.total_seconds or 0)
    match answer.outcome:
        case "unanswered" | "connected" | "silent" if port.stopped:
            pids = ", ".join(map(str, port.stopped))
            return f"{who} accepts connections and never answers: process {pids} is stopped (SIGSTOP)", "stopped"
        case "refused":
            return f"{who} refuses connections: nobody listens there, or a firewall rejects them", "refused"
        case "silent" if port.here:
            full = "it hangs and its queue is full (ss -ltn: Recv-Q above Send-Q)"
            return f"{who} does not answer at all: {full}, or a firewall drops the packets", "silent"
        case "silent":
            return f"{who} does not answer at all: a firewall drops the packets, or the host is gone", "silent"
        case "unreachable":
            return f"{who} cannot be reached{detail}", "unreachable"
        case "unanswered":
            during = "during the TLS handshake" if answer.phase == "tls" else f"{port.asked}"
            return f"{who} accepts connections and does not answer {during} within {waited}{detail}", "unanswered"
        case "closed":
            return f"{who} accepts connections and hangs up{detail or ' without an answer'}", "closed"
        case "reset":
            return f"{who} accepts connections and resets them{detail}", "reset"
        case "tls_failed":
            return f"{who} fails at TLS{detail}", "tls_failed"
        case _:
            return f"{who} does not speak HTTP{detail}", "not_http"


def _say_slow(port: Port, answer: PortAnswer, slow_seconds: float) -> str:
    phases = [(name.removesuffix("_seconds").replace("_", " "), getattr(answer, name)) for name in _PHASES[:-1]]
    parts = ", ".join(f"{name} {render_seconds(seconds)}" for name, seconds in phases if seconds is not None)
    took = render_seconds(answer.total_seconds or 0)
    return (
        f"{_who(port)} takes {took} ({parts}; slow from {render_seconds(slow_seconds)}): every page waits as long"
    )


def _who(port: Port) -> str:
    program = f"{port.program} on " if port.program else ""
    match port.source:
        case "vip":
            return f"the pool {port.pool}"
        case "ipvs":
            return f"real server {port.subject} of pool {port.pool}"
        case _:
            return f"{program or 'the proxy '}{port.subject}"


def _as_what(port: Port) -> str:
    if port.control and _is_web_server(port, port.control):
        return f"but a request that only a proxy knows with HTTP {port.control.status}: a web server's own page"
    if port.status:
        return f"not {_wanted(port)}"
    return "as no proxy does" if port.named else "as no proxy does; it did proxy before"


def _wanted(port: Port) -> str:
    return " or ".join(map(str, port.status))


def _who_listens(port: Port, besides: Sequence[str]) -> dict[str, Json]:
    """Return what is known of the program behind a port of this host, and what else of it answers."""
    if not port.here:
        return {}
    return {
        "here": True,
        "exe": port.exe,
        "pids": list(port.pids),
        "stopped": list(port.stopped),
        "service": port.service,
        "contained": port.contained,
        "answers_besides": list(besides),
    }


def _finding(fault: Fault, port: Port, summary: str, why: str, **more: Json) -> Finding:
    evidence: dict[str, Any] = {**_evidence(port, why), **more}
    if fault is DEAD:
        evidence["advice"] = advise(fault, port, why)
    return fault.on(port.subject, summary, **evidence)


def _note(port: Port, summary: str, why: str) -> Note:
    return Note(subject=port.subject, summary=summary, evidence=_evidence(port, why))


def _evidence(port: Port, why: str) -> Mapping[str, Json]:
    answer = port.answer
    if answer is None:
        return {"why": why}
    said: Mapping[str, Json] = {
        "why": why,
        "phase": answer.phase,
        "outcome": answer.outcome,
        "detail": answer.detail,
        "source": port.source,
        "program": port.program,
        "pool": port.pool,
        "asked": port.asked,
        "status": answer.status,
        "reason": answer.reason,
        "server": answer.server,
        "voice": answer.voice,
        **{name: getattr(answer, name) for name in _PHASES},
    }
    return {name: value for name, value in said.items() if value not in ("", 0, None)}
