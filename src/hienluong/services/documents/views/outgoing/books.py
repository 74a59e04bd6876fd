"""The records office's books: the register on screen, on paper and in Excel; reserved and empty numbers; figures; letterhead."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import Actor, NotFound
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import form_page
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.organisations.models import Organization
from hienluong.ui import asked

from ... import access, letterheads, registers
from ...actions import numbers
from ...actions.letterheads import TEXTS, set_letterhead
from ...forms.outgoing import LetterheadForm, ReasonForm, ReserveForm
from ...models import Book, Letterhead, TakenNumber
from .guard import agencies_of, units_of

PAGE_SIZE = 50
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _agency(request: HttpRequest, actor: Actor) -> Organization:
    """The agency that the address names (``?co-quan=``), of those whose records office the actor works in."""
    mine = agencies_of(actor, "documents.clerk")
    wanted = asked.number(request, "co-quan", 1, 2**63 - 1)
    return next((agency for agency in mine if agency.pk == wanted), mine[0])


@require_safe
@officials.only()
def register(request: HttpRequest) -> HttpResponse:
    """One book of an agency: on screen, ``?dang=pdf`` as a volume, ``?dang=xlsx`` whole."""
    actor = actor_of(request)
    agency = _agency(request, actor)
    books = list(Book.objects.filter(agency=agency).order_by("-year", "key"))
    wanted = asked.number(request, "so", 1, 2**63 - 1)
    book = next((each for each in books if each.pk == wanted), books[0] if books else None)
    if book is not None:
        found = registers.taken(book)
        dang = request.GET.get("dang", "")
        if dang == "xlsx":
            return _file(registers.as_excel(book, found), _EXCEL, f"so-van-ban-di-{book.year}.xlsx")
        if dang == "pdf":
            return _volume(request, book)
    page = Paginator(
        registers.taken(book).order_by("-number") if book else TakenNumber.objects.none(), PAGE_SIZE
    ).get_page(asked.number(request, "page", 1, 10**6) or 1)
    context = {
        "agency": agency,
        "agencies": agencies_of(actor, "documents.clerk"),
        "books": books,
        "book": book,
        "page": page,
        "rows": registers.rows(page.object_list),
        "columns": registers.COLUMNS,
        "volumes": range(1, _volumes(page.paginator.count) + 1),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Văn bản đi"), reverse("outgoing:home")), (_("Sổ văn bản đi"), "")],
    }
    return render(request, "documents/outgoing/register.html", context)


def _volumes(count: int) -> int:
    return max(1, -(-count // registers.VOLUME))


def _volume(request: HttpRequest, book: Book) -> HttpResponse:
    volumes = _volumes(TakenNumber.objects.filter(book=book).count())
    volume = asked.number(request, "quyen", 1, volumes) if "quyen" in request.GET else 1
    if volume is None:
        raise NotFound(_("Sổ không có quyển này."))
    begin = (volume - 1) * registers.VOLUME
    found = registers.taken(book)[begin : begin + registers.VOLUME]
    content = registers.as_pdf(book, found, volume=volume, volumes=volumes)
    return _file(content, "application/pdf", f"so-van-ban-di-{book.year}-{volume}.pdf")


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    kind = "inline" if media_type == "application/pdf" else "attachment"
    response["Content-Disposition"] = f'{kind}; filename="{name}"'
    return response


@require_http_methods(["GET", "POST"])
@officials.only()
def reserve(request: HttpRequest) -> HttpResponse:
    """Keep the next numbers."""
    actor = actor_of(request)
    agency = _agency(request, actor)
    form = ReserveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: numbers.reserve(actor, agency=agency, **form.cleaned_data))
        if made is not None:
            words = ", ".join(numbers.written(taken.number) for taken in made)
            messages.success(request, _("Đã giữ số %(numbers)s.") % {"numbers": words})
            return redirect(f"{reverse('outgoing:register')}?co-quan={agency.pk}&so={made[0].book_id}")
    return _asked(request, form, agency, title=_("Giữ số"), submit=_("Giữ số"))


@require_http_methods(["GET", "POST"])
@officials.only()
def void(request: HttpRequest, number: int) -> HttpResponse:
    """Leave a number empty."""
    actor = actor_of(request)
    found = (
        TakenNumber.objects.select_related("book__agency")
        .filter(pk=min(number, 2**63 - 1), book__agency__in=access.agencies_with(actor, "documents.clerk"))
        .first()
    )
    if found is None:
        raise NotFound(_("Không có số này."))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: numbers.void(actor, taken=found, reason=form.cleaned_data["reason"]))
        if done is not None:
            messages.success(request, _("Đã bỏ trống số %(number)s.") % {"number": numbers.written(found.number)})
            return redirect(f"{reverse('outgoing:register')}?co-quan={found.book.agency_id}&so={found.book_id}")
    title = _("Bỏ trống số %(number)s") % {"number": numbers.written(found.number)}
    return _asked(request, form, found.book.agency, title=title, submit=_("Bỏ số"), button="warning")


def _asked(
    request: HttpRequest, form: forms.Form, agency: Organization, *, title: str, submit: str, **more: Any
) -> HttpResponse:
    back = f"{reverse('outgoing:register')}?co-quan={agency.pk}"
    return form_page(
        request,
        form,
        title=title,
        submit=submit,
        back=back,
        crumbs=[(_("Sổ văn bản đi"), back)],
        lead=agency.name,
        **more,
    )


@require_safe
@officials.only()
def statistics(request: HttpRequest) -> HttpResponse:
    """The figures of an agency and a year, for its records office and its leaders."""
    actor = actor_of(request)
    held = access.agencies_with(actor, "documents.clerk") | access.agencies_with(actor, "documents.sign")
    mine = list(Organization.objects.filter(pk__in=held).order_by("code")) or agencies_of(actor, "documents.clerk")
    wanted = asked.number(request, "co-quan", 1, 2**63 - 1)
    agency = next((each for each in mine if each.pk == wanted), mine[0])
    this_year = timezone.localdate().year
    year = asked.number(request, "nam", 2000, this_year) or this_year
    figures = registers.figures(agency, year)
    context = {
        "agency": agency,
        "agencies": mine,
        "year": year,
        "years": range(this_year, this_year - 6, -1),
        "figures": figures,
        "most": max((count for _month, count in figures.by_month), default=0),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Văn bản đi"), reverse("outgoing:home")), (_("Thống kê"), "")],
    }
    return render(request, "documents/outgoing/statistics.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def letterhead(request: HttpRequest, agency: int) -> HttpResponse:
    """How the agency appears on its documents."""
    actor = actor_of(request)
    found = next((each for each in agencies_of(actor, "documents.clerk") if each.pk == agency), None)
    if found is None:
        raise NotFound(_("Không có cơ quan này."))
    units = units_of(found)
    row = Letterhead.objects.filter(pk=found.pk).first()
    usual = letterheads.of(found)
    initial: dict[str, Any] = {name: getattr(row, name) for name in TEXTS} if row else {}
    initial["own_books"] = row.own_books if row else []
    initial["units"] = "\n".join(f"{usual.unit_code(unit)} = {unit.name}" for unit in units)
    form = LetterheadForm(request.POST or None, initial=initial)
    for name in TEXTS:
        if not initial.get(name):
            form.fields[name].help_text = _("Bỏ trống thì dùng: %(usual)s") % {"usual": getattr(usual, name) or "—"}
    if request.method == "POST" and form.is_valid():
        codes = _unit_codes(form, units)
        if codes is not None:
            data = form.cleaned_data
            done = attempt(
                form,
                lambda: set_letterhead(
                    actor,
                    agency=found,
                    texts={name: data[name] for name in TEXTS},
                    own_books=data["own_books"],
                    unit_codes=codes,
                ),
            )
            if done is not None:
                messages.success(request, _("Đã lưu thể thức của cơ quan."))
                return redirect("outgoing:letterhead", agency=found.pk)
    return _asked(request, form, found, title=_("Thể thức văn bản của cơ quan"), submit=_("Lưu"))


def _unit_codes(form: LetterheadForm, units: list[Organization]) -> dict[str, str] | None:
    """By the id of each division what stands for it; None when a line names none, which the form then says."""
    by_name = {unit.name.casefold(): unit for unit in units}
    codes: dict[str, str] = {}
    for line in form.cleaned_data["units"].splitlines():
        code, _equals, name = (part.strip() for part in line.partition("="))
        unit = by_name.get(name.casefold())
        if unit is None:
            form.add_error("units", _("Không có đơn vị “%(name)s”.") % {"name": name or line})
            return None
        if code:
            codes[str(unit.pk)] = code
    return codes
