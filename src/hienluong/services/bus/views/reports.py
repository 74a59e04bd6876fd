"""The daily reports: which there are, one to read, the same as CSV and Excel."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.foundation.identity import officials
from hienluong.services.oversight import workbook
from hienluong.ui import asked

from .. import reporting
from ..models import DailyReport
from .catalogue import crumbs, entering, tabs

PER_PAGE = 30


@require_GET
@officials.only()
def listing(request: HttpRequest) -> HttpResponse:
    """The reports of the organisations that one may watch, the newest day first."""
    actor = entering(request)
    page = Paginator(reporting.visible(actor), PER_PAGE).get_page(asked.number(request, "page", 1, 10**6) or 1)
    context = {
        "page": page,
        "rows": [
            {
                "one": one,
                "href": _address(one),
                "provided": reporting.total(one.provided),
                "consumed": reporting.total(one.consumed),
            }
            for one in page.object_list
        ],
        "tabs": tabs(actor, "reports"),
        "breadcrumbs": [(_("Trang chủ"), "/"), *crumbs((_("Báo cáo ngày"), ""))],
    }
    return render(request, "bus/reports.html", context)


@require_GET
@officials.only()
def show(request: HttpRequest, day: str, code: str) -> HttpResponse:
    """One report; with `dang` as ``csv`` or ``excel`` to keep."""
    actor = entering(request)
    report = reporting.visible_one(actor, asked.day_in(day), code)
    form = asked.text(request, "dang", 10)
    if form == "csv":
        return _csv(report)
    if form == "excel":
        return workbook.book(f"{_name(report)}.xlsx", [(title, _heads(), rows) for title, rows in _tables(report)])
    late = reporting.late(report)
    context = {
        "one": report,
        "parts": [
            {
                "title": title,
                "other": other,
                "total": reporting.total(lines),
                "lines": [{"line": line, "sums": reporting.sums_of(line)} for line in lines],
            }
            for title, other, lines in (
                (_("Cung cấp cho cơ quan khác"), _("Bên khai thác"), report.provided),
                (_("Khai thác của cơ quan khác"), _("Bên cung cấp"), report.consumed),
            )
        ],
        "late": late if any(late) else None,
        "base": _address(report),
        "breadcrumbs": [
            (_("Trang chủ"), "/"),
            *crumbs((_("Báo cáo ngày"), reverse("bus:reports")), (report.organization.name, "")),
        ],
    }
    return render(request, "bus/report.html", context)


def _address(report: DailyReport) -> str:
    return reverse("bus:report", args=[report.day.isoformat(), report.organization.code])


def _name(report: DailyReport) -> str:
    return f"truc-du-lieu-{report.organization.code}-{report.day.isoformat()}"


def _heads() -> Sequence[str]:
    return (
        _("Thao tác"),
        _("Thỏa thuận"),
        _("Cơ quan"),
        _("Lượt gọi"),
        _("Bị từ chối"),
        _("Vượt hạn mức"),
        _("Lỗi"),
        _("Tổng thời gian, ms"),
        "p95",
        _("Byte nhận"),
        _("Byte gửi"),
    )


def _tables(report: DailyReport) -> list[tuple[str, list[Sequence[workbook.Value]]]]:
    return [(_("Cung cấp"), _rows(report.provided)), (_("Khai thác"), _rows(report.consumed))]


def _rows(lines: Iterable[dict[str, Any]]) -> list[Sequence[workbook.Value]]:
    return [
        (
            line["operation"],
            line["agreement"],
            line["name"],
            line["calls"],
            line["refused"],
            line["limited"],
            line["errors"],
            line["milliseconds"],
            reporting.sums_of(line).p95,
            line["received"],
            line["sent"],
        )
        for line in lines
    ]


def _csv(report: DailyReport) -> HttpResponse:
    """Both tables, in UTF-8 with the mark that Excel wants."""
    out = StringIO()
    writer = csv.writer(out)
    for title, rows in _tables(report):
        writer.writerow([title, report.organization.name, report.day.isoformat()])
        writer.writerow(_heads())
        writer.writerows(rows)
        writer.writerow([])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_name(report)}.csv"'
    return response
