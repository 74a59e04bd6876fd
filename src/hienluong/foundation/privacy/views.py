"""The person's page of their own data: a copy of it, and closing the account."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hienluong.foundation.actions import DomainError, NotAllowed, NotFound
from hienluong.foundation.identity.frame import actor_of_request
from hienluong.foundation.identity.models import Account
from hienluong.foundation.people import closing as closings
from hienluong.foundation.people.holdings import all_holdings
from hienluong.foundation.signin.factor_views import confirmed_first

from . import archive, closing, exporting
from .models import Closure, Export


@never_cache
@login_required
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """What I can do about my data, and the copies I asked for."""
    account = _account(request)
    context = {
        "exports": Export.objects.filter(account=account).order_by("-asked_at")[:20],
        "closure": _waiting(account),
        "is_party": account.party_id is not None,
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Dữ liệu của tôi"), "")],
    }
    return render(request, "privacy/own.html", context)


@never_cache
@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def ask_export(request: HttpRequest) -> HttpResponse:
    """What a copy holds; then ask for it."""
    account = _account(request)
    if request.method == "POST":
        try:
            exporting.ask_export(actor_of_request(request), account=account)
        except NotAllowed:
            raise
        except DomainError as error:
            messages.error(request, str(error.message))
        else:
            messages.success(request, _("Đã nhận. Khi bản sao xong, bạn nhận được thông báo."))
        return HttpResponseRedirect(reverse("privacy:own"))
    context = {
        "parts": [holding.title for holding in all_holdings()],
        "days": settings.EXPORT_DAYS,
        "breadcrumbs": _crumbs(_("Lấy bản sao dữ liệu")),
    }
    return render(request, "privacy/ask_export.html", context)


@never_cache
@login_required
@confirmed_first
@require_safe
def take_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The copy itself, as an attachment."""
    found = Export.objects.filter(pk=min(pk, 2**63 - 1), account=_account(request)).first()
    if found is None:
        raise NotFound(_("Bản sao này không còn. Hãy yêu cầu bản mới."))
    file = exporting.take(actor_of_request(request), account=_account(request), export=found)
    response = FileResponse(file.open(), as_attachment=True, filename=file.name, content_type=file.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@never_cache
@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest) -> HttpResponse:
    """What goes, what stays and by which law, what holds back; then ask to close, or take it back."""
    account = _account(request)
    fault = ""
    if request.method == "POST":
        if request.POST.get("sure") != "yes":
            fault = _("Hãy đánh dấu là bạn đã hiểu những gì bị xóa.")
        else:
            try:
                closing.ask_closure(actor_of_request(request), account=account)
            except NotAllowed:
                raise
            except DomainError as error:
                fault = str(error.message)
            else:
                messages.success(request, _("Đã nhận yêu cầu đóng tài khoản. Trước ngày đóng bạn lấy lại được."))
                return HttpResponseRedirect(reverse("privacy:close"))
    person = archive.person_of(account)
    context = {
        "closure": _waiting(account),
        "hindrances": closings.hindrances(person),
        "kept": closings.kept_of(person),
        "erased": closings.all_erased(),
        "days": closing.days_to_wait(),
        "fault": fault,
        "breadcrumbs": _crumbs(_("Đóng tài khoản")),
    }
    return render(request, "privacy/close.html", context, status=422 if fault else 200)


@login_required
@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    """Keep the account."""
    closing.take_back(actor_of_request(request), account=_account(request))
    messages.success(request, _("Đã giữ lại tài khoản. Không có gì bị xóa."))
    return HttpResponseRedirect(reverse("privacy:own"))


def _waiting(account: Account) -> Closure | None:
    return Closure.objects.filter(account=account, taken_back_at=None, done_at=None).first()


def _account(request: HttpRequest) -> Account:
    account = request.user
    assert isinstance(account, Account)
    return account


def _crumbs(last: str) -> list[tuple[str, str]]:
    return [(_("Trang chủ"), "/"), (_("Dữ liệu của tôi"), reverse("privacy:own")), (last, "")]
