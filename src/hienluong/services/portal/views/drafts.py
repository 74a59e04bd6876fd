"""The draft a person goes on with, and the steps it takes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.forms import pages
from hienluong.foundation.actions import Actor, DomainError, NotAllowed, NotFound
from hienluong.foundation.mandates import acting
from hienluong.foundation.people.models import Party
from hienluong.services.dossiers import actions, fetching, requirements
from hienluong.services.dossiers.models import Draft
from hienluong.services.procedures.spec import Form, Paper

from .guard import actor_of, people_only

#: The steps after the pages of the form; no page of a form can be called so.
PLACE, PAPERS, CHECK = ":place", ":papers", ":check"

DraftView = Callable[..., HttpResponse]


def own_draft(*, anyhow: bool = False) -> Callable[[DraftView], Callable[..., HttpResponse]]:
    """Give a view the person's own draft; anybody else's does not exist, and a filed one leads to its dossier.

    Unless `anyhow`, a draft whose version is no longer in force leads to what changed, and one without a subject to
    the question for whom it is. Only when a page is asked for: what is posted is kept first.
    """

    def wrap(view: DraftView) -> Callable[..., HttpResponse]:
        @people_only
        @functools.wraps(view)
        def run(request: HttpRequest, draft_id: UUID, **parts: Any) -> HttpResponse:
            draft = (
                Draft.objects.select_related("procedure_version__procedure", "organization", "subject", "filed_as")
                .filter(pk=draft_id)
                .first()
            )
            if draft is None or draft.account_id != actor_of(request).account_id:
                raise NotFound(_("Không tìm thấy hồ sơ nháp."))
            if draft.filed_as is not None:
                return redirect("portal:filed", code=draft.filed_as.code)
            if not anyhow:
                _require_still_for(actor_of(request), draft)
            acting.shown(request, draft.subject)
            if not anyhow and request.method == "GET":
                if not in_force(draft):
                    return redirect("portal:carry_over", draft_id=draft.pk)
                if draft.subject_id is None:
                    return redirect("portal:whom", draft_id=draft.pk)
            return view(request, draft, **parts)

        return run

    return wrap


def _require_still_for(actor: Actor, draft: Draft) -> None:
    """What was typed for an enterprise is closed as soon as it withdraws; the draft waits in case it comes back."""
    subject, code = draft.subject, draft.procedure_version.spec.code
    if subject is None or subject.kind == Party.Kind.CITIZEN or actor.may_for(subject.pk, "file", procedure=code):
        return
    raise NotAllowed(_("Bạn không còn được nộp hồ sơ này thay cho %(name)s.") % {"name": subject.name})


def in_force(draft: Draft) -> bool:
    """Whether the draft could be filed under its version today."""
    try:
        requirements.require_fileable(draft.procedure_version, timezone.localdate())
    except DomainError:
        return False
    return True


def form_of(draft: Draft) -> Form:
    """The e-form of the draft's version."""
    form = draft.procedure_version.spec.form
    if form is None:
        raise NotFound(_("Dịch vụ này chưa nộp được trên mạng."))
    return form


def uploads(request: HttpRequest, draft: Draft) -> list[Paper]:
    """The papers to upload, given the answers and for whom it is."""
    asked = [
        paper
        for paper in requirements.uploads_asked(draft.procedure_version.spec, draft.data)
        if paper.code not in draft.found or draft.papers.get(paper.code)
    ]
    if requirements.needs_authority(actor_of(request), draft.subject):
        return [requirements.authority_paper(), *asked]
    return asked


def look_for_papers(request: HttpRequest, draft: Draft) -> None:
    """Look for the papers that need not be handed in, once it is known where the draft goes."""
    if draft.organization_id and (draft.found or fetching.wanted(draft.procedure_version.spec, draft.data)):
        actions.find_papers(actor_of(request), draft=draft)


def step(request: HttpRequest, draft: Draft, page_id: str) -> dict[str, int]:
    """Which step a page is, of how many: for whom, the pages of the form, the place, the papers, the check.

    `page_id` is a page of the form, or :data:`PLACE`, :data:`PAPERS` or :data:`CHECK`.
    """
    shown = [page.id for page in pages.visible_pages(form_of(draft), draft.data)]
    steps = [*shown, PLACE, *([PAPERS] if uploads(request, draft) else []), CHECK]
    number = 2 + (steps.index(page_id) if page_id in steps else 0)
    return {"step_number": number, "step_total": 1 + len(steps)}
