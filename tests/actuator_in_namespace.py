"""Runs inside a namespace (tests/in_namespace.py): carries out one step for real, twice, and takes it back, twice.

Prints as JSON what was needed, what was said, and what a command of the system says after each.
"""

import json
import subprocess
import sys

import msgspec

from watchdog.actuator import StepFailed, do, prepare
from watchdog.host import Host
from watchdog.steps import AnyStep


def main(given: str) -> list[list[object]]:
    case = json.loads(given)
    for words in case["before"]:
        subprocess.run(words.split(), check=True)
    step: AnyStep = msgspec.convert(case["step"], AnyStep)  # type: ignore[call-overload]
    host, said = Host(), list[list[object]]()

    def note(what: str, answer: object) -> None:
        shown = subprocess.run(case["show"].split(), capture_output=True, text=True, check=False)
        said.append([what, answer, " ".join((shown.stdout + shown.stderr).split())])

    try:
        prepared = prepare(step, host)
        note("needed", prepared.needed)
        note("do", do(step, host))
        note("do again", do(step, host))
        note("needed again", prepare(step, host).needed)
        if prepared.undo:
            note("undo", do(prepared.undo, host))
            note("undo again", do(prepared.undo, host))
    except StepFailed as failure:
        note("failed", str(failure))
    return said


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
