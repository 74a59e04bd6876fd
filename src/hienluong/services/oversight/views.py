"""The leader's picture, the list behind each number, and the public page without names."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import xlsxwriter
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.foundation.actions import Actor, system
from hienluong.services.dossiers.access import under
from hienluong.services.dossiers.models import OPEN_STATES, Dossier
from hienluong.services.dossiers.queries import COUNT_CAP, with_list_columns
from hienluong.services.procedures.models import Field
from hienluong.ui import asked

from . import charts, figures


def _period(request: HttpRequest) -> tuple[date, date]:
    today = timezone.localdate()
    since = asked.day(request, "tu") or (today - timedelta(days=364)).replace(day=1)
    until = asked.day(request, "den") or today
    return (since, until) if since <= until else (until, since)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """On-time rate, what is overdue and where, how old it is, online share, satisfaction."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    actor = _actor(request)
    if not actor.paths_with("oversight.view"):
        actor.require("oversight.view")
    since, until = _period(request)
    scope = figures.scope_of(actor, since.replace(day=1), until, asked.text(request, "linh-vuc", 40))
    if request.GET.get("dang") == "excel":
        return _excel(scope)
    months = figures.by_month(scope)
    in_hand = figures.in_hand(scope)
    context = {
        "total": figures.total(scope),
        "months": months,
        "organizations": figures.by_organization(scope)[:60],
        "in_hand": in_hand[:60],
        "open": sum(line.open for line in in_hand),
        "overdue": sum(line.overdue for line in in_hand),
        "officials": figures.overdue_by_official(scope),
        "filed_chart": charts.bars([(m.label, m.filed) for m in months], _("Hồ sơ nộp theo tháng")),
        "rate_chart": charts.line([(m.label, m.on_time_rate) for m in months], _("Tỷ lệ đúng hạn theo tháng, %")),
        "since": since,
        "until": until,
        "field": scope.field,
        "fields": Field.objects.order_by("sort_name"),
        "refreshed_at": figures.refreshed_at(),
    }
    return render(request, "oversight/dashboard.html", context)


@require_GET
def behind(request: HttpRequest) -> HttpResponse:
    """The dossiers behind a number: overdue or open, of one organisation or one official."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    actor = _actor(request)
    paths = actor.paths_with("oversight.view")
    if not paths:
        actor.require("oversight.view")
    found = Dossier.objects.filter(under(paths, "handling_path"), state__in=OPEN_STATES)
    if request.GET.get("loai") == "qua-han":
        found = found.filter(due_at__lt=timezone.now())
    if organization := asked.text(request, "co-quan", 40):
        found = found.filter(competent__code=organization)
    if official := asked.text(request, "can-bo", 40):
        found = found.filter(assignee__code=official)
    rows = with_list_columns(found).order_by("due_at")[:COUNT_CAP]
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(request, "oversight/behind.html", {"page": page, "now": timezone.now()})


@require_GET
def public(request: HttpRequest) -> HttpResponse:
    """The same figures for everyone, without names of officials or people."""
    since, until = _period(request)
    scope = figures.scope_of(system("Số liệu công khai"), since.replace(day=1), until)
    months = figures.by_month(scope)
    context = {
        "total": figures.total(scope),
        "months": months,
        "organizations": sorted(figures.by_organization(scope), key=lambda line: -(line.on_time_rate or 0))[:200],
        "filed_chart": charts.bars([(m.label, m.filed) for m in months], _("Hồ sơ nộp theo tháng")),
        "rate_chart": charts.line([(m.label, m.on_time_rate) for m in months], _("Tỷ lệ đúng hạn theo tháng, %")),
        "since": since,
        "until": until,
        "refreshed_at": figures.refreshed_at(),
    }
    return render(request, "oversight/public.html", context)


def _excel(scope: figures.Scope) -> HttpResponse:
    """The tables as a workbook."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    bold = book.add_format({"bold": True})
    head = [
        _("Tên"),
        _("Mã"),
        _("Đã nộp"),
        _("Đã xong"),
        _("Đúng hạn"),
        _("Trễ hạn"),
        _("Nộp trực tuyến"),
        _("Tỷ lệ đúng hạn %"),
        _("Hài lòng (1–5)"),
    ]
    for title, lines in (
        (_("Theo cơ quan"), figures.by_organization(scope)),
        (_("Theo tháng"), figures.by_month(scope)),
    ):
        sheet = book.add_worksheet(title)
        sheet.write_row(0, 0, head, bold)
        sheet.set_column(0, 0, 48)
        for number, line in enumerate(lines, start=1):
            rate = round(line.on_time_rate, 2) if line.on_time_rate is not None else ""
            liked = round(line.satisfaction, 2) if line.satisfaction is not None else ""
            sheet.write_row(
                number,
                0,
                [line.label, line.key, line.filed, line.finished, line.on_time, line.late, line.online, rate, liked],
            )
    book.close()
    response = HttpResponse(
        content.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response["Content-Disposition"] = 'attachment; filename="dieu-hanh.xlsx"'
    return response
