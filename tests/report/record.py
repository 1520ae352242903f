"""`python -m tests.report.record [NAME ...]` plays the lab's stories and records their histories anew."""

import sys

from tests.lab.story import find_story
from tests.lab.uml import boot
from tests.report.recorded import FOLDER, STORIES


def main(names: list[str]) -> None:
    """Record these, or all of them. Raises LabError."""
    for name in names or STORIES:
        story = find_story(STORIES[name])
        print(f"{name}: {story.name}", flush=True)
        told = boot(story.script, modules=story.modules, packages=story.packages, timeout_seconds=900)
        (FOLDER / f"{name}.sql").write_text(told.files["history.sql"])


if __name__ == "__main__":
    main(sys.argv[1:])
