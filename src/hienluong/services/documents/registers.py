"""The book of what went out (sổ đăng ký văn bản đi) in the columns of the decree, on paper and in Excel, and its figures.

Nghị định 30/2020/NĐ-CP, Phụ lục IV: number and notation, day, type and subject, signer, receivers, who keeps the copy on
file, number of copies, remarks. Every number of the book has its row, a reserved or an empty one too.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import xlsxwriter
from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from hienluong.capabilities.signing.papers import render_pdf
from hienluong.foundation.organisations.models import Organization

from . import letterheads, types
from .models import Book, Document, Recipient, State, TakenNumber

#: Rows of one volume on paper.
VOLUME = 1000
#: Receivers that are named in a row; of more, how many.
MOST_NAMED = 6
COLUMNS = (
    "Số, ký hiệu văn bản",
    "Ngày tháng văn bản",
    "Tên loại và trích yếu nội dung văn bản",
    "Người ký",
    "Nơi nhận văn bản",
    "Đơn vị, người nhận bản lưu",
    "Số lượng bản",
    "Ghi chú",
)


@dataclass(frozen=True)
class Row:
    """One row of the book, in words."""

    pk: int
    code: str
    on: date
    subject: str
    signer: str
    receivers: str
    keeper: str
    copies: str
    remark: str
    document_id: int | None
    state: str

    @property
    def cells(self) -> tuple[str, ...]:
        """As the columns have it."""
        return (
            self.code,
            f"{self.on:%d/%m/%Y}",
            self.subject,
            self.signer,
            self.receivers,
            self.keeper,
            self.copies,
            self.remark,
        )


def taken(book: Book) -> QuerySet[TakenNumber]:
    """The numbers of a book in their order, with what a row needs; a page of them costs two queries."""
    places = Prefetch(
        "document__recipients", Recipient.objects.exclude(code="").order_by("position", "pk"), to_attr="going"
    )
    return (
        TakenNumber.objects.filter(book=book)
        .select_related("document__unit", "document__drafter", "document__signer", "book")
        .prefetch_related(places)
        .order_by("number")
    )


def rows(found: Iterable[TakenNumber]) -> list[Row]:
    """The rows of these numbers; of a restricted document its subject does not stand in the book."""
    return [_row(each) for each in found]


def _row(number: TakenNumber) -> Row:
    document = number.document
    if document is None:
        said = {TakenNumber.State.RESERVED: _("Giữ số"), TakenNumber.State.VOID: _("Số bỏ trống")}
        words = said.get(TakenNumber.State(number.state), "")
        return Row(
            number.pk, f"{number.number:02d}", number.on, words, "", "", "", "", number.reason, None, number.state
        )
    names = [recipient.name for recipient in document.going]  # type: ignore[attr-defined]
    receivers = "; ".join(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        receivers += _(" và %(count)s nơi khác") % {"count": len(names) - MOST_NAMED}
    remark = number.reason
    if document.state in (State.RECALLED, State.REPLACED):
        remark = "; ".join(filter(None, (str(document.get_state_display()), remark)))
    subject = _("(văn bản hạn chế)") if document.restricted else document.subject
    return Row(
        number.pk,
        document.code,
        number.on,
        f"{types.ALL[document.type].name}: {subject}",
        document.signer_name,
        receivers,
        document.unit.name if document.unit else _("Văn thư"),
        str(len(names) or 1),
        remark,
        document.pk,
        number.state,
    )


def as_pdf(book: Book, numbers: Iterable[TakenNumber], *, volume: int = 1, volumes: int = 1) -> bytes:
    """One volume of the book, A4 across."""
    letterhead = letterheads.of(book.agency)
    context = {
        "rows": rows(numbers),
        "columns": COLUMNS,
        "agency_name": letterhead.name,
        "above": letterhead.superior,
        "book": book,
        "volume": _("Quyển %(volume)s/%(volumes)s") % {"volume": volume, "volumes": volumes} if volumes > 1 else "",
    }
    return render_pdf("documents/papers/outgoing_register.html", context, title=f"{book.name} {letterhead.name}")


def as_excel(book: Book, numbers: Iterable[TakenNumber]) -> bytes:
    """The whole book; every cell is a text, none a formula."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as workbook:
        sheet = workbook.add_worksheet("Văn bản đi")
        bold = workbook.add_format({"bold": True, "text_wrap": True, "border": 1, "valign": "vcenter"})
        plain = workbook.add_format({"text_wrap": True, "border": 1, "valign": "top"})
        for at, (heading, width) in enumerate(zip(COLUMNS, (18, 12, 60, 22, 40, 22, 10, 30), strict=True)):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, heading, bold)
        for line, row in enumerate(rows(numbers), 1):
            for at, cell in enumerate(row.cells):
                sheet.write_string(line, at, cell[:32_000], plain)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(9)
    return out.getvalue()


@dataclass(frozen=True)
class Figures:
    """How many documents of each type an agency issued in a year, and what became of them."""

    by_type: list[tuple[str, int]]
    by_month: list[tuple[int, int]]
    issued: int
    recalled: int
    replaced: int
    waiting: int
    on_the_day: int  # issued on the day that they bear
    late: int  # issued on a later day than they bear


def figures(agency: Organization, year: int) -> Figures:
    """The figures of one agency and year; four queries."""
    mine = Document.objects.filter(agency=agency, direction__in=("outgoing", "internal"))
    out = mine.filter(issued_on__year=year, state__in=(State.ISSUED, State.RECALLED, State.REPLACED))
    day = TruncDate("released_at")
    totals = out.annotate(released=day).aggregate(
        issued=Count("pk"),
        recalled=Count("pk", filter=Q(state=State.RECALLED)),
        replaced=Count("pk", filter=Q(state=State.REPLACED)),
        on_the_day=Count("pk", filter=Q(released=F("issued_on"))),
        late=Count("pk", filter=Q(released__gt=F("issued_on"))),
    )
    by_type = out.values_list("type").annotate(count=Count("pk")).order_by("-count", "type")
    by_month = dict(out.values_list("issued_on__month").annotate(count=Count("pk")).order_by("issued_on__month"))
    waiting = mine.filter(state__in=(State.APPROVED, State.NUMBERED, State.SIGNED)).count()
    return Figures(
        [(types.ALL[key].name, count) for key, count in by_type],
        [(month, by_month.get(month, 0)) for month in range(1, 13)],
        waiting=waiting,
        **totals,
    )
