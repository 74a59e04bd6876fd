"""The book of what came in (sổ văn bản đến, Nghị định 30/2020/NĐ-CP, Phụ lục IV), and its figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO

import xlsxwriter
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.signing.papers import render_pdf
from hienluong.foundation.organisations.models import Organization
from hienluong.services.assignments.models import Assignment, Part, State

from .models import Arrival, Document

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Rows of one volume that is printed.
VOLUME = 1000
#: Rows of a workbook.
MOST_ROWS = 50_000


@dataclass(frozen=True)
class Entry:
    """One line of the book, in the decree's columns."""

    arrival: Arrival
    receivers: str
    handed_on: datetime | None

    @property
    def document(self) -> Document:
        """The document of this line."""
        return self.arrival.document

    @property
    def title(self) -> str:
        """Type and subject."""
        return f"{self.document.kind.name}: {self.document.subject}"


def arrivals_of(agency: Organization, since: date, until: date) -> QuerySet[Arrival]:
    """What the agency registered on these days, in the order of its numbers."""
    begin = timezone.make_aware(datetime.combine(since, time.min))
    end = timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min))
    return (
        Arrival.objects.filter(agency=agency, number__isnull=False, registered_at__gte=begin, registered_at__lt=end)
        .select_related("document", "submitted_to")
        .order_by("year", "number")
    )


def entries(rows: Sequence[Arrival]) -> list[Entry]:
    """The lines of these arrivals, with who got each and when; one query."""
    prefix = f"{Document._meta.label_lower}:"
    refs = {f"{prefix}{row.document_id}": row.document_id for row in rows}
    given: dict[int, list[Assignment]] = {}
    first = Assignment.objects.filter(subject_ref__in=refs, parent__isnull=True).exclude(part=Part.INFORMED)
    for task in (
        first.exclude(state__in=("returned", "taken_back")).select_related("official", "organization").order_by("pk")
    ):
        given.setdefault(refs[task.subject_ref], []).append(task)
    found = []
    for row in rows:
        tasks = sorted(given.get(row.document_id, []), key=lambda task: task.part != Part.LEAD)
        names = [task.official.full_name if task.official else task.organization.name for task in tasks]
        if not names and row.submitted_to:
            names = [row.submitted_to.full_name]
        handed_on = min((task.given_at for task in tasks), default=row.submitted_at)
        found.append(Entry(row, ", ".join(names), handed_on))
    return found


def as_pdf(rows: Sequence[Arrival], agency: Organization, period: str, volume: str) -> bytes:
    """One volume of the book, to print."""
    context = {"entries": entries(rows), "agency": agency, "period": period, "volume": volume}
    return render_pdf("documents/papers/incoming_book.html", context, title=f"Sổ văn bản đến {period}")


def heads() -> list[str]:
    """The columns of the decree."""
    return [
        *(_("Ngày đến"), _("Số đến"), _("Tác giả"), _("Số, ký hiệu"), _("Ngày văn bản")),
        *(
            _("Tên loại và trích yếu nội dung"),
            _("Đơn vị hoặc người nhận"),
            _("Ngày chuyển"),
            _("Ký nhận"),
            _("Ghi chú"),
        ),
    ]


def as_excel(rows: Iterable[Entry], name: str) -> HttpResponse:
    """The book as a workbook; what somebody wrote stays text, it is never a formula."""
    content = BytesIO()
    with xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    ) as book:
        sheet, bold = book.add_worksheet(_("Sổ văn bản đến")), book.add_format({"bold": True})
        sheet.write_row(0, 0, heads(), bold)
        sheet.set_column(0, 1, 11)
        sheet.set_column(2, 4, 22)
        sheet.set_column(5, 6, 60)
        sheet.freeze_panes(1, 0)
        for line, each in enumerate(rows, start=1):
            sheet.write_row(line, 0, cells(each))
    response = HttpResponse(content.getvalue(), content_type=EXCEL)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def cells(each: Entry) -> list[str | int | None]:
    """The columns of one line."""
    document = each.document
    return [
        f"{timezone.localtime(each.arrival.registered_at):%d/%m/%Y}" if each.arrival.registered_at else "",
        each.arrival.number,
        document.author_name,
        document.code,
        f"{document.issued_on:%d/%m/%Y}" if document.issued_on else "",
        each.title,
        each.receivers,
        f"{timezone.localtime(each.handed_on):%d/%m/%Y}" if each.handed_on else "",
        "",
        each.arrival.note,
    ]


@dataclass(frozen=True)
class Figures:
    """What came in during a period and what became of it; `units` by who leads."""

    total: int
    by_source: list[tuple[str, int]]
    completed: int
    open: int
    answered_late: int
    units: list[UnitLine]


@dataclass(frozen=True)
class UnitLine:
    """The figures of one division or official."""

    name: str
    total: int
    on_time: int
    late: int
    open: int
    open_late: int


def figures(agency: Organization, since: date, until: date) -> Figures:
    """The figures of the book over these days; three queries."""
    rows = arrivals_of(agency, since, until).order_by()
    sums = rows.aggregate(
        total=Count("pk"),
        completed=Count("pk", filter=Q(document__state="completed")),
        late=Count("pk", filter=Q(document__due_at__lt=F("completed_at"))),
    )
    sources = rows.values_list("source").annotate(count=Count("pk")).order_by("-count", "source")
    words = dict(Arrival._meta.get_field("source").choices or ())
    prefix = f"{Document._meta.label_lower}:"
    refs = [f"{prefix}{pk}" for pk in rows.values_list("document", flat=True)[:MOST_ROWS]]
    return Figures(
        total=sums["total"],
        by_source=[(str(words[source]), count) for source, count in sources],
        completed=sums["completed"],
        open=sums["total"] - sums["completed"],
        answered_late=sums["late"],
        units=_units(refs),
    )


def _units(refs: list[str]) -> list[UnitLine]:
    now = timezone.now()
    done = Q(state__in=(State.COMPLETED, State.REPORTED))
    in_time = Q(due_at__isnull=True) | Q(reported_at__lte=F("due_at"))
    running = Q(state__in=(State.GIVEN, State.ACCEPTED))
    rows = (
        Assignment.objects.filter(subject_ref__in=refs, parent__isnull=True, part=Part.LEAD)
        .exclude(state__in=("returned", "taken_back"))
        .values_list("organization__name")
        .annotate(
            total=Count("pk"),
            on_time=Count("pk", filter=done & in_time),
            late=Count("pk", filter=done & ~in_time),
            open=Count("pk", filter=running),
            open_late=Count("pk", filter=running & Q(due_at__lt=now)),
        )
        .order_by("-total", "organization__name")
    )
    return [UnitLine(*row) for row in rows]
