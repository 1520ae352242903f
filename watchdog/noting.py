"""A note is written when it becomes true, not on every look: what is noted may stay so for years. Pure.

A check remembers what it noted at a look (`noted_in`), and at the next it passes on only what is new
(`without_noted`).
"""

from collections.abc import Callable, Collection, Iterable, Iterator

from watchdog.model import Judgement, Note

About = Callable[[Note], str]


def by_summary(note: Note) -> str:
    """Take a note for the same as another of the same words."""
    return note.summary


def by_subject(note: Note) -> str:
    """Take a note for the same as another of the same words on the same subject."""
    return f"{note.subject}: {note.summary}"


def without_noted(
    judgements: Iterable[Judgement], noted: Collection[str], about: About = by_summary
) -> Iterator[Judgement]:
    """Leave out the notes that were there at the last look; `about` says what makes two the same."""
    return (one for one in judgements if not isinstance(one, Note) or about(one) not in noted)


def noted_in(judgements: Iterable[Judgement], about: About = by_summary) -> tuple[str, ...]:
    """Return what to remember of the notes of a look."""
    return tuple(about(one) for one in judgements if isinstance(one, Note))
