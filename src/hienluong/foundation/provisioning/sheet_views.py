"""Officials from a sheet: choose it, look at what it would do, watch it, take it back."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hienluong.foundation.actions import Actor, DomainError, NotFound
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.files import tables
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity.frame import actor_of_request, page_of
from hienluong.foundation.identity.models import Role
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations import queries, reach
from hienluong.ui import asked

from . import columns, importing
from .forms import SheetForm, StartForm
from .models import Sheet, SheetRow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What is shown of a sheet by ``?xem=``.
_SHOWN = {
    "loi": Q(plan=SheetRow.Plan.FAULTY) | Q(state__in=(SheetRow.State.FAULTY, SheetRow.State.KEPT)),
    "moi": Q(plan=SheetRow.Plan.NEW),
    "cap-nhat": Q(plan=SheetRow.Plan.CHANGE),
}


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a sheet; a sound one leads to its preview. One's former sheets are listed below."""
    actor = _importer(request)
    may_invite = bool(actor.paths_with(identity.MANAGE))
    form = SheetForm(request.POST or None, request.FILES or None)
    if not may_invite:
        del form.fields["invites"]
    if request.method == "POST" and form.is_valid():
        file: UploadedFile[bytes] = form.cleaned_data["file"]
        if sheet := attempt(form, lambda: _taken_in(actor, file, invites=form.cleaned_data.get("invites", False))):
            return redirect("provisioning:sheet", pk=sheet.pk)
    former = Sheet.objects.filter(account_id=actor.account_id or 0).annotate(total=Count("rows"))
    context = {
        "form": form,
        "former": former.order_by("-created_at")[:20],
        "columns": columns.COLUMNS,
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Nhập cán bộ từ tệp"), "")],
    }
    return render(request, "provisioning/upload.html", context, status=422 if form.errors else 200)


def _taken_in(actor: Actor, file: UploadedFile[bytes], *, invites: bool) -> Sheet:
    if (file.size or 0) > columns.LIMITS.size:
        raise tables.too_large(columns.LIMITS)
    return importing.take_in(actor, name=file.name or "", content=file.read(), invites=invites)


@login_required
@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """The sheet to fill in, with the roles and the organisations to choose from."""
    actor = _importer(request)
    paths = actor.paths_with(organisations.APPOINT)
    here = reach.below(paths)
    places = queries.in_force().filter(here).order_by("path").values_list("code", "name")
    content = columns.template(Role.objects.order_by("name").values_list("code", "name"), places)
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="mau-nhap-can-bo.xlsx"'
    return response


@login_required
@require_safe
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a sheet would do, or how far it has come; the figures look again by themselves while work goes on."""
    sheet = _sheet(request, pk)
    context = _figures(sheet)
    if request.headers.get("HX-Request"):
        answer = render(request, "provisioning/_progress.html", context)
        if not context["working"]:  # the work ended: the rows below are to be shown as they are now, too
            answer["HX-Refresh"] = "true"
        return answer
    return render(request, "provisioning/sheet.html", {**context, **_listed(request, sheet, StartForm())})


@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin with the rows that were chosen."""
    sheet = _sheet(request, pk)
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor = actor_of_request(request)
        if attempt(form, lambda: importing.start(actor, sheet=sheet, rows=form.wanted())):
            return redirect("provisioning:sheet", pk=sheet.pk)
    if request.method == "GET":
        return redirect("provisioning:sheet", pk=sheet.pk)
    context = {**_figures(sheet), **_listed(request, sheet, form)}
    return render(request, "provisioning/sheet.html", context, status=422)


@login_required
@require_safe
def faults(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every fault by row and column as a file to mend the sheet with."""
    sheet = _sheet(request, pk)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("Dòng"), _("Cột"), _("Giá trị"), _("Lỗi")])
    for row in sheet.rows.exclude(faults=[]).order_by("number").iterator():
        for name, message in row.faults:
            writer.writerow([row.number, _heading(sheet, name), _inert(row.values.get(name, "")), message])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="loi-nhap-can-bo.csv"'
    return response


@login_required
@require_POST
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop after the row that is being written."""
    return _do(request, pk, importing.stop, _("Đã dừng. Các dòng đã nhập được giữ; có thể nhập tiếp."))


@login_required
@require_POST
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go on where it stopped."""
    return _do(request, pk, importing.resume, _("Đang nhập tiếp."))


@login_required
@require_POST
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back what the sheet wrote, but not what somebody has used or changed since."""
    return _do(request, pk, importing.undo, _("Đang hoàn tác."))


def _do(request: HttpRequest, pk: UUID, act: Any, words: str) -> HttpResponse:
    sheet = _sheet(request, pk)
    try:
        act(actor_of_request(request), sheet=sheet)
        messages.success(request, words)
    except DomainError as error:
        messages.warning(request, str(error.message))
    return redirect("provisioning:sheet", pk=sheet.pk)


def _figures(sheet: Sheet) -> dict[str, Any]:
    """How many rows would do what, and did; two queries."""
    plans = dict(sheet.rows.values_list("plan").annotate(Count("pk")))
    states = dict(sheet.rows.values_list("state").annotate(Count("pk")))
    total = sum(plans.values())
    done = total - states.get(SheetRow.State.WAITING, 0)
    return {
        "sheet": sheet,
        "plans": plans,
        "states": states,
        "total": total,
        "done": done,
        "percent": done * 100 // max(total, 1),
        "working": sheet.state in (Sheet.State.RUNNING, Sheet.State.UNDOING),
        "invited": sheet.invitations.count(),
        "set_up": sheet.invitations.exclude(used_at=None).count(),
    }


def _listed(request: HttpRequest, sheet: Sheet, form: StartForm) -> dict[str, Any]:
    chosen = asked.text(request, "xem", 10)
    rows = sheet.rows.order_by("number")
    page = page_of(request, rows.filter(_SHOWN[chosen]) if chosen in _SHOWN else rows)
    labels = dict(SheetRow.Plan.choices) if sheet.state == Sheet.State.DRAFT else dict(SheetRow.State.choices)
    for row in page.object_list:
        row.label = labels[row.plan if sheet.state == Sheet.State.DRAFT else row.state]
        row.said = [(_heading(sheet, name), row.values.get(name, ""), message) for name, message in row.faults]
    tabs = (("", _("Tất cả")), ("loi", _("Có lỗi")), ("moi", _("Thêm mới")), ("cap-nhat", _("Cập nhật")))
    return {
        "form": form,
        "page": page,
        "tabs": [(value, label, value == chosen) for value, label in tabs],
        "breadcrumbs": [
            (_("Trang chủ"), "/"),
            (_("Nhập cán bộ từ tệp"), reverse("provisioning:sheets")),
            (sheet.name, ""),
        ],
        "today": timezone.localdate(),
    }


def _heading(sheet: Sheet, column: str) -> str:
    known = columns.BY_NAME.get(column)
    return str(sheet.headings.get(column) or (known.heading if known else "")).removesuffix("*").strip()


def _inert(text: str) -> str:
    """No text that a spreadsheet would run."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _sheet(request: HttpRequest, pk: UUID) -> Sheet:
    """One's own sheet; somebody else's does not exist."""
    actor = _importer(request)
    found = Sheet.objects.filter(pk=pk, account_id=actor.account_id or 0).first()
    if found is None:
        raise NotFound(_("Không có lần nhập này."))
    return found


def _importer(request: HttpRequest) -> Actor:
    actor = actor_of_request(request)
    actor.require_somewhere(organisations.APPOINT, _("Bạn không có quyền bổ nhiệm."))
    return actor
