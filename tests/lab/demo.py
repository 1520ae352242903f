"""`python -m tests.lab.demo [STORY]`: list the stories, or play one to a person. `make demo STORY=...` runs it."""

import shutil
import sys
from textwrap import fill

from tests.lab.story import Story, UnknownStoryError, find_story, read_stories
from tests.lab.uml import LabError, boot, missing

UNUSABLE = 3


def main(arguments: list[str]) -> int:
    """Play the story that is named, or list them all; 3 when it cannot be."""
    if not arguments:
        _list_stories()
        return 0
    try:
        story = find_story(arguments[0])
    except UnknownStoryError as error:
        print(f"{error}\n`make demo` lists them.", file=sys.stderr)
        return UNUSABLE
    if lacks := missing(story.packages):
        print(f"missing: {lacks}; on Debian and Ubuntu: sudo make lab-deps", file=sys.stderr)
        return UNUSABLE
    try:
        _play(story)
    except LabError as error:
        print(f"\nThe story broke off: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # the kernel is gone already
    return 0


def _list_stories() -> None:
    stories = read_stories()
    width = max(len(story.name) for story in stories)
    print("Each story happens for real, in a kernel of its own; this machine is only looked at.\n")
    for story in stories:
        print(f"  {story.name:{width}}  {story.title}")
    print("\nTo watch one: make demo STORY=bond-member-down")


def _play(story: Story) -> None:
    width = shutil.get_terminal_size().columns
    text = "\n".join(fill(part, width) for part in (story.title, story.text))
    print(f"{text}\n\n(a kernel boots, which takes some seconds)", flush=True)
    boot(story.script, modules=story.modules, packages=story.packages, audience="people", echo=sys.stdout)
    print("\nThe end. The kernel is gone, and all it had changed with it.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
