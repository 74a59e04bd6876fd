"""The book of what came in: on screen, printed in the decree's columns, as a workbook; and its figures."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.foundation.actions import NotAllowed, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.organisations.models import Organization
from hienluong.ui import asked

from .. import access, incoming_book

PAGE_SIZE = 50


def agency_of_book(request: HttpRequest) -> Organization:
    """The agency whose book somebody of its records office looks at."""
    actor = actor_of(request)
    held = access.agencies_with(actor, "documents.clerk")
    if not held:
        raise NotAllowed(_("Chỉ văn thư cơ quan xem sổ văn bản đến."), permission="documents.clerk")
    return Organization.objects.filter(pk__in=held).order_by("path")[0]


def period_of(request: HttpRequest) -> tuple[date, date]:
    """The days that were asked for: this month when none were; never turned around."""
    today = timezone.localdate()
    since = asked.day(request, "tu") or today.replace(day=1)
    until = asked.day(request, "den") or today
    return since, max(since, until)


@require_GET
@officials.only()
def book(request: HttpRequest) -> HttpResponse:
    """The lines of a period."""
    agency = agency_of_book(request)
    since, until = period_of(request)
    rows = incoming_book.arrivals_of(agency, since, until)
    how = request.GET.get("dang", "")
    if how == "xlsx":
        return incoming_book.as_excel(
            incoming_book.entries(list(rows[: incoming_book.MOST_ROWS])), "so-van-ban-den.xlsx"
        )
    total = rows.count()
    volumes = max(1, -(-total // incoming_book.VOLUME))
    if how == "pdf":
        volume = asked.number(request, "quyen", 1, volumes) if "quyen" in request.GET else 1
        if volume is None:
            raise NotFound(_("Sổ không có quyển này."))
        first = (volume - 1) * incoming_book.VOLUME
        part = list(rows[first : first + incoming_book.VOLUME])
        said = _("Quyển %(volume)s/%(volumes)s") % {"volume": volume, "volumes": volumes}
        pdf = incoming_book.as_pdf(part, agency, f"{since:%d/%m/%Y} – {until:%d/%m/%Y}", said)
        response = HttpResponse(pdf, content_type="application/pdf")
        response["Content-Disposition"] = 'inline; filename="so-van-ban-den.pdf"'
        return response
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "agency": agency,
        "since": since,
        "until": until,
        "page": page,
        "entries": incoming_book.entries(list(page.object_list)),
        "volumes": range(1, volumes + 1),
    }
    return render(request, "documents/incoming/book.html", context)


@require_GET
@officials.only()
def figures(request: HttpRequest) -> HttpResponse:
    """How much came in and how much of it was done in time, by who leads."""
    agency = agency_of_book(request)
    since, until = period_of(request)
    if "tu" not in request.GET:
        since = min(since, until - timedelta(days=30))
    context = {
        "agency": agency,
        "since": since,
        "until": until,
        "figures": incoming_book.figures(agency, since, until),
    }
    return render(request, "documents/incoming/figures.html", context)
