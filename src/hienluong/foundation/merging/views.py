"""Merging two accounts of one's own, looking at what moves first; undoing it; the same at a counter."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import DomainError, NotFound
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.counter import checks
from hienluong.foundation.counter.views import paper_page, scanned, tried
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import actor_of_request
from hienluong.foundation.identity.limits import too_many
from hienluong.foundation.identity.models import Account
from hienluong.foundation.signin.factor_views import confirmed_first

from . import actions
from .forms import CodeForm, CounterForm
from .models import Merge, Offer

#: In the session: the offer whose code was right.
OFFER = "merging-offer"


@never_cache
@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """What merging is, the code of this account, merges that can be undone."""
    account = _account(request)
    code = actions.offer(actor_of_request(request), account=account) if request.method == "POST" else ""
    merges = Merge.objects.filter(kept=account, undone_at__isnull=True, undo_until__gt=timezone.now())
    context = {
        "account": account,
        "code": code,
        "merges": merges.select_related("gone"),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Gộp tài khoản"), "")],
    }
    return render(request, "merging/home.html", context)


@never_cache
@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Type the code while signed in to the account that goes."""
    account = _account(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if too_many("merging.code", str(account.pk), limit=10, seconds=3600):
            form.add_error("code", _("Đã thử nhiều lần. Hãy chờ một giờ rồi thử lại."))
        elif (found := actions.offered(form.cleaned_data["code"])) is None:
            form.add_error("code", _("Mã không đúng, đã dùng hoặc đã hết hạn (30 phút)."))
        elif attempt(form, lambda: [actions.preview(found.account, account)]) is not None:
            request.session[OFFER] = found.pk
            return HttpResponseRedirect(reverse("merging:confirm"))
    return render(
        request, "merging/code.html", {"form": form, "breadcrumbs": _crumbs()}, status=422 if form.errors else 200
    )


@never_cache
@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """See what moves, then merge; afterwards sign in again, either way."""
    account = _account(request)
    good = Offer.objects.filter(pk=request.session.get(OFFER) or 0, used_at__isnull=True, expires_at__gt=timezone.now())
    found = good.select_related("account__party", "account__official").first()
    if found is None:
        return HttpResponseRedirect(reverse("merging:code"))
    error = ""
    try:
        if request.method == "POST":
            actions.merge_own(actor_of_request(request), offer=found)
            logout(request)
            messages.success(request, _("Đã gộp. Đăng nhập bằng cách nào trong hai cách cũng vào một tài khoản."))
            return HttpResponseRedirect(reverse("identity:sign_in"))
        moving = actions.preview(found.account, account)
    except DomainError as refused:
        error, moving = str(refused.message), []
    context = {"kept": found.account, "gone": account, "moving": moving, "error": error, "breadcrumbs": _crumbs()}
    return render(request, "merging/confirm.html", context, status=422 if error else 200)


@never_cache
@login_required
@confirmed_first
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then make them two again."""
    merge = Merge.objects.select_related("gone", "kept").filter(pk=pk, kept=_account(request)).first()
    if merge is None:
        raise NotFound(_("Không tìm thấy lần gộp này."))
    if request.method == "POST":
        actions.undo(actor_of_request(request), merge=merge)
        messages.success(request, _("Đã tách lại hai tài khoản."))
        return HttpResponseRedirect(reverse("merging:home"))
    return render(request, "merging/undo.html", {"merge": merge, "breadcrumbs": _crumbs()})


@officials.only()
@require_http_methods(["GET", "POST"])
def at_counter(request: HttpRequest) -> HttpResponse:
    """Merge two accounts of a person who stands at the counter with an identity paper."""
    actor = officials.actor_of(request)
    checks.place_of(actor)
    form, given = scanned(request, CounterForm)
    if given and form.is_valid():
        names = {name: form.cleaned_data[name] for name in ("kept", "gone")}
        if made := tried(request, form, partial(actions.merge_at_counter, actor, seen=form.seen(), **names)):
            words = _("Đã gộp “%(gone)s” vào “%(kept)s”. Chủ tài khoản được báo và hoàn tác được trong 30 ngày.")
            messages.success(request, words % {"gone": made.gone.username, "kept": made.kept.username})
            return HttpResponseRedirect(reverse("counter:home"))
    return paper_page(request, form, _("Gộp hai tài khoản của một người"), _("Đã kiểm tra, gộp"))


def _account(request: HttpRequest) -> Account:
    account = request.user
    assert isinstance(account, Account)
    return account


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Trang chủ"), "/"), (_("Gộp tài khoản"), reverse("merging:home"))]
