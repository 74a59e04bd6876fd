"""Beginning a draft, writing its text, setting what stands around it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.files import previews
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.files.storing import store
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import form_page
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.organisations.models import Organization
from hienluong.ui import asked

from ... import access, bodies, competence, laying, letterheads, places, rights
from ...actions import drafting
from ...bodies import Parts
from ...forms.outgoing import BeginForm, SetOutForm, TextForm, end_of, officials_of
from ...layout import word
from ...models import Direction, Document, Relation, WorkingCopy
from .guard import agencies_of, document_for, units_of

#: By the name in the address: how the new document stands to the one it names.
_ABOUT = {
    "tra-loi": Relation.Kind.ANSWERS,
    "thay-the": Relation.Kind.REPLACES,
    "dinh-chinh": Relation.Kind.CORRECTS,
    "lien-quan": Relation.Kind.BASED_ON,
}


def taken_file(actor: Actor, upload: Any) -> StoredFile | None:
    """An upload, kept for documents; None for none."""
    if not upload:
        return None
    return store(upload, name=upload.name, owner=actor.account_id, purpose=access.FILE_PURPOSE)


def taken_word(actor: Actor, upload: Any) -> StoredFile | None:
    """A Word file, kept only when it can be read and bears no stamp of secrecy; None for none."""
    if not upload:
        return None
    drafting.text_of_word(upload.read(word.LARGEST + 1))
    upload.seek(0)
    return taken_file(actor, upload)


@require_http_methods(["GET", "POST"])
@officials.only()
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a draft; ``?tra-loi=12`` (…) says which document it answers, replaces or corrects."""
    actor = actor_of(request)
    agencies = agencies_of(actor, "documents.draft")
    relations = _about(request, actor)
    units = [unit for agency in agencies for unit in units_of(agency)]
    initial: dict[str, Any] = {"unit": str(actor.organization_id or "")}
    if relations:
        initial["subject"] = _subject_about(*relations[0])
    form = BeginForm(request.POST or None, request.FILES or None, agencies=agencies, units=units, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = attempt(
            form,
            lambda: drafting.begin(
                actor,
                agency=next(each for each in agencies if str(each.pk) == data["agency"]),
                type=data["type"],
                subject=data["subject"],
                unit=next((each for each in units if str(each.pk) == data["unit"]), None),
                direction=data["direction"],
                urgency=data["urgency"],
                restricted=data["restricted"],
                secrecy_level=data["secrecy_level"],
                relations=relations,
                upload=taken_word(actor, data["word"]) if not data["secrecy_level"] else None,
            ),
        )
        if made is not None:
            return redirect("outgoing:write", document=made.pk)
    facts = [{"key": Relation.Kind(kind).label, "value": f"{other} {other.subject}"} for kind, other in relations]
    return form_page(
        request,
        form,
        title=_("Soạn văn bản mới"),
        submit=_("Bắt đầu soạn"),
        back=reverse("outgoing:home"),
        crumbs=[(_("Văn bản đi"), reverse("outgoing:home"))],
        facts=facts,
    )


def _about(request: HttpRequest, actor: Actor) -> list[tuple[str, Document]]:
    found = []
    for name, kind in _ABOUT.items():
        pk = asked.number(request, name, 1, 2**63 - 1)
        other = Document.objects.filter(pk=pk).first() if pk else None
        if other is not None:
            access.require_read(actor, other)
            found.append((str(kind), other))
    return found


def _subject_about(kind: str, other: Document) -> str:
    if kind == Relation.Kind.ANSWERS:
        return f"trả lời Văn bản số {other.code}"[:500]
    if kind == Relation.Kind.CORRECTS:
        return f"đính chính {other.kind.name} số {other.code}"[:500]
    return other.subject


@require_http_methods(["GET", "POST"])
@officials.only()
def write(request: HttpRequest, document: int) -> HttpResponse:
    """Write the text; saving makes the next version."""
    found = document_for(request, document, _("soạn thảo"))
    actor = actor_of(request)
    rights.require_editor(actor, found)
    newest = drafting.latest(found)
    kept = WorkingCopy.objects.filter(document=found, official=actor.official_id).first()
    initial, restored = _typed_before(newest.body, newest.extra, newest.number), False
    if kept is not None and request.GET.get("ban-luu") != "0":
        initial, restored = _typed_before(kept.body, kept.extra, kept.based_on), True
    form = TextForm(request.POST or None, request.FILES or None, initial=initial)
    conflict = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            saved = drafting.save(
                actor,
                document=found,
                body=data["body"],
                parts=form.typed_parts,
                based_on=data["based_on"],
                note=data["note"],
                upload=taken_word(actor, data["word"]),
            )
        except drafting.ChangedMeanwhile as error:
            form.add_error(None, str(error.message))
            conflict = _conflict(found, form, int(str(error.details["version"])))
        except NotAllowed:
            raise
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            messages.success(request, _("Đã lưu bản %(number)s.") % {"number": saved.number})
            if "xem" in request.POST:
                return redirect("outgoing:show", document=found.pk)
            return redirect("outgoing:write", document=found.pk)
    context = {
        "document": found,
        "form": form,
        "newest": newest,
        "restored": restored and not form.is_bound,
        "behind": restored and kept is not None and kept.based_on != newest.number,
        "kept": kept,
        "conflict": conflict,
        "preview": reverse("outgoing:preview", args=[found.pk]),
        "keep": reverse("outgoing:keep", args=[found.pk]),
        "picture": reverse("outgoing:draft_page", args=[found.pk, newest.number, 1]),
        "breadcrumbs": [
            (_("Trang chủ"), "/"),
            (_("Văn bản đi"), reverse("outgoing:home")),
            (str(found), reverse("outgoing:show", args=[found.pk])),
            (_("Soạn thảo"), ""),
        ],
    }
    return render(request, "documents/outgoing/write.html", context, status=422 if form.errors else 200)


def _typed_before(body: str, extra: dict[str, Any], based_on: int) -> dict[str, Any]:
    parts = Parts.of(extra)
    return {
        "body": bodies.in_box(body),
        "grounds": "\n".join(parts.grounds),
        "addressees": "\n".join(parts.addressees),
        "authority": parts.authority,
        "archive": parts.archive,
        "circulation": parts.circulation,
        "based_on": based_on,
    }


def _conflict(document: Document, form: TextForm, number: int) -> dict[str, Any]:
    """What somebody else saved meanwhile beside what was typed; the form may then be saved over it."""
    theirs = document.versions.get(number=number)
    typed = QueryDict(mutable=True)
    for name in form.data:
        typed.setlist(name, [str(form.data[name])])
    typed["based_on"] = str(number)
    form.data = typed
    try:
        mine = bodies.taken(form.cleaned_data["body"])
    except DomainError:
        mine = ""
    return {"theirs": theirs, "compared": bodies.compare(theirs.body, mine)}


@require_POST
@officials.only()
def keep(request: HttpRequest, document: int) -> HttpResponse:
    """Keep what is being typed; JSON for the script of the editor."""
    found = document_for(request, document)
    form = TextForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": _("Chưa lưu tạm được.")}, status=422)
    try:
        kept = drafting.keep(
            actor_of(request),
            document=found,
            body=form.cleaned_data["body"],
            parts=form.typed_parts,
            based_on=form.cleaned_data["based_on"],
        )
    except InvalidInput as error:
        return JsonResponse({"error": str(error.message)}, status=422)
    except DomainError as error:
        return JsonResponse({"error": str(error.message)}, status=error.status)
    return JsonResponse({"at": f"{timezone.localtime(kept.at):%H:%M:%S}"})


@require_POST
@officials.only()
def drop(request: HttpRequest, document: int) -> HttpResponse:
    """Throw away what was typed since the last version."""
    found = document_for(request, document)
    drafting.drop(actor_of(request), document=found)
    messages.success(request, _("Đã bỏ bản lưu tạm."))
    return redirect("outgoing:write", document=found.pk)


@require_POST
@officials.only()
def preview(request: HttpRequest, document: int) -> HttpResponse:
    """A picture of one page of what is being typed; how many pages there are is said in a header."""
    found = document_for(request, document, _("xem trước dự thảo"))
    rights.require_editor(actor_of(request), found)
    form = TextForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": _("Chưa xem trước được.")}, status=422)
    try:
        body, parts = bodies.taken(form.cleaned_data["body"]), form.typed_parts.tidy()
        pdf = laying.typed_pdf(found, drafting.latest(found), body, parts)
    except DomainError as error:
        return JsonResponse({"error": str(error.message)}, status=422)
    pages = previews.pages_of(BytesIO(pdf))
    wanted = request.POST.get("trang", "1")
    page = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else 1
    response = HttpResponse(previews.draw_pdf(pdf, min(max(page, 1), pages)), content_type="image/png")
    response["X-Pages"] = str(pages)
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "POST"])
@officials.only()
def set_out(request: HttpRequest, document: int) -> HttpResponse:
    """Type, signer, receivers."""
    found = document_for(request, document, _("thông tin văn bản"))
    actor = actor_of(request)
    rights.require_editor(actor, found)
    units = units_of(found.agency)
    signers = competence.posts_in(found.agency, "documents.sign", "documents.approve")
    form = SetOutForm(
        request.POST or None,
        signers=signers,
        units=units,
        kind=found.type,
        initial=_around(found, signers),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        signer = officials_of([data["signer"]])[0] if data["signer"] else None
        done = attempt(
            form,
            lambda: drafting.set_out(
                actor,
                document=found,
                subject=data["subject"],
                type=data["type"],
                unit=next((unit for unit in units if str(unit.pk) == data["unit"]), None),
                urgency=data["urgency"],
                restricted=data["restricted"],
                competence_=data["competence"],
                signer=signer,
                due_at=end_of(data["due"]),
                places_=_with_groups(data["places"], data["group"], found.agency),
                lines=data["lines"],
            ),
        )
        if done is not None:
            messages.success(request, _("Đã lưu thông tin văn bản."))
            return redirect("outgoing:show", document=found.pk)
    return form_page(
        request,
        form,
        title=_("Thông tin, nơi nhận, người ký"),
        submit=_("Lưu"),
        back=reverse("outgoing:show", args=[found.pk]),
        crumbs=[
            (_("Văn bản đi"), reverse("outgoing:home")),
            (str(found), reverse("outgoing:show", args=[found.pk])),
        ],
    )


def _around(document: Document, signers: list[competence.Post]) -> dict[str, Any]:
    rows = list(document.recipients.order_by("position", "pk"))
    usual = ""
    if document.signer_id is None and signers:
        head = next((post for post in signers if post.in_agency), None)
        usual = competence.usual(head, letterheads.of(document.agency)) if head else ""
    return {
        "subject": document.subject,
        "type": document.type,
        "unit": str(document.unit_id or ""),
        "signer": str(document.signer_id or ""),
        "competence": document.competence or usual,
        "places": "\n".join(
            row.name if row.agency_id else f"{row.code} {row.name}" for row in rows if row.code or row.agency_id
        ),
        "lines": "\n".join(row.line for row in rows if row.line)
        or ("Như trên" if document.direction == Direction.OUTGOING else ""),
        "urgency": document.urgency,
        "due": timezone.localdate(document.due_at) if document.due_at else None,
        "restricted": document.restricted,
    }


def _with_groups(text: str, wanted: list[str], own: Organization) -> str:
    groups = places.groups()
    extra = [agency.code for key in wanted if key in groups for agency in groups[key].exclude(pk=own.pk)]
    return "\n".join([text, *extra])
