"""Work files: the list, one file, what is put in and taken out."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hienluong.foundation.actions import NotFound
from hienluong.foundation.files import store
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import actor_of_request, form_page, page_of, sent
from hienluong.foundation.organisations.models import Official
from hienluong.services.documents import access as documents
from hienluong.services.documents import addresses, finding, stamps
from hienluong.services.documents.models import Document
from hienluong.ui import asked

from .. import access, actions, papers
from ..forms import CloseForm, DetailsForm, FileForm, FindDocumentForm, OpenForm, PlaceForm, PlanForm, ReasonForm
from ..models import Member, Planned, State, WorkFile
from .shared import about, agencies_of, crumbs, found, whole_crumbs

PER_PAGE = 30


@require_safe
@officials.only()
def files(request: HttpRequest) -> HttpResponse:
    """The files one may see: those being worked on first."""
    actor = actor_of_request(request)
    actor.require_somewhere("documents.read", _("Bạn không có quyền thực hiện việc này."))
    state, words = asked.text(request, "trang-thai", 12), asked.text(request, "q", 100)
    rows = access.visible_to(actor).select_related("keeper", "agency").annotate(papers=Count("items"))
    if state in State.values:
        rows = rows.filter(state=state)
    for word in words.split()[:6]:
        rows = rows.filter(Q(title__icontains=word) | Q(code__icontains=word))
    context = {
        "page": page_of(request, rows.order_by("-opened_on", "-pk"), PER_PAGE),
        "words": words,
        "state": state,
        "choices": [("", _("Tất cả")), *State.choices],
        "may_open": bool(documents.agencies_with(actor, "documents.draft")),
        "is_archivist": bool(documents.agencies_with(actor, "workfiles.archive")),
        "may_approve": bool(documents.agencies_with(actor, "workfiles.approve")),
        "breadcrumbs": [*whole_crumbs()[:-1], (_("Hồ sơ công việc"), "")],
    }
    return render(request, "workfiles/files.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def new(request: HttpRequest) -> HttpResponse:
    """Open a file."""
    actor = actor_of_request(request)
    agencies = agencies_of(actor, "documents.draft")
    wanted = asked.number(request, "danh-muc", 1, 2**31)
    planned = Planned.objects.filter(pk=wanted, agency__in=agencies).first() if wanted else None
    form = OpenForm(request.POST or None, agencies=agencies, planned=planned)
    if made := sent(request, form, partial(actions.open_file, actor)):
        messages.success(request, _("Đã mở hồ sơ %(code)s.") % {"code": made.code})
        return redirect("workfiles:file", code=made.code)
    return form_page(
        request,
        form,
        title=_("Mở hồ sơ công việc"),
        submit=_("Mở hồ sơ"),
        back=reverse("workfiles:files"),
        crumbs=crumbs(),
    )


@require_safe
@officials.only()
def planned(request: HttpRequest) -> HttpResponse:
    """The list of files an agency means to keep in a year."""
    actor = actor_of_request(request)
    agencies = agencies_of(actor, "documents.read")
    year = asked.number(request, "nam", 2000, 2100) or timezone.localdate().year
    rows = Planned.objects.filter(agency__in=agencies, year=year).select_related("agency").order_by("agency", "number")
    context = {
        "page": page_of(request, rows.annotate(opened=Count("files")), PER_PAGE),
        "year": year,
        "is_archivist": bool(documents.agencies_with(actor, "workfiles.archive")),
        "may_open": bool(documents.agencies_with(actor, "documents.draft")),
        "breadcrumbs": whole_crumbs((_("Danh mục hồ sơ"), "")),
    }
    return render(request, "workfiles/planned.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def plan(request: HttpRequest) -> HttpResponse:
    """Add a line to the list."""
    actor = actor_of_request(request)
    agencies = agencies_of(actor, "workfiles.archive")
    form = PlanForm(request.POST or None, agencies=agencies, initial={"year": timezone.localdate().year})
    if sent(request, form, partial(actions.plan, actor)):
        messages.success(request, _("Đã thêm vào danh mục."))
        return redirect("workfiles:planned")
    back = reverse("workfiles:planned")
    return form_page(
        request,
        form,
        title=_("Thêm vào danh mục hồ sơ"),
        submit=_("Thêm"),
        back=back,
        crumbs=crumbs((_("Danh mục hồ sơ"), back)),
    )


@require_safe
@officials.only()
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One file: what it is, what it holds, what can be done."""
    actor, work_file = found(request, code)
    items = list(work_file.items.select_related("document", "file", "added_by").order_by("position"))
    held = [item.document_id for item in items if item.document_id]
    readable = set(documents.readable(actor).filter(pk__in=held).values_list("pk", flat=True)) if held else set()
    context = {
        "work_file": work_file,
        "rows": [
            (item, addresses.page_of(item.document) if item.document and item.document_id in readable else "")
            for item in items
        ],
        "members": work_file.members.select_related("official").order_by("official__sort_name"),
        "works": work_file.state == State.OPEN and access.works_on(actor, work_file),
        "keeps": access.keeps(actor, work_file),
        "lines": work_file.handover_lines.select_related("handover").order_by("-pk"),
        "is_archivist": access.is_archivist(actor, work_file.agency_id),
        "breadcrumbs": whole_crumbs((work_file.code, "")),
    }
    return render(request, "workfiles/file.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Correct what it is called and how long it is kept."""
    actor, work_file = found(request, code)
    names = ("title", "retention", "retention_years", "mode", "keyword", "description")
    form = DetailsForm(request.POST or None, initial={name: getattr(work_file, name) for name in names})
    verb = partial(actions.change, actor, work_file=work_file)
    return about(request, work_file, form, verb, title=_("Sửa hồ sơ"), submit=_("Lưu"), done=_("Đã lưu."))


@require_safe
@officials.only()
def contents(request: HttpRequest, code: str) -> HttpResponse:
    """The list of contents as PDF."""
    _actor, work_file = found(request, code)
    pdf = papers.contents_pdf(work_file)
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="muc-luc-{work_file.pk}.pdf"'},
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def add_document(request: HttpRequest, code: str) -> HttpResponse:
    """Find a document and put it in."""
    actor, work_file = found(request, code)
    if request.method == "POST":
        document = Document.objects.filter(pk=_posted(request, "document")).first()
        if document is None or not documents.decide_read(actor, document).allowed:
            messages.error(request, _("Không tìm thấy văn bản."))
            return redirect("workfiles:add_document", code=work_file.code)
        actions.add_document(actor, work_file=work_file, document=document)
        messages.success(request, _("Đã thêm văn bản vào hồ sơ."))
        return redirect("workfiles:file", code=work_file.code)
    words = asked.text(request, "q", 200)
    result = finding.search(actor, words) if words else None
    context = {
        "work_file": work_file,
        "form": FindDocumentForm(initial={"q": words}),
        "words": words,
        "found": result.documents(most=PER_PAGE) if result else [],
        "held": set(work_file.items.values_list("document_id", flat=True)),
        "breadcrumbs": whole_crumbs(
            (work_file.code, reverse("workfiles:file", args=[work_file.code])), (_("Thêm văn bản"), "")
        ),
    }
    return render(request, "workfiles/add_document.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def place(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Put one document into one of the open files one works on."""
    actor = actor_of_request(request)
    document = Document.objects.filter(uid=uid).first()
    if document is None or not documents.decide_read(actor, document).allowed:
        raise NotFound(_("Không tìm thấy văn bản."))
    mine = Q(keeper=actor.official_id or 0) | Q(
        pk__in=Member.objects.filter(official=actor.official_id or 0).values("work_file")
    )
    rows = access.visible_to(actor).filter(mine, state=State.OPEN).order_by("-opened_on", "-pk")[:500]
    choices = {each.code: each for each in rows}
    form = PlaceForm(request.POST or None, choices=[(code, f"{code}: {each.title}") for code, each in choices.items()])
    if made := sent(
        request, form, lambda *, code: actions.add_document(actor, work_file=choices[code], document=document)
    ):
        messages.success(request, _("Đã thêm văn bản vào hồ sơ."))
        return redirect("workfiles:file", code=made.work_file.code)
    back = addresses.page_of(document)
    return form_page(
        request,
        form,
        title=_("Đưa vào hồ sơ công việc"),
        submit=_("Đưa vào hồ sơ"),
        back=back,
        crumbs=crumbs((str(document), back)),
        lead="" if choices else _("Bạn chưa có hồ sơ nào đang lập. Hãy mở hồ sơ trước."),
        facts=[{"key": _("Văn bản"), "value": f"{document} {document.subject}"}],
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def add_file(request: HttpRequest, code: str) -> HttpResponse:
    """Put a paper of its own in."""
    actor, work_file = found(request, code)
    form = FileForm(request.POST or None, request.FILES or None)

    def verb(*, upload: Any, **fields: Any) -> Any:
        access.require(access.works_on(actor, work_file), work_file)
        stamps.refuse_in_upload(upload)  # before anything is kept
        file = store(upload, name=upload.name, owner=actor.account_id, purpose=access.FILE)
        return actions.add_file(actor, work_file=work_file, file=file, **fields)

    return about(
        request,
        work_file,
        form,
        verb,
        title=_("Thêm tài liệu"),
        submit=_("Thêm"),
        done=_("Đã thêm tài liệu."),
    )


@require_POST
@officials.only()
def item(request: HttpRequest, code: str, item_id: int) -> HttpResponse:
    """Move a line or take it out."""
    actor, work_file = found(request, code)
    verb = request.POST.get("verb", "")
    if verb in ("up", "down"):
        actions.move(actor, work_file=work_file, item_id=item_id, up=verb == "up")
    elif verb == "remove":
        actions.remove_item(actor, work_file=work_file, item_id=item_id)
        messages.success(request, _("Đã đưa tài liệu ra khỏi hồ sơ."))
    return redirect("workfiles:file", code=work_file.code)


class MemberForm(forms.Form):
    """One of the agency's officials."""

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["official"] = forms.ChoiceField(label=_("Người cùng lập hồ sơ"), choices=choices)


@require_http_methods(["GET", "POST"])
@officials.only()
def members(request: HttpRequest, code: str) -> HttpResponse:
    """Who works on the file beside its keeper."""
    actor, work_file = found(request, code)
    today = timezone.localdate()
    in_agency = Official.objects.filter(
        positions__valid__contains=today, positions__organization__path__startswith=work_file.agency.path
    ).distinct()
    choices = [(str(each.pk), each.full_name) for each in in_agency.order_by("sort_name")[:2000]]
    form = MemberForm(request.POST if request.POST.get("verb") != "remove" else None, choices=choices)
    if request.method == "POST" and request.POST.get("verb") == "remove":
        gone = Official.objects.filter(pk=_posted(request, "official")).first()
        if gone is not None:
            actions.remove_member(actor, work_file=work_file, official=gone)
        return redirect("workfiles:file", code=work_file.code)

    def verb(*, official: str) -> Any:
        return actions.add_member(actor, work_file=work_file, official=Official.objects.get(pk=int(official)))

    title = _("Thêm người cùng lập hồ sơ")
    return about(request, work_file, form, verb, title=title, submit=_("Thêm"), done=_("Đã thêm."))


@require_http_methods(["GET", "POST"])
@officials.only()
def close(request: HttpRequest, code: str) -> HttpResponse:
    """The matter has ended."""
    actor, work_file = found(request, code)
    form = CloseForm(request.POST or None)
    verb = partial(actions.close, actor, work_file=work_file)
    return about(
        request,
        work_file,
        form,
        verb,
        title=_("Kết thúc hồ sơ"),
        submit=_("Kết thúc hồ sơ"),
        done=_("Đã kết thúc hồ sơ. Nộp lưu trữ trong 60 ngày."),
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def reopen(request: HttpRequest, code: str) -> HttpResponse:
    """The matter goes on after all."""
    actor, work_file = found(request, code)
    form = ReasonForm(request.POST or None)
    verb = partial(actions.reopen, actor, work_file=work_file)
    return about(
        request, work_file, form, verb, title=_("Mở lại hồ sơ"), submit=_("Mở lại"), done=_("Đã mở lại hồ sơ.")
    )


def _posted(request: HttpRequest, name: str) -> int:
    """A key that was sent; 0, which nothing has, for anything else."""
    given = request.POST.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else 0


def chosen(values: list[str]) -> list[WorkFile]:
    """The files with these codes."""
    return list(WorkFile.objects.filter(code__in=values[:1000]))
