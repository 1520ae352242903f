"""Stories: faults, told to people (`make demo`) and played to the tests.

A story is a script under stories/. Its first comment line is its title, the following ones say what one will see;
lines `modules: NAME ...` and `packages: NAME ...` name what it needs of the kernel, and of what `install-deps`
unpacked. lib.sh has the words it is written in.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

STORIES = Path(__file__).parent / "stories"


class UnknownStoryError(Exception):
    """There is no story of that name; says which is meant perhaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story: what it is called, what it is about, and its script."""

    name: str
    title: str
    text: str
    modules: tuple[str, ...]
    packages: tuple[str, ...]
    script: str


def read_stories() -> tuple[Story, ...]:
    """Return every story, by name."""
    return tuple(_parse_story(file.stem, file.read_text()) for file in sorted(STORIES.glob("*.sh")))


def find_story(name: str) -> Story:
    """Return the story of that name. Raises UnknownStoryError."""
    stories = {story.name: story for story in read_stories()}
    if name not in stories:
        near = get_close_matches(name, stories, n=1, cutoff=0.3)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UnknownStoryError(f"there is no story {name!r}{hint}")
    return stories[name]


def _parse_story(name: str, script: str) -> Story:
    header = []
    for line in script.splitlines():
        if not line.startswith("#"):
            break
        header.append(line.removeprefix("#").strip())
    title, *rest = header
    return Story(
        name=name,
        title=title,
        text="\n".join(line for line in rest if line and not line.startswith(("modules:", "packages:"))),
        modules=_named(rest, "modules:"),
        packages=_named(rest, "packages:"),
        script=script,
    )


def _named(header: list[str], keyword: str) -> tuple[str, ...]:
    lines = (line.removeprefix(keyword) for line in header if line.startswith(keyword))
    return tuple(name for line in lines for name in line.split())
