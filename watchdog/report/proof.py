"""Whether the audit is proven: as a person reads it, and as JSON. Pure."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from watchdog.history.chain import Head
from watchdog.history.records import Proof
from watchdog.model import Json
from watchdog.report.page import Part, item, line


def proof_json(proof: Proof, noted: Head | None) -> Mapping[str, Json]:
    """Return what `report --verify --json` prints; `head` is the last row that is proven."""
    broken = proof.broken
    return {
        "proven": proof.proven,
        "rows": proof.head.count,
        "head": str(proof.head),
        "noted_head": None if noted is None else str(noted),
        "broken": None if broken is None else {"row": broken.row, "what": broken.what, "text": broken.text},
        "differences": list(proof.differences),
        "more_differences": proof.more_differences,
        "attempts": proof.attempts,
        "attempts_gone": proof.attempts_gone,
    }


def render_proof(proof: Proof, path: Path, noted: Head | None) -> Iterator[Part]:
    """Yield the proof as a page; `path` is the history that it is of."""
    if not proof.proven:
        yield from _render_broken(proof, path)
        return
    if proof.head.count == 0:
        yield line("proven: the audit is empty; nothing was proposed, healed or held back yet", "ok")
    else:
        yield line(f"proven: {proof.head.count} rows of the audit, none altered, missing or out of order", "ok")
    if noted is not None:
        added = proof.head.count - noted.count
        yield line(f"nothing up to row {noted.count} was changed since its head was noted; {added} came since")
    gone = f"; {proof.attempts_gone} more went with their incidents" if proof.attempts_gone else ""
    yield line(f"{proof.attempts} attempts stand in the history as the audit tells of them{gone}")
    yield item("head", str(proof.head), 0)
    yield line(
        "keep this line with your records; "
        f"`watchdog report --verify --head {proof.head}` proves later that nothing before it was changed"
    )


def _render_broken(proof: Proof, path: Path) -> Iterator[Part]:
    if proof.broken is not None:
        yield line(
            f"NOT PROVEN: row {proof.broken.row} ({proof.broken.what.replace('_', ' ')}): {proof.broken.text}",
            "critical",
        )
        yield item("proven", f"the rows before it, up to {proof.head}")
    else:
        yield line("NOT PROVEN: the audit is whole, but the history says something else than it does", "critical")
    for text in proof.differences:
        yield item("differs", text)
    if proof.more_differences:
        yield item("differs", f"and {proof.more_differences} more")
    yield item(
        "what to do",
        "somebody wrote to the file by other means, or the disk did. Keep a copy before anything else is recorded "
        f"(cp -a {shlex.quote(str(path))}* /elsewhere), ask who had access, and hold it against a backup. "
        "It stays so from now on; once it is explained, move the file away and a fresh one begins",
    )
