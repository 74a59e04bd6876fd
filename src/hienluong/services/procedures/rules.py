"""The one-stop rules as dated data: each dossier keeps the set in force when it was filed."""

from __future__ import annotations

import logging
import re
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, field_validator

_HOUR = re.compile(r"^([01]\d|2[0-3]):[0-5]\d(:00)?$")


class Rule(BaseModel):
    """A rule with the article it comes from."""

    model_config = ConfigDict(extra="forbid")


class Cutoff(Rule):
    """A dossier received later than `at` on a working day counts from the next working day."""

    at: time
    legal_basis: str

    @field_validator("at", mode="before")
    @classmethod
    def _is_an_hour(cls, value: object) -> object:
        """YAML reads an unquoted 15:00 as the number 900, which would be taken for a quarter past midnight."""
        if isinstance(value, time) or (isinstance(value, str) and _HOUR.match(value)):
            return value
        raise ValueError("phải là giờ:phút trong dấu nháy, ví dụ '15:00'")


class SupplementRule(Rule):
    """How often a supplement may be asked for at one stage, and how long the person has (days, 0: no limit)."""

    stage: Literal["reception", "review"]
    max_requests: int
    answer_days: int = 0
    ask_within_working_days: int = 0  # of reception; 0: no limit of its own
    restarts_clock: bool = False  # the deadline begins anew when the dossier is whole; else it goes on
    legal_basis: str


class PaperForm(Rule):
    """One of the legal papers of the one-stop mechanism and its form number."""

    kind: Literal["receipt", "supplement", "refusal", "apology", "stop", "control_sheet", "register"]
    form_number: str
    title: str
    legal_basis: str


class RuleSetSpec(Rule):
    """One dated set of one-stop rules."""

    code: str
    name: str
    effective_from: date
    effective_to: date | None = None
    legal_basis: list[str]
    cutoff: Cutoff | None = None
    supplements: list[SupplementRule]
    papers: list[PaperForm]
    anywhere_in_province: bool
    own_online_filing: bool
    national_portal_filing: bool
    national_portal_sync: Literal["all", "arrived", "none"] = "all"  # whose steps are told to the national portal
    apology_working_days_before_due: int = 1
    max_extensions: int = 1  # how often a new date may be promised
    overdue_apology_legal_basis: str = ""
    notes: list[str] = []

    def supplement_rule(self, stage: str) -> SupplementRule | None:
        """The supplement rule of a stage, or None when a supplement may not be asked for there."""
        return next((rule for rule in self.supplements if rule.stage == stage), None)

    def paper(self, kind: str) -> PaperForm | None:
        """The legal form of a kind of paper in this rule set, or None when the set has none."""
        return next((paper for paper in self.papers if paper.kind == kind), None)


logger = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "rulesets"


@cache
def shipped() -> tuple[RuleSetSpec, ...]:
    """The rule sets that come with the product, oldest first."""
    specs = [RuleSetSpec.model_validate(yaml.safe_load(path.read_text("utf-8"))) for path in FOLDER.glob("*.yaml")]
    return tuple(sorted(specs, key=lambda spec: spec.effective_from))


def load() -> int:
    """Put the shipped rule sets into the database; returns how many were new or changed. Safe to repeat.

    A set that was corrected becomes a version of its own from today (:func:`rule_sets.bring_in`): each dossier keeps
    the rules it was filed under. A correction of a set that is no longer in force is refused, and said in the log.
    """
    from hienluong.foundation.actions import system

    from .rule_sets import PastRuleSet, bring_in

    changed = 0
    for spec in shipped():
        try:
            changed += bring_in(system("Nạp quy tắc một cửa"), spec=spec)
        except PastRuleSet as error:
            logger.warning("rule set %s: %s", spec.code, error.message)
    return changed
