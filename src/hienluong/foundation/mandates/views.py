"""Representing an enterprise: which ones, who else does, asking others, answering, working on its behalf."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hienluong.foundation.actions import DomainError, NotAllowed, NotFound
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity.frame import ACCOUNT, actor_of_request, form_page
from hienluong.foundation.identity.limits import too_many
from hienluong.foundation.identity.people_queries import last_day
from hienluong.foundation.people.models import Party, Representation
from hienluong.foundation.signin.factor_views import confirmed_first

from . import acting, actions, sources
from .forms import AppointForm
from .models import Appointment


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Whom one represents, what one is asked, what a register says that is not written down yet."""
    mine = _mine(request)
    today = timezone.localdate()
    held = list(
        Representation.objects.filter(representative=mine, valid__contains=today)
        .select_related("represented", "appointment")
        .order_by("represented__name")
    )
    known = {each.represented.identifier for each in held if each.legal}
    asked = Appointment.objects.filter(appointed=mine, state=Appointment.State.OFFERED, valid__endswith__gt=today)
    context = {
        "held": [(each, _limits(each.acts, each.procedures, each.most), last_day(each.valid.upper)) for each in held],
        "asked": asked.select_related("enterprise", "by"),
        "entries": [each for each in sources.entries_of(mine) if each.tax_code not in known],
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Doanh nghiệp tôi đại diện"), "")],
    }
    return render(request, "mandates/list.html", context)


@login_required
@require_safe
def enterprise(request: HttpRequest, pk: int) -> HttpResponse:
    """Who represents an enterprise, for its legal representative."""
    found = _enterprise(request, pk)
    today = timezone.localdate()
    legal = Representation.objects.filter(represented=found, legal=True, valid__contains=today)
    given = Appointment.objects.filter(enterprise=found).select_related("appointed", "by").order_by("-offered_at")[:100]
    context = {
        "enterprise": found,
        "legal": legal.select_related("representative"),
        "given": [
            (each, _limits(each.acts, each.procedures, each.most), _state(each, today), _last(each)) for each in given
        ],
        "breadcrumbs": [*_crumbs(), (found.name, "")],
    }
    return render(request, "mandates/enterprise.html", context)


@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask somebody to act for one's enterprise."""
    found = _enterprise(request, pk)
    form = AppointForm(request.POST or None, initial={"valid_from": timezone.localdate()})
    back = reverse("mandates:enterprise", args=[pk])
    if request.method == "POST" and form.is_valid():
        actor = actor_of_request(request)
        if too_many("represented", str(actor.account_id), limit=20, seconds=3600):
            form.add_error(None, _("Bạn đã thử quá nhiều lần. Xin thử lại sau một giờ."))
        elif attempt(form, partial(actions.appoint, actor, enterprise=found, **form.cleaned_data)):
            messages.success(request, _("Đã gửi lời cử. Người đó đồng ý thì mới có hiệu lực."))
            return HttpResponseRedirect(back)
    return form_page(
        request,
        form,
        title=_("Cử người đại diện cho %(name)s") % {"name": found.name},
        submit=_("Gửi lời cử"),
        back=back,
        crumbs=_crumbs()[1:],
        layout=ACCOUNT,
        lead=_("Người được cử phải đồng ý. Bạn rút lại lúc nào cũng được, có hiệu lực ngay."),
    )


@login_required
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What one is asked to do; accept or refuse."""
    mine = _mine(request)
    asked = Appointment.objects.select_related("enterprise", "by").filter(pk=pk, appointed=mine).first()
    if asked is None:
        raise NotFound(_("Không tìm thấy lời cử này."))
    error = ""
    if request.method == "POST":
        try:
            accept = request.POST.get("viec") == "dong-y"
            actions.answer(actor_of_request(request), appointment=asked, accept=accept)
        except DomainError as refused:
            error = str(refused.message)
        else:
            messages.success(request, _("Đã đồng ý.") if accept else _("Đã từ chối."))
            return HttpResponseRedirect(reverse("mandates:list"))
    context = {
        "asked": asked,
        "limits": _limits(asked.acts, asked.procedures, asked.most),
        "last": _last(asked),
        "error": error,
        "waits": asked.state == Appointment.State.OFFERED,
        "breadcrumbs": [*_crumbs(), (asked.enterprise.name, "")],
    }
    return render(request, "mandates/answer.html", context, status=422 if error else 200)


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then end an appointment at once."""
    mine = _mine(request)
    found = get_object_or_404(Appointment.objects.select_related("enterprise", "appointed"), pk=pk)
    own = found.appointed_id == mine.pk
    if not own and not actions.is_legal(mine.pk, found.enterprise_id):
        raise NotFound(_("Không tìm thấy lời cử này."))
    back = reverse("mandates:list") if own else reverse("mandates:enterprise", args=[found.enterprise_id])
    if request.method == "POST":
        actions.withdraw(actor_of_request(request), appointment=found)
        messages.success(request, _("Đã chấm dứt, có hiệu lực ngay."))
        return HttpResponseRedirect(back)
    context = {"found": found, "own": own, "back": back, "breadcrumbs": [*_crumbs(), (_("Chấm dứt đại diện"), "")]}
    return render(request, "mandates/withdraw.html", context)


@login_required
@require_POST
def claim(request: HttpRequest) -> HttpResponse:
    """Be written down as a register says."""
    _mine(request)
    try:
        made = actions.claim(actor_of_request(request), tax_code=request.POST.get("ma", "")[:20].replace("\0", ""))
        messages.success(
            request, _("Đã ghi nhận bạn là người đại diện của %(name)s.") % {"name": made.represented.name}
        )
    except DomainError as error:
        messages.warning(request, str(error.message))
    return HttpResponseRedirect(reverse("mandates:list"))


@login_required
@require_POST
def act_for(request: HttpRequest) -> HttpResponse:
    """Work for an enterprise from now on, or for oneself again. Whom one does not represent cannot be chosen."""
    _mine(request)
    told = request.POST.get("ben", "")
    number = int(told) if told.isascii() and told.isdigit() and len(told) < 18 else 0
    request.session.pop(acting.SESSION, None)
    if number:
        if number not in actor_of_request(request).represented:
            raise NotFound(_("Không tìm thấy doanh nghiệp này."))
        request.session[acting.SESSION] = number
        return HttpResponseRedirect("/")
    return HttpResponseRedirect(reverse("mandates:list"))


def _mine(request: HttpRequest) -> Party:
    party_id = actor_of_request(request).party_id
    if party_id is None:
        raise NotAllowed(_("Trang này dành cho tài khoản công dân."))
    return Party.objects.get(pk=party_id)


def _enterprise(request: HttpRequest, pk: int) -> Party:
    """An enterprise for its legal representative; for anybody else there is none."""
    if not actions.is_legal(_mine(request).pk, pk):
        raise NotFound(_("Không tìm thấy doanh nghiệp này."))
    return Party.objects.get(pk=pk)


def _limits(acts: list[str], procedures: list[str], most: int | None) -> dict[str, Any]:
    """What somebody may do, in words; empty lists are everything."""
    names = sources.procedures(procedures) if procedures else {}
    return {
        "acts": [str(Appointment.Act(each).label) for each in acts],
        "procedures": [f"{names[code]} ({code})" if code in names else code for code in procedures],
        "most": most,
    }


def _state(appointment: Appointment, today: Any) -> tuple[str, str]:
    upper = appointment.valid.upper
    if appointment.state in (Appointment.State.ACCEPTED, Appointment.State.OFFERED) and upper and upper <= today:
        return _("Đã hết hạn"), "grey"
    colours = {Appointment.State.ACCEPTED: "green", Appointment.State.OFFERED: "yellow"}
    return appointment.get_state_display(), colours.get(Appointment.State(appointment.state), "grey")


def _last(appointment: Appointment) -> Any:
    return last_day(appointment.valid.upper)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Trang chủ"), "/"), (_("Doanh nghiệp tôi đại diện"), reverse("mandates:list"))]
