"""Accounts and roles, for whoever manages accounts wherever the account has powers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import Actor, NotAllowed, permissions

from . import actions, helping, looks
from . import people_queries as people
from .frame import actor_of_request, form_page, found_page, sent
from .models import Account, Role, RoleGrant
from .official_views import within
from .people_forms import EndForm, GrantForm, OpenAccountForm, ReasonForm


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Accounts within one's reach, found by name or code (``?q=``)."""
    actor = _manager(request)
    found = partial(people.accounts_within, actor)
    listed = _("Danh sách tài khoản")
    return found_page(
        request,
        "identity/accounts.html",
        found,
        _("Tài khoản"),
        shown=lambda rows: looks.at_accounts(request, rows, ("name", "username"), listed),
    )


@login_required
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: whose it is, whether it is open, which roles it was given."""
    actor = _manager(request)
    account = _within(actor, pk)
    looks.at_accounts(request, [account])
    today = timezone.localdate()
    context = {
        "account": account,
        "may_manage": actions.may_manage(actor, account) and account.pk != actor.account_id,
        "grants": [
            (
                grant,
                people.state_on(grant.valid, today),
                people.last_day(grant.valid.upper),
                actor.can(actions.MANAGE, grant.organization.path),
            )
            for grant in people.roles_of(account)
        ],
        "ways": [(way, reverse(way.url_name, args=[account.pk])) for way in helping.ways_for(account)],
        "breadcrumbs": [(_("Trang chủ"), "/"), *_crumbs(), (account.username, "")],
    }
    return render(request, "identity/account.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def open_for_official(request: HttpRequest, code: str) -> HttpResponse:
    """Open an official's account and show its one-time password, once."""
    actor = _manager(request)
    official = within(actor, code)
    form = OpenAccountForm(request.POST or None, initial={"username": official.code.lower(), "email": official.email})
    if made := sent(request, form, partial(actions.open_for_official, actor, official=official)):
        return _told(request, *made)
    title = _("Mở tài khoản cho %(name)s") % {"name": official.full_name}
    back = reverse("identity:official", args=[official.code])
    lead = _("Hệ thống cấp mật khẩu dùng một lần; người dùng phải đổi ngay lần đăng nhập đầu tiên.")
    return form_page(request, form, title=title, submit=_("Mở tài khoản"), back=back, crumbs=_crumbs(), lead=lead)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def reset_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an account a one-time password and show it, once."""
    actor, account = managed(request, pk)
    form = ReasonForm(request.POST or None)
    if given := sent(request, form, partial(actions.reset_password, actor, account=account)):
        return _told(request, account, given)
    title = _("Cấp lại mật khẩu cho %(name)s") % {"name": account}
    warning = _("Mật khẩu cũ hết hiệu lực ngay, và người này bị đăng xuất ở mọi nơi.")
    return _reason_page(request, form, account, title, _("Cấp mật khẩu dùng một lần"), warning)


@login_required
@require_http_methods(["GET", "POST"])
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an account."""
    warning = _("Người này không làm được gì nữa từ yêu cầu kế tiếp. Lịch sử vẫn giữ nguyên.")
    return _switch(request, pk, actions.deactivate, _("Khóa tài khoản %(name)s"), _("Khóa tài khoản"), warning)


@login_required
@require_http_methods(["GET", "POST"])
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a closed account again."""
    return _switch(request, pk, actions.reactivate, _("Mở lại tài khoản %(name)s"), _("Mở lại tài khoản"))


@login_required
@require_http_methods(["GET", "POST"])
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an account a role without a post."""
    actor = _manager(request)
    account = _within(actor, pk)
    looks.at_accounts(request, [account], ("name",), _("Giao vai trò"))
    form = GrantForm(request.POST or None, initial={"valid_from": timezone.localdate()})
    if sent(request, form, partial(actions.grant_role, actor, account=account)):
        messages.success(request, _("Đã giao vai trò."))
        return _to(account)
    title = _("Giao vai trò cho %(name)s") % {"name": account}
    return form_page(request, form, title=title, submit=_("Giao vai trò"), back=_address(account), crumbs=_crumbs())


@login_required
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a role back on a day."""
    actor = _manager(request)
    given = get_object_or_404(RoleGrant.objects.select_related("account", "organization", "role"), pk=pk)
    actor.require(actions.MANAGE, given.organization.path)
    looks.at_accounts(request, [given.account], ("name",), _("Thu hồi vai trò"))
    form = EndForm(request.POST or None)
    if sent(request, form, partial(actions.revoke, actor, grant=given)):
        messages.success(request, _("Đã ghi ngày hết vai trò."))
        return _to(given.account)
    facts: list[dict[str, Any]] = [
        {"key": _("Tài khoản"), "value": given.account},
        {"key": _("Vai trò"), "value": f"{given.role.name}, {given.organization.name}"},
    ]
    return form_page(
        request,
        form,
        title=_("Thu hồi vai trò"),
        submit=_("Thu hồi"),
        button="warning",
        back=_address(given.account),
        crumbs=_crumbs(),
        facts=facts,
    )


@login_required
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """The roles there are and what each may do."""
    if not people.may_administer(actor_of_request(request)):
        raise NotAllowed(_("Bạn không có quyền xem vai trò."))
    shown = [
        (role, sorted(permissions.label(code) for code in role.permissions)) for role in Role.objects.order_by("name")
    ]
    crumbs = [(_("Trang chủ"), "/"), (_("Vai trò"), "")]
    return render(request, "identity/roles.html", {"roles": shown, "breadcrumbs": crumbs})


def _switch(
    request: HttpRequest, pk: int, verb: Callable[..., Account], title: str, submit: str, warning: str = ""
) -> HttpResponse:
    """The frame of a page that closes or opens an account for a reason."""
    actor, account = managed(request, pk)
    form = ReasonForm(request.POST or None)
    if sent(request, form, partial(verb, actor, account=account)):
        messages.success(request, _("Đã ghi."))
        return _to(account)
    return _reason_page(request, form, account, title % {"name": account}, submit, warning)


def _reason_page(
    request: HttpRequest, form: ReasonForm, account: Account, title: str, submit: str, warning: str
) -> HttpResponse:
    return form_page(
        request,
        form,
        title=title,
        submit=submit,
        button="warning" if warning else "primary",
        back=_address(account),
        crumbs=_crumbs(),
        warning=warning,
    )


def _told(request: HttpRequest, account: Account, password: str) -> HttpResponse:
    context = {
        "account": account,
        "password": password,
        "breadcrumbs": [(_("Trang chủ"), "/"), *_crumbs(), (_("Mật khẩu dùng một lần"), "")],
    }
    return render(request, "identity/one_time_password.html", context)


def _within(actor: Actor, pk: int) -> Account:
    account = get_object_or_404(Account.objects.select_related("official", "party"), pk=pk)
    if not people.accounts_within(actor).filter(pk=account.pk).exists():
        raise NotAllowed(_("Tài khoản này không thuộc phạm vi quản lý của bạn."))
    return account


def managed(request: HttpRequest, pk: int) -> tuple[Actor, Account]:
    """The actor and the account of a page that changes the account itself."""
    actor = _manager(request)
    account = get_object_or_404(Account.objects.select_related("official", "party"), pk=pk)
    if not actions.may_manage(actor, account):
        raise NotAllowed(_("Tài khoản này không thuộc phạm vi quản lý của bạn."))
    looks.at_accounts(request, [account], ("name", "username"))
    return actor, account


def _manager(request: HttpRequest) -> Actor:
    actor = actor_of_request(request)
    actor.require_somewhere(actions.MANAGE, _("Bạn không có quyền quản lý tài khoản."))
    return actor


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Tài khoản"), reverse("identity:accounts"))]


def _address(account: Account) -> str:
    return reverse("identity:account", args=[account.pk])


def _to(account: Account) -> HttpResponse:
    return HttpResponseRedirect(_address(account))
