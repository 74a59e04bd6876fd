"""What keeps a draft from being filed, and where each of it is mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from hienluong.capabilities.forms import engine, pages
from hienluong.capabilities.forms.definition import Page
from hienluong.foundation.schemas.cleaning import clean
from hienluong.services.dossiers import foreseeing, requirements
from hienluong.services.dossiers.models import Draft
from hienluong.services.procedures.spec import Form, Paper

#: What a page is told when it is opened from the check: to go back there, and to say what is wrong at its questions.
FROM_CHECK = "?sau=kiem-tra"


@dataclass(frozen=True)
class Fault:
    """Something missing or wrong, in words, and the address of the question where it is mended."""

    text: str
    href: str = ""


def question_address(draft: Draft, page_id: str, name: str) -> str:
    """Where a question of the form stands, coming from the check."""
    page = reverse("portal:draft_page", kwargs={"draft_id": draft.pk, "page_id": page_id})
    return f"{page}{FROM_CHECK}#cau-hoi-{name}"


def faults(draft: Draft, form: Form, wrong: Mapping[str, Sequence[str]], asked: Sequence[Paper]) -> list[Fault]:
    """All that keeps a draft from being filed, in the order in which it is asked; `wrong` are messages by question."""

    def at(name: str) -> str:
        return reverse(f"portal:{name}", kwargs={"draft_id": draft.pk})

    found = [] if draft.subject_id else [Fault(_("Chưa chọn nộp hồ sơ cho ai."), at("whom"))]
    stands = {name: page.id for page in pages.visible_pages(form, draft.data) for name in page.fields}
    for name in sorted(wrong, key=lambda one: list(stands).index(one) if one in stands else len(stands)):
        href = question_address(draft, stands[name], name) if name in stands else ""
        found += [Fault(message, href) for message in wrong[name]]
    if draft.organization_id is None:
        found.append(Fault(_("Chưa chọn nơi giải quyết."), at("place")))
    for paper in missing_papers(draft, asked):
        found.append(Fault(_("Thiếu “%(name)s”.") % {"name": paper.name}, f"{at('draft_papers')}#giay-to-{paper.code}"))
    return found


def missing_papers(draft: Draft, asked: Sequence[Paper]) -> list[Paper]:
    """The papers that still have to be handed in."""
    return requirements.missing_papers(asked, [code for code, files in draft.papers.items() if files])


def wrong_on(draft: Draft, form: Form, page: Page) -> dict[str, list[str]]:
    """What the check says of the answers of a page: what is wrong by themselves, else what a register will refuse."""
    outcome = engine.validate(form, draft.data)
    wrong = outcome.errors or foreseeing.refused(draft.procedure_version, outcome.data)
    return {name: messages for name, messages in wrong.items() if name in page.fields}


def refused_on(draft: Draft, form: Form, page: Page) -> dict[str, list[str]]:
    """What a register will refuse of the answers given up to a page, at the questions of that page."""
    settled: set[str] = set()
    for each in form.pages:
        settled |= set(each.fields)
        if each.id == page.id:
            break
    answers = engine.sound_of(form, engine.walk(form, clean(form.data_schema, draft.data)).answers)
    here = frozenset(pages.visible_fields(form, page, draft.data))
    refused = foreseeing.refused(draft.procedure_version, answers, settled=frozenset(settled), near=here)
    return {name: messages for name, messages in refused.items() if name in here}
