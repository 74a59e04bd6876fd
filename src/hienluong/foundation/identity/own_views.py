"""What everybody does for themself: change the password; what every official does: lend powers for some days."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import NotAllowed
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations import roles as roles_below
from hienluong.foundation.organisations.models import Delegation, Official

from . import actions, ending, throttle
from . import people_queries as people
from .frame import ACCOUNT, STAFF, actor_of_request, form_page, sent
from .models import Account
from .official_views import within
from .people_forms import DelegateForm, PasswordForm
from .views import wait_words


@sensitive_post_parameters("old", "new", "again")
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """Choose another password; with a one-time one, nothing else can be done before."""
    account = request.user
    assert isinstance(account, Account)
    if not account.has_usable_password():
        raise NotAllowed(_("Tài khoản này không có mật khẩu: bạn vào bằng cách khác, không có gì phải đổi."))
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _changed(request, form, account):
        here = request.session.session_key or ""
        update_session_auth_hash(request, account)
        ending.key_changed(request, here)
        messages.success(request, _("Đã đổi mật khẩu."))
        return HttpResponseRedirect("/")
    must = account.must_change_password
    return form_page(
        request,
        form,
        title=_("Đổi mật khẩu"),
        submit=_("Đổi mật khẩu"),
        back="" if must else "/",
        layout=ACCOUNT,
        lead=_("Bạn đang dùng mật khẩu dùng một lần. Hãy chọn mật khẩu của riêng mình để tiếp tục.") if must else "",
    )


def _changed(request: HttpRequest, form: PasswordForm, account: Account) -> bool:
    """Whether the password was changed. Guessing the old one is limited as signing in is."""
    admission = throttle.admit_from(request, account.username)
    if isinstance(admission, throttle.Refused):
        form.add_error(None, wait_words(admission))
        return False
    typed = {key: form.cleaned_data[key] for key in ("old", "new")} | {"here": request.session.session_key or ""}
    done = attempt(form, lambda: actions.change_password(actor_of_request(request), account=account, **typed))
    if done or "old" not in form.errors:
        throttle.succeeded(admission)
    return done is not None


@login_required
@require_safe
def delegations(request: HttpRequest) -> HttpResponse:
    """What I lend and what I am lent."""
    official = _official(request)
    today = timezone.localdate()
    rows = [
        (each, _state(each), people.last_day(each.valid.upper), each.permissions)
        for each in people.delegations_of(official)
    ]
    context = {
        "given": [row for row in rows if row[0].position.official_id == official.pk],
        "received": [row for row in rows if row[0].delegate_id == official.pk],
        "posts": [post for post in people.posts_of(official) if post.state != "over"],
        "today": today,
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Ủy quyền"), "")],
    }
    return render(request, "identity/delegations.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def delegate(request: HttpRequest, code: str = "") -> HttpResponse:
    """Lend powers of one's own post; with `code`, an administrator records it for that official."""
    actor = actor_of_request(request)
    official = within(actor, code) if code else _official(request)
    posts = [post.position for post in people.posts_of(official) if post.state != "over"]
    if code:
        posts = [post for post in posts if actor.can(organisations.DELEGATE, post.organization.path)]
    if not posts:
        raise NotAllowed(_("Không có chức vụ nào mà bạn ủy quyền được."))
    powers = set().union(*(roles_below.permissions_of(post.role) for post in posts))
    today = timezone.localdate()
    initial = {"valid_from": today, "position": posts[0].pk}
    form = DelegateForm(request.POST or None, posts=posts, powers=powers, initial=initial)
    back = reverse("identity:official", args=[code]) if code else reverse("identity:delegations")
    if lent := sent(request, form, partial(organisations.delegate, actor)):
        messages.success(request, _("Đã ủy quyền cho %(name)s.") % {"name": lent.delegate.full_name})
        return HttpResponseRedirect(back)
    title = _("Ủy quyền của %(name)s") % {"name": official.full_name} if code else _("Ủy quyền cho người khác")
    crumbs = _of_official(official) if code else [(_("Ủy quyền"), back)]
    layout = STAFF if code else ACCOUNT
    return form_page(request, form, title=title, submit=_("Ủy quyền"), back=back, crumbs=crumbs, layout=layout)


@login_required
@require_http_methods(["GET", "POST"])
def revoke_delegation(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take lent powers back at once."""
    actor = actor_of_request(request)
    lent = get_object_or_404(
        Delegation.objects.select_related("position__organization", "position__official", "delegate"), pk=pk
    )
    own = actor.official_id is not None and lent.position.official_id == actor.official_id
    if not own:
        actor.require(organisations.DELEGATE, lent.position.organization.path)
    back = reverse("identity:delegations") if own else reverse("identity:official", args=[lent.position.official.code])
    if request.method == "POST":
        organisations.revoke_delegation(actor, delegation=lent)
        messages.success(request, _("Đã thu hồi ủy quyền."))
        return HttpResponseRedirect(back)
    context = {
        "lent": lent,
        "back": back,
        "last_day": people.last_day(lent.valid.upper),
        "layout": ACCOUNT if own else STAFF,
        "breadcrumbs": [
            (_("Trang chủ"), "/"),
            *([(_("Ủy quyền"), back)] if own else _of_official(lent.position.official)),
            (_("Thu hồi"), ""),
        ],
    }
    return render(request, "identity/revoke_delegation.html", context)


def _of_official(official: Official) -> list[tuple[str, str]]:
    """The way down to the page of an official."""
    return [
        (_("Cán bộ, công chức"), reverse("identity:officials")),
        (official.full_name, reverse("identity:official", args=[official.code])),
    ]


def _state(delegation: Delegation) -> str:
    return "revoked" if delegation.revoked_at else people.state_on(delegation.valid, timezone.localdate())


def _official(request: HttpRequest) -> Official:
    account = request.user
    assert isinstance(account, Account)
    if account.official is None:
        raise NotAllowed(_("Trang này dành cho cán bộ, công chức."))
    return account.official
