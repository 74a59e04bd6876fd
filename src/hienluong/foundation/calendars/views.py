"""The pages of working time: what is in force, what differs, and a reckoning for everybody to try."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import Actor, DomainError
from hienluong.ui import asked

from . import actions
from .deadlines import compute
from .forms import WEEKDAYS, SpecialDayForm, TryForm, WeekForm
from .models import SpecialDay, WorkingCalendar

_AFTERNOON = time(15)
_COLOURS = {"holiday": "red", "workday": "green", "closure": "orange"}


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Weeks in force and the special days of a year (``?nam=2026``)."""
    _may_manage(request)
    year = _year(request)
    days = SpecialDay.objects.filter(date__year=year).select_related("organization").order_by("date", "pk")
    context = {
        "year": year,
        "years": range(year - 1, year + 2),
        "days": [{"special": special, "colour": _COLOURS[special.kind]} for special in days],
        "calendars": [{"calendar": calendar, "week": _week(calendar)} for calendar in _calendars()],
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Lịch làm việc"), "")],
    }
    return render(request, "calendars/overview.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_day(request: HttpRequest) -> HttpResponse:
    """Add a holiday, a swapped day or a closure."""
    _may_manage(request)
    form = SpecialDayForm(request.POST or None, initial={"kind": "closure"})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_special_day(_actor(request), **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            messages.success(request, _("Đã ghi ngày %(day)s.") % {"day": f"{made.date:%d/%m/%Y}"})
            return HttpResponseRedirect(f"{reverse('calendars:overview')}?nam={made.date.year}")
    return _form_page(request, form, _("Thêm ngày nghỉ, ngày làm bù"), _("Ghi ngày"))


@login_required
@require_http_methods(["GET", "POST"])
def remove_day(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take a special day off the calendar."""
    _may_manage(request)
    special = get_object_or_404(SpecialDay.objects.select_related("organization"), pk=pk)
    _actor(request).require(actions.MANAGE, actions.reach(special.organization))
    if request.method == "POST":
        day = special.date
        actions.remove_special_day(_actor(request), special=special)
        messages.success(request, _("Đã xóa ngày %(day)s khỏi lịch.") % {"day": f"{day:%d/%m/%Y}"})
        return HttpResponseRedirect(f"{reverse('calendars:overview')}?nam={day.year}")
    crumbs = [*_crumbs(), (_("Xóa ngày"), "")]
    return render(request, "calendars/remove_day.html", {"special": special, "breadcrumbs": crumbs})


@login_required
@require_http_methods(["GET", "POST"])
def new_week(request: HttpRequest) -> HttpResponse:
    """Change the weekly working time from a day on."""
    _may_manage(request)
    form = WeekForm(request.POST or None, initial={f"hours_{day}": "07:30-11:30, 13:30-17:00" for day in range(5)})
    if request.method == "POST" and form.is_valid():
        given = {
            key: form.cleaned_data[key] for key in ("name", "organization", "valid_from", "valid_to", "legal_basis")
        }
        try:
            actions.set_working_week(_actor(request), week=form.week(), **given)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            messages.success(request, _("Đã đổi giờ làm việc."))
            return HttpResponseRedirect(reverse("calendars:overview"))
    return _form_page(request, form, _("Đổi giờ làm việc"), _("Đổi giờ"))


@require_safe
def try_out(request: HttpRequest) -> HttpResponse:
    """Reckon a deadline and show each day of it; open to everybody."""
    asked = "ngay" in request.GET or "ngay_day" in request.GET
    form = TryForm(request.GET) if asked else TryForm(initial={"ngay": timezone.localdate()})
    deadline = None
    if asked and form.is_valid():
        try:
            deadline = compute(
                form.start(),
                form.cleaned_data["so"],
                form.cleaned_data["don_vi"],
                form.organization(),
                _AFTERNOON if form.cleaned_data["sau_15h"] else None,
            )
        except DomainError as error:
            form.add_error(None, str(error.message))
    crumbs = [(_("Trang chủ"), "/"), (_("Thử tính thời hạn"), "")]
    context = {"form": form, "deadline": deadline, "breadcrumbs": crumbs}
    return render(request, "calendars/try_out.html", context, status=422 if form.errors else 200)


def _form_page(request: HttpRequest, form: SpecialDayForm | WeekForm, title: str, submit: str) -> HttpResponse:
    context = {"form": form, "title": title, "submit": submit, "breadcrumbs": [*_crumbs(), (title, "")]}
    return render(request, "calendars/form.html", context, status=422 if form.errors else 200)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Trang chủ"), "/"), (_("Lịch làm việc"), reverse("calendars:overview"))]


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _may_manage(request: HttpRequest) -> None:
    """Pages open to whoever manages some calendar; each action asks again for the very place."""
    actor = _actor(request)
    actor.require_somewhere(actions.MANAGE, _("Bạn không có quyền quản lý lịch làm việc."))


def _year(request: HttpRequest) -> int:
    return asked.number(request, "nam", 1990, 2100) or timezone.localdate().year


def _calendars() -> QuerySet[WorkingCalendar]:
    return WorkingCalendar.objects.select_related("organization").prefetch_related("hours").order_by(
        "organization__code", "valid"
    )  # fmt: skip


def _week(calendar: WorkingCalendar) -> list[tuple[str, str]]:
    by_day: dict[int, list[str]] = {}
    for hours in calendar.hours.all():
        by_day.setdefault(hours.weekday, []).append(f"{hours.opens:%H:%M}–{hours.closes:%H:%M}")
    rows: list[tuple[Any, str]] = [
        (label, ", ".join(by_day.get(day, [])) or _("Nghỉ")) for day, label in enumerate(WEEKDAYS)
    ]
    return [(str(label), text) for label, text in rows]
