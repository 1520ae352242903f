"""Plan, apply, verify, roll back; and recover what a crash interrupted.

`healer` treats one incident; `automatic` chooses which may be treated unasked; `recovering` ends what a crash
left and takes back what a person wants taken back; `proposing` shows what could be done; `news` tells a person.
"""

from watchdog.healing.attempt import Treatment
from watchdog.healing.automatic import families, heal_alone
from watchdog.healing.contracts import Actuator, Eyes, Journal
from watchdog.healing.healer import Consent, Healer
from watchdog.healing.proposing import (
    Proposal,
    case_of,
    choose,
    finding_of,
    list_proposals,
    propose,
    record_proposals,
    why_stays,
)
from watchdog.healing.recovering import recover, take_back, to_take_back
from watchdog.healing.situating import Brakes
from watchdog.healing.verifying import Problem, harmed, harms, problem_after_crash, still_wrong

__all__ = [
    "Actuator",
    "Brakes",
    "Consent",
    "Eyes",
    "Healer",
    "Journal",
    "Problem",
    "Proposal",
    "Treatment",
    "case_of",
    "choose",
    "families",
    "finding_of",
    "harmed",
    "harms",
    "heal_alone",
    "list_proposals",
    "problem_after_crash",
    "propose",
    "record_proposals",
    "recover",
    "still_wrong",
    "take_back",
    "to_take_back",
    "why_stays",
]
