"""The one-stop rules as dated data: each dossier keeps the set in force when it was filed."""

from __future__ import annotations

from datetime import date, time
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Rule(BaseModel):
    """A rule with the article it comes from."""

    model_config = ConfigDict(extra="forbid")


class Cutoff(Rule):
    """A dossier received at or after `at` counts from the next working day."""

    at: time
    legal_basis: str


class SupplementRule(Rule):
    """How often a supplement may be asked for at one stage, and how long the person has (days, 0: no limit)."""

    stage: Literal["reception", "review"]
    max_requests: int
    answer_days: int = 0
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
    apology_working_days_before_due: int = 1
    overdue_apology_legal_basis: str = ""
    notes: list[str] = []

    def supplement_rule(self, stage: str) -> SupplementRule | None:
        """The supplement rule of a stage, or None when a supplement may not be asked for there."""
        return next((rule for rule in self.supplements if rule.stage == stage), None)

    def paper(self, kind: str) -> PaperForm | None:
        """The legal form of a kind of paper in this rule set, or None when the set has none."""
        return next((paper for paper in self.papers if paper.kind == kind), None)
