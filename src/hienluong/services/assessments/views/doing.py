"""Beginning an assessment, answering it on a plain page, choosing between answers, and what is decided about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hienluong.capabilities.scoring import actions, installing, photos, queries
from hienluong.capabilities.scoring.actions import Given
from hienluong.capabilities.scoring.models import Assessment
from hienluong.capabilities.scoring.permissions import ASSESS
from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.schemas.cleaning import spelled_out

from .. import looks, presentation, reports, targets
from ..forms import BeginForm, ReasonForm

#: Where somebody comes back to whose session ended while they sent one of these.
PAGES = {
    "assessments:choose": ("assessments:do", ("assessment",)),
    "assessments:act": ("assessments:show", ("assessment",)),
}


@require_http_methods(["GET", "POST"])
@officials.only()
def begin(request: HttpRequest) -> HttpResponse:
    """Choose a scoring form, then say what is assessed."""
    actor = actor_of(request)
    places = targets.places(actor)
    code = request.GET.get("bieu", "")
    if not code:
        forms = [installing.spec_of(one) for one in installing.in_force(timezone.localdate())]
        return render(request, "assessments/forms.html", {"forms": forms})
    spec = installing.spec_of(installing.definition_on(code, timezone.localdate()))
    known = {"register": request.GET.get("csdl", ""), "key": request.GET.get("ma", "")}
    titles = targets.titles(spec.targets)
    form = BeginForm(request.POST or None, spec=spec, places=places, titles=titles, initial=known)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        organization = int(said.pop("organization"))
        try:
            made = targets.begin(actor, form=code, organization_id=organization, **said)
        except InvalidInput as error:
            field = {"target": "key" if spec.targets else "name"}.get(error.field or "", error.field)
            form.add_error(field if field in form.fields else None, str(error.message))
        else:
            return redirect("assessments:do", assessment=made.pk)
    return render(request, "assessments/begin.html", {"form": form, "spec": spec})


@require_http_methods(["GET", "POST"])
@officials.only()
def do(request: HttpRequest, assessment: UUID) -> HttpResponse:
    """All items on one page, saved at once; each answer says which one it was given upon."""
    actor = actor_of(request)
    found = queries.seen_by(actor, assessment)
    actor.require(ASSESS, found.organization.path)
    if found.state != Assessment.State.DRAFT:
        return redirect("assessments:show", assessment=found.pk)
    faults: dict[str, str] = {}
    if request.method == "POST":
        saved, faults = _save(request, actor, found)
        if not faults:
            if queries.items_in_dispute(found):
                messages.warning(request, _("Có tiêu chí người khác đã trả lời khác bạn. Hãy xem cả hai rồi chọn."))
            else:
                messages.success(request, _("Đã lưu %(count)d câu trả lời.") % {"count": saved})
            return redirect("assessments:do", assessment=found.pk)
    looks.write_down(actor, [found])
    rows = presentation.rows(found)
    context = {
        "assessment": found,
        "spec": installing.spec_of(found.definition),
        "rows": [_typed(request, row, faults) for row in rows],
        "faults": faults,
        "verdict": queries.verdict_of(found),
        "disputes": [row for row in rows if row.rivals],
    }
    return render(request, "assessments/do.html", context, status=422 if faults else 200)


def _typed(request: HttpRequest, row: presentation.Row, faults: dict[str, str]) -> dict[str, Any]:
    """A row with what stands in its boxes: what was typed while something is wrong, else what is kept."""
    code, kept = row.node.code, row.current.answer if row.current else None
    typed = request.POST if faults else None
    value = typed.get(f"{code}-value", "") if typed is not None else kept.value if kept else ""
    note = typed.get(f"{code}-note", "") if typed is not None else kept.note if kept else ""
    shown = value.replace(".", ",") if row.node.ask == "number" and value != "na" else value
    return {"row": row, "value": shown, "note": note, "fault": faults.get(code, ""), "base": kept.key if kept else ""}


def _save(request: HttpRequest, actor: Actor, found: Assessment) -> tuple[int, dict[str, str]]:
    """Save what differs from what the page showed; how many, and what was refused by item."""
    saved, faults = 0, {}
    standing = {one.item: one for one in queries.standing_answers(found) if one.standing == "current"}
    shown = {str(one.key): one for one in found.answers.all()}
    here = queries.arrived(found)
    for node in installing.spec_of(found.definition).asked:
        base = shown.get(request.POST.get(f"{node.code}-base", ""))
        value = request.POST.get(f"{node.code}-value", "").strip()
        if request.POST.get(f"{node.code}-na"):
            value = "na"
        elif node.ask == "number":
            value = spelled_out(value) or value.replace(" ", "").replace(",", ".")
        note = request.POST.get(f"{node.code}-note", "").replace("\r\n", "\n").strip()
        uploads = request.FILES.getlist(f"{node.code}-photo")
        before = (base.value, base.note) if base else ("", "")
        held = base.photos if base else []
        if request.POST.get(f"{node.code}-drop"):  # a phone that is lost sends nothing any more
            held = [photo for photo in held if photo in here]
        if (value, note) == before and not uploads and held == (base.photos if base else []):
            continue
        current = standing.get(node.code)
        kept = [UUID(photo) for photo in held]
        try:
            new = [photos.keep(actor, assessment_id=found.pk, item=node.code, upload=one).pk for one in uploads]
            actions.answer(
                actor,
                assessment_id=found.pk,
                given=Given(
                    item=node.code,
                    key=uuid4(),
                    value=value[:40],
                    base=base.key if base else None,
                    note=note,
                    photos=[*kept, *new],
                    latitude=current.latitude if current else None,
                    longitude=current.longitude if current else None,
                ),
            )
            saved += 1
        except InvalidInput as error:
            faults[node.code] = str(error.message)
    return saved, faults


@require_POST
@officials.only(PAGES)
def choose(request: HttpRequest, assessment: UUID) -> HttpResponse:
    """Let one of several answers stand."""
    actor = actor_of(request)
    found = queries.seen_by(actor, assessment)
    try:
        key, seen = UUID(request.POST.get("key", "")), [UUID(one) for one in request.POST.getlist("seen")]
    except ValueError as error:
        raise InvalidInput(_("Không rõ câu trả lời nào được chọn.")) from error
    try:
        actions.choose(actor, assessment_id=found.pk, item=request.POST.get("item", ""), key=key, seen=seen)
        messages.success(request, _("Đã chọn. Câu trả lời kia vẫn được giữ trong lịch sử."))
    except (actions.Undecided, actions.WrongState) as error:
        messages.error(request, str(error.message))
    return redirect("assessments:do", assessment=found.pk)


@require_POST
@officials.only(PAGES)
def act(request: HttpRequest, assessment: UUID, verb: str) -> HttpResponse:
    """Finish, take up again, sign or annul."""
    actor = actor_of(request)
    found = queries.seen_by(actor, assessment)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    verbs: dict[str, tuple[Callable[[], object], str]] = {
        "ket-thuc": (lambda: actions.finish(actor, assessment_id=found.pk), _("Đã kết thúc chấm, chờ ký.")),
        "mo-lai": (lambda: actions.reopen(actor, assessment_id=found.pk, reason=reason), _("Đã mở lại để chấm tiếp.")),
        "ky": (lambda: reports.sign(actor, assessment_id=found.pk), _("Đã ký biên bản.")),
        "huy": (lambda: reports.annul(actor, assessment_id=found.pk, reason=reason), _("Đã hủy biên bản.")),
    }
    if verb not in verbs:
        raise NotFound(_("Không có việc này."))
    run, done = verbs[verb]
    try:
        run()
        messages.success(request, done)
    except DomainError as error:
        if error.status == 403:
            raise
        messages.error(request, str(error.message))
    return redirect("assessments:show", assessment=found.pk)
