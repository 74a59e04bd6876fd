"""Tasks as a workbook: what somebody wrote stays text, it is never a formula."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Assignment

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_excel(rows: Iterable[Assignment], name: str, *, knows: bool = True) -> HttpResponse:
    """One row a task; what it comes from only for those who may know (`knows`)."""
    content = BytesIO()
    with xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    ) as book:
        sheet, bold = book.add_worksheet(_("Giao việc")), book.add_format({"bold": True})
        when = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        heads = [
            *(_("Việc"), _("Từ văn bản"), _("Người giao"), _("Đơn vị nhận"), _("Cán bộ nhận"), _("Vai trò")),
            *(_("Trạng thái"), _("Tiến độ, %"), _("Giao lúc"), _("Hạn"), _("Báo cáo lúc"), _("Kết thúc lúc")),
            *(_("Số ngày trễ"), _("Đánh giá"), _("Kết quả")),
        ]
        sheet.write_row(0, 0, heads, bold)
        sheet.set_column(0, 1, 48)
        sheet.set_column(2, 6, 24)
        sheet.set_column(8, 11, 17, when)
        sheet.set_column(14, 14, 60)
        sheet.freeze_panes(1, 0)
        for number, each in enumerate(rows, start=1):
            sheet.write_row(number, 0, _cells(each, knows))
            for column, moment in enumerate((each.given_at, each.due_at, each.reported_at, each.ended_at), start=8):
                if moment is not None:
                    sheet.write_datetime(number, column, timezone.localtime(moment), when)
            sheet.write_row(
                number,
                12,
                [
                    days_late(each),
                    each.get_quality_display() if each.quality else "",
                    each.result if knows or not each.subject_ref else "",
                ],
            )
    response = HttpResponse(content.getvalue(), content_type=EXCEL)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cells(each: Assignment, knows: bool) -> list[str | int]:
    return [
        *(each.title, each.subject_label if knows else "", each.giver_label, each.organization.name),
        *(each.official.full_name if each.official else "", str(each.get_part_display())),
        *(str(each.get_state_display()), each.progress),
    ]


def days_late(each: Assignment) -> int:
    """Whole days after the due time: until it was reported, or until now; 0 in time."""
    if each.due_at is None:
        return 0
    until: datetime = each.reported_at or each.ended_at or timezone.now()
    return max(0, (timezone.localdate(until) - timezone.localdate(each.due_at)).days)
