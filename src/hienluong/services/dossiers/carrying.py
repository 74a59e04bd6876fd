"""What a new version of a procedure changes for somebody who had begun under the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from hienluong.capabilities.forms import engine
from hienluong.foundation.schemas import display
from hienluong.foundation.schemas.cleaning import clean
from hienluong.foundation.schemas.properties import label_of, properties
from hienluong.services.procedures.conditions import expression_in_words
from hienluong.services.procedures.spec import Form, ProcedureSpec


@dataclass(frozen=True)
class Dropped:
    """An answer that is no longer asked for: the question, and what was answered."""

    label: str
    text: str


@dataclass(frozen=True)
class Asked:
    """A question that is asked only when something is so, in words."""

    label: str
    when: str


@dataclass(frozen=True)
class Changes:
    """What is different, in words; empty lists where nothing is."""

    new_questions: list[str]
    newly_required: list[str]
    conditional: list[Asked]
    asked_always: list[str]
    to_mend: list[str]
    dropped: list[Dropped]
    new_papers: list[str]
    dropped_papers: list[str]
    charges: list[str]
    legal_basis: list[str]

    @property
    def any(self) -> bool:
        """Whether there is anything to tell."""
        return any(vars(self).values())


def changes(old: ProcedureSpec, new: ProcedureSpec, data: Mapping[str, Any]) -> Changes:
    """Compare two versions over a draft's answers."""
    before, after = _questions(old.form), _questions(new.form)
    known_papers = {paper.code for paper in old.papers}
    kept_papers = {paper.code for paper in new.papers}
    known_basis = {basis.number for basis in old.legal_basis}
    known_charges = {(charge.name, charge.text) for charge in old.charges}
    return Changes(
        new_questions=[label for name, label in after.items() if name not in before],
        newly_required=_newly_required(old.form, new.form, data),
        conditional=_conditional(old.form, new.form),
        asked_always=_asked_always(old.form, new.form),
        to_mend=_to_mend(new.form, before, data),
        dropped=_dropped(old.form, set(after), data),
        new_papers=[paper.name for paper in new.papers if paper.code not in known_papers],
        dropped_papers=[paper.name for paper in old.papers if paper.code not in kept_papers],
        charges=[f"{c.name}: {c.text}" for c in new.charges if (c.name, c.text) not in known_charges],
        legal_basis=[f"{b.number}: {b.title}" for b in new.legal_basis if b.number not in known_basis],
    )


def _questions(form: Form | None) -> dict[str, str]:
    if form is None:
        return {}
    return {name: label_of(name, prop) for name, prop in properties(form.data_schema).items()}


def _newly_required(old: Form | None, new: Form | None, data: Mapping[str, Any]) -> list[str]:
    """Questions that were there, need an answer now, and have none yet."""
    if old is None or new is None:
        return []
    were, labels = set(old.data_schema.get("required", ())), _questions(new)
    known = _questions(old)
    wanted = [name for name in new.data_schema.get("required", ()) if name in known and name not in were]
    return [labels[name] for name in wanted if name in labels and data.get(name) in (None, "", [], {})]


def _conditional(old: Form | None, new: Form | None) -> list[Asked]:
    """Questions that were there and are asked under another condition now."""
    before, after = _conditions(old), _conditions(new)
    props = properties(new.data_schema) if new else {}
    return [
        Asked(label_of(name, props[name]), _(" và ").join(expression_in_words(text, props) for text in texts))
        for name, texts in after.items()
        if texts and name in before and texts != before[name]
    ]


def _asked_always(old: Form | None, new: Form | None) -> list[str]:
    """Questions that were asked only under a condition and are asked of everybody now."""
    before, after, labels = _conditions(old), _conditions(new), _questions(new)
    return [labels[name] for name, texts in after.items() if not texts and before.get(name)]


def _conditions(form: Form | None) -> dict[str, tuple[str, ...]]:
    """What must be so for each question to be asked: of its page, and of itself."""
    if form is None:
        return {}
    props = properties(form.data_schema)
    own = {name: str(prop.get("x-when", "")) for name, prop in props.items()}
    return {
        name: tuple(filter(None, (page.when, own[name]))) for page in form.pages for name in page.fields if name in own
    }


def _to_mend(form: Form | None, before: Mapping[str, str], data: Mapping[str, Any]) -> list[str]:
    """Questions that were there and answered, whose answer the new version does not take."""
    if form is None:
        return []
    labels = _questions(form)
    return [labels[name] for name in engine.validate(form, data).errors if name in before and data.get(name)]


def _dropped(form: Form | None, after: set[str], data: Mapping[str, Any]) -> list[Dropped]:
    if form is None:
        return []
    props = properties(form.data_schema)
    answers = clean(form.data_schema, data)
    return [
        Dropped(label_of(name, prop), display.show(answers[name], prop))
        for name, prop in props.items()
        if name not in after and name in answers
    ]
