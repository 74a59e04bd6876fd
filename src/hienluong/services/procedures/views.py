"""The pages of the catalogue for officials: list, one procedure with its versions, publishing and putting on hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hienluong.foundation.actions import Actor, DomainError, NotAllowed, NotFound

from . import actions, exporters, presentation, queries
from .called import called
from .differences import told
from .forms import FilterForm, ReplaceForm, ResumeForm, SuspendForm
from .models import Procedure, ProcedureVersion
from .scope import MANAGE

PAGE_SIZE = 50
_MOST_CHANGES = 300
_MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


def actor_of(request: HttpRequest) -> Actor:
    """The actor of the request, who must manage the catalogue."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require_somewhere(MANAGE.code, _("Bạn không có quyền quản lý danh mục thủ tục."))
    return actor


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All procedures with filters, fifty a page."""
    actor_of(request)
    filters = FilterForm(request.GET)
    pages = Paginator(queries.catalogue(filters.wanted(), staff=True), PAGE_SIZE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "used": filters.used(),
        "page_obj": page,
        "rows": [{"procedure": procedure, "tags": presentation.tags(procedure)} for procedure in page],
        "query": request.GET.urlencode(),
        "breadcrumbs": _crumbs(),
    }
    return render(request, "procedures/listing.html", context)


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """What the filters show, as Excel, CSV or JSON; trial entries only when they are asked for."""
    actor_of(request)
    filters = FilterForm(request.GET)
    found = queries.catalogue(filters.wanted(), staff=True)
    if not filters.cleaned_data.get("thu"):
        found = found.filter(generated=False)
    kind = request.GET.get("dang", "xlsx")
    writers = {"xlsx": exporters.to_excel, "csv": exporters.to_csv, "json": exporters.to_json}
    if kind not in writers:
        raise NotFound(_("Không có dạng tệp này."))
    content = writers[kind](exporters.current_specs(found[:3000]))
    response = HttpResponse(content, content_type=_MEDIA[kind])
    response["Content-Disposition"] = f'attachment; filename="danh-muc-thu-tuc-{timezone.localdate():%Y%m%d}.{kind}"'
    return response


@login_required
@require_safe
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One procedure: what holds now, its versions, what can be done, and a comparison of two versions."""
    actor_of(request)
    return _show(request, queries.with_versions(code))


@login_required
@require_safe
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One version in full."""
    actor_of(request)
    procedure = queries.with_versions(code)
    found = _numbered(procedure, number)
    if found is None:
        raise NotFound(_("Thủ tục không có bản này."))
    spec = found.spec
    context = {
        "procedure": procedure,
        "version": found,
        "spec": spec,
        "facts": presentation.facts(spec),
        "tags": presentation.tags(procedure),
        "ways": [
            {
                "channel": presentation.CHANNELS[way.channel],
                "deadlines": list(map(presentation.deadline, way.deadlines)),
            }
            for way in spec.ways
        ],
        "papers": [
            {"paper": p, "copies": presentation.copies(p), "source": presentation.paper_source(p)} for p in spec.papers
        ],
        "laws": [{"law": law, "status": presentation.legal_status(law.status)} for law in spec.legal_basis],
        "breadcrumbs": [*_crumbs(code), (_("Bản %(n)d") % {"n": number}, "")],
    }
    return render(request, "procedures/version.html", context)


@login_required
@require_POST
def publish(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Put a draft in force."""
    actor = actor_of(request)
    procedure = queries.with_versions(code)
    found = _numbered(procedure, number)
    if found is None:
        raise NotFound(_("Thủ tục không có bản này."))
    return _do(
        request, procedure, lambda: actions.publish(actor, version=found), _("Đã công bố bản %(n)d.") % {"n": number}
    )


@login_required
@require_POST
def suspend(request: HttpRequest, code: str) -> HttpResponse:
    """Take no new dossiers for now."""
    actor, procedure, form = actor_of(request), queries.with_versions(code), SuspendForm(request.POST)
    if not form.is_valid():
        return _show(request, procedure, suspend=form)
    return _do(
        request,
        procedure,
        lambda: actions.suspend(actor, procedure=procedure, **form.cleaned_data),
        _("Đã tạm ngừng thủ tục."),
    )


@login_required
@require_POST
def resume(request: HttpRequest, code: str) -> HttpResponse:
    """Take dossiers again."""
    actor, procedure, form = actor_of(request), queries.with_versions(code), ResumeForm(request.POST)
    if not form.is_valid():
        return _show(request, procedure, resume=form)
    return _do(
        request,
        procedure,
        lambda: actions.resume(actor, procedure=procedure, **form.cleaned_data),
        _("Thủ tục được tiếp nhận trở lại."),
    )


@login_required
@require_POST
def replace(request: HttpRequest, code: str) -> HttpResponse:
    """Let another procedure take over."""
    actor, procedure, form = actor_of(request), queries.with_versions(code), ReplaceForm(request.POST)
    if not form.is_valid():
        return _show(request, procedure, replace=form)
    return _do(
        request,
        procedure,
        lambda: actions.replace(actor, procedure=procedure, **form.cleaned_data),
        _("Đã ghi thủ tục thay thế."),
    )


def _do(request: HttpRequest, procedure: Procedure, act: Callable[[], object], done: str) -> HttpResponse:
    """Run an action; what it refuses is said on the page it was asked from."""
    try:
        act()
    except NotAllowed:
        raise
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, done)
    return HttpResponseRedirect(reverse("procedures:show", args=[procedure.code]))


def _show(request: HttpRequest, procedure: Procedure, **bound: django_forms.Form) -> HttpResponse:
    forms_shown = {
        "suspend": bound.get("suspend") or SuspendForm(),
        "resume": bound.get("resume") or ResumeForm(),
        "replace": bound.get("replace") or ReplaceForm(),
    }
    today = timezone.localdate()
    context: dict[str, Any] = {
        "procedure": procedure,
        "tags": presentation.tags(procedure),
        "versions": [_row(each, today) for each in procedure.versions.all()],
        "forms": forms_shown,
        "faulty": next(iter(bound.values())) if bound else None,
        "comparison": _comparison(request, procedure),
        "breadcrumbs": _crumbs(procedure.code),
    }
    return render(request, "procedures/show.html", context, status=422 if bound else 200)


def _row(each: ProcedureVersion, today: date) -> dict[str, Any]:
    days = each.valid
    never = days.isempty
    if each.state == ProcedureVersion.State.DRAFT:
        tag = presentation.Tag(_("Dự thảo"), "grey")
    elif never:
        tag = presentation.Tag(_("Đã sửa trước khi áp dụng"), "red")
    elif today in days:
        tag = presentation.Tag(_("Đang áp dụng"), "green")
    else:
        tag = (
            presentation.Tag(_("Sắp áp dụng"), "blue") if days.lower > today else presentation.Tag(_("Đã hết"), "grey")
        )
    return {
        "version": each,
        "tag": tag,
        "from": None if never else days.lower,
        "to": days.upper - timedelta(days=1) if not never and days.upper else None,
    }


def _comparison(request: HttpRequest, procedure: Procedure) -> dict[str, Any] | None:
    """``?truoc=1&sau=2``: what differs between two versions."""
    before, after = (_numbered(procedure, request.GET.get(name, "")) for name in ("truoc", "sau"))
    if before is None or after is None:
        return None
    definitions = before.spec_json, after.spec_json
    rows = told(*definitions, called(definitions))
    return {"before": before, "after": after, "rows": rows[:_MOST_CHANGES], "more": len(rows) > _MOST_CHANGES}


def _numbered(procedure: Procedure, number: int | str) -> ProcedureVersion | None:
    return next((each for each in procedure.versions.all() if str(each.number) == str(number)), None)


def _crumbs(code: str = "") -> list[tuple[str, str]]:
    crumbs = [(_("Trang chủ"), "/"), (_("Thủ tục hành chính"), reverse("procedures:list"))]
    return [*crumbs, (code, reverse("procedures:show", args=[code]))] if code else crumbs
