"""The list of assessments, and one of them: its tree with scores, its steps, its report."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.capabilities.scoring import installing, queries
from hienluong.capabilities.scoring.models import Assessment
from hienluong.capabilities.scoring.permissions import ASSESS, READ, SIGN
from hienluong.foundation.actions import NotAllowed
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.officials import actor_of

from .. import looks, presentation, targets
from ..forms import ReasonForm

PAGE_SIZE = 25
COLOURS = {"draft": "yellow", "finished": "blue", "signed": "green", "annulled": "grey"}


@require_GET
@officials.only()
def assessments(request: HttpRequest) -> HttpResponse:
    """The assessments of one's organisations, newest first; narrowed by state and by words of the target or number."""
    actor = actor_of(request)
    if not any(actor.paths_with(code) for code in (READ, ASSESS, SIGN)):
        raise NotAllowed(_("Bạn không có quyền xem kết quả chấm điểm."), permission=READ)
    found = queries.visible(actor)
    state = request.GET.get("trang-thai", "")
    if state in Assessment.State.values:
        found = found.filter(state=state)
    words = " ".join(request.GET.get("tim", "").replace("\x00", "").split())[:100]
    if words:
        found = found.filter(target_name__icontains=words) | found.filter(code__iexact=words)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    looks.write_down(actor, page)
    rows = []
    for one in page:
        spec = installing.spec_of(one.definition)
        level = spec.level(one.level)
        rows.append(
            {"it": one, "title": spec.title, "level": level, "shade": spec.colour(level), "colour": COLOURS[one.state]}
        )
    context = {
        "page": page,
        "rows": rows,
        "words": words,
        "state": state,
        "states": Assessment.State.choices,
        "may_begin": bool(actor.paths_with(ASSESS)),
    }
    return render(request, "assessments/list.html", context)


@require_GET
@officials.only()
def show(request: HttpRequest, assessment: UUID) -> HttpResponse:
    """One assessment."""
    actor = actor_of(request)
    found = queries.seen_by(actor, assessment)
    looks.write_down(actor, [found])
    spec, verdict = installing.spec_of(found.definition), queries.verdict_of(found)
    may_assess = actor.can(ASSESS, found.organization.path)
    may_sign = actor.can(SIGN, found.organization.path)
    is_draft, is_finished = found.state == "draft", found.state == "finished"
    context = {
        "assessment": found,
        "spec": spec,
        "verdict": verdict,
        "level": spec.level(found.level),
        "shade": spec.colour(spec.level(found.level)),
        "colour": COLOURS[found.state],
        "rows": presentation.rows(found),
        "target": targets.page_of(actor, found),
        "missing_words": presentation.missing_words(),
        "steps": found.steps.all(),
        "disputes": queries.items_in_dispute(found) if is_draft else [],
        "may_do": may_assess and is_draft,
        "may_finish": may_assess and is_draft and verdict["complete"],
        "may_reopen": may_assess and is_finished,
        "may_sign": may_sign and is_finished,
        "may_annul": (may_assess if is_draft else may_sign) and found.state != "annulled",
        "reason": ReasonForm(auto_id="mo-lai-%s"),
        "annul_reason": ReasonForm(auto_id="huy-%s"),
        "today": timezone.localdate(),
    }
    return render(request, "assessments/show.html", context)
