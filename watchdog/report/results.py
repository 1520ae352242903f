"""What checks said, as rows for a person. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from watchdog.model import CheckResult, Verdict
from watchdog.registry import AnyCheck
from watchdog.report.page import Cell


def result_rows(
    results: Iterable[CheckResult], checks: Mapping[str, AnyCheck], briefly: Mapping[tuple[str, str], str]
) -> Iterator[list[Cell]]:
    """Yield a row (verdict, check, what) for everything each check has to say; its name stands once.

    `briefly` is what to say of a finding, by (fault, subject), whose summary stands elsewhere on the page.
    """
    for result in results:
        title = checks[result.check].title if result.check in checks else "watchdog itself"
        name = result.check
        for word, text in _sayings(result, title, briefly):
            yield [Cell(word, word), Cell(name), Cell(text)]
            name = ""


def _sayings(result: CheckResult, title: str, briefly: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    """Yield (verdict in words, text): findings and unseen subjects, else the reason or the title; then notes."""
    for finding in result.findings:
        text = briefly.get((finding.fault, finding.subject), finding.summary)
        yield finding.severity.value, f"{finding.subject}: {text}"
    for part in result.unseen:
        yield Verdict.UNKNOWN.value, f"{part.subject}: {part.reason}"
    if not result.findings and not result.unseen:
        yield result.verdict.value.replace("_", " "), result.reason or title
    for note in result.notes:
        yield "note", f"{note.subject}: {note.summary}"
