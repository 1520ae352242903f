"""Which real servers are asked, how, and what came of it.

A server is asked on its own address, in the way its port or keepalived's own HTTP check says. For an HTTP port
that nothing more is known of, any answer will do: what a proxy refuses (400, 403, 407) or cannot reach (503) is
an answer, a program that hangs gives none.
"""

from typing import Literal

import msgspec

from watchdog.linux.http_answer import HttpRequest
from watchdog.linux.ipvs import Pool, render_endpoint
from watchdog.linux.keepalived_lvs import HttpCheck
from watchdog.plugin import Answer, Target, Tls

How = Literal["tcp", "http", "https"]
# What a live server looks like; all else but the doubtful is dead. A wrong certificate is still an answer.
_ALIVE = ("answered", "connected", "not_http", "tls_failed")
# It took the connection and hung up: dead, or a web server that has nothing to say to a stranger.
_DOUBTFUL = ("closed", "reset")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """How a server of a pool is to be asked; `check` is keepalived's own way, None for the port's."""

    pool: str
    address: str
    port: int
    how: How
    check: HttpCheck | None = None

    @property
    def server(self) -> str:
        """The real server's name."""
        return render_endpoint(self.address, self.port)


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """What a server of a pool answered; `status` is an HTTP status, `fits` whether one may be content with it."""

    pool: str
    server: str
    how: How
    outcome: str
    detail: str = ""
    status: int | None = None
    fits: bool = True
    expected: str = ""
    seconds: float | None = None

    @property
    def state(self) -> Literal["alive", "dead", "doubtful", "untried"]:
        """What that says of the server."""
        if self.outcome == "untried":
            return "untried"
        if self.outcome in _DOUBTFUL:
            return "doubtful"
        return "alive" if self.outcome in _ALIVE and self.fits else "dead"

    @property
    def said(self) -> str:
        """Return in words what came of it."""
        match self.outcome:
            case "answered":
                return f"answers {self.status}" + (
                    "" if self.fits else f" where keepalived expects {self.expected}"
                )
            case "connected":
                return "takes connections"
            case "refused":
                return "refuses connections"
            case "silent":
                return "does not answer at all"
            case "unanswered":
                return "takes the connection and then never answers"
            case "closed" | "reset":
                return "takes the connection and hangs up"
        return f"{self.outcome.replace('_', ' ')} ({self.detail})" if self.detail else self.outcome


def is_askable(pool: Pool) -> bool:
    """Tell whether the servers of a pool can be asked: UDP has no connection, a firewall mark no port."""
    return pool.protocol == "tcp"


def target_of(question: Question) -> Target:
    """Return where to connect and what to say there. Raises ValueError for a path that no request can have."""
    check = question.check
    host = (check.host if check else "") or render_endpoint(question.address, question.port)
    request = None
    if question.how != "tcp":
        request = HttpRequest(method="GET" if check else "HEAD", target=check.path if check else "/", host=host)
    return Target(
        address=question.address,
        port=(check.port if check else None) or question.port,
        request=request,
        tls=Tls(verify=False, server_name=check.host if check else "") if question.how == "https" else None,
    )


def probed(question: Question, answer: Answer) -> Probed:
    """Return the answer to a question as facts."""
    status = answer.head.status if answer.head else None
    statuses = question.check.statuses if question.check else ((100, 599),)
    return Probed(
        pool=question.pool,
        server=question.server,
        how=question.how,
        outcome=answer.outcome,
        detail=answer.detail,
        status=status,
        fits=status is None or any(low <= status <= high for low, high in statuses),
        expected=", ".join(f"{low}-{high}" if high > low else str(low) for low, high in statuses),
        seconds=answer.total_seconds if answer.total_seconds is not None else answer.connect_seconds,
    )
