"""Differences as a workbook."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Discrepancy

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def discrepancies_as_excel(rows: Iterable[Discrepancy]) -> HttpResponse:
    """One row a difference; what somebody wrote stays text, it is never a formula."""
    content = BytesIO()
    with xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    ) as book:
        sheet, bold = book.add_worksheet(_("Chênh lệch")), book.add_format({"bold": True})
        amount, when = book.add_format({"num_format": "#,##0"}), book.add_format({"num_format": "dd/mm/yyyy"})
        head = [
            *(_("Ngày"), _("Kênh"), _("Mã giao dịch"), _("Chênh lệch"), _("Nội dung"), _("Khoản thu"), _("Cơ quan")),
            *(
                _("Đã ghi sổ"),
                _("Báo có"),
                _("Sao kê"),
                _("Trạng thái"),
                _("Cách xử lý"),
                _("Ghi chú"),
                _("Người xử lý"),
            ),
            _("Xử lý lúc"),
        ]
        sheet.write_row(0, 0, head, bold)
        sheet.set_column(0, 2, 16)
        sheet.set_column(3, 6, 34)
        sheet.set_column(7, 9, 14, amount)
        sheet.set_column(12, 12, 40)
        sheet.freeze_panes(1, 0)
        for number, one in enumerate(rows, start=1):
            sheet.write_datetime(number, 0, one.day, when)
            sheet.write_row(number, 1, _cells(one))
    response = HttpResponse(content.getvalue(), content_type=EXCEL)
    response["Content-Disposition"] = 'attachment; filename="doi-soat.xlsx"'
    return response


def _cells(one: Discrepancy) -> list[str | int | None]:
    charge = one.charge
    resolved = timezone.localtime(one.resolved_at).strftime("%d/%m/%Y %H:%M") if one.resolved_at else ""
    return [
        *(one.provider, one.transaction, str(one.get_kind_display()), one.content),
        *(charge.reference if charge else "", charge.organization.name if charge else ""),
        *(one.charged, one.told, one.booked, str(one.get_state_display())),
        *(str(one.get_resolution_display()) if one.resolution else "", one.note, one.resolved_by, resolved),
    ]
